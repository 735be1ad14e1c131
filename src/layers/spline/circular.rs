//! A spline on the circle of every coordinate.

use super::curve::Curve;
use super::draw;
use super::elementwise::{Spline, SplineEnds};
use crate::data::{DataError, Fields};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer};
use crate::known::{self, KnownValue};
use crate::promises::Promises;
use crate::scalar::Scalar;

/// A circular rational-quadratic spline on every coordinate: a diffeomorphism of the torus, in one chart.
///
/// - formula: `x_i = g_i(z_i)`, with `g_i` the rational-quadratic [`Curve`] through `(lo, lo)`, `(x_k, y_k)` and
///   `(hi, hi)`, whose slopes at the two ends are one parameter
/// - log-det: `Σ_i ln g_i′(z_i)`
/// - inverse: bin by bin, in closed form
/// - domain → codomain: `Π (lo, hi)` → itself. The ends are one point of the circle, where the chart is cut open: it
///   stays where it is and the slope is continuous there, but neither direction takes it
/// - parameters: the chart; for each coordinate `K − 1` knots besides the cut and `K` slopes
/// - source: Rezende et al. 2020, Normalizing Flows on Tori and Spheres (arXiv:2002.02428), circular splines: a fixed
///   point and equal end slopes
/// - loses precision: as [`Spline`] on an interval
#[derive(Clone, Debug)]
pub struct CircularSpline(Spline);

impl CircularSpline {
    /// All circles in the chart `(lo, hi)`, say `(−π, π)`; for each coordinate the knots' `x_k` and `y_k` strictly between
    /// the ends, and the slopes: first the one at the ends, then those at the knots.
    ///
    /// # Errors
    /// As [`Curve::rational_quadratic`]; `DimMismatch` for no circles, or unless there is one slope more than knots.
    pub fn new(lo: f64, hi: f64, circles: &[[Vec<f64>; 3]]) -> Result<Self, FlowError> {
        let curves = circles.iter().map(|[x, y, slope]| Curve::circular(lo, hi, x, y, slope));
        Ok(Self(Spline::new(SplineEnds::Interval, curves.collect::<Result<_, _>>()?)?))
    }
}

impl<S: Scalar> Flow<S> for CircularSpline {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.0.forward(z)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.0.inverse(x)
    }
}

impl Layer for CircularSpline {
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn promises(&self) -> Promises {
        self.0.promises()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("circular_spline.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "circular_spline",
    formula: "x_i = the rational-quadratic spline of a circle cut open at a fixed point, with equal slopes at the cut",
    source: "Rezende et al. 2020 (Normalizing Flows on Tori and Spheres)",
    draw: || boxed(draw::circular()),
    at_dim: Some(|d| Box::new(draw::generic_circular(d))),
}];

/// `lo`, `hi`, `circles = [{x, y, slope}, …]`.
pub(super) fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (lo, hi) = (fields.required("lo")?.number()?, fields.required("hi")?.number()?);
    let at = fields.required("circles")?;
    let mut circles = Vec::new();
    for circle in at.list()? {
        let fields = circle.fields()?;
        let numbers = |key| fields.required(key)?.numbers();
        let one = [numbers("x")?, numbers("y")?, numbers("slope")?];
        fields.finish()?;
        // Alone first, so that an error names its circle.
        CircularSpline::new(lo, hi, std::slice::from_ref(&one)).map_err(|e| circle.refuse(&e))?;
        circles.push(one);
    }
    Ok(Box::new(CircularSpline::new(lo, hi, &circles).map_err(|e| at.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Dual, Tangents};

    /// The slopes next to the cut, on both sides, are the one given for it.
    #[test]
    fn the_slope_is_continuous_across_the_cut() {
        let circle = [vec![-1.5, 0.75], vec![-2.5, 2.0], vec![0.4, 1.9, 2.3]];
        let layer = CircularSpline::new(-3.0, 3.0, &[circle]).unwrap();
        for z in [-3.0 + 1e-12, 3.0 - 1e-12] {
            let image = layer.forward(&[Dual::variable(z, Some(0))]);
            let slope = image.map(|image| image.point[0].tangent(0));
            assert!(slope.is_ok_and(|slope| (slope - 0.4).abs() < 1e-11), "{z}");
        }
        for outside in [-3.0, 3.0, 4.0] {
            assert_eq!(layer.forward(&[outside]).unwrap_err().kind(), "OutsideDomain");
            assert_eq!(layer.inverse(&[outside]).unwrap_err().kind(), "OutsideDomain");
        }
    }

    #[test]
    fn what_is_no_circle_is_refused() {
        let kind = |x: &[f64], slope: &[f64]| {
            CircularSpline::new(-1.0, 1.0, &[[x.to_vec(), x.to_vec(), slope.to_vec()]]).map_err(|e| e.kind()).err()
        };
        assert_eq!(kind(&[0.5], &[1.0, 2.0]), None);
        assert_eq!(kind(&[], &[2.0]), None);
        assert_eq!(kind(&[0.5], &[1.0]), Some("DimMismatch"));
        assert_eq!(kind(&[1.0], &[1.0, 2.0]), Some("NotMonotone"));
        assert_eq!(kind(&[0.5], &[1.0, 0.0]), Some("BadParameter"));
        assert_eq!(CircularSpline::new(-1.0, 1.0, &[]).unwrap_err().kind(), "DimMismatch");
    }
}
