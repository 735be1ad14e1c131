//! One case of `pushforward eval --precise`: the same, in 237 bits, with decimals kept in full.

use super::{Evaluation, LARGEST_JACOBIAN, Outcome, Side, outcome};
use crate::data::{At, DataError};
use crate::evidence::{Direction, Subject};
use crate::flow::Layer;
use crate::laws::log_normal;
use crate::param::decimal::keeping;
use crate::scalar::{Bounded, Precise, Real, ball};

/// Significant digits printed, where that many are certain.
const DIGITS: usize = 60;

/// Evaluates one case as [`case`](super::case) does, in 237 bits: what the formula gives at the numbers as written.
///
/// Results are decimal strings of 60 digits, or of as many as error analysis can vouch for.
pub fn case_precise(at: &At<'_>) -> Outcome<String> {
    keeping(|| {
        outcome(at, |layer, side, place, _| {
            let point = place.list()?.iter().map(At::decimal).collect::<Result<Vec<Precise>, _>>()?;
            evaluate(layer, side, &point, place)
        })
    })
}

fn evaluate(layer: &dyn Layer, side: Side, point: &[Precise], place: &At<'_>) -> Result<Evaluation<String>, DataError> {
    let subject = Subject::of_dyn(layer);
    // A decimal is itself rounded, to 237 bits.
    let given: Vec<Bounded<Precise>> = point.iter().map(|&p| ball(p, Precise::UNIT * p.to_f64().abs())).collect();
    let (there, back) = match side {
        Side::Base => (Direction::Forward, Direction::Inverse),
        Side::Data => (Direction::Inverse, Direction::Forward),
    };
    let image = subject.within(there, &given).map_err(|e| place.refuse(&e))?;
    if image.blurred {
        let message = "it is so close to a branch of the layer that the nearest f64 lies on the other side";
        return Err(place.error("OnABranch", message));
    }
    let residual = subject.within(back, &image.point).ok().filter(|again| !again.blurred).map(|again| {
        let apart = again.point.iter().zip(point).map(|(a, &b)| (a.value() - b).abs());
        apart.fold(Precise::from(0.0), |worst, x| if x > worst { x } else { worst })
    });
    let (z, x, log_det) = match side {
        Side::Base => (given, image.point, image.log_det),
        Side::Data => (image.point, given, Bounded::from(0.0) - image.log_det),
    };
    let jacobian = (z.len() <= LARGEST_JACOBIAN)
        .then(|| subject.jacobian(Direction::Forward, &z))
        .transpose()
        .map_err(|e| place.refuse(&e))?;
    let rows = |j: crate::evidence::Jacobian<Precise>| {
        let entry = |i, k| digits(ball(j.values[(i, k)], j.bounds[(i, k)]));
        (0..z.len()).map(|i| (0..z.len()).map(|k| entry(i, k)).collect()).collect()
    };
    let evaluation = Evaluation {
        log_prob: digits(log_normal(&z) - log_det),
        z: z.iter().copied().map(digits).collect(),
        x: x.into_iter().map(digits).collect(),
        log_det: digits(log_det),
        jacobian: jacobian.map(rows),
        residual_round_trip: residual.map(|residual| residual.to_digits(3)),
    };
    let numbers = evaluation.z.iter().chain(&evaluation.x).chain(evaluation.jacobian.iter().flatten().flatten());
    if numbers.chain([&evaluation.log_det, &evaluation.log_prob]).any(|text| text.ends_with(['f', 'N'])) {
        return Err(place.error("OutOfRange", "a result is not finite"));
    }
    Ok(evaluation)
}

/// As many digits as are certain, at most sixty.
fn digits(x: Bounded<Precise>) -> String {
    let certain = if x.error() == 0.0 { f64::MAX } else { (x.value().to_f64().abs() / x.error()).log10() };
    x.value().to_digits(certain.clamp(1.0, DIGITS as f64) as usize)
}
