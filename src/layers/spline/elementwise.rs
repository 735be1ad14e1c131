//! A spline with explicit knots on every coordinate.

use super::curve::Curve;
use super::draw;
use super::knots::{Beyond, Knots};
use super::piece::SplineKind;
use crate::data::{At, DataError, Fields, unknown};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_inside, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Domain, Interval, Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// What lies beyond the end knots of a [`Spline`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SplineEnds {
    /// Lines with the slopes at the end knots: a map of ℝ onto ℝ.
    Linear,
    /// Nothing: a map of `(x_0, x_K)` onto `(y_0, y_K)`.
    Interval,
}

/// A monotone spline with explicit knots on every coordinate.
///
/// - formula: `x_i = g_i(z_i)`, with `g_i` an increasing [`Curve`] through the knots `(x_k, y_k)`, `k = 0..=K`;
///   [`SplineKind`] has the pieces between them and [`SplineEnds`] what lies beyond
/// - log-det: `Σ_i ln g_i′(z_i)`
/// - inverse: bin by bin, in closed form; for cubic pieces by root finding
/// - domain → codomain: ℝᵈ → ℝᵈ with linear ends; else `Π (x_0, x_K)` → `Π (y_0, y_K)`
/// - parameters: for each coordinate a curve, each with knots of its own. Once differentiable at the knots; a linear
///   curve not even that
/// - source: rational-quadratic: Gregory & Delbourgo 1982; Durkan et al. 2019, Neural Spline Flows (arXiv:1906.04032),
///   eqs. 4–8, with the inverse's quadratic solved for `ξ/η` instead of `ξ`. Linear and quadratic: Müller et al. 2019,
///   Neural Importance Sampling (arXiv:1808.03856). Cubic: Durkan et al. 2019, Cubic-Spline Flows (arXiv:1906.02145),
///   with slopes by Steffen 1990. Linear ends continue the end slope, whatever it is
/// - loses precision: where a bin is much narrower than its distance from 0; beside a knot of small slope, in the
///   inverse; at the ends of an interval, where an image that rounds to the end is `OutOfRange`
#[derive(Clone, Debug)]
pub struct Spline {
    ends: SplineEnds,
    curves: Vec<Curve>,
}

fn interval(knots: &[f64]) -> Interval {
    Interval { lo: knots[0], hi: knots[knots.len() - 1] }
}

impl Spline {
    /// One curve for each coordinate.
    ///
    /// # Errors
    /// `DimMismatch` for no curves.
    pub fn new(ends: SplineEnds, curves: Vec<Curve>) -> Result<Self, FlowError> {
        if curves.is_empty() {
            return Err(FlowError::DimMismatch { what: "the list of curves".to_owned(), expected: 1, found: 0 });
        }
        Ok(Self { ends, curves })
    }

    /// The curve of every coordinate.
    fn knots<S: Scalar>(&self) -> impl Iterator<Item = Knots<S>> {
        let beyond = match self.ends {
            SplineEnds::Linear => Beyond::EndSlope,
            SplineEnds::Interval => Beyond::Nothing,
        };
        self.curves.iter().map(move |curve| curve.knots(beyond))
    }

    /// The intervals that `side` of every curve spans.
    fn spans(&self, side: fn(Knots<f64>) -> Vec<f64>) -> Domain {
        match self.ends {
            SplineEnds::Linear => Domain::Reals,
            SplineEnds::Interval => Domain::Coordinates(self.knots().map(|knots| interval(&side(knots))).collect()),
        }
    }

    /// The image, coordinate by coordinate, of a point of `from` in `to`.
    fn image<S: Scalar>(
        &self,
        point: &[S],
        [from, to]: [Domain; 2],
        step: impl Fn(&Knots<S>, S) -> Result<(S, S), FlowError>,
    ) -> Result<Image<S>, FlowError> {
        expect_point(point, self.curves.len())?;
        let (mut image, mut logs) = (Vec::with_capacity(point.len()), Vec::with_capacity(point.len()));
        for (i, (knots, &value)) in self.knots().zip(point).enumerate() {
            expect_inside(value, i, from.interval(i))?;
            let (value, log) = step(&knots, value)?;
            image.push(value);
            logs.push(log);
        }
        let image = Image::finite(image, logs.into_iter().sum::<S>())?;
        for (i, &value) in image.point.iter().enumerate() {
            let what = || FlowError::OutOfRange { what: format!("coordinate {i}, at the end of the interval,") };
            expect_inside(value, i, to.interval(i)).map_err(|_| what())?;
        }
        Ok(image)
    }
}

