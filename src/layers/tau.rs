//! Transformers: the strictly monotone scalar maps of autoregressive flows.

use std::fmt;

use super::scale::Scale;
use super::sigmoidal::{self, Sigmoidal};
use super::spline::{self, SplineTransformer};
use super::umnn::{self, Integrated};
use crate::data::{At, DataError, Value, unknown};
use crate::error::FlowError;
use crate::flow::expect_finite;
use crate::promises::{Orientation, Promises};
use crate::scalar::{Dual, Scalar, Tangents};

/// A scalar map `x = τ(z; h)` of ℝ onto ℝ, strictly monotone in `z` for every `h`, written once over the scalar.
///
/// Every value of `h` should matter. An error that names a coordinate names the `index` given.
pub trait Transformer: fmt::Debug + Send + Sync {
    /// The number of values of `h`.
    fn arity(&self) -> usize;

    /// `τ(z; h)` and `ln|∂τ/∂z|`.
    ///
    /// # Errors
    /// [`FlowError`] where this `h` makes no strictly monotone map, or a result does not fit the number system.
    fn forward<S: Scalar>(&self, z: S, h: &[S], index: usize) -> Result<(S, S), FlowError>;

    /// `z = τ⁻¹(x; h)` and `ln|∂τ⁻¹/∂x| = −ln|∂τ/∂z|`. Left out where a map has no inverse at hand.
    ///
    /// # Errors
    /// `NoInverse`, or as `forward`.
    fn inverse<S: Scalar>(&self, _x: S, _h: &[S], _index: usize) -> Result<(S, S), FlowError> {
        Err(FlowError::NoInverse)
    }

    /// The sign of `∂τ/∂z`, where it is the same for every `h`, or `Either` where it depends on `h`.
    fn orientation(&self) -> Option<Orientation> {
        None
    }

    /// Its name in data, for the maps of the zoo: what finds the known values of layers made with it.
    fn name(&self) -> Option<&'static str> {
        None
    }

    /// Whether `∂τ/∂z` does not depend on `z`.
    fn is_affine(&self) -> bool {
        false
    }

    /// What `τ` promises of its smoothness, in `z` and in `h`: nothing to add to `promises` if it has continuous second
    /// derivatives; else [`once_differentiable`](Promises::once_differentiable) or [`kinked`](Promises::kinked).
    fn smoothness(&self, promises: Promises) -> Promises {
        promises
    }

    /// Refuses a map that is not strictly monotone for this `h`. Layers ask at construction, for a few `h`.
    ///
    /// As provided it looks at the sign of `∂τ/∂z`, by dual numbers, at every multiple of 1/8 from −8 to 8. So it sees
    /// a derivative that vanishes at one of these points, and one that changes sign and keeps the new sign for at
    /// least 1/8 there. It cannot see a fold between two neighbouring points, beyond ±8, or at another `h`; points
    /// where `forward` is an error are passed over. A map proved monotone on paper may replace it.
    ///
    /// # Errors
    /// `NotMonotone`, saying where.
    fn expect_monotone(&self, h: &[f64]) -> Result<(), FlowError> {
        let duals: Vec<Dual> = h.iter().map(|&h| h.into()).collect();
        let mut sign = 0.0;
        for k in -64..=64 {
            let z = f64::from(k) / 8.0;
            let Ok((x, _)) = self.forward(Dual::variable(z, Some(0)), &duals, 0) else { continue };
            let slope = x.tangent(0);
            if slope == 0.0 || slope * sign < 0.0 {
                let how = if slope == 0.0 { "vanishes" } else { "has changed sign" };
                return Err(FlowError::NotMonotone { what: format!("∂τ/∂z {how} at z = {z:?} for h = {h:?}") });
            }
            if slope.is_finite() {
                sign = slope.signum();
            }
        }
        Ok(())
    }
}

/// The transformers of the zoo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Tau {
    /// `e^{h0} z + h1`.
    AffineExp,
    /// `h0 z + h1`, `h0 ≠ 0` of either sign.
    Affine,
    /// `e^{h0} sinh z + h1`, with log-derivative `h0 + ln cosh z`.
    Sinh,
    /// `z + tanh(h0) tanh(z + h1) + h2`, with log-derivative `ln(1 + tanh(h0) sech²(z + h1))`. No closed inverse: the
    /// root lies within 1 of `x − h2`. As `h0 → −∞` the derivative tends to 0 at `z = −h1`, and digits of the inverse
    /// are lost there.
    TanhResidual,
}

