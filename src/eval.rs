//! One case of `pushforward eval`: a flow written as data, evaluated at a point of either side.

use crate::data::{At, DataError, flow};
use crate::error::FlowError;
use crate::flow::{Image, Layer};
use crate::param::decimal::forget;
use crate::scalar::{Dual, LANES, System, Tangents};

mod precise;

pub use precise::case_precise;

/// Above this dimension an [`Evaluation`] has no Jacobian: it would be megabytes of text.
pub const LARGEST_JACOBIAN: usize = 512;

/// The point at which a flow is evaluated.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    /// A base point `z`: the flow runs forward.
    Base(Vec<f64>),
    /// A data point `x`: the flow runs backward.
    Data(Vec<f64>),
}

/// A flow at a point. Every number is finite; numbers are f64, or decimal strings where they have more digits.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "cli", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Evaluation<N = f64> {
    /// The base point.
    pub z: Vec<N>,
    /// The data point `f(z)`.
    pub x: Vec<N>,
    /// `log|det ∂x/∂z|` at `z`.
    pub log_det: N,
    /// `jacobian[i][j] = ∂x_i/∂z_j` at `z`, by forward mode; `None` above [`LARGEST_JACOBIAN`].
    pub jacobian: Option<Vec<Vec<N>>>,
    /// `log p_X(x) = log N(z; 0, I) − log_det`.
    pub log_prob: N,
    /// `max|f⁻¹(f(z)) − z|` for a given `z`, `max|f(f⁻¹(x)) − x|` for a given `x`. `None` where the way back does not
    /// exist: the layer has no inverse, or the rounded image has none that fits.
    pub residual_round_trip: Option<N>,
}

/// Evaluates a flow.
///
/// # Errors
/// The layer's refusal, or `OutOfRange` where a result does not fit f64.
pub fn evaluate(layer: &dyn Layer, given: &Given) -> Result<Evaluation, FlowError> {
    let flow = f64::view(layer);
    let (z, x, log_det, back) = match given {
        Given::Base(z) => {
            let image = checked(flow.forward(z)?)?;
            let back = flow.inverse(&image.point);
            (z.clone(), image.point, image.log_det, back)
        }
        Given::Data(x) => {
            let image = checked(flow.inverse(x)?)?;
            let back = flow.forward(&image.point);
            // Subtracted, because the negative of an exact 0 is written −0.
            (image.point, x.clone(), 0.0 - image.log_det, back)
        }
    };
    let (Given::Base(start) | Given::Data(start)) = given;
    let residual_round_trip = match back {
        Ok(image) => Some(distance(&image.point, start)),
        Err(e) => match e.innermost() {
            FlowError::NoInverse | FlowError::OutOfRange { .. } | FlowError::OutsideDomain { .. } => None,
            _ => return Err(e),
        },
    };
    let jacobian = if z.len() > LARGEST_JACOBIAN { None } else { Some(jacobian(layer, &z)?) };
    let log_prob = log_standard_normal(&z) - log_det;
    for (what, value) in [("the log-density", Some(log_prob)), ("the round trip", residual_round_trip)] {
        if value.is_some_and(|v| !v.is_finite()) {
            return Err(FlowError::OutOfRange { what: what.to_owned() });
        }
    }
    Ok(Evaluation { z, x, log_det, jacobian, log_prob, residual_round_trip })
}

