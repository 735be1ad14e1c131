//! `f32`: what single precision makes of a formula.

use super::*;

/// An f32 whose elementary functions are correctly rounded: what is lost is lost by the formula.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Single(f32);

impl Single {
    /// The value, exactly.
    pub(crate) fn to_f64(self) -> f64 {
        self.0.into()
    }
}

impl From<f64> for Single {
    fn from(v: f64) -> Self {
        Self(v as f32)
    }
}
impl Neg for Single {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
macro_rules! operators {
    ($($trait:ident $method:ident $op:tt),*) => { $(
        impl $trait for Single {
            type Output = Self;
            fn $method(self, right: Self) -> Self { Self(self.0 $op right.0) }
        }
    )* };
}
operators!(Add add +, Sub sub -, Mul mul *, Div div /);
derived_operators!([] Single);

macro_rules! by_f64 {
    ($($name:ident),*) => { $( fn $name(self) -> Self { Self::from(Number::$name(self.to_f64())) } )* };
}

impl Number for Single {
    by_f64!(
        exp, ln, ln_abs, sqrt, tanh, sinh, cosh, asinh, atan, normal_cdf, exp_m1, ln_1p, sigmoid, softplus, sech2,
        ln_cosh
    );
    fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = self.to_f64().sin_cos();
        (sin.into(), cos.into())
    }
    /// Newton's method, until it gains nothing.
    fn root_at(at: f64, g: impl Fn(Self) -> (Self, Self)) -> Self {
        let residual = |t: Self| g(t).0.to_f64().abs();
        let mut root = Self::from(at);
        for _ in 0..40 {
            let (value, slope) = g(root);
            let next = root - value / slope;
            if next == root || !(residual(next) < value.to_f64().abs()) {
                break;
            }
            root = next;
        }
        root
    }
    fn doubts(self, other: Self, below: bool) -> bool {
        (self.0 < other.0) != below
    }
}
