//! Running error analysis: a value, and a bound on its distance from the exact value of the formula.
//!
//! `v` is bit for bit what f64 computes; the exact value of the formula, at its f64 inputs and parameters, lies in
//! `[v − e, v + e]`, given that library functions are right to two units in the last place. The same rules keep bounds
//! for 237 bits in `Bounded<Precise>`. With `u = 2⁻⁵³`, or 2⁻²³⁷, and k from [`Real`]:
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

use super::real::polished;
use super::*;

/// Rounding of a bound itself, which is an f64, by a few operations.
const K: f64 = 2.0 * f64::EPSILON;
/// Rounding of a bound by a composite of a few library functions and operations.
const K_COMPOSITE: f64 = 4.0 * K;

/// A value with a bound on its absolute error.
#[derive(Clone, Copy, Debug)]
pub struct Bounded<V = f64> {
    v: V,
    /// Never negative and never NaN; infinite where nothing is known.
    e: f64,
}

/// A number known to lie within `e` of `v`.
pub(crate) fn ball<V: Real>(v: V, e: f64) -> Bounded<V> {
    Bounded { v, e: if e.is_nan() || v.to_f64().is_nan() { f64::INFINITY } else { e } }
}

/// The rounding of a result, relative for normal numbers and absolute for subnormal ones.
fn rounding<V: Real>(v: V, relative: f64) -> f64 {
    let size = v.to_f64().abs();
    relative * size + if size < V::NEARLY_SUBNORMAL { V::UNDERFLOW } else { 0.0 }
}

/// The rounding of a sum: none where f64 is subnormal.
fn sum_rounding<V: Real>(v: V) -> f64 {
    if V::BEYOND_F64 { rounding(v, V::UNIT) } else { V::UNIT * v.to_f64().abs() }
}

/// Rounding of a composite of a few library functions and operations.
fn composite_error<V: Real>() -> f64 {
    4.0 * V::LIBRARY
}

impl<V: Real> Bounded<V> {
    /// What is computed.
    pub(crate) fn value(self) -> V {
        self.v
    }
    /// How far the exact value of the formula can be from it.
    pub(crate) fn error(self) -> f64 {
        self.e
    }
    fn is_zero(self) -> bool {
        self.v == V::from(0.0) && self.e == 0.0
    }
    /// The modulus of the value.
    fn size(self) -> f64 {
        self.v.to_f64().abs()
    }
    /// The smallest modulus in the ball.
    fn nearest_zero(self) -> f64 {
        (self.size() - self.e).max(0.0)
    }
    /// The largest modulus in the ball.
    fn farthest(self) -> f64 {
        self.size() + self.e
    }
    /// The image under a function whose derivative on the ball is at most `slope`.
    fn image(self, v: V, slope: f64, relative: f64) -> Self {
        // An exact argument has no error to magnify, even where the slope overflows.
        let carried = if self.e == 0.0 { 0.0 } else { self.e * slope };
        ball(v, carried + rounding(v, relative))
    }
}
impl<V: Real> From<f64> for Bounded<V> {
    fn from(v: f64) -> Self {
        ball(V::from(v), 0.0)
    }
}
impl<V: Real> Neg for Bounded<V> {
    type Output = Self;
    fn neg(self) -> Self {
        Self { v: -self.v, e: self.e }
    }
}
impl<V: Real> Add for Bounded<V> {
    type Output = Self;
    #[inline]
    fn add(self, b: Self) -> Self {
        let v = self.v + b.v;
        let exact = self.is_zero() || b.is_zero();
        ball(v, self.e + b.e + if exact { 0.0 } else { sum_rounding(v) })
    }
}
impl<V: Real> Sub for Bounded<V> {
    type Output = Self;
    #[inline]
    fn sub(self, b: Self) -> Self {
        self + -b
    }
}
impl<V: Real> Mul for Bounded<V> {
    type Output = Self;
    #[inline]
    fn mul(self, b: Self) -> Self {
        let v = self.v * b.v;
        // Formal zeros stay exact: the pattern of a Jacobian is judged on them.
        if (self.is_zero() || b.is_zero()) && v == V::from(0.0) {
            return Self { v, e: 0.0 };
        }
        ball(v, self.size() * b.e + b.size() * self.e + self.e * b.e + rounding(v, V::UNIT))
    }
}
impl<V: Real> Div for Bounded<V> {
    type Output = Self;
    #[inline]
    fn div(self, b: Self) -> Self {
        let v = self.v / b.v;
        if self.is_zero() && v == V::from(0.0) && b.e < b.size() {
            return Self { v, e: 0.0 };
        }
        if b.e >= b.size() {
            return ball(v, f64::INFINITY);
        }
        ball(v, (self.e + v.to_f64().abs() * b.e) / (b.size() - b.e) * (1.0 + K) + rounding(v, V::UNIT))
    }
}
derived_operators!([V: Real] Bounded<V>);

