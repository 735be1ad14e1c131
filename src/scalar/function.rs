//! The elementary functions that formulas are recorded with.

use super::Number;

/// An elementary function of one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Function {
    Exp,
    Ln,
    LnAbs,
    Sqrt,
    Sin,
    Cos,
    Tanh,
    Sinh,
    Cosh,
    Asinh,
    Atan,
    NormalCdf,
    ExpM1,
    Ln1p,
    Sigmoid,
    Softplus,
    Sech2,
    LnCosh,
}

impl Function {
    /// Its value in f64.
    pub(crate) fn value(self, x: f64) -> f64 {
        self.of(x)
    }
    pub(crate) fn of<T: Number>(self, x: T) -> T {
        match self {
            Self::Exp => x.exp(),
            Self::Ln => x.ln(),
            Self::LnAbs => x.ln_abs(),
            Self::Sqrt => x.sqrt(),
            Self::Sin => x.sin_cos().0,
            Self::Cos => x.sin_cos().1,
            Self::Tanh => x.tanh(),
            Self::Sinh => x.sinh(),
            Self::Cosh => x.cosh(),
            Self::Asinh => x.asinh(),
            Self::Atan => x.atan(),
            Self::NormalCdf => x.normal_cdf(),
            Self::ExpM1 => x.exp_m1(),
            Self::Ln1p => x.ln_1p(),
            Self::Sigmoid => x.sigmoid(),
            Self::Softplus => x.softplus(),
            Self::Sech2 => x.sech2(),
            Self::LnCosh => x.ln_cosh(),
        }
    }
}