fn checked(image: Image<f64>) -> Result<Image<f64>, FlowError> {
    Image::finite(image.point, image.log_det)
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn log_standard_normal(z: &[f64]) -> f64 {
    let squares: f64 = z.iter().map(|z| z * z).sum();
    -0.5 * squares - 0.5 * z.len() as f64 * std::f64::consts::TAU.ln()
}

/// `∂x_i/∂z_j` at `z`, in passes of eight columns.
pub(crate) fn jacobian(layer: &dyn Layer, z: &[f64]) -> Result<Vec<Vec<f64>>, FlowError> {
    tangents(z, |z| Dual::view(layer).forward(z))
}

/// The Jacobian of either direction of a flow.
pub(crate) fn tangents(
    point: &[f64],
    map: impl Fn(&[Dual]) -> Result<Image<Dual>, FlowError>,
) -> Result<Vec<Vec<f64>>, FlowError> {
    let mut rows = vec![Vec::with_capacity(point.len()); point.len()];
    for first in (0..point.len()).step_by(LANES) {
        let lanes = first..point.len().min(first + LANES);
        let seed = |(j, &value)| Dual::variable(value, lanes.contains(&j).then(|| j - first));
        let image = map(&point.iter().enumerate().map(seed).collect::<Vec<_>>())?;
        for (i, (row, entry)) in rows.iter_mut().zip(&image.point).enumerate() {
            for j in lanes.clone() {
                let slope = entry.tangent(j - first);
                if !slope.is_finite() {
                    return Err(FlowError::OutOfRange { what: format!("entry [{i}][{j}] of the Jacobian") });
                }
                row.push(slope);
            }
        }
    }
    Ok(rows)
}

/// What became of one case.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome<N = f64> {
    /// The case's name, if it has a legible one.
    pub id: Option<String>,
    /// The evaluation, or why there is none. The error's path starts at the flow for what is inside it (`params.a`),
    /// at the case for its other keys (`z[1]`).
    pub result: Result<Evaluation<N>, DataError>,
}

/// The cases of a document `{ cases = [ … ] }`, for [`case`].
///
/// # Errors
/// Where the document is not a table with a list `cases` and nothing else.
pub fn cases<'a>(document: &At<'a>) -> Result<Vec<At<'a>>, DataError> {
    let fields = document.fields()?;
    let cases = fields.required("cases");
    // First: a misspelt key is better reported as itself than as the one it leaves missing.
    fields.finish()?;
    cases?.list()
}

/// Evaluates one case, `{ id, flow, z }` or `{ id, flow, x }`.
pub fn case(at: &At<'_>) -> Outcome {
    outcome(at, |layer, side, place, point| {
        let given = match side {
            Side::Base => Given::Base(point),
            Side::Data => Given::Data(point),
        };
        evaluate(layer, &given).map_err(|e| place.refuse(&e))
    })
}

/// The side on which a point was given.
#[derive(Clone, Copy, Debug)]
enum Side {
    Base,
    Data,
}

