//! Forward-mode dual numbers over any inner system, our own: an independent witness to num-dual, and the only one of
//! the two that can carry error bounds (num-dual would ask an order and an escape to f64 of the inner number).

use super::*;

/// A value with `N` tangents.
#[derive(Clone, Copy, Debug)]
pub struct Jet<T, const N: usize> {
    value: T,
    tangents: [T; N],
}

impl<T: Number, const N: usize> Jet<T, N> {
    pub(crate) fn new(value: T, tangents: [T; N]) -> Self {
        Self { value, tangents }
    }
    fn constant(value: T) -> Self {
        Self { value, tangents: [T::from(0.0); N] }
    }
    /// Chain rule.
    fn chain(self, value: T, slope: T) -> Self {
        Self { value, tangents: self.tangents.map(|t| t * slope) }
    }
    fn zip(self, o: Self, value: T, f: impl Fn(T, T) -> T) -> Self {
        Self { value, tangents: std::array::from_fn(|i| f(self.tangents[i], o.tangents[i])) }
    }
}

impl<T: Number, const N: usize> Neg for Jet<T, N> {
    type Output = Self;
    fn neg(self) -> Self {
        Self { value: -self.value, tangents: self.tangents.map(|t| -t) }
    }
}
impl<T: Number, const N: usize> Add for Jet<T, N> {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        self.zip(o, self.value + o.value, |a, b| a + b)
    }
}
impl<T: Number, const N: usize> Sub for Jet<T, N> {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        self.zip(o, self.value - o.value, |a, b| a - b)
    }
}
/// Product rule.
#[expect(clippy::suspicious_arithmetic_impl, reason = "the product rule is a sum")]
impl<T: Number, const N: usize> Mul for Jet<T, N> {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        self.zip(o, self.value * o.value, |a, b| a * o.value + b * self.value)
    }
}
/// Quotient rule.
#[expect(clippy::suspicious_arithmetic_impl, reason = "the quotient rule is a difference of products")]
impl<T: Number, const N: usize> Div for Jet<T, N> {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        let quotient = self.value / o.value;
        self.zip(o, quotient, |a, b| (a - b * quotient) / o.value)
    }
}
impl<T: Number, const N: usize> From<f64> for Jet<T, N> {
    fn from(v: f64) -> Self {
        Self::constant(T::from(v))
    }
}
derived_operators!([T: Number, const N: usize] Jet<T, N>);

impl<T: Number, const N: usize> Number for Jet<T, N> {
    fn exp(self) -> Self {
        let e = self.value.exp();
        self.chain(e, e)
    }
    fn ln(self) -> Self {
        self.chain(self.value.ln(), self.value.recip())
    }
    fn ln_abs(self) -> Self {
        self.chain(self.value.ln_abs(), self.value.recip())
    }
    fn sqrt(self) -> Self {
        let r = self.value.sqrt();
        self.chain(r, (r * 2.0).recip())
    }
    fn sin_cos(self) -> (Self, Self) {
        let (s, c) = self.value.sin_cos();
        (self.chain(s, c), self.chain(c, -s))
    }
    fn tanh(self) -> Self {
        self.chain(self.value.tanh(), self.value.sech2())
    }
    fn sinh(self) -> Self {
        self.chain(self.value.sinh(), self.value.cosh())
    }
    fn cosh(self) -> Self {
        self.chain(self.value.cosh(), self.value.sinh())
    }
    fn asinh(self) -> Self {
        // 1/√(1 + x²) = 1/cosh(arsinh x), which does not overflow.
        let value = self.value.asinh();
        self.chain(value, value.cosh().recip())
    }
    fn atan(self) -> Self {
        self.chain(self.value.atan(), (self.value * self.value + 1.0).recip())
    }
    fn normal_cdf(self) -> Self {
        let density = (self.value * self.value * -0.5).exp() / (T::pi() * 2.0).sqrt();
        self.chain(self.value.normal_cdf(), density)
    }
    fn exp_m1(self) -> Self {
        self.chain(self.value.exp_m1(), self.value.exp())
    }
    fn ln_1p(self) -> Self {
        self.chain(self.value.ln_1p(), (self.value + 1.0).recip())
    }
    fn sigmoid(self) -> Self {
        // σ′ = σ(x)σ(−x) = sech²(x/2)/4
        self.chain(self.value.sigmoid(), (self.value * 0.5).sech2() * 0.25)
    }
    fn softplus(self) -> Self {
        self.chain(self.value.softplus(), self.value.sigmoid())
    }
    fn sech2(self) -> Self {
        let value = self.value.sech2();
        self.chain(value, self.value.tanh() * value * -2.0)
    }
    fn ln_cosh(self) -> Self {
        self.chain(self.value.ln_cosh(), self.value.tanh())
    }
    fn pi() -> Self {
        Self::constant(T::pi())
    }
    fn ln_2() -> Self {
        Self::constant(T::ln_2())
    }

    /// The root in `T`, then `∂a = −∂g(a)/g′(a)`: one step per order of derivative, with the root as a constant.
    fn root_at(at: f64, g: impl Fn(Self) -> (Self, Self)) -> Self {
        let value = T::root_at(at, |t| {
            let (value, slope) = g(Self::constant(t));
            (value.value, slope.value)
        });
        let (residual, slope) = g(Self::constant(value));
        Self { value, tangents: residual.tangents.map(|t| -t / slope.value) }
    }
    fn doubts(self, other: Self, below: bool) -> bool {
        self.value.doubts(other.value, below)
    }
    fn parameter(id: u64, value: f64) -> Self {
        Self::constant(T::parameter(id, value))
    }
}

impl<T: Number, const N: usize> Tangents for Jet<T, N> {
    type Value = T;
    fn variable(value: T, lane: Option<usize>) -> Self {
        let mut jet = Self::constant(value);
        if let Some(lane) = lane {
            jet.tangents[lane] = T::from(1.0);
        }
        jet
    }
    fn tangent(self, lane: usize) -> T {
        self.tangents[lane]
    }
}
