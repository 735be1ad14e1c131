//! The numbers a layer may compute in.
//!
//! A layer is written once over [`Scalar`] and compiled for three systems:
//!
//! | system | type | what it answers |
//! |---|---|---|
//! | double | `f64` | values, round trips |
//! | dual | [`Dual`] | the Jacobian, by forward mode (num-dual, 8 lanes a pass) |
//! | trace | [`Trace`] | the formula itself: every operation at a point, as a graph |
//!
//! The graph is then evaluated in further systems, each a [`Number`] and none of them seen by a layer:
//!
//! | system | type | what it answers |
//! |---|---|---|
//! | bounded | [`Bounded`] | how far rounding can have moved a result: the only source of tolerances |
//! | bounded dual | [`Jet<Bounded, 8>`](Jet) | the Jacobian with a bound on each entry |
//! | second | [`Jet<Jet<Bounded, 1>, 8>`](Jet) | the derivative of the Jacobian, bounded |
//!
//! Operations and sequential steps are counted on the graph, too. A new system costs one file, and no layer is compiled
//! again for it.
//!
//! The set is closed. No scalar but f64 can be compared, ordered or turned into an f64, so that a layer cannot leave the
//! number system it is asked to compute in, and lose its derivative or its error bound on the way.

use std::fmt::Debug;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use crate::conditioner::Conditioner;
use crate::error::FlowError;
use crate::flow::{Flow, Layer};
use crate::param::Param;

mod bounded;
mod composite;
mod dual;
mod float;
mod function;
mod graph;
mod jet;
mod operators;
mod precise;
mod real;
mod root;
pub(crate) mod session;
mod single;
mod sketch;
mod trace;

pub use bounded::Bounded;
pub(crate) use bounded::ball;
pub use dual::Dual;
pub(crate) use function::Function;
pub(crate) use graph::{Call, Cost, Ends, Graph, Op, Root};
pub use jet::Jet;
use operators::{derived_operators, parameter_operators};
pub use precise::{ParsePreciseError, Precise};
pub use real::Real;
pub(crate) use single::Single;
pub(crate) use sketch::{Case, Sketch};
pub use trace::Trace;
pub(crate) use trace::{record, sketch};

/// Lanes of one forward-mode pass. Eight was the fastest width measured for num-dual.
pub const LANES: usize = 8;

/// `+ − × ÷` with `R` on the right.
pub trait Arithmetic<R = Self>:
    Sized + Add<R, Output = Self> + Sub<R, Output = Self> + Mul<R, Output = Self> + Div<R, Output = Self>
{
}
impl<S, R> Arithmetic<R> for S where S: Add<R, Output = S> + Sub<R, Output = S> + Mul<R, Output = S> + Div<R, Output = S>
{}

/// `+= −= ×= ÷=` with `R` on the right.
pub trait Assigning<R = Self>: AddAssign<R> + SubAssign<R> + MulAssign<R> + DivAssign<R> {}
impl<S, R> Assigning<R> for S where S: AddAssign<R> + SubAssign<R> + MulAssign<R> + DivAssign<R> {}

/// Shown to the few places of this crate that may look at a plain number inside a scalar: comparisons, pivoting, root
/// finding, refusal of bad input, and the checker. Downstream crates cannot make one.
#[derive(Clone, Copy, Debug)]
pub struct Key(());
pub(crate) const KEY: Key = Key(());

/// How a number system reaches a layer behind a pointer. Written once, by `systems!`.
#[doc(hidden)]
pub trait System: Sized {
    fn view(layer: &dyn Layer) -> &dyn Flow<Self>
    where
        Self: Scalar;
}