/// Reads a case and has its flow evaluated, at the point that stands at a place.
fn outcome<N>(
    at: &At<'_>,
    evaluate: impl FnOnce(&dyn Layer, Side, &At<'_>, Vec<f64>) -> Result<Evaluation<N>, DataError>,
) -> Outcome<N> {
    let at = At::new(at.value(), "");
    let id = at.fields().ok().and_then(|f| f.optional("id")?.text().ok().map(str::to_owned));
    Outcome { id, result: read(&at, evaluate) }
}

fn read<N>(
    at: &At<'_>,
    evaluate: impl FnOnce(&dyn Layer, Side, &At<'_>, Vec<f64>) -> Result<Evaluation<N>, DataError>,
) -> Result<Evaluation<N>, DataError> {
    let fields = at.fields()?;
    let (id, written, z, x) =
        (fields.required("id"), fields.required("flow"), fields.optional("z"), fields.optional("x"));
    fields.finish()?;
    id?.text()?;
    let (place, side) = match (&z, &x) {
        (Some(z), None) => (z, Side::Base),
        (None, Some(x)) => (x, Side::Data),
        (Some(_), Some(x)) => return Err(x.error("TwoPoints", "give z or x, not both")),
        (None, None) => return Err(at.error("MissingKey", "neither z nor x is given, expected one of them")),
    };
    let point = place.numbers()?;
    if point.is_empty() {
        return Err(place.error("DimMismatch", "the point has length 0, expected 1 or more"));
    }
    forget();
    let layer = flow(&At::new(written?.value(), "").in_dim(point.len()))?;
    evaluate(&*layer, side, place, point)
}

#[cfg(feature = "cli")]
mod json {
    use serde::Serialize;

    use super::{Evaluation, Outcome};

    #[derive(Serialize)]
    struct Good<'a, N> {
        id: Option<&'a str>,
        #[serde(flatten)]
        evaluation: &'a Evaluation<N>,
    }
    #[derive(Serialize)]
    struct Bad<'a> {
        id: Option<&'a str>,
        error: Fault<'a>,
    }
    #[derive(Serialize)]
    struct Fault<'a> {
        kind: &'a str,
        message: &'a str,
        path: &'a str,
    }

    impl<N: Serialize> Outcome<N> {
        /// One line of JSON, without its end.
        pub fn to_json(&self) -> String {
            let id = self.id.as_deref();
            let line = match &self.result {
                Ok(evaluation) => serde_json::to_string(&Good { id, evaluation }),
                Err(e) => {
                    let error = Fault { kind: e.kind, message: &e.message, path: &e.path };
                    serde_json::to_string(&Bad { id, error })
                }
            };
            line.expect("strings and finite numbers are JSON")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Flow;
    use crate::layers::Planar;
    use crate::scalar::Scalar;

    fn example3() -> Planar {
        Planar::new(&[1.0, 0.0], &[1.0, 2.0], 0.0).unwrap()
    }

    #[test]
    fn from_either_side_the_same_point_is_reported() {
        let forward = evaluate(&example3(), &Given::Base(vec![0.5, -0.5])).unwrap();
        let back = evaluate(&example3(), &Given::Data(forward.x.clone())).unwrap();
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 1e-14 * b.abs().max(1.0), "{a} vs {b}");
        for e in [&forward, &back] {
            close(e.z[0], 0.5);
            close(e.x[0], 0.037_882_842_739_990_24);
            close(e.log_det, 0.580_229_141_387_195_3);
            close(e.log_prob, -2.668_106_207_796_541);
            close(e.jacobian.as_ref().unwrap()[0][1], 1.572_895_465_931_854_8);
            assert!(e.residual_round_trip.unwrap() < 1e-15);
        }
    }

    #[test]
    fn a_jacobian_wider_than_one_pass_has_its_columns_in_place() {
        let d = 19;
        let u: Vec<f64> = (0..d).map(|i| 0.25 + f64::from(i) / 16.0).collect();
        let w: Vec<f64> = (0..d).map(|i| 0.5 - f64::from(i) / 64.0).collect();
        let z = vec![0.125; d as usize];
        let slope = {
            let a: f64 = w.iter().map(|w| w * 0.125).sum();
            1.0 / (a.cosh() * a.cosh())
        };
        let j = jacobian(&Planar::new(&u, &w, 0.0).unwrap(), &z).unwrap();
        for (i, row) in j.iter().enumerate() {
            assert_eq!(row.len(), z.len());
            for (k, entry) in row.iter().enumerate() {
                let right = f64::from(u8::from(i == k)) + u[i] * w[k] * slope;
                assert!((entry - right).abs() < 1e-14, "[{i}][{k}]: {entry} vs {right}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_or_left_out() {
        let far = evaluate(&example3(), &Given::Base(vec![1e200, 0.0])).unwrap_err();
        assert_eq!(far.kind(), "OutOfRange");
        let wide = Planar::new(&[0.5; 600], &[0.001; 600], 0.0).unwrap();
        assert_eq!(evaluate(&wide, &Given::Base(vec![0.5; 600])).unwrap().jacobian, None);
        assert_eq!(evaluate(&example3(), &Given::Base(vec![1.0])).unwrap_err().kind(), "DimMismatch");
    }

    /// Forward only, and not finite past 1.
    #[derive(Debug)]
    struct OneWay;
    impl<S: Scalar> Flow<S> for OneWay {
        fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
            let far = z[0].prefers_below(1.0);
            Ok(Image::new(z, if far { 0.0 } else { f64::NAN }))
        }
    }
    impl Layer for OneWay {
        fn dim(&self) -> usize {
            1
        }
    }

    #[test]
    fn a_layer_without_an_inverse_has_no_round_trip_and_no_nan_gets_out() {
        let there = evaluate(&OneWay, &Given::Base(vec![0.5])).unwrap();
        assert_eq!(there.residual_round_trip, None);
        assert_eq!(evaluate(&OneWay, &Given::Base(vec![2.0])).unwrap_err().kind(), "OutOfRange");
        assert_eq!(evaluate(&OneWay, &Given::Data(vec![0.5])).unwrap_err(), FlowError::NoInverse);
    }
}
