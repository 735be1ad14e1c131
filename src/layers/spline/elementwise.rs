//! A spline with explicit knots on every coordinate.

use super::curve::Curve;
use super::draw;
use super::knots::{Beyond, Knots};
use super::piece::SplineKind;
use crate::data::{At, DataError, Fields, unknown};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_inside, expect_point};
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
        self.image(z, [self.spans(|k| k.x), self.spans(|k| k.y)], |knots, z| Ok(knots.forward(z)))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.image(x, [self.spans(|k| k.y), self.spans(|k| k.x)], |knots, x| knots.inverse(x))
    }
}

impl Layer for Spline {
    fn dim(&self) -> usize {
        self.curves.len()
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default()
            .domain(self.spans(|k| k.x))
            .codomain(self.spans(|k| k.y))
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
    const KINDS: [(&str, SplineKind); 4] = [
        ("linear", SplineKind::Linear),
        ("quadratic", SplineKind::Quadratic),
        ("cubic", SplineKind::Cubic),
        ("rational_quadratic", SplineKind::RationalQuadratic),
    ];
    let name = at.text()?;
    let found = KINDS.iter().find(|(known, _)| *known == name);
    found.map(|(_, kind)| *kind).ok_or_else(|| {
        at.error("UnknownName", unknown("kind of spline", name, KINDS.iter().map(|(known, _)| *known)))
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