impl<V: Real> Number for Bounded<V> {
    fn exp(self) -> Self {
        let v = self.v.exp();
        let carried = if self.e == 0.0 { 0.0 } else { v.to_f64() * self.e.exp_m1() };
        ball(v, carried + rounding(v, V::LIBRARY))
    }
    fn ln(self) -> Self {
        let v = self.v.ln();
        let a = self.v.to_f64();
        if self.e >= a {
            return ball(v, f64::INFINITY);
        }
        ball(v, -(-self.e / a).ln_1p() + rounding(v, V::LIBRARY))
    }
    fn ln_abs(self) -> Self {
        if self.v < V::from(0.0) { (-self).ln() } else { self.ln() }
    }
    fn sqrt(self) -> Self {
        let v = self.v.sqrt();
        if self.is_zero() {
            return Self { v, e: 0.0 };
        }
        let (a, root) = (self.v.to_f64(), v.to_f64());
        if self.e > a {
            return ball(v, f64::INFINITY);
        }
        // Where the number is too small for an f64, the rounding of the root is all that can be said.
        let carried = if self.e == 0.0 { 0.0 } else { self.e / (root + (a - self.e).sqrt()) * (1.0 + K) };
        ball(v, carried + rounding(v, V::UNIT))
    }
    fn sin_cos(self) -> (Self, Self) {
        let (s, c) = self.v.sin_cos();
        let carried = self.e.min(2.0);
        (ball(s, carried + rounding(s, V::LIBRARY)), ball(c, carried + rounding(c, V::LIBRARY)))
    }
    fn tanh(self) -> Self {
        let v = self.v.tanh();
        let carried = (self.e * composite::sech2(self.nearest_zero()) * (1.0 + K_COMPOSITE)).min(2.0);
        ball(v, carried + rounding(v, V::LIBRARY))
    }
    fn sinh(self) -> Self {
        self.image(self.v.sinh(), self.farthest().cosh(), 2.0 * V::LIBRARY)
    }
    fn cosh(self) -> Self {
        self.image(self.v.cosh(), self.farthest().sinh(), 2.0 * V::LIBRARY)
    }
    fn asinh(self) -> Self {
        self.image(self.v.asinh(), composite::asinh_slope(self.nearest_zero()), 2.0 * V::LIBRARY)
    }
    fn atan(self) -> Self {
        let near = self.nearest_zero();
        self.image(self.v.atan(), (1.0 + near * near).recip(), V::LIBRARY)
    }
    fn normal_cdf(self) -> Self {
        // The density falls with the modulus.
        let near = self.nearest_zero();
        let steepest = (near * near * -0.5).exp() * 0.4;
        self.image(self.v.normal_cdf(), steepest, V::LIBRARY * 4.0)
    }
    fn exp_m1(self) -> Self {
        self.image(self.v.exp_m1(), (self.v.to_f64() + self.e).exp(), 2.0 * V::LIBRARY)
    }
    fn ln_1p(self) -> Self {
        let v = self.v.ln_1p();
        // 1 + a, rounded down.
        let one_plus = (self.v + 1.0).to_f64() * (1.0 - f64::EPSILON) - V::UNIT;
        if self.e >= one_plus {
            return ball(v, f64::INFINITY);
        }
        ball(v, -(-self.e / one_plus).ln_1p() + rounding(v, 2.0 * V::LIBRARY))
    }
    fn sigmoid(self) -> Self {
        let slope = composite::sech2(0.5 * self.nearest_zero()) * 0.25;
        self.image(self.v.sigmoid(), slope, composite_error::<V>())
    }
    fn softplus(self) -> Self {
        self.image(self.v.softplus(), composite::sigmoid(self.v.to_f64() + self.e), composite_error::<V>())
    }
    fn sech2(self) -> Self {
        // |d/dx sech²| = 2 sech²|tanh|, at most 4/(3√3).
        let slope = (2.0 * composite::sech2(self.nearest_zero())).min(0.77);
        // The exponent −2|x| is exact, so the error of e^(−2|x|) is that of the library function.
        self.image(self.v.sech2(), slope, composite_error::<V>())
    }
    fn ln_cosh(self) -> Self {
        self.image(self.v.ln_cosh(), self.farthest().tanh(), composite_error::<V>())
    }
    fn pi() -> Self {
        {
            let v = V::pi();
            ball(v, rounding(v, V::UNIT))
        }
    }
    fn ln_2() -> Self {
        {
            let v = V::ln_2();
            ball(v, rounding(v, V::UNIT))
        }
    }

    fn parameter(id: u64, value: f64) -> Self {
        let v = V::parameter(id, value);
        ball(v, if v == V::from(value) { 0.0 } else { rounding(v, V::UNIT) })
    }

    fn root_at(at: f64, g: impl Fn(Self) -> (Self, Self)) -> Self {
        let at = polished(at, |t| {
            let (value, slope) = g(ball(t, 0.0));
            (value.v, slope.v)
        });
        let (value, slope) = g(ball(at, 0.0));
        let residual = value.farthest();
        // On a ball of radius e on which |g′| ≥ m, the root is within residual/m of the iterate if that is ≤ e.
        let mut e = 2.0 * residual / slope.nearest_zero();
        for _ in 0..8 {
            if !e.is_finite() {
                break;
            }
            let (_, slope) = g(ball(at, e));
            let m = slope.nearest_zero();
            if slope.v > V::from(0.0) && residual <= m * e {
                return ball(at, e);
            }
            e *= 4.0;
        }
        ball(at, if residual == 0.0 { 0.0 } else { f64::INFINITY })
    }

    fn doubts(self, other: Self, below: bool) -> bool {
        let reach = self.e + other.e;
        (self.v < other.v) != below || reach > 0.0 && (self.v - other.v).to_f64().abs() <= reach
    }
}
