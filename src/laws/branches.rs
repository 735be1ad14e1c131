//! The law of maps that are given piece by piece.

use super::inversion::sharp;
use super::{Evidence, Gate, Law};
use crate::evidence::{Direction, Evaluated, Jacobian, PointKind, Sides, Site, Stop, balls, log_abs_det};
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

/// A boundary, and what lies on both of its sides.
struct Boundary {
    formulas: [Graph; 2],
    near: Vec<f64>,
    /// Points as near as rounding leaves no comparison open, each in its own branch.
    sides: [Vec<f64>; 2],
    /// And points further in.
    further: [Vec<f64>; 2],
    /// How far the sides are apart.
    reach: f64,
}

/// Halvings: as many as f64 has bits, and some.
const HALVINGS: usize = 60;
/// Rounding of a comparison's two sides at least, in units of roundoff of the largest coordinate.
const ROUNDINGS: f64 = 64.0;
/// How often that may double before a boundary is called lost.
const WIDENINGS: usize = 24;

/// The first boundary on a segment, if there is one.
fn boundary(site: &Site<'_>) -> Result<Boundary, Stop> {
    let (from, to) = (&site.z, &site.other_z);
    let formula = |z: &[f64]| site.subject.graph(Direction::Forward, z).map_err(|e| site.stop(&e));
    let along: Vec<f64> = from.iter().zip(to).map(|(a, b)| b - a).collect();
    let at = |t: f64| from.iter().zip(&along).map(|(a, step)| a + t * step).collect::<Vec<_>>();
    let mut formulas = [formula(from)?, formula(to)?];
    let known = formulas[0].way();
    if formulas[1].way() == known {
        return Err(Stop::DoesNotApply("no branch ends between the two points".to_owned()));
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
    let length = along.iter().fold(0.0f64, |most, step| most.max(step.abs()));
    // Where rounding leaves the comparison open the boundary may lie, and no nearer to where it does not.
    let is_open = |k: usize, t: f64| Evaluated::<f64>::of(&formulas[k], &balls(&at(t))).blurred;
    let least = (high - low).max(ROUNDINGS * f64::EPSILON * size / length);
    let beyond = (0..WIDENINGS).map(|k| least * f64::from(1u32 << k));
    let by = beyond.into_iter().find(|by| !is_open(0, low - by) && !is_open(1, high + by));
    let by = by.ok_or_else(|| Stop::Blurred("where the branch ends is lost in rounding".to_owned()))?;
    let (low, high) = (low - by, high + by);
    let sides = [at(low), at(high)];
    let inwards = FURTHER * (high - low);
    let further = [at(low - inwards), at(high + inwards)];
    Ok(Boundary { formulas, near, sides, further, reach: (high - low) * length })
}

/// How much further in the second points are than the first: a log-det that goes like the distance to a power above a tenth has
/// changed there by as much again.
const FURTHER: f64 = 1024.0;
/// Jumps from here on are excluded where the law holds. A log-det that goes like the root of the distance is still resolved to
/// that.
const RESOLUTION: f64 = 1e-4;

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
    let Boundary { formulas, near, sides: at, further, reach } = boundary(site)?;
    let images = [0, 1].map(|k| Evaluated::of(&formulas[k], &balls(&at[k])));
    let jacobians = [0, 1].map(|k| Jacobian::of(&formulas[k], &balls(&at[k])));
    let mut sides = Vec::new();
    for i in 0..near.len() {
        // Between the sides the image moves at most as fast as on one of them.
        let moves = |j: &Jacobian| j.values.row(i).iter().map(|slope: &f64| slope.abs()).sum::<f64>() * reach;
        let [left, right] = [0, 1].map(|k| widened(images[k].point[i], moves(&jacobians[k])));
        let pair = Sides::new("the branch of z", left, "the next branch", right);
        sides.push(pair.at(format!("{near:?}, coordinate {i}")).resolution(RESOLUTION));
    }
    if !subject.promises().kinked {
        let [left, right] = [0, 1].map(|k| {
            let here = log_abs_det(&jacobians[k].values, &jacobians[k].bounds);
            let there: Jacobian = Jacobian::of(&formulas[k], &balls(&further[k]));
            let there = log_abs_det(&there.values, &there.bounds);
            widened(ball(here.value, here.error), f64::abs(there.value - here.value))
        });
        let place = format!("{near:?}, log|det J|");
        sides.push(Sides::new("the branch of z", left, "the next branch", right).at(place).resolution(RESOLUTION));
    }
    Ok(sides)
}

fn widened(x: Bounded, by: f64) -> Bounded {
    ball(x.value(), x.error() + by)
}
