//! The maps themselves.

use crate::error::FlowError;
use crate::flow::expect_inside;
use crate::layers::coordinates::fits;
use crate::promises::Interval;
use crate::scalar::Scalar;

/// A strictly monotone scalar map without parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Map {
    /// `z`.
    Identity,
    /// `sinh z`, onto ℝ.
    Sinh,
    /// `−z − z³`, decreasing, onto ℝ.
    NegCubic,
    /// `eᶻ`, onto (0, ∞).
    Exp,
    /// `ln z`, from (0, ∞).
    Log,
    /// `σ(z) = 1/(1 + e⁻ᶻ)`, onto (0, 1).
    Sigmoid,
    /// `ln(z/(1 − z))`, from (0, 1).
    Logit,
    /// `tanh z`, onto (−1, 1).
    Tanh,
    /// `artanh z`, from (−1, 1).
    Atanh,
    /// `ln(1 + eᶻ)`, onto (0, ∞).
    Softplus,
    /// `ln(eᶻ − 1)`, from (0, ∞).
    InverseSoftplus,
    /// `z/(1 + |z|)`, onto (−1, 1); its second derivative jumps at 0.
    Softsign,
    /// `z/(1 − |z|)`, from (−1, 1); its second derivative jumps at 0.
    InverseSoftsign,
    /// `½ + arctan(z)/π`, the Cauchy distribution function, onto (0, 1).
    CauchyCdf,
    /// `tan(π(z − ½))`, the Cauchy quantile, from (0, 1).
    CauchyQuantile,
    /// `Φ(z)`, the standard normal distribution function, onto (0, 1).
    NormalCdf,
    /// `Φ⁻¹(z)`, the standard normal quantile, from (0, 1).
    NormalQuantile,
}

