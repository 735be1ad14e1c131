//! Laws of arithmetic: the formula is right, and evaluating it keeps its digits.

use super::{Evidence, Gate, Law};
use crate::evidence::{Format, Loss, Sides, Site, Stop, losses};
use crate::scalar::ball;

pub(super) const LAWS: &[Law] = &[
    Law {
        name: "digits-kept",
        statement: "|f64 − 237 bits| ≤ 10³ u (Σ_j |∂out/∂z_j||z_j| + Σ_k |∂out/∂θ_k||θ_k| + |out|), every output",
        why: "a right formula evaluated carelessly returns noise: three digits beyond the problem's condition are too many",
        source: "Higham 2002, Accuracy and Stability of Numerical Algorithms, §1.6: forward error over condition",
        catches: "log(1 − tanh²), log(eˣ − 1) near 0, log(σ(1 − σ)) where σ saturates, differences of nearly equal numbers",
        blind_to: "losses at points not drawn, or with a coordinate beyond 100 (`pushforward digits` maps a slice of the domain); a log-det near 0 is held to \
                   absolute error, the relative error of the volume: |out| is max(1, |out|) there",
        gate: Gate::None,
        evidence: Evidence::Point(|site| kept(site, Format::Double)),
    },
    Law {
        name: "single-precision-agrees",
        statement: "the same in f32, u = 2⁻²⁴, with the point and all parameters rounded to f32 on both sides",
        why: "models are trained in single precision; what is careless shows there first",
        source: "as digits-kept",
        catches: "as digits-kept, already at moderate points; constants that f32 cannot hold",
        blind_to: "library functions of an actual f32 implementation: here they are correctly rounded",
        gate: Gate::None,
        evidence: Evidence::Point(|site| kept(site, Format::Single)),
    },
];

/// Points are judged up to here in each coordinate: the range that `pushforward digits` maps. Further out a layer is
/// asked to be finite, not to keep its last digits.
const REACH: f64 = 100.0;
/// Digits that may be lost beyond the condition, as a factor.
const THOUSAND: f64 = 1e3;

fn kept(site: &Site<'_>, format: Format) -> Result<Vec<Sides>, Stop> {
    site.subject.formula()?;
    // So that the formulas are recorded whose cost decides.
    let _ = (site.forward_graph(), site.inverse_graph());
    if !site.is_chosen() {
        return Err(Stop::DoesNotApply("not among the points that are looked at in 237 bits".to_owned()));
    }
    let rounded = |point: &[f64]| -> Vec<f64> { point.iter().map(|&x| format.round(x)).collect() };
    let here = Site::<f64>::at(site.subject, rounded(&site.z), rounded(&site.x), Vec::new(), site.kind);
    let mut sides = Vec::new();
    for (direction, graph, point) in
        [("forward", here.forward_graph(), &here.z), ("inverse", here.inverse_graph(), &here.x)]
    {
        if point.iter().any(|x| x.abs() > REACH) {
            continue;
        }
        let graph = match graph {
            Ok(graph) => graph,
            // A number that f32 holds but the domain does not, an extreme image, a missing inverse: other laws' concern.
            Err(stop) if direction == "forward" && format == Format::Double => return Err(stop),
            Err(_) => continue,
        };
        let Some(losses) = losses(graph, point, format) else { continue };
        for loss in losses.iter().filter(|loss| loss.condition.is_finite() && (loss.computed.is_finite() || loss.fits))
        {
            sides.push(pair(loss, direction, format));
        }
    }
    if sides.is_empty() {
        let far = |point: &[f64]| point.iter().any(|x| x.abs() > REACH);
        return Err(if far(&here.z) && far(&here.x) {
            Stop::DoesNotApply(format!("no point with coordinates up to {REACH} was drawn"))
        } else {
            Stop::Blurred("nothing is finite here, or a comparison comes out otherwise in 237 bits".to_owned())
        });
    }
    Ok(sides)
}

/// Twice the right side's bound is what the law allows.
fn pair(loss: &Loss, direction: &str, format: Format) -> Sides {
    let of = loss.coordinate.map_or_else(|| "log-det".to_owned(), |i| format!("coordinate {i}"));
    let allowed = ball(loss.exact.to_f64(), (THOUSAND * format.unit() * loss.condition + format.floor()) / 2.0);
    Sides::new("as computed", ball(loss.computed, 0.0), "in 237 bits", allowed)
        .at(format!("{direction}, {of}: {:.1} digits lost beyond the condition", loss.digits(format)))
        .resolution(f64::INFINITY)
}
