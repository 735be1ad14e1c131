//! Dual numbers in f64: a newtype over num-dual's `DualSVec64<8>`, which does the calculus.
//!
//! A newtype, because num-dual's own type is ordered and gives its real part away. Three of its rules are replaced:
//! a quotient's value is f64's `a / b` (num-dual multiplies by a reciprocal, which differs in the last place), `tanh`
//! is not `sinh/cosh` (whose derivative is 100 % off past |x| ≈ 20), and `√0` has no NaN tangent of a constant.

use nalgebra::{Const, SVector, U1};
use num_dual::{Derivative, DualNum, DualSVec64};

use super::*;

/// An f64 with eight tangents.
#[derive(Clone, Copy)]
pub struct Dual(DualSVec64<LANES>);

impl std::fmt::Debug for Dual {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dual({:?}, {:?})", self.0.re, self.tangents().as_slice())
    }
}

impl Dual {
    fn parameter(p: Param) -> Self {
        Self::variable(p.read(), session::seeded(p.id()).then_some(0))
    }
    /// The value.
    pub(crate) fn real(self) -> f64 {
        self.0.re
    }
    fn tangents(self) -> SVector<f64, LANES> {
        self.0.eps.unwrap_generic(Const::<LANES>, U1)
    }
    /// Chain rule, with value and slope from our own stable forms.
    fn chain(self, value: f64, slope: f64) -> Self {
        Self(DualSVec64::new(value, self.0.eps * slope))
    }
}

impl Neg for Dual {
    type Output = Self;
    #[inline]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
impl Add for Dual {
    type Output = Self;
    #[inline]
    fn add(self, o: Self) -> Self {
        Self(self.0 + o.0)
    }
}
impl Sub for Dual {
    type Output = Self;
    #[inline]
    fn sub(self, o: Self) -> Self {
        Self(self.0 - o.0)
    }
}
impl Mul for Dual {
    type Output = Self;
    #[inline]
    fn mul(self, o: Self) -> Self {
        Self(self.0 * o.0)
    }
}
impl Div for Dual {
    type Output = Self;
    #[inline]
    fn div(self, o: Self) -> Self {
        let mut quotient = self.0 / o.0;
        quotient.re = self.0.re / o.0.re;
        Self(quotient)
    }
}
impl From<f64> for Dual {
    #[inline]
    fn from(v: f64) -> Self {
        Self(DualSVec64::from_re(v))
    }
}
derived_operators!([] Dual);
parameter_operators!(Dual);

impl Number for Dual {
    fn exp(self) -> Self {
        Self(self.0.exp())
    }
    fn ln(self) -> Self {
        Self(self.0.ln())
    }
    fn ln_abs(self) -> Self {
        self.chain(self.0.re.abs().ln(), self.0.re.recip())
    }
    fn sqrt(self) -> Self {
        Self(self.0.sqrt())
    }
    fn sin_cos(self) -> (Self, Self) {
        let (s, c) = self.0.sin_cos();
        (Self(s), Self(c))
    }
    fn tanh(self) -> Self {
        self.chain(self.0.re.tanh(), composite::sech2(self.0.re))
    }
    fn sinh(self) -> Self {
        Self(self.0.sinh())
    }
    fn cosh(self) -> Self {
        Self(self.0.cosh())
    }
    fn asinh(self) -> Self {
        self.chain(composite::asinh(self.0.re), composite::asinh_slope(self.0.re))
    }
    fn atan(self) -> Self {
        Self(self.0.atan())
    }
    fn normal_cdf(self) -> Self {
        self.chain(composite::normal_cdf(self.0.re), composite::normal_pdf(self.0.re))
    }
    fn exp_m1(self) -> Self {
        Self(self.0.exp_m1())
    }
    fn ln_1p(self) -> Self {
        Self(self.0.ln_1p())
    }
    fn sigmoid(self) -> Self {
        let x = self.0.re;
        self.chain(composite::sigmoid(x), composite::sech2(0.5 * x) * 0.25)
    }
    fn softplus(self) -> Self {
        self.chain(composite::softplus(self.0.re), composite::sigmoid(self.0.re))
    }
    fn sech2(self) -> Self {
        let value = composite::sech2(self.0.re);
        self.chain(value, self.0.re.tanh() * value * -2.0)
    }
    fn ln_cosh(self) -> Self {
        self.chain(composite::ln_cosh(self.0.re), self.0.re.tanh())
    }
    fn root_at(at: f64, g: impl Fn(Self) -> (Self, Self)) -> Self {
        let (residual, slope) = g(Self::from(at));
        Self(DualSVec64::new(at, residual.0.eps * (-1.0 / slope.0.re)))
    }
}

impl Scalar for Dual {
    fn root(lo: Self, hi: Self, g: impl Fn(Self) -> (Self, Self)) -> Result<Self, FlowError> {
        let at = root::bracketed(lo.0.re, hi.0.re, |t| {
            let (value, slope) = g(Self::from(t));
            (value.0.re, slope.0.re)
        })?;
        Ok(Self::root_at(at, g))
    }
    fn primal(self, _: Key) -> f64 {
        self.0.re
    }
}

impl Tangents for Dual {
    type Value = f64;
    fn variable(value: f64, lane: Option<usize>) -> Self {
        let eps = lane.map_or_else(Derivative::none, |lane| Derivative::derivative_generic(Const::<LANES>, U1, lane));
        Self(DualSVec64::new(value, eps))
    }
    fn tangent(self, lane: usize) -> f64 {
        self.tangents()[lane]
    }
}
