//! The elementary functions and the composites of [`Scalar`](crate::Scalar), each to a few units in the last place.

use ::f256::{consts, f256};

use super::{Number, Precise};
use crate::scalar::real::polished;

impl Number for Precise {
    fn exp(self) -> Self {
        Self(self.0.exp())
    }
    fn ln(self) -> Self {
        Self(self.0.ln())
    }
    fn ln_abs(self) -> Self {
        self.abs().ln()
    }
    fn sqrt(self) -> Self {
        Self(self.0.sqrt())
    }
    fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = self.0.sin_cos();
        // f256 reduces in fixed point. Below 2⁻¹²⁰, x³/6 is less than half a unit in the last place of x.
        let tiny = self.abs() < Self(f256::from(2.0_f64.powi(-120)));
        (if tiny { self } else { Self(sin) }, Self(cos))
    }
    fn atan(self) -> Self {
        Self(self.0.atan())
    }
    fn normal_cdf(self) -> Self {
        Self::normal_cdf(self)
    }
    fn exp_m1(self) -> Self {
        if self.0.eq_zero() { self } else { Self(self.0.exp_m1()) }
    }
    fn ln_1p(self) -> Self {
        let one = Self::one();
        if self.0 < f256::ZERO && self > -one {
            // ln(1 + x) = −ln(1 − x/(1 + x)); f256 takes no negative argument.
            -(-self / (one + self)).ln_1p()
        } else {
            Self(self.0.ln_1p())
        }
    }
    fn powi(self, n: i32) -> Self {
        if self.0.eq_zero() && n % 2 != 0 {
            // f256 drops the sign here.
            return if n > 0 { self } else { Self::one() / self };
        }
        Self(self.0.powi(n))
    }
    fn tanh(self) -> Self {
        let m = (self.abs() * Self::from(-2.0)).exp_m1();
        (-m / (m + Self::from(2.0))).with_sign_of(self)
    }
    fn sinh(self) -> Self {
        let (half, one, x) = (Self::from(0.5), Self::one(), self.abs());
        let twice = if x < one {
            let m = x.exp_m1();
            m + m / (one + m)
        } else {
            let e = x.exp();
            e - one / e
        };
        (twice * half).with_sign_of(self)
    }
    fn cosh(self) -> Self {
        let e = self.abs().exp();
        (e + Self::one() / e) * Self::from(0.5)
    }
    fn asinh(self) -> Self {
        let (one, x) = (Self::one(), self.abs());
        let value = if x > Self::from(2.0_f64.powi(130)) {
            x.ln() + Self::ln_2()
        } else {
            let square = x * x;
            (x + square / (one + (one + square).sqrt())).ln_1p()
        };
        value.with_sign_of(self)
    }
    fn sigmoid(self) -> Self {
        let (e, one) = ((-self.abs()).exp(), Self::one());
        (if self.0 < f256::ZERO { e } else { one }) / (one + e)
    }
    fn softplus(self) -> Self {
        let tail = (-self.abs()).exp().ln_1p();
        if self.0 > f256::ZERO { self + tail } else { tail }
    }
    fn sech2(self) -> Self {
        let e = (self.abs() * Self::from(-2.0)).exp();
        let sum = Self::one() + e;
        Self::from(4.0) * e / (sum * sum)
    }
    fn ln_cosh(self) -> Self {
        let x = self.abs();
        if x < Self::one() {
            let sinh = x.sinh();
            (sinh * sinh).ln_1p() * Self::from(0.5)
        } else {
            x + ((x * Self::from(-2.0)).exp().ln_1p() - Self::ln_2())
        }
    }
    fn pi() -> Self {
        Self(consts::PI)
    }
    fn ln_2() -> Self {
        Self(consts::LN_2)
    }
    fn doubts(self, other: Self, below: bool) -> bool {
        (self < other) != below
    }
    fn parameter(id: u64, value: f64) -> Self {
        crate::param::decimal::parameter(id, value)
    }
    fn root_at(at: f64, g: impl Fn(Self) -> (Self, Self)) -> Self {
        polished(at, g)
    }
}

impl Precise {
    pub(super) fn one() -> Self {
        Self(f256::ONE)
    }
    fn with_sign_of(self, x: Self) -> Self {
        if x.is_nan() { x } else { Self(self.0.copysign(x.0)) }
    }
}
