//! Splines whose knots a conditioner returns.

use proptest::prelude::*;

use super::draw;
use super::elementwise::kind;
use super::knots::{Beyond, Knots};
use super::piece::{Axis, SplineKind, chords, integrated, steffen};
use crate::data::{At, DataError};
use crate::error::FlowError;
use crate::family::{Drawn, Family, boxed, constant_net, wave_net};
use crate::layers::{Autoregressive, Convention, Transformer};
use crate::param::Param;
use crate::promises::{Orientation, Promises};
use crate::scalar::Scalar;

/// A monotone spline on the box `[−B, B]²` with `K` bins, made from the values `h` that a conditioner returns.
///
/// - formula: `x = g(z; h)` by [`SplineKind`]. Shares `p = min + (1 − K min) softmax(·)` of `2B` are widths or heights:
///   - linear: `h` = `K` heights; widths are equal
///   - quadratic: `K` widths, then `K + 1` slopes `min_slope + (1 − min_slope) e^(h_k)/A`, with `A` such that the mean
///     slope is 1
///   - cubic: `K` widths, `K` heights, then the end slopes `3 s σ(·)`, `s` the chord of the end bin
///   - rational-quadratic: `K` widths, `K` heights, then `K − 1` inner slopes `min_slope + softplus(·)`; end slopes 1
/// - beyond the box: the identity for rational-quadratic, a line with the end slope for the others
/// - source: Durkan et al. 2019, Neural Spline Flows (arXiv:1906.04032), §3, with the smallest bins and slopes of its
///   code; Müller et al. 2019 (arXiv:1808.03856) for linear and quadratic, Durkan et al. 2019, Cubic-Spline Flows
///   (arXiv:1906.02145) for cubic, both on `[0, 1]` there
#[derive(Clone, Debug)]
pub struct SplineTransformer {
    kind: SplineKind,
    bins: usize,
    bound: Param,
    min_bin: Param,
    /// Held only by the kinds that use it.
    min_slope: Option<Param>,
}

impl SplineTransformer {
    /// `min_bin` and `min_slope` of a conditioner's spline where nothing else is said.
    pub const MIN: f64 = 1e-3;

    /// With the smallest bins and slopes [`MIN`](Self::MIN).
    ///
    /// # Errors
    /// As [`with_minima`](Self::with_minima).
    pub fn new(kind: SplineKind, bins: usize, bound: f64) -> Result<Self, FlowError> {
        Self::with_minima(kind, bins, bound, Self::MIN, Self::MIN)
    }

    /// On `[−bound, bound]` with this many `bins`, none narrower or lower than `min_bin` of the box, and no slope of a
    /// quadratic piece or at an inner knot of a rational-quadratic curve below `min_slope`.
    ///
    /// # Errors
    /// `BadParameter` unless `bins ≥ 2`, `0 < bound < ∞`, `0 < min_bin < 1/bins` and `0 < min_slope < 1`.
    pub fn with_minima(
        kind: SplineKind,
        bins: usize,
        bound: f64,
        min_bin: f64,
        min_slope: f64,
    ) -> Result<Self, FlowError> {
        let share = 1.0 / bins as f64;
        for (name, value, fine, constraint) in [
            ("bins", bins as f64, bins >= 2, "at least 2"),
            ("bound", bound, 0.0 < bound && bound.is_finite(), "0 < bound < ∞"),
            ("min_bin", min_bin, 0.0 < min_bin && min_bin < share, "0 < min_bin < 1/bins"),
            ("min_slope", min_slope, 0.0 < min_slope && min_slope < 1.0, "0 < min_slope < 1"),
        ] {
            if !fine {
                return Err(FlowError::BadParameter { name: name.to_owned(), value, constraint });
            }
        }
        let has_slopes = matches!(kind, SplineKind::Quadratic | SplineKind::RationalQuadratic);
        let min_slope = has_slopes.then(|| min_slope.into());
        Ok(Self { kind, bins, bound: bound.into(), min_bin: min_bin.into(), min_slope })
    }

    /// The shares of the box that its bins take.
    fn shares<S: Scalar>(&self, raw: &[S]) -> Vec<S> {
        let free = S::from(1.0) - self.min_bin * S::from(raw.len() as f64);
        softmax(raw).into_iter().map(|weight| free * weight + self.min_bin).collect()
    }

    /// The knots of the box, from the shares of its bins.
    fn axis<S: Scalar>(&self, shares: &[S]) -> Axis<S> {
        let bound = S::from(self.bound);
        let mut axis = Axis::from(-bound, shares.iter().map(|&share| bound * share * 2.0).collect());
        // The shares add up to 1.
        axis.knots[self.bins] = bound;
        axis
    }