/// Arithmetic and elementary functions: what a formula is evaluated in.
pub trait Number:
    Copy
    + Debug
    + 'static
    + From<f64>
    + Neg<Output = Self>
    + Arithmetic
    + Arithmetic<f64>
    + Assigning
    + Assigning<f64>
    + Sum
{
    /// `eˣ`.
    fn exp(self) -> Self;
    /// `ln x`, for `x > 0`.
    fn ln(self) -> Self;
    /// `ln|x|`, for `x ≠ 0`; its derivative is `1/x` on both sides of 0.
    fn ln_abs(self) -> Self;
    /// `√x`, for `x ≥ 0`.
    fn sqrt(self) -> Self;
    /// `(sin x, cos x)`.
    fn sin_cos(self) -> (Self, Self);
    /// `tanh x`, with derivative `sech² x` to full relative accuracy for every x.
    fn tanh(self) -> Self;
    /// `sinh x`.
    fn sinh(self) -> Self;
    /// `cosh x`.
    fn cosh(self) -> Self;
    /// `arsinh x`.
    fn asinh(self) -> Self;
    /// `arctan x`.
    fn atan(self) -> Self;
    /// The standard normal distribution function `Φ(x)`, to full relative accuracy in the left tail.
    fn normal_cdf(self) -> Self;
    /// `eˣ − 1`, accurate near 0.
    fn exp_m1(self) -> Self;
    /// `ln(1 + x)`, accurate near 0, for `x > −1`.
    fn ln_1p(self) -> Self;
    /// `σ(x) = 1/(1 + e⁻ˣ)`, finite for every x.
    fn sigmoid(self) -> Self;
    /// `ln(1 + eˣ)`, finite for every x.
    fn softplus(self) -> Self;
    /// `sech² x = 1 − tanh² x`, to full relative accuracy for every x.
    fn sech2(self) -> Self;
    /// `ln cosh x`, accurate near 0 and finite for every x.
    fn ln_cosh(self) -> Self;

    /// `ln σ(x) = −softplus(−x)`.
    fn log_sigmoid(self) -> Self {
        -(-self).softplus()
    }
    /// `1/x`.
    fn recip(self) -> Self {
        Self::from(1.0) / self
    }
    /// `xⁿ`, by repeated squaring.
    fn powi(self, n: i32) -> Self {
        let (mut power, mut square, mut left) = (Self::from(1.0), self, n.unsigned_abs());
        while left > 0 {
            if left & 1 == 1 {
                power *= square;
            }
            left >>= 1;
            if left > 0 {
                square *= square;
            }
        }
        if n < 0 { power.recip() } else { power }
    }
    /// The circle number: the real π, not the float nearest to it.
    fn pi() -> Self {
        Self::from(std::f64::consts::PI)
    }
    /// The natural logarithm of 2, as a real number.
    fn ln_2() -> Self {
        Self::from(std::f64::consts::LN_2)
    }

    /// The root of an increasing function that is at or next to the float `at`; `g` returns value and slope.
    #[doc(hidden)]
    fn root_at(at: f64, g: impl Fn(Self) -> (Self, Self)) -> Self;
    /// Whether what is known of two numbers leaves open, or denies, that `self < other` is `below`.
    #[doc(hidden)]
    fn doubts(self, _other: Self, _below: bool) -> bool {
        false
    }
    /// A parameter, by identity and f64 value.
    #[doc(hidden)]
    fn parameter(_id: u64, value: f64) -> Self {
        Self::from(value)
    }
}

/// A number a layer may compute in.
///
/// Besides the functions of [`Number`] and `+ − × ÷` (with a scalar, an `f64` or a [`Param`] on the right; a
/// [`lit`](crate::lit) or a `Param` on the left) there are the operations that may look at the plain number inside:
/// [`is_below`](Scalar::is_below) and what is built on it, [`root`](Scalar::root), and [`lu`](crate::linalg::lu).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number system of pushforward",
    note = "the set is closed: write the layer once, `impl<S: Scalar> Flow<S> for …`, and it runs in all of them"
)]
pub trait Scalar: System + Number + From<Param> + Arithmetic<Param> + Assigning<Param> {
    /// The parameter as a number of this system.
    fn param(p: &Param) -> Self {
        Self::from(*p)
    }

