//! Curves with explicit knots.

use super::knots::{Beyond, Knots};
use super::piece::{Axis, SplineKind, integrated, steffen};
use crate::error::FlowError;
use crate::flow::finite;
use crate::param::{Param, params};
use crate::scalar::Scalar;

/// An increasing curve through explicit knots.
#[derive(Clone, Debug)]
pub struct Curve {
    kind: SplineKind,
    x: Vec<Param>,
    y: Vec<Param>,
    slope: Vec<Param>,
}

fn increasing(name: &str, knots: &[f64]) -> Result<(), FlowError> {
    finite(name, knots)?;
    match knots.windows(2).position(|pair| pair[0] >= pair[1]) {
        None => Ok(()),
        Some(k) => {
            let what = format!("{name}[{}] = {:?} does not exceed {name}[{k}] = {:?}", k + 1, knots[k + 1], knots[k]);
            Err(FlowError::NotMonotone { what })
        }
    }
}

fn length(name: &str, expected: usize, found: usize) -> Result<(), FlowError> {
    if expected == found { Ok(()) } else { Err(FlowError::DimMismatch { what: name.to_owned(), expected, found }) }
}

fn slopes_within(slope: &[f64], below: impl Fn(usize) -> f64, constraint: &'static str) -> Result<(), FlowError> {
    finite("slope", slope)?;
    match slope.iter().enumerate().find(|&(k, &slope)| slope <= 0.0 || slope >= below(k)) {
        None => Ok(()),
        Some((k, &value)) => Err(FlowError::BadParameter { name: format!("slope[{k}]"), value, constraint }),
    }
}

fn positive(slope: &[f64]) -> Result<(), FlowError> {
    slopes_within(slope, |_| f64::INFINITY, "a positive slope")
}

impl Curve {
    fn through(kind: SplineKind, x: &[f64], y: &[f64], slope: &[f64]) -> Result<Self, FlowError> {
        if x.len() < 2 {
            return Err(FlowError::DimMismatch { what: "x".to_owned(), expected: 2, found: x.len() });
        }
        increasing("x", x)?;
        increasing("y", y)?;
        let copy = |of: &[f64]| params(of.iter().copied());
        Ok(Self { kind, x: copy(x), y: copy(y), slope: copy(slope) })
    }

    /// Straight lines between the knots `(x_k, y_k)`.
    ///
    /// # Errors
    /// `DimMismatch` for fewer than two knots or different lengths; `NonFinite`; `NotMonotone` unless `x` and `y`
    /// strictly increase.
    pub fn linear(x: &[f64], y: &[f64]) -> Result<Self, FlowError> {
        length("y", x.len(), y.len())?;
        Self::through(SplineKind::Linear, x, y, &[])
    }

    /// Parabolas: the slope is linear between its values `slope_k` at `x_k`, and the curve starts at `(x_0, y0)`.
    ///
    /// # Errors
    /// As [`linear`](Self::linear); `BadParameter` unless every slope is positive.
    pub fn quadratic(x: &[f64], y0: f64, slope: &[f64]) -> Result<Self, FlowError> {
        length("slope", x.len(), slope.len())?;
        positive(slope)?;
        Self::through(SplineKind::Quadratic, x, &[y0], slope)
    }

    /// Cubics through the knots `(x_k, y_k)`, with the slopes at the two end knots; those at the inner knots follow by
    /// Steffen's method.
    ///
    /// # Errors
    /// As [`linear`](Self::linear); `BadParameter` unless each end slope lies between 0 and three times the slope of
    /// the chord of its bin: then the cubics increase strictly.
    pub fn cubic(x: &[f64], y: &[f64], end_slopes: [f64; 2]) -> Result<Self, FlowError> {
        length("y", x.len(), y.len())?;
        let curve = Self::through(SplineKind::Cubic, x, y, &end_slopes)?;
        let limit = |k: usize| 3.0 * (y[k + 1] - y[k]) / (x[k + 1] - x[k]);
        let limits = [limit(0), limit(x.len() - 2)];
        slopes_within(&end_slopes, |k| limits[k], "a slope between 0 and 3 times that of the end bin's chord")?;
        Ok(curve)
    }

    /// Rational-quadratic pieces through the knots `(x_k, y_k)`, with `slope_k` there.
    ///
    /// # Errors
    /// As [`linear`](Self::linear); `BadParameter` unless every slope is positive.
    pub fn rational_quadratic(x: &[f64], y: &[f64], slope: &[f64]) -> Result<Self, FlowError> {
        length("y", x.len(), y.len())?;
        length("slope", x.len(), slope.len())?;
        positive(slope)?;
        Self::through(SplineKind::RationalQuadratic, x, y, slope)
    }

    /// A rational-quadratic map of a circle, see [`CircularSpline`](super::CircularSpline).
    pub(super) fn circular(lo: f64, hi: f64, x: &[f64], y: &[f64], slope: &[f64]) -> Result<Self, FlowError> {
        length("slope", x.len() + 1, slope.len())?;
        length("y", x.len(), y.len())?;
        let closed = |inner: &[f64]| [&[lo], inner, &[hi]].concat();
        let mut curve = Self::rational_quadratic(&closed(x), &closed(y), &[slope, &slope[..1]].concat())?;
        // One and the same parameter at both ends, and on both sides.
        let last = curve.x.len() - 1;
        (curve.y[0], curve.y[last], curve.slope[last]) = (curve.x[0], curve.x[last], curve.slope[0]);
        Ok(curve)
    }

    pub(super) fn kind(&self) -> SplineKind {
        self.kind
    }

    pub(super) fn bins(&self) -> usize {
        self.x.len() - 1
    }

    pub(super) fn knots<S: Scalar>(&self, beyond: Beyond) -> Knots<S> {
        let read = |of: &[Param]| -> Vec<S> { of.iter().map(|&p| S::from(p)).collect() };
        let (x, y, slope) = (Axis::through(read(&self.x)), read(&self.y), read(&self.slope));
        let (y, slope) = match self.kind {
            SplineKind::Linear => return Knots::linear(beyond, x, Axis::through(y)),
            SplineKind::Quadratic => (integrated(&x, y[0], &slope), slope),
            SplineKind::Cubic => {
                let y = Axis::through(y);
                let slope = steffen(&x, &y, [slope[0], slope[1]]);
                (y, slope)
            }
            SplineKind::RationalQuadratic => (Axis::through(y), slope),
        };
        Knots { kind: self.kind, beyond, x, y, slope }
    }
}
