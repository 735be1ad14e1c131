//! Running error analysis: a value, and a bound on its distance from the exact value of the formula.
//!
//! `v` is bit for bit what f64 computes; the exact value of the formula, at its f64 inputs and parameters, lies in
//! `[v − e, v + e]`, given that library functions are right to two units in the last place. With `u = 2⁻⁵³`:
//!
//! ```text
//! a ± b   e = eₐ + e_b + u|v|                  a·b    e = |a|e_b + |b|eₐ + eₐe_b + u|v|
//! a / b   e = (eₐ + |v|e_b)/(|b| − e_b) + u|v| exp    e = v·expm1(eₐ) + k v
//! ln      e = −ln1p(−eₐ/a) + k|v|              tanh   e = min(2, eₐ·sech²(max(|a| − eₐ, 0))) + k|v|
//! sqrt    e = eₐ/(v + √(a − eₐ)) + u v         root   e = 2(|g(a)| + e_g)/m, m ≤ |g′| on that ball
//! ```
//!
//! Other functions: `eₐ` times the largest derivative on the ball, plus rounding. `e = ∞` where a ball meets a pole or
//! leaves a domain. Method: Higham, *Accuracy and Stability of Numerical Algorithms*, §3.3 (running error analysis).

use super::*;

/// Unit roundoff.
const U: f64 = f64::EPSILON / 2.0;
/// Rounding of one library function: two units in the last place.
const K: f64 = 4.0 * U;
/// Rounding of a composite of a few library functions and operations.
const K_COMPOSITE: f64 = 4.0 * K;
/// Below this an operation's rounding error is not relative any more.
const NEARLY_SUBNORMAL: f64 = 1e-290;
/// Absolute error of an operation whose result is (nearly) subnormal; also covers library functions there.
const UNDERFLOW: f64 = 4.0 * f64::from_bits(1);

/// A value with a bound on its absolute error.
#[derive(Clone, Copy, Debug)]
pub struct Bounded {
    v: f64,
    /// Never negative and never NaN; infinite where nothing is known.
    e: f64,
}

/// A number known to lie within `e` of `v`.
pub(crate) fn ball(v: f64, e: f64) -> Bounded {
    Bounded { v, e: if e.is_nan() || v.is_nan() { f64::INFINITY } else { e } }
}

/// The rounding of a result, relative for normal numbers and absolute for subnormal ones.
fn rounding(v: f64, relative: f64) -> f64 {
    relative * v.abs() + if v.abs() < NEARLY_SUBNORMAL { UNDERFLOW } else { 0.0 }
}

impl Bounded {
    /// What f64 computes.
    pub(crate) fn value(self) -> f64 {
        self.v
    }
    /// How far the exact value of the formula can be from it.
    pub(crate) fn error(self) -> f64 {
        self.e
    }
    fn is_zero(self) -> bool {
        self.v == 0.0 && self.e == 0.0
    }
    /// The smallest modulus in the ball.
    fn nearest_zero(self) -> f64 {
        (self.v.abs() - self.e).max(0.0)
    }
    /// The largest modulus in the ball.
    fn farthest(self) -> f64 {
        self.v.abs() + self.e
    }
    /// The image under a function whose derivative on the ball is at most `slope`.
    fn image(self, v: f64, slope: f64, relative: f64) -> Self {
        // An exact argument has no error to magnify, even where the slope overflows.
        let carried = if self.e == 0.0 { 0.0 } else { self.e * slope };
        ball(v, carried + rounding(v, relative))
    }
}

impl From<f64> for Bounded {
    fn from(v: f64) -> Self {
        ball(v, 0.0)
    }
}
impl Neg for Bounded {
    type Output = Self;
    fn neg(self) -> Self {
        Self { v: -self.v, e: self.e }
    }
}
impl Add for Bounded {
    type Output = Self;
    #[inline]
    fn add(self, b: Self) -> Self {
        let v = self.v + b.v;
        let exact = self.is_zero() || b.is_zero();
        ball(v, self.e + b.e + if exact { 0.0 } else { U * v.abs() })
    }
}
impl Sub for Bounded {
    type Output = Self;
    #[inline]
    fn sub(self, b: Self) -> Self {
        self + -b
    }
}
impl Mul for Bounded {
    type Output = Self;
    #[inline]
    fn mul(self, b: Self) -> Self {
        let v = self.v * b.v;
        // Formal zeros stay exact: the pattern of a Jacobian is judged on them.
        if (self.is_zero() || b.is_zero()) && v == 0.0 {
            return Self { v, e: 0.0 };
        }
        ball(v, self.v.abs() * b.e + b.v.abs() * self.e + self.e * b.e + rounding(v, U))
    }
}
impl Div for Bounded {
    type Output = Self;
    #[inline]
    fn div(self, b: Self) -> Self {
        let v = self.v / b.v;
        if self.is_zero() && v == 0.0 && b.e < b.v.abs() {
            return Self { v, e: 0.0 };
        }
        if b.e >= b.v.abs() {
            return ball(v, f64::INFINITY);
        }
        ball(v, (self.e + v.abs() * b.e) / (b.v.abs() - b.e) * (1.0 + K) + rounding(v, U))
    }
}
derived_operators!([] Bounded);

