//! `f64`: values as a user of the layer computes them.

use super::*;

impl Add<Param> for f64 {
    type Output = Self;
    fn add(self, r: Param) -> Self {
        self + r.read_plain()
    }
}
impl Sub<Param> for f64 {
    type Output = Self;
    fn sub(self, r: Param) -> Self {
        self - r.read_plain()
    }
}
impl Mul<Param> for f64 {
    type Output = Self;
    fn mul(self, r: Param) -> Self {
        self * r.read_plain()
    }
}
impl Div<Param> for f64 {
    type Output = Self;
    fn div(self, r: Param) -> Self {
        self / r.read_plain()
    }
}
impl AddAssign<Param> for f64 {
    fn add_assign(&mut self, r: Param) {
        *self += r.read_plain();
    }
}
impl SubAssign<Param> for f64 {
    fn sub_assign(&mut self, r: Param) {
        *self -= r.read_plain();
    }
}
impl MulAssign<Param> for f64 {
    fn mul_assign(&mut self, r: Param) {
        *self *= r.read_plain();
    }
}
impl DivAssign<Param> for f64 {
    fn div_assign(&mut self, r: Param) {
        *self /= r.read_plain();
    }
}
impl From<Param> for f64 {
    fn from(p: Param) -> Self {
        p.read_plain()
    }
}

impl Number for f64 {
    fn exp(self) -> Self {
        self.exp()
    }
    fn ln(self) -> Self {
        self.ln()
    }
    fn ln_abs(self) -> Self {
        f64::abs(self).ln()
    }
    fn sqrt(self) -> Self {
        self.sqrt()
    }
    fn sin_cos(self) -> (Self, Self) {
        self.sin_cos()
    }
    fn tanh(self) -> Self {
        self.tanh()
    }
    fn sinh(self) -> Self {
        self.sinh()
    }
    fn cosh(self) -> Self {
        self.cosh()
    }
    fn asinh(self) -> Self {
        composite::asinh(self)
    }
    fn atan(self) -> Self {
        self.atan()
    }
    fn normal_cdf(self) -> Self {
        composite::normal_cdf(self)
    }
    fn exp_m1(self) -> Self {
        self.exp_m1()
    }
    fn ln_1p(self) -> Self {
        self.ln_1p()
    }
    fn sigmoid(self) -> Self {
        composite::sigmoid(self)
    }
    fn softplus(self) -> Self {
        composite::softplus(self)
    }
    fn sech2(self) -> Self {
        composite::sech2(self)
    }
    fn ln_cosh(self) -> Self {
        composite::ln_cosh(self)
    }
    fn root_at(at: f64, _: impl Fn(Self) -> (Self, Self)) -> Self {
        at
    }
}

impl Scalar for f64 {
    fn abs(self) -> Self {
        f64::abs(self)
    }
    fn root(lo: Self, hi: Self, g: impl Fn(Self) -> (Self, Self)) -> Result<Self, FlowError> {
        root::bracketed(lo, hi, g)
    }
    fn dot(w: &[Param], x: &[Self]) -> Self {
        Param::dot_plain(w, x)
    }
    fn primal(self, _: Key) -> f64 {
        self
    }
}