impl<S: Scalar> Flow<S> for Spline {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.image(z, [self.spans(|k| k.x.knots), self.spans(|k| k.y.knots)], |knots, z| Ok(knots.forward(z)))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.image(x, [self.spans(|k| k.y.knots), self.spans(|k| k.x.knots)], |knots, x| knots.inverse(x))
    }
}

impl Layer for Spline {
    fn dim(&self) -> usize {
        self.curves.len()
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default()
            .domain(self.spans(|k| k.x.knots))
            .codomain(self.spans(|k| k.y.knots))
            .structure(Structure::Diagonal)
            .orientation(Orientation::Positive)
            .increasing();
        let promises = self.curves.iter().fold(promises, |promises, curve| curve.kind().smoothness(promises));
        if self.curves.iter().all(|curve| curve.kind() == SplineKind::Linear && curve.bins() == 1) {
            promises.constant_log_det()
        } else {
            promises
        }
    }
    fn known_values(&self) -> Vec<KnownValue> {
        let mut kinds: Vec<_> = self.curves.iter().filter_map(|curve| curve.kind().names()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds.into_iter().flat_map(|(kind, _)| known::of(&format!("spline.{kind}."))).collect()
    }
}

macro_rules! family {
    ($name:literal, $kind:ident, $ends:ident, $formula:literal, $source:literal) => {
        Family {
            name: $name,
            formula: $formula,
            source: $source,
            draw: || boxed(draw::spline(SplineKind::$kind, SplineEnds::$ends)),
            at_dim: Some(|d| Box::new(draw::generic(SplineKind::$kind, SplineEnds::$ends, d))),
        }
    };
}

pub(super) const FAMILIES: &[Family] = &[
    family!(
        "rq_spline",
        RationalQuadratic,
        Linear,
        "x_i = y_k + h(sξ² + δ₀ξη)/(s(ξ² + η²) + (δ₀ + δ₁)ξη) in bin k of (x_k), linear beyond",
        "Durkan et al. 2019 (Neural Spline Flows)"
    ),
    family!(
        "linear_spline",
        Linear,
        Interval,
        "x_i = y_k + hξ in bin k of (x_k), on an interval",
        "Müller et al. 2019 (Neural Importance Sampling)"
    ),
    family!(
        "quadratic_spline",
        Quadratic,
        Interval,
        "x_i = y_k + ½wξ(δ₀(1 + η) + δ₁ξ) in bin k of (x_k), on an interval",
        "Müller et al. 2019 (Neural Importance Sampling)"
    ),
    family!(
        "cubic_spline",
        Cubic,
        Linear,
        "x_i = y_k + hξ²(ξ + 3η) + wξη(δ₀η − δ₁ξ) in bin k of (x_k), linear beyond",
        "Durkan et al. 2019 (Cubic-Spline Flows); Steffen 1990"
    ),
];

/// The name of a kind in data.
pub(super) fn kind(at: &At<'_>) -> Result<SplineKind, DataError> {
    let name = at.text()?;
    let found = SplineKind::ALL.iter().find(|(_, known, _)| *known == name);
    found.map(|(kind, ..)| *kind).ok_or_else(|| {
        at.error("UnknownName", unknown("kind of spline", name, SplineKind::ALL.iter().map(|(_, known, _)| *known)))
    })
}

/// `kind`, `ends = "linear" | "interval"`, `curves = [{x, y, slope}, …]`: without `slope` for linear curves, with two
/// slopes for cubic ones; `y` of a quadratic curve is the first ordinate alone.
pub(super) fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let kind = kind(&fields.required("kind")?)?;
    let ends = fields.required("ends")?;
    let ends = match ends.text()? {
        "linear" => SplineEnds::Linear,
        "interval" => SplineEnds::Interval,
        other => return Err(ends.error("UnknownName", unknown("ends", other, ["linear", "interval"].into_iter()))),
    };
    let at = fields.required("curves")?;
    let curves = at.list()?.iter().map(|at| curve(at, kind)).collect::<Result<Vec<_>, _>>()?;
    Ok(Box::new(Spline::new(ends, curves).map_err(|e| at.refuse(&e))?))
}