    /// `|x|`. A branch of the map at 0, like [`is_below`](Scalar::is_below).
    #[track_caller]
    fn abs(self) -> Self {
        if self.is_below(0.0) { -self } else { self }
    }

    /// Whether `self < other`: the only way to branch. The outcome and the place that asked are recorded, so that a
    /// law can tell that an arm was never entered; where rounding could turn the answer, the point counts as blurred.
    #[track_caller]
    fn is_below(self, other: impl Into<Self>) -> bool {
        self.primal(KEY) < other.into().primal(KEY)
    }

    /// `below()` where `self < threshold`, else `otherwise()`; only one of them is evaluated.
    #[track_caller]
    fn select(
        self,
        threshold: impl Into<Self>,
        below: impl FnOnce() -> Self,
        otherwise: impl FnOnce() -> Self,
    ) -> Self {
        if self.is_below(threshold) { below() } else { otherwise() }
    }

    /// The number of `knots` (in increasing order) that do not exceed `self`.
    #[track_caller]
    fn bin(self, knots: &[Self]) -> usize {
        let (mut low, mut high) = (0, knots.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if self.is_below(knots[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }

    /// Chooses between two forms *of one and the same function* for accuracy: `self < threshold`. Unlike
    /// [`is_below`](Scalar::is_below) it is no branch of the map, so no law asks that both outcomes be met; a proof does.
    #[track_caller]
    fn prefers_below(self, threshold: f64) -> bool {
        self.primal(KEY) < threshold
    }

    /// The root of a strictly increasing function in `lo..hi`; `g` returns its value and its slope. The only way to
    /// solve an equation: the derivatives and the error bound of the root follow from the implicit function theorem.
    ///
    /// A bracket that misses the root by rounding is widened; one that holds none is `NotConverged`.
    fn root(lo: Self, hi: Self, g: impl Fn(Self) -> (Self, Self)) -> Result<Self, FlowError>;

    /// `Σ wᵢ xᵢ`, of as many parameters as numbers. The hook lets a number system treat a sum of products as one step.
    fn dot(w: &[Param], x: &[Self]) -> Self {
        w.iter().zip(x).map(|(w, &x)| w * x).sum()
    }

    /// `map(z, h)`, the image of one coordinate and the log of its slope; `of` says which map it is. The hook lets a number
    /// system treat a map with branches, the same for many coordinates, as one step.
    fn each<T>(
        _of: &T,
        z: Self,
        h: &[Self],
        map: impl FnOnce(Self, &[Self]) -> Result<(Self, Self), FlowError>,
    ) -> Result<(Self, Self), FlowError> {
        map(z, h)
    }

    /// The larger of two numbers. For a choice that does not change the function, as the shift of a softmax.
    #[track_caller]
    fn larger(self, other: Self) -> Self {
        if (self - other).prefers_below(0.0) { other } else { self }
    }

    /// What a conditioner returns here. The hook lets a number system treat a conditioner as one step.
    fn condition<C: Conditioner + ?Sized>(conditioner: &C, x: &[Self]) -> Vec<Self> {
        conditioner.call(x)
    }

    #[doc(hidden)]
    fn primal(self, key: Key) -> f64;
}

/// A number that carries tangents.
pub(crate) trait Tangents: Number {
    /// The number it carries them for.
    type Value: Number;
    /// A constant, or the variable of one lane.
    fn variable(value: Self::Value, lane: Option<usize>) -> Self;
    /// The derivative by the variable of a lane.
    fn tangent(self, lane: usize) -> Self::Value;
}

/// `Σ wᵢ xᵢ`.
///
/// # Panics
/// If the lengths differ: the caller checks dimensions first.
pub fn dot<S: Scalar>(w: &[Param], x: &[S]) -> S {
    assert_eq!(w.len(), x.len(), "dot product of different lengths");
    S::dot(w, x)
}