    fn knots<S: Scalar>(&self, h: &[S]) -> Knots<S> {
        let (kind, bins) = (self.kind, self.bins);
        let min_slope = self.min_slope.map_or(S::from(0.0), S::from);
        let axis = |raw: &[S]| self.axis(&self.shares(raw));
        match kind {
            SplineKind::Linear => {
                let equal = self.axis(&vec![S::from(bins as f64).recip(); bins]);
                Knots::linear(Beyond::EndSlope, equal, axis(h))
            }
            SplineKind::Quadratic => {
                let (shares, weights) = (self.shares(&h[..bins]), softmax(&h[bins..]));
                let area: S =
                    shares.iter().zip(weights.windows(2)).map(|(&share, pair)| share * (pair[0] + pair[1]) * 0.5).sum();
                let free = -min_slope + 1.0;
                let slope: Vec<S> = weights.iter().map(|&weight| free * weight / area + min_slope).collect();
                let x = self.axis(&shares);
                let y = integrated(&x, -S::from(self.bound), &slope);
                Knots { kind, beyond: Beyond::EndSlope, x, y, slope }
            }
            SplineKind::Cubic => {
                let (x, y) = (axis(&h[..bins]), axis(&h[bins..2 * bins]));
                let chords = chords(&x, &y);
                let end = |k: usize, raw: S| chords[k] * raw.sigmoid() * 3.0;
                let slope = steffen(&x, &y, [end(0, h[2 * bins]), end(bins - 1, h[2 * bins + 1])]);
                Knots { kind, beyond: Beyond::EndSlope, x, y, slope }
            }
            SplineKind::RationalQuadratic => {
                let (x, y) = (axis(&h[..bins]), axis(&h[bins..2 * bins]));
                let inner = h[2 * bins..].iter().map(|raw| raw.softplus() + min_slope);
                let slope = std::iter::once(S::from(1.0)).chain(inner).chain([S::from(1.0)]).collect();
                Knots { kind, beyond: Beyond::Identity, x, y, slope }
            }
        }
    }
}

/// `e^(raw_i)/Σ e^(raw_j)`, without overflow.
fn softmax<S: Scalar>(raw: &[S]) -> Vec<S> {
    let largest = raw.iter().copied().fold(raw[0], |a, b| a.larger(b));
    let powers: Vec<S> = raw.iter().map(|&raw| (raw - largest).exp()).collect();
    let total: S = powers.iter().copied().sum();
    powers.into_iter().map(|power| power / total).collect()
}

impl Transformer for SplineTransformer {
    fn name(&self) -> Option<&'static str> {
        self.kind.names().map(|(_, transformer)| transformer)
    }
    fn arity(&self) -> usize {
        match self.kind {
            SplineKind::Linear => self.bins,
            SplineKind::Quadratic => 2 * self.bins + 1,
            SplineKind::Cubic => 2 * self.bins + 2,
            SplineKind::RationalQuadratic => 3 * self.bins - 1,
        }
    }
    fn forward<S: Scalar>(&self, z: S, h: &[S], _: usize) -> Result<(S, S), FlowError> {
        Ok(self.knots(h).forward(z))
    }
    fn inverse<S: Scalar>(&self, x: S, h: &[S], _: usize) -> Result<(S, S), FlowError> {
        self.knots(h).inverse(x)
    }
    fn orientation(&self) -> Option<Orientation> {
        Some(Orientation::Positive)
    }
    fn smoothness(&self, promises: Promises) -> Promises {
        self.kind.smoothness(promises)
    }
    /// Nothing to ask: every spline made here increases.
    fn expect_monotone(&self, _: &[f64]) -> Result<(), FlowError> {
        Ok(())
    }
}

/// `{ spline = "rational_quadratic", bins, bound, min_bin, min_slope }`, the last two optional.
pub(in crate::layers) fn read(at: &At<'_>) -> Result<SplineTransformer, DataError> {
    let fields = at.fields()?;
    let (kind, bins) = (kind(&fields.required("spline")?)?, fields.required("bins")?.index()?);
    let bound = fields.required("bound")?.number()?;
    let minimum = |key| fields.optional(key).map_or(Ok(SplineTransformer::MIN), |at| at.number());
    let (min_bin, min_slope) = (minimum("min_bin")?, minimum("min_slope")?);
    fields.finish()?;
    SplineTransformer::with_minima(kind, bins, bound, min_bin, min_slope).map_err(|e| at.refuse(&e))
}

macro_rules! families {
    ($($name:literal, $convention:ident, $kind:ident, $formula:literal, $source:literal;)*) => { &[$( Family {
        name: $name,
        formula: $formula,
        source: $source,
        draw: || autoregressive(Convention::$convention, SplineKind::$kind),
        at_dim: Some(|d| {
            let tau = generic(SplineKind::$kind);
            let nets = (0..d).map(|i| wave_net(i, tau.arity(), i as f64)).collect();
            Box::new(Autoregressive::new(Convention::$convention, tau, nets).expect("conditioner i takes i values"))
        }),
    } ),*] };
}

pub(super) const FAMILIES: &[Family] = families! {
    "ar_z_rq_spline", Z, RationalQuadratic, "x_i = g(z_i; h), h = c_i(z_{<i}): rational-quadratic on [−B, B], z_i beyond",
        "Durkan et al. 2019 (Neural Spline Flows)";
    "ar_x_rq_spline", X, RationalQuadratic, "x_i = g(z_i; h), h = c_i(x_{<i}): rational-quadratic on [−B, B], z_i beyond",
        "Durkan et al. 2019 (Neural Spline Flows)";
    "ar_x_cubic_spline", X, Cubic, "x_i = g(z_i; h), h = c_i(x_{<i}): cubics on [−B, B], linear beyond",
        "Durkan et al. 2019 (Cubic-Spline Flows), autoregressive";
};

