//! The law of maps that are given piece by piece.

use super::inversion::sharp;
use super::{Evidence, Gate, Law};
use crate::evidence::{Direction, Evaluated, Jacobian, PointKind, Sides, Site, Stop, Subject, balls, log_abs_det};
use crate::scalar::{Bounded, Graph, ball};

pub(super) const LAWS: &[Law] = &[Law {
    name: "branches-meet",
    statement: "where two branches of forward meet, both give one image and, unless a jump is promised, one |det J|",
    why: "a homeomorphism is continuous, a C¹ diffeomorphism has a continuous density",
    source: "definition of a homeomorphism and of a C¹ diffeomorphism",
    catches: "spline slopes taken one knot off, pieces that begin where their neighbour does not end, a tail of another slope",
    blind_to: "boundaries that no segment between two points of the sample crosses; slips that both branches share",
    gate: Gate::None,
    evidence: Evidence::Point(branches_meet),
}];

/// The formulas on both sides of a boundary, and two points that only it separates.
struct Boundary {
    formulas: [Graph; 2],
    near: Vec<f64>,
    /// How far it can be from that point: the last step of the bisection, and what rounding does to a comparison.
    reach: f64,
    /// The segment that crosses it.
    along: Vec<f64>,
}

/// Halvings: as many as f64 has bits, and some.
const HALVINGS: usize = 60;
/// Rounding of a comparison's two sides, in units of roundoff of the largest coordinate.
const ROUNDINGS: f64 = 64.0;

/// The first boundary on a segment, if there is one.
fn boundary(subject: &Subject<'_>, from: &[f64], to: &[f64]) -> Option<Boundary> {
    let formula = |z: &[f64]| subject.graph(Direction::Forward, z).ok();
    let along: Vec<f64> = from.iter().zip(to).map(|(a, b)| b - a).collect();
    let at = |t: f64| from.iter().zip(&along).map(|(a, step)| a + t * step).collect::<Vec<_>>();
    let mut formulas = [formula(from)?, formula(to)?];
    let known = formulas[0].way();
    if formulas[1].way() == known {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        let found = formula(&at(middle))?;
        if found.way() == known {
            (low, formulas[0]) = (middle, found);
        } else {
            (high, formulas[1]) = (middle, found);
        }
    }
    let near = at(low);
    let size = near.iter().fold(1.0f64, |most, z| most.max(z.abs()));
    let step = along.iter().fold(0.0f64, |most, step| most.max(step.abs())) * (high - low);
    Some(Boundary { formulas, near, reach: step + ROUNDINGS * f64::EPSILON * size, along })
}

/// Over how much of the segment the slope of a log-det is taken.
const SHARE: f64 = 1e-6;

fn branches_meet(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    let subject = site.subject;
    let does_not_apply = |why: &str| Err(Stop::DoesNotApply(why.to_owned()));
    if !subject.promises().domain.is_convex() {
        return does_not_apply("the domain is not convex: branches need not meet in it");
    }
    if site.kind != PointKind::Short {
        return does_not_apply("boundaries are looked for from moderate points");
    }
    if site.forward_graph()?.comparisons.is_empty() {
        return does_not_apply("forward has no branches");
    }
    if !site.is_chosen() {
        return does_not_apply("not among the points from which boundaries are looked for");
    }
    sharp(site.forward()?)?;
    let Some(boundary) = boundary(subject, &site.z, &site.other_z) else {
        return does_not_apply("no branch ends between the two points");
    };
    let Boundary { formulas, near, reach, along } = boundary;
    let images = formulas.each_ref().map(|formula| Evaluated::of(formula, &balls(&near)));
    let jacobians = formulas.each_ref().map(|formula| Jacobian::of(formula, &balls(&near)));
    let mut sides = Vec::new();
    for i in 0..near.len() {
        // Beside the boundary the branches part at most as fast as each moves.
        let moves = |j: &Jacobian| j.values.row(i).iter().map(|slope: &f64| slope.abs()).sum::<f64>() * reach;
        let [left, right] = [0, 1].map(|k| widened(images[k].point[i], moves(&jacobians[k])));
        sides.push(
            Sides::new("the branch of z", left, "the next branch", right).at(format!("{near:?}, coordinate {i}")),
        );
    }
    if !subject.promises().kinked {
        let further: Vec<f64> = near.iter().zip(&along).map(|(z, step)| z + SHARE * step).collect();
        let distance = along.iter().fold(0.0f64, |most, step| most.max(step.abs())) * SHARE;
        let log_dets = [0, 1].map(|k| {
            let here = log_abs_det(&jacobians[k].values, &jacobians[k].bounds);
            let there: Jacobian = Jacobian::of(&formulas[k], &balls(&further));
            let there = log_abs_det(&there.values, &there.bounds);
            widened(ball(here.value, here.error), f64::abs(there.value - here.value) / distance * reach)
        });
        let [left, right] = log_dets;
        let place = format!("{near:?}, log|det J|");
        sides.push(Sides::new("the branch of z", left, "the next branch", right).at(place));
    }
    Ok(sides)
}

fn widened(x: Bounded, by: f64) -> Bounded {
    ball(x.value(), x.error() + by)
}