fn curve(at: &At<'_>, kind: SplineKind) -> Result<Curve, DataError> {
    let fields = at.fields()?;
    let x = fields.required("x")?.numbers()?;
    let y = fields.required("y")?;
    let slope = || fields.required("slope");
    let made = match kind {
        SplineKind::Linear => Curve::linear(&x, &y.numbers()?),
        SplineKind::Quadratic => Curve::quadratic(&x, y.number()?, &slope()?.numbers()?),
        SplineKind::Cubic => {
            let (at, y) = (slope()?, y.numbers()?);
            let slope = at.numbers()?;
            let Ok(ends) = <[f64; 2]>::try_from(slope) else {
                return Err(at.error("DimMismatch", "a cubic curve has two slopes, those at its ends"));
            };
            Curve::cubic(&x, &y, ends)
        }
        SplineKind::RationalQuadratic => Curve::rational_quadratic(&x, &y.numbers()?, &slope()?.numbers()?),
    };
    let made = made.map_err(|e| at.refuse(&e))?;
    fields.finish()?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Value, flow};

    const X: [f64; 4] = [-2.25, -1.0, 0.5, 1.0];
    const Y: [f64; 4] = [-1.0, -0.75, 1.5, 3.0];
    const SLOPE: [f64; 4] = [0.25, 2.0, 0.75, 3.5];

    fn curve_of(kind: SplineKind) -> Curve {
        match kind {
            SplineKind::Linear => Curve::linear(&X, &Y),
            SplineKind::Quadratic => Curve::quadratic(&X, Y[0], &SLOPE),
            SplineKind::Cubic => Curve::cubic(&X, &Y, [0.5, 8.75]),
            SplineKind::RationalQuadratic => Curve::rational_quadratic(&X, &Y, &SLOPE),
        }
        .unwrap()
    }

    /// At knots and beside them, in the middle of each bin, and beyond both ends.
    #[test]
    fn every_bin_and_both_tails_invert_and_meet_at_the_knots() {
        for (kind, ..) in SplineKind::ALL {
            let layer = Spline::new(SplineEnds::Linear, vec![curve_of(kind)]).unwrap();
            let mut last = f64::NEG_INFINITY;
            for z in [-1e9, -3.0, -2.25, -2.2499999, -1.5, -1.0, -0.25, 0.5, 0.75, 0.9999999, 1.0, 7.0, 1e9] {
                let image = layer.forward(&[z]).unwrap();
                let back = layer.inverse(&image.point).unwrap();
                assert!((back.point[0] - z).abs() <= 1e-14 * z.abs().max(1.0), "{kind:?} {z}: {back:?}");
                assert!((back.log_det + image.log_det).abs() <= 1e-13, "{kind:?} {z}: {back:?} {image:?}");
                assert!(image.point[0] > last, "{kind:?} {z}");
                last = image.point[0];
            }
            // Continuous at every knot, and but for the linear kind its slope, too.
            for knot in X {
                let [below, above] = [knot.next_down(), knot].map(|z| layer.forward(&[z]).unwrap());
                assert!((below.point[0] - above.point[0]).abs() < 1e-14, "{kind:?} {knot}");
                let jump = (below.log_det - above.log_det).abs();
                assert_eq!(jump < 1e-13, kind != SplineKind::Linear || knot == X[0] || knot == X[3], "{kind:?} {knot}");
            }
        }
    }

    #[test]
    fn knots_go_to_knots_with_the_slopes_given() {
        let layer = Spline::new(SplineEnds::Linear, vec![curve_of(SplineKind::RationalQuadratic)]).unwrap();
        for k in 0..X.len() {
            let image = layer.forward(&[X[k]]).unwrap();
            assert!((image.point[0] - Y[k]).abs() < 1e-15 && (image.log_det - SLOPE[k].ln()).abs() < 1e-14, "{k}");
        }
        // Steffen: 2 min of chords 0.2 and 1.5 and half the parabola's slope (0.2·1.5 + 1.5·1.25)/2.75.
        let layer = Spline::new(SplineEnds::Linear, vec![curve_of(SplineKind::Cubic)]).unwrap();
        for (z, slope) in [(-2.25, 0.5), (-1.0, 0.4), (0.5, 2.625), (1.0, 8.75)] {
            assert!((layer.forward(&[z]).unwrap().log_det - f64::ln(slope)).abs() < 1e-14, "{z}");
        }
    }

    #[test]
    fn an_interval_has_no_outside() {
        for (kind, ..) in SplineKind::ALL {
            let layer = Spline::new(SplineEnds::Interval, vec![curve_of(kind); 2]).unwrap();
            let top = layer.promises().codomain.interval(1).hi;
            for z in [-2.25, 1.0, 1.5, -40.0] {
                let error = layer.forward(&[0.0, z]).unwrap_err();
                assert!(matches!(error, FlowError::OutsideDomain { coordinate: 1, .. }), "{kind:?} {z}: {error}");
            }
            assert_eq!(layer.inverse(&[top, 0.0]).unwrap_err().kind(), "OutsideDomain");
            assert!(layer.forward(&[0.0, 1f64.next_down()]).is_ok_and(|image| image.point[1] < top));
        }
    }

    #[test]
    fn curves_that_do_not_increase_are_refused() {
        let kind = |curve: Result<Curve, FlowError>| curve.map_err(|e| e.kind()).err();
        assert_eq!(kind(Curve::linear(&[0.0, 1.0], &[1.0, 1.0])), Some("NotMonotone"));
        assert_eq!(kind(Curve::linear(&[0.0, 0.0], &[0.0, 1.0])), Some("NotMonotone"));
        assert_eq!(kind(Curve::linear(&[0.0], &[0.0])), Some("DimMismatch"));
        assert_eq!(kind(Curve::linear(&[], &[])), Some("DimMismatch"));
        assert_eq!(kind(Curve::linear(&[0.0, 1.0], &[0.0])), Some("DimMismatch"));
        assert_eq!(kind(Curve::linear(&[0.0, f64::NAN], &[0.0, 1.0])), Some("NonFinite"));
        assert_eq!(kind(Curve::quadratic(&[0.0, 1.0], 0.0, &[1.0, 0.0])), Some("BadParameter"));
        assert_eq!(kind(Curve::quadratic(&[0.0, 1.0], f64::INFINITY, &[1.0, 1.0])), Some("NonFinite"));
        assert_eq!(kind(Curve::rational_quadratic(&[0.0, 1.0], &[0.0, 1.0], &[-1.0, 1.0])), Some("BadParameter"));
        assert_eq!(kind(Curve::rational_quadratic(&[0.0, 1.0], &[0.0, 1.0], &[1.0])), Some("DimMismatch"));
        for (ends, fine) in [([2.9, 5.9], true), ([3.0, 1.0], false), ([1.0, 6.0], false), ([0.0, 1.0], false)] {
            let made = Curve::cubic(&[0.0, 1.0, 2.0], &[0.0, 1.0, 3.0], ends);
            assert_eq!(kind(made), (!fine).then_some("BadParameter"), "{ends:?}");
        }
        assert_eq!(Spline::new(SplineEnds::Linear, Vec::new()).unwrap_err().kind(), "DimMismatch");
    }

    #[test]
    fn data_is_read_strictly() {
        let text = |s: &str| Value::Text(s.to_owned());
        let table =
            |all: &[(&str, Value)]| Value::Table(all.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
        let list = |all: &[&str]| Value::List(all.iter().map(|s| text(s)).collect());
        let read = |kind: &str, curve: &[(&str, Value)]| {
            let curves = Value::List(vec![table(curve)]);
            let params = table(&[("kind", text(kind)), ("ends", text("linear")), ("curves", curves)]);
            let document = table(&[("layer", text("spline")), ("params", params)]);
            flow(&At::new(&document, "")).map(|layer| layer.dim()).map_err(|e| (e.kind, e.path))
        };
        let error = |kind, path: &str| Err((kind, path.to_owned()));
        let (x, y) = (("x", list(&["0", "1", "3"])), ("y", list(&["-1", "0", "2"])));
        let slope = |slopes: &[&str]| ("slope", list(slopes));
        assert_eq!(read("linear", &[x.clone(), y.clone()]), Ok(1));
        assert_eq!(read("cubic", &[x.clone(), y.clone(), slope(&["1", "2"])]), Ok(1));
        assert_eq!(read("quadratic", &[x.clone(), ("y", text("0")), slope(&["1", "2", "3"])]), Ok(1));
        assert_eq!(
            read("linear", &[x.clone(), y.clone(), slope(&["1"])]),
            error("UnknownKey", "params.curves[0].slope")
        );
        assert_eq!(
            read("cubic", &[x.clone(), y.clone(), slope(&["1"])]),
            error("DimMismatch", "params.curves[0].slope")
        );
        assert_eq!(
            read("cubic", &[x.clone(), y.clone(), slope(&["3", "1"])]),
            error("BadParameter", "params.curves[0]")
        );
        assert_eq!(read("cube", &[x, y]), error("UnknownName", "params.kind"));
    }
}
