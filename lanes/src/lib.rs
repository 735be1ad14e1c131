//! Straight-line arithmetic and small dense linear algebra over batches of points.
//!
//! A crate of its own so that it is optimized in every profile, as other numerical libraries are. It knows nothing of
//! layers: [`Program`] evaluates a formula at a batch of points, [`Local`] holds its derivatives, and a [`Batch`] of
//! Jacobians is carried through them and factored by a dense LU. Vector code for what the machine has is chosen at run time.

mod batch;
mod cases;
mod compare;
mod functions;
mod jacobian;
mod local;
mod lu;
mod matrix;
mod program;

pub use batch::{Batch, batch};
pub use cases::{Cases, Path};
pub use compare::{Distances, keep};
pub use local::{Block, Entry, Local, ONE, Order};
use matrix::Matrix;
pub use program::{Binary, Linear, Program, Root, Run, Step, Unary};

/// How to multiply and add: in one rounding where the machine has an instruction for that.
trait Fma {
    /// Whether one register holds eight numbers.
    const IS_WIDE: bool;
    fn fma(a: f64, b: f64, c: f64) -> f64;
}

impl<S: pulp::Simd> Fma for S {
    const IS_WIDE: bool = size_of::<S::f64s>() >= 64;
    #[inline(always)]
    fn fma(a: f64, b: f64, c: f64) -> f64 {
        if S::IS_SCALAR { a * b + c } else { a.mul_add(b, c) }
    }
}

/// Elementary functions on slices, as programs evaluate them.
pub fn apply(function: Unary, x: &[f64], y: &mut [f64]) {
    struct Op<'a>(Unary, &'a [f64], &'a mut [f64]);
    impl pulp::WithSimd for Op<'_> {
        type Output = ();
        #[inline(always)]
        fn with_simd<S: pulp::Simd>(self, _: S) {
            program::unary::<S>(self.0, self.1, self.2);
        }
    }
    pulp::Arch::new().dispatch(Op(function, x, y));
}
