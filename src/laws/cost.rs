//! The law of cost: counted operations, never a clock.

use super::{Evidence, Gate, Law, Whole};
use crate::evidence::Stop;
use crate::scalar::Cost;

pub(super) const LAWS: &[Law] = &[Law {
    name: "log-det-costs-no-more-than-promised",
    statement: "operations that only the log-det needs grow like d^p, p at most as promised (default 1)",
    why: "a flow is practical because its log-det is not O(d³)",
    source: "operation counts of a recording scalar, over members of growing dimension",
    catches: "a dense determinant where a product of diagonal entries was meant",
    blind_to: "constant factors; work that point and log-det share; a single layer, which has no growth",
    gate: Gate::None,
    evidence: Evidence::Growth(growth),
}];

/// Room for lower-order terms in the fitted exponent.
const ROOM: f64 = 0.15;

fn growth(costs: &[(usize, Cost)], promised: f64) -> Result<Whole, Stop> {
    let points: Vec<(f64, f64)> =
        costs.iter().map(|(d, cost)| ((*d as f64).ln(), (cost.log_det_only as f64 + 1.0).ln())).collect();
    let n = points.len() as f64;
    let (mean_x, mean_y) = (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let covariance: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let variance: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    if points.len() < 3 || variance < 0.5 {
        return Err(Stop::DoesNotApply("a family over several dimensions is needed to see growth".to_owned()));
    }
    let exponent = covariance / variance;
    let counts: Vec<String> = costs.iter().map(|(d, c)| format!("{} at d = {d}", c.log_det_only)).collect();
    let counts = counts.join(", ");
    if exponent > promised + ROOM {
        return Err(Stop::Violated(format!(
            "log-det operations grow like d^{exponent:.2}, promised at most d^{promised}: {counts}"
        )));
    }
    let steps: Vec<String> = costs.iter().map(|(d, c)| format!("{} at d = {d}", c.steps)).collect();
    Ok(Whole {
        note: format!("d^{exponent:.2} ({counts}); sequential conditioner calls: {}", steps.join(", ")),
        resolution: ROOM,
    })
}