impl Transformer for Tau {
    fn name(&self) -> Option<&'static str> {
        NAMES.iter().find(|(_, tau)| tau == self).map(|(name, _)| *name)
    }

    fn arity(&self) -> usize {
        if matches!(self, Self::TanhResidual) { 3 } else { 2 }
    }

    fn forward<S: Scalar>(&self, z: S, h: &[S], index: usize) -> Result<(S, S), FlowError> {
        match self {
            Self::AffineExp | Self::Affine => {
                let (scaled, log) = self.scale().apply(h[0], z, index)?;
                Ok((scaled + h[1], log))
            }
            Self::Sinh => {
                let (scaled, log) = self.scale().apply(h[0], z.sinh(), index)?;
                Ok((scaled + h[1], log + z.ln_cosh()))
            }
            Self::TanhResidual => {
                let a = z + h[1];
                Ok((z + h[0].tanh() * a.tanh() + h[2], residual_slope(h[0], a).1))
            }
        }
    }

    fn inverse<S: Scalar>(&self, x: S, h: &[S], index: usize) -> Result<(S, S), FlowError> {
        match self {
            Self::AffineExp | Self::Affine => self.scale().undo(h[0], x - h[1], index),
            Self::Sinh => {
                let (sinh, log) = self.scale().undo(h[0], x - h[1], index)?;
                expect_finite(sinh, format_args!("sinh of coordinate {index}"))?;
                let z = sinh.asinh();
                Ok((z, log - z.ln_cosh()))
            }
            Self::TanhResidual => {
                let (middle, r) = (x - h[2], h[0].tanh());
                expect_finite(middle, format_args!("x − m of coordinate {index}"))?;
                let z = S::root(middle - 1.0, middle + 1.0, |z| {
                    let a = z + h[1];
                    (z + r * a.tanh() - middle, residual_slope(h[0], a).0)
                })?;
                Ok((z, -residual_slope(h[0], z + h[1]).1))
            }
        }
    }

    fn orientation(&self) -> Option<Orientation> {
        Some(if matches!(self, Self::Affine) { Orientation::Either } else { Orientation::Positive })
    }

    fn is_affine(&self) -> bool {
        matches!(self, Self::Affine | Self::AffineExp)
    }

    /// Nothing to ask: the formulas are monotone, and where f64 cannot tell a derivative from 0 a point is `OutOfRange`.
    fn expect_monotone(&self, _: &[f64]) -> Result<(), FlowError> {
        Ok(())
    }
}

impl Tau {
    fn scale(self) -> Scale {
        if matches!(self, Self::Affine) { Scale::Direct } else { Scale::Exp }
    }
}

/// `1 + tanh(r) sech²(a)` and its logarithm. For `tanh r` near −1 and `a` near 0 the sum
/// `(1 + tanh r) + |tanh r| tanh² a` of positive terms replaces it.
fn residual_slope<S: Scalar>(r: S, a: S) -> (S, S) {
    let (tanh, sech2) = (r.tanh(), a.sech2());
    if r.prefers_below(-0.5) && (-sech2).prefers_below(-0.5) {
        let t = a.tanh();
        // 1 + tanh r = 2σ(2r)
        let slope = (r * 2.0).sigmoid() * 2.0 - tanh * t * t;
        (slope, slope.ln())
    } else {
        let bend = tanh * sech2;
        (bend + 1.0, bend.ln_1p())
    }
}

/// The names in data.
const NAMES: &[(&str, Tau)] = &[
    ("affine_exp", Tau::AffineExp),
    ("affine", Tau::Affine),
    ("sinh", Tau::Sinh),
    ("tanh_residual", Tau::TanhResidual),
];

/// A transformer of the zoo, as read.
pub(super) enum Named {
    Tau(Tau),
    Spline(SplineTransformer),
    Sigmoidal(Sigmoidal),
    Integrated(Integrated),
}

/// `"affine_exp" | "affine" | "sinh" | "tanh_residual"`, or a table that describes a spline or a network.
pub(super) fn read(at: &At<'_>) -> Result<Named, DataError> {
    if let Value::Table(entries) = at.value() {
        let kind = entries.iter().find_map(|(key, value)| match value {
            Value::Text(kind) if key == "kind" => Some(kind.as_str()),
            _ => None,
        });
        return match kind {
            Some("sigmoidal") => sigmoidal::read(at).map(Named::Sigmoidal),
            Some("umnn") => umnn::read(at).map(Named::Integrated),
            _ => spline::read_transformer(at).map(Named::Spline),
        };
    }
    let name = at.text()?;
    let found = NAMES.iter().find(|(known, _)| *known == name).map(|&(_, tau)| Named::Tau(tau));
    found.ok_or_else(|| at.error("UnknownName", unknown("tau", name, NAMES.iter().map(|(known, _)| *known))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    enum Folded {
        Square,
        Cube,
        Wave,
        Fine,
    }
    impl Transformer for Folded {
        fn arity(&self) -> usize {
            1
        }
        fn forward<S: Scalar>(&self, z: S, h: &[S], _: usize) -> Result<(S, S), FlowError> {
            let (x, slope) = match self {
                // Folds between two points of the grid.
                Self::Square => ((z - 0.3) * (z - 0.3), z * 2.0 - 0.6),
                Self::Cube => (z * z * z, z * z * 3.0),
                Self::Wave => (z + (z * 2.0).sin_cos().0 * h[0], (z * 2.0).sin_cos().1 * h[0] * 2.0 + 1.0),
                Self::Fine => (h[0] * z - z * z * z, h[0] - z * z * 3.0),
            };
            Ok((x, slope.ln_abs()))
        }
    }

    #[test]
    fn a_user_map_that_folds_or_flattens_is_refused_and_a_decreasing_one_is_not() {
        for (map, h, fine) in [
            (Folded::Square, 1.0, false),
            (Folded::Cube, 1.0, false),
            (Folded::Wave, 0.75, false),
            (Folded::Wave, 0.25, true),
            (Folded::Fine, -0.5, true),
        ] {
            let answer = map.expect_monotone(&[h]);
            assert_eq!(answer.is_ok(), fine, "{map:?} {h}");
            assert!(fine || answer.is_err_and(|e| e.kind() == "NotMonotone"));
        }
        assert!(matches!(Folded::Fine.inverse(0.0, &[-0.5], 0), Err(FlowError::NoInverse)));
    }
}