impl Map {
    /// Every map, with its name in data.
    pub const ALL: &[(&'static str, Self)] = &[
        ("identity", Self::Identity),
        ("sinh", Self::Sinh),
        ("neg_cubic", Self::NegCubic),
        ("exp", Self::Exp),
        ("log", Self::Log),
        ("sigmoid", Self::Sigmoid),
        ("logit", Self::Logit),
        ("tanh", Self::Tanh),
        ("atanh", Self::Atanh),
        ("softplus", Self::Softplus),
        ("inverse_softplus", Self::InverseSoftplus),
        ("softsign", Self::Softsign),
        ("inverse_softsign", Self::InverseSoftsign),
        ("cauchy_cdf", Self::CauchyCdf),
        ("cauchy_quantile", Self::CauchyQuantile),
        ("normal_cdf", Self::NormalCdf),
        ("normal_quantile", Self::NormalQuantile),
    ];

    /// The map that this one undoes, where it is written as such.
    fn undone(self) -> Option<Self> {
        Some(match self {
            Self::Log => Self::Exp,
            Self::Logit => Self::Sigmoid,
            Self::Atanh => Self::Tanh,
            Self::InverseSoftplus => Self::Softplus,
            Self::InverseSoftsign => Self::Softsign,
            Self::CauchyQuantile => Self::CauchyCdf,
            Self::NormalQuantile => Self::NormalCdf,
            _ => return None,
        })
    }

    /// Where it is defined.
    pub fn domain(self) -> Interval {
        self.undone().map_or(Interval::REALS, Self::codomain)
    }

    /// What it covers.
    pub fn codomain(self) -> Interval {
        match self {
            Self::Exp | Self::Softplus => Interval::POSITIVE,
            Self::Sigmoid | Self::CauchyCdf | Self::NormalCdf => Interval::UNIT,
            Self::Tanh | Self::Softsign => Interval { lo: -1.0, hi: 1.0 },
            _ => Interval::REALS,
        }
    }

    /// `x` and `ln|dx/dz|` at `z`.
    pub(super) fn forward<S: Scalar>(self, z: S, coordinate: usize) -> Result<(S, S), FlowError> {
        match self.undone() {
            None => Ok((fits(self.value(z), coordinate, self.codomain())?, self.log_slope(z))),
            Some(map) => map.inverse(z, coordinate),
        }
    }

    /// `z` and `ln|dz/dx|` at `x`.
    pub(super) fn inverse<S: Scalar>(self, x: S, coordinate: usize) -> Result<(S, S), FlowError> {
        if let Some(map) = self.undone() {
            return map.forward(x, coordinate);
        }
        expect_inside(x, coordinate, self.codomain())?;
        let z = self.solve(x)?;
        Ok((z, -self.log_slope(z)))
    }

    fn value<S: Scalar>(self, z: S) -> S {
        match self {
            Self::Sinh => z.sinh(),
            Self::NegCubic => -(z + z * z * z),
            Self::Exp => z.exp(),
            Self::Sigmoid => z.sigmoid(),
            Self::Tanh => z.tanh(),
            Self::Softplus => z.softplus(),
            Self::Softsign => z / (z.abs() + 1.0),
            Self::CauchyCdf => cauchy_cdf(z),
            Self::NormalCdf => z.normal_cdf(),
            _ => z,
        }
    }

    fn log_slope<S: Scalar>(self, z: S) -> S {
        match self {
            Self::Sinh => z.ln_cosh(),
            Self::NegCubic => (z * z * 3.0).ln_1p(),
            Self::Exp => z,
            Self::Sigmoid => z.log_sigmoid() + (-z).log_sigmoid(),
            Self::Tanh => z.ln_cosh() * -2.0,
            Self::Softplus => z.log_sigmoid(),
            Self::Softsign => z.abs().ln_1p() * -2.0,
            // 1 + z² = cosh²(arsinh z), which does not overflow.
            Self::CauchyCdf => z.asinh().ln_cosh() * -2.0 - S::pi().ln(),
            Self::NormalCdf => z * z * -0.5 - (S::pi() * 2.0).ln() * 0.5,
            _ => S::from(0.0),
        }
    }

    fn solve<S: Scalar>(self, x: S) -> Result<S, FlowError> {
        Ok(match self {
            Self::Sinh => x.asinh(),
            // z³ + z = −x has the one real root (2/√3) sinh(arsinh(−(3√3/2) x)/3).
            Self::NegCubic => {
                let root3 = S::from(3.0).sqrt();
                let z = ((-x * root3 * 1.5).asinh() / 3.0).sinh() * 2.0 / root3;
                // sinh magnifies the rounding of a large argument; one Newton step removes that.
                z - (z * z * z + z + x) / (z * z * 3.0 + 1.0)
            }
            Self::Exp => x.ln(),
            Self::Sigmoid => logit(x),
            Self::Tanh => (x.ln_1p() - (-x).ln_1p()) * 0.5,
            Self::Softplus => x + (-(-x).exp_m1()).ln(),
            Self::Softsign => x / (-x.abs() + 1.0),
            // The cotangent of the angle from the nearer end.
            Self::CauchyCdf if x.prefers_below(0.5) => -cotangent(x * S::pi()),
            Self::CauchyCdf => cotangent((-x + 1.0) * S::pi()),
            // Above ½ the mirror image: 1 − x is exact there.
            Self::NormalCdf if x.prefers_below(0.5) => lower_normal_quantile(x)?,
            Self::NormalCdf => -lower_normal_quantile(-x + 1.0)?,
            _ => x,
        })
    }
}

/// `Φ⁻¹(x)` for `x ≤ ½`: the root of `ln Φ(z) − ln x`, which is well conditioned far into the tail, between the bound
/// `Φ(z) ≤ e^(−z²/2)/2` and 0.
fn lower_normal_quantile<S: Scalar>(x: S) -> Result<S, FlowError> {
    let log = x.ln();
    let lo = -(log * -2.0).sqrt();
    S::root(lo, S::from(0.0), |z| {
        let below = z.normal_cdf();
        let density = (z * z * -0.5).exp() / (S::pi() * 2.0).sqrt();
        (below.ln() - log, density / below)
    })
}

/// `ln(x/(1 − x))`; near ½ from the distance to it, which is exact.
fn logit<S: Scalar>(x: S) -> S {
    let off = x - 0.5;
    if (off * off).prefers_below(0.0625) { (off * 2.0 / (-x + 1.0)).ln_1p() } else { x.ln() - (-x).ln_1p() }
}

/// `½ + arctan(z)/π`; in the tails from the arctangent of the small `1/z`.
fn cauchy_cdf<S: Scalar>(z: S) -> S {
    let tail = |z: S| z.recip().atan() / S::pi();
    if z.prefers_below(-1.0) {
        -tail(z)
    } else if (-z).prefers_below(-1.0) {
        -tail(z) + 1.0
    } else {
        z.atan() / S::pi() + 0.5
    }
}

fn cotangent<S: Scalar>(angle: S) -> S {
    let (sin, cos) = angle.sin_cos();
    cos / sin
}