pub(in crate::layers) fn generic(kind: SplineKind) -> SplineTransformer {
    SplineTransformer::new(kind, 4, 2.0).expect("a spline of four bins")
}

fn autoregressive(convention: Convention, kind: SplineKind) -> Drawn {
    let dims = prop_oneof![1 => 1usize..=2, 3 => 3usize..=4];
    boxed((dims, draw::transformers(kind)).prop_flat_map(move |(d, tau)| {
        let net = |i: usize| if i == 0 { constant_net(tau.arity()).boxed() } else { draw::net(i, tau.arity()).boxed() };
        let nets: Vec<_> = (0..d).map(net).collect();
        nets.prop_map(move |nets| {
            Autoregressive::new(convention, tau.clone(), nets).expect("conditioner i takes i values")
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(n: usize, size: f64) -> Vec<f64> {
        (0..n).map(|k| size * (1.0 + 1.7 * k as f64).sin()).collect()
    }

    #[test]
    fn the_box_is_filled_whatever_the_conditioner_returns() {
        for (kind, ..) in SplineKind::ALL {
            let tau = SplineTransformer::new(kind, 3, 2.5).unwrap();
            for size in [0.0, 1.0, 40.0, 1e3, 1e300] {
                let mut h = raw(tau.arity(), size);
                if kind == SplineKind::Cubic {
                    // A logistic that underflows makes an end slope of 0, which the layers refuse.
                    h[6..].iter_mut().for_each(|raw| *raw = raw.clamp(-40.0, 40.0));
                }
                let knots = tau.knots::<f64>(&h);
                for (name, axis) in [("x", &knots.x), ("y", &knots.y)] {
                    let ends = [axis.knots[0], axis.knots[3]];
                    assert!(ends[0] == -2.5 && (ends[1] - 2.5).abs() < 1e-14, "{kind:?} {size} {name} {ends:?}");
                    assert!(axis.steps.iter().all(|&step| step > 0.0), "{kind:?} {size} {name} {:?}", axis.steps);
                }
                for z in [-3.0, -2.5, -1.2, 0.3, 1.9, 2.5, 1e6] {
                    let (x, log) = tau.forward(z, &h, 0).unwrap();
                    let (back, back_log) = tau.inverse(x, &h, 0).unwrap();
                    let near = 1e-15 * (z.abs() + x.abs() * (-log).exp());
                    assert!((back - z).abs() <= 8.0 * near, "{kind:?} {size} {z} {back}");
                    assert!(back_log.is_finite() && log.is_finite(), "{kind:?} {size} {z}");
                }
            }
        }
    }

    #[test]
    fn equal_raw_values_make_the_identity_where_the_slopes_allow_it() {
        // Equal widths, heights and slopes: softplus(ln(e − 1)) = 1.
        let one = f64::ln_1p(std::f64::consts::E - 2.0);
        let tau = SplineTransformer::with_minima(SplineKind::RationalQuadratic, 2, 1.5, 0.125, 1e-300).unwrap();
        for z in [-4.0, -1.0, -0.25, 0.0, 1.25, 2.0] {
            let (x, log) = tau.forward(z, &[0.5, 0.5, -1.0, -1.0, one], 0).unwrap();
            assert!((x - z).abs() < 1e-15 && log.abs() < 1e-15, "{z} {x} {log}");
        }
        // Beyond the box it is the identity to the last bit.
        assert_eq!(tau.forward(1e6 + 0.1, &[0.5, -0.5, 1.0, 2.0, 3.0], 0).unwrap(), (1e6 + 0.1, 0.0));
        assert_eq!(tau.inverse(-7.3, &[0.5, -0.5, 1.0, 2.0, 3.0], 0).unwrap(), (-7.3, 0.0));
    }

    #[test]
    fn parameters_are_checked() {
        let made = |bins, bound, min_bin, min_slope| {
            SplineTransformer::with_minima(SplineKind::RationalQuadratic, bins, bound, min_bin, min_slope)
        };
        assert!(made(4, 3.0, 0.01, 0.01).is_ok());
        for (bins, bound, min_bin, min_slope, name) in [
            (1, 3.0, 0.01, 0.01, "bins"),
            (0, 3.0, 0.01, 0.01, "bins"),
            (4, 0.0, 0.01, 0.01, "bound"),
            (4, f64::INFINITY, 0.01, 0.01, "bound"),
            (4, 3.0, 0.25, 0.01, "min_bin"),
            (4, 3.0, 0.0, 0.01, "min_bin"),
            (4, 3.0, 0.01, 0.0, "min_slope"),
            (4, 3.0, 0.01, f64::NAN, "min_slope"),
        ] {
            let error = made(bins, bound, min_bin, min_slope).unwrap_err();
            assert!(matches!(&error, FlowError::BadParameter { name: found, .. } if found == name), "{error}");
        }
    }
}