impl Number for Bounded {
    fn exp(self) -> Self {
        let v = self.v.exp();
        let carried = if self.e == 0.0 { 0.0 } else { v * self.e.exp_m1() };
        ball(v, carried + rounding(v, K))
    }
    fn ln(self) -> Self {
        let v = self.v.ln();
        if self.e >= self.v {
            return ball(v, f64::INFINITY);
        }
        ball(v, -(-self.e / self.v).ln_1p() + rounding(v, K))
    }
    fn ln_abs(self) -> Self {
        if self.v < 0.0 { (-self).ln() } else { self.ln() }
    }
    fn sqrt(self) -> Self {
        let v = self.v.sqrt();
        if self.is_zero() {
            return Self { v, e: 0.0 };
        }
        if self.e > self.v {
            return ball(v, f64::INFINITY);
        }
        ball(v, self.e / (v + (self.v - self.e).sqrt()) * (1.0 + K) + U * v)
    }
    fn sin_cos(self) -> (Self, Self) {
        let (s, c) = self.v.sin_cos();
        let carried = self.e.min(2.0);
        (ball(s, carried + rounding(s, K)), ball(c, carried + rounding(c, K)))
    }
    fn tanh(self) -> Self {
        let v = self.v.tanh();
        let carried = (self.e * composite::sech2(self.nearest_zero()) * (1.0 + K_COMPOSITE)).min(2.0);
        ball(v, carried + rounding(v, K))
    }
    fn sinh(self) -> Self {
        self.image(self.v.sinh(), self.farthest().cosh(), 2.0 * K)
    }
    fn cosh(self) -> Self {
        self.image(self.v.cosh(), self.farthest().sinh(), 2.0 * K)
    }
    fn asinh(self) -> Self {
        self.image(composite::asinh(self.v), composite::asinh_slope(self.nearest_zero()), 2.0 * K)
    }
    fn atan(self) -> Self {
        let near = self.nearest_zero();
        self.image(self.v.atan(), (1.0 + near * near).recip(), K)
    }
    fn exp_m1(self) -> Self {
        self.image(self.v.exp_m1(), (self.v + self.e).exp(), 2.0 * K)
    }
    fn ln_1p(self) -> Self {
        let v = self.v.ln_1p();
        // 1 + a, rounded down.
        let one_plus = (1.0 + self.v) * (1.0 - 2.0 * U) - U;
        if self.e >= one_plus {
            return ball(v, f64::INFINITY);
        }
        ball(v, -(-self.e / one_plus).ln_1p() + rounding(v, 2.0 * K))
    }
    fn sigmoid(self) -> Self {
        let slope = composite::sech2(0.5 * self.nearest_zero()) * 0.25;
        self.image(composite::sigmoid(self.v), slope, K_COMPOSITE)
    }
    fn softplus(self) -> Self {
        self.image(composite::softplus(self.v), composite::sigmoid(self.v + self.e), K_COMPOSITE)
    }
    fn sech2(self) -> Self {
        // |d/dx sech²| = 2 sech²|tanh|, at most 4/(3√3).
        let slope = (2.0 * composite::sech2(self.nearest_zero())).min(0.77);
        // The exponent −2|x| is exact, so the error of e^(−2|x|) is that of the library function.
        self.image(composite::sech2(self.v), slope, K_COMPOSITE)
    }
    fn ln_cosh(self) -> Self {
        self.image(composite::ln_cosh(self.v), self.farthest().tanh(), K_COMPOSITE)
    }
    fn pi() -> Self {
        ball(std::f64::consts::PI, 1.3e-16)
    }
    fn ln_2() -> Self {
        ball(std::f64::consts::LN_2, 2.4e-17)
    }

    fn root_at(at: f64, g: impl Fn(Self) -> (Self, Self)) -> Self {
        let (value, slope) = g(Self::from(at));
        let residual = value.farthest();
        // On a ball of radius e on which |g′| ≥ m, the root is within residual/m of the iterate if that is ≤ e.
        let mut e = 2.0 * residual / slope.nearest_zero();
        for _ in 0..8 {
            if !e.is_finite() {
                break;
            }
            let (_, slope) = g(ball(at, e));
            let m = slope.nearest_zero();
            if slope.v > 0.0 && residual <= m * e {
                return ball(at, e);
            }
            e *= 4.0;
        }
        ball(at, if residual == 0.0 { 0.0 } else { f64::INFINITY })
    }

    fn touches(self, other: Self) -> bool {
        let reach = self.e + other.e;
        reach > 0.0 && (self.v - other.v).abs() <= reach
    }
}
