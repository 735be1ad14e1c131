//! Laws of structure: the Jacobian is as promised, and so is everything else a layer declares.

use super::inversion::sharp;
use super::{Evidence, Gate, Law, Whole};
use crate::evidence::{Direction, Jacobian, Sides, Site, Stop, Subject, balls};
use crate::promises::{Block, Promises, Structure};
use crate::scalar::{Bounded, ball};

pub(super) const LAWS: &[Law] = &[
    Law {
        name: "jacobian-has-promised-zeros",
        statement: "∂x_i/∂z_j = 0 exactly wherever the promised pattern says so (orthogonal: JᵀJ = I to rounding)",
        why: "a fast log-det is right only because of the pattern",
        source: "definition of the pattern promised",
        catches: "a mask that leaks, a conditioner that sees its own output, wrong order of coordinates",
        blind_to: "patterns that are not promised; entries that vanish on the whole sample",
        gate: Gate::None,
        evidence: Evidence::Point(promised_zeros),
    },
    Law {
        name: "promised-entries-are-reached",
        statement: "every entry that the pattern leaves open is non-zero somewhere (where promised)",
        why: "a lost connection leaves a valid flow that cannot learn",
        source: "definition of the pattern promised",
        catches: "masks that cut too much, hidden units that feed nothing",
        blind_to: "layers that do not promise it: sparse nets legitimately reach less",
        gate: Gate::None,
        evidence: Evidence::Layer(entries_reached, usize::MAX),
    },
    Law {
        name: "log-det-is-as-promised",
        statement: "constant_log_det: ℓ(z) = ℓ(z′); volume_preserving: ℓ = 0 exactly; identity: x = z exactly",
        why: "callers skip work on the strength of these promises",
        source: "definition of the promises",
        catches: "constancy declared of a layer that has none; 1e-17 where exactly 0 is meant",
        blind_to: "layers that promise nothing",
        gate: Gate::None,
        evidence: Evidence::Point(log_det_as_promised),
    },
    Law {
        name: "slopes-are-positive",
        statement: "∂x_i/∂z_i > 0 (where increasing is promised)",
        why: "cumulative distribution functions and orderings rest on it",
        source: "definition of the promise",
        catches: "a decreasing map declared increasing",
        blind_to: "layers that do not promise it",
        gate: Gate::None,
        evidence: Evidence::Point(slopes_positive),
    },
];

/// What the pattern says of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    Open,
    Zero,
    One,
}

/// What is promised of `∂x_i/∂z_j`.
pub(crate) fn entry(promises: &Promises, i: usize, j: usize) -> Entry {
    if promises.kept.contains(&i) {
        return if i == j { Entry::One } else { Entry::Zero };
    }
    in_pattern(&promises.structure, i, j)
}

fn in_pattern(structure: &Structure, i: usize, j: usize) -> Entry {
    let zero_unless = |open: bool| if open { Entry::Open } else { Entry::Zero };
    let rank = |order: &[usize], k: usize| order.iter().position(|&o| o == k);
    match structure {
        Structure::Dense | Structure::Orthogonal => Entry::Open,
        Structure::Triangular { order } => zero_unless(rank(order, j) <= rank(order, i)),
        Structure::Diagonal => zero_unless(i == j),
        Structure::PassThrough { kept } if kept.contains(&i) => {
            if i == j {
                Entry::One
            } else {
                Entry::Zero
            }
        }
        Structure::PassThrough { kept } => zero_unless(i == j || kept.contains(&j)),
        Structure::PerPosition { positions, .. } => zero_unless(i % positions == j % positions),
        Structure::Blocks(blocks) => {
            let find = |c: usize| {
                let place = |(b, block): (usize, &Block)| Some((b, block.coords.iter().position(|&o| o == c)?));
                blocks.iter().enumerate().find_map(place)
            };
            match (find(i), find(j)) {
                (Some((b, i)), Some((other, j))) if b == other => in_pattern(&blocks[b].structure, i, j),
                _ => Entry::Zero,
            }
        }
        Structure::Permutation(perm) if perm.get(i) == Some(&j) => Entry::One,
        Structure::Permutation(_) => Entry::Zero,
    }
}

/// The pattern's name.
pub(crate) fn name(structure: &Structure) -> &'static str {
    match structure {
        Structure::Dense => "dense",
        Structure::Triangular { .. } => "triangular",
        Structure::Diagonal => "diagonal",
        Structure::PassThrough { .. } => "pass-through",
        Structure::PerPosition { .. } => "one matrix per position",
        Structure::Orthogonal => "orthogonal",
        Structure::Blocks(_) => "block",
        Structure::Permutation(_) => "permutation",
    }
}

/// The Jacobian, where every tangent is finite.
fn finite_jacobian<'s>(site: &'s Site<'_>) -> Result<&'s Jacobian, Stop> {
    let (jacobian, _) = site.jacobian()?;
    if jacobian.values.iter().any(|x| !x.is_finite()) {
        return Err(Stop::Blurred("a derivative is not finite".to_owned()));
    }
    Ok(jacobian)
}

fn promised_zeros(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    let structure = &site.subject.promises().structure;
    if *structure == Structure::Dense && site.subject.promises().kept.is_empty() {
        return Err(Stop::DoesNotApply("no pattern is promised".to_owned()));
    }
    let jacobian = finite_jacobian(site)?;
    let d = site.z.len();
    if *structure == Structure::Orthogonal {
        let size = jacobian.values.abs();
        let gram = jacobian.values.transpose() * &jacobian.values;
        let bound = size.transpose() * &jacobian.bounds * 2.0
            + jacobian.bounds.transpose() * &jacobian.bounds
            + size.transpose() * &size * (d as f64 * f64::EPSILON);
        let pair = |i: usize, j: usize| {
            let identity = Bounded::from(f64::from(u8::from(i == j)));
            let widest = bound[(i, j)].max(bound[(j, i)]);
            Sides::new("JᵀJ", ball(gram[(i, j)], widest), "I", identity).at(format!("entry [{i}][{j}]"))
        };
        return Ok((0..d).flat_map(|i| (0..d).map(move |j| (i, j))).map(|(i, j)| pair(i, j)).collect());
    }
    let mut sides = Vec::new();
    for i in 0..d {
        for j in 0..d {
            let value = jacobian.values[(i, j)];
            let promised = match entry(site.subject.promises(), i, j) {
                Entry::Open => continue,
                Entry::Zero => 0.0,
                Entry::One => 1.0,
            };
            if site.subject.black_box().is_some() {
                // By differences nothing is exactly 0.
                let found = ball(value, jacobian.bounds[(i, j)]);
                sides.push(Sides::new("∂x_i/∂z_j", found, "as promised", promised.into()).at(format!("J[{i}][{j}]")));
            } else if value != promised {
                let pattern = name(structure);
                return Err(Stop::Violated(format!(
                    "J[{i}][{j}] = {value:?}, but a {pattern} Jacobian was promised, with {promised} there"
                )));
            }
        }
    }
    Ok(sides)
}

fn entries_reached(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let promises = subject.promises();
    if !promises.reaches_all {
        return Err(Stop::DoesNotApply("it is not promised that every open entry is reached".to_owned()));
    }
    let d = subject.dim();
    let jacobians: Vec<&Jacobian> = sites.iter().filter_map(|s| finite_jacobian(s).ok()).collect();
    if jacobians.is_empty() {
        return Err(Stop::Blurred("no Jacobian is finite".to_owned()));
    }
    for i in 0..d {
        for j in 0..d {
            let open = matches!(entry(promises, i, j), Entry::Open);
            if open && jacobians.iter().all(|jacobian| jacobian.values[(i, j)] == 0.0) {
                return Err(Stop::Violated(format!(
                    "J[{i}][{j}] = 0 at all {} points: x[{i}] does not depend on z[{j}]",
                    jacobians.len()
                )));
            }
        }
    }
    Ok(Whole { note: format!("every open entry reached in {} points", jacobians.len()), resolution: 0.0 })
}

fn log_det_as_promised(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    let promises = site.subject.promises();
    if !promises.constant_log_det && !promises.identity {
        return Err(Stop::DoesNotApply("no constant log-det is promised".to_owned()));
    }
    let image = sharp(site.forward()?)?;
    if promises.volume_preserving && image.log_det.value() != 0.0 {
        return Err(Stop::Violated(format!("log_det = {:?}, promised: exactly 0", image.log_det.value())));
    }
    if promises.identity && image.point.iter().zip(&site.z).any(|(x, z)| x.value() != *z) {
        return Err(Stop::Violated("x ≠ z, promised: the identity".to_owned()));
    }
    let other = site.subject.within(Direction::Forward, &balls(&site.other_z)).map_err(|e| site.stop(&e))?;
    Ok(vec![Sides::new("log_det at z", image.log_det, "log_det at another point", other.log_det)])
}

fn slopes_positive(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    if !site.subject.promises().increasing {
        return Err(Stop::DoesNotApply("it is not promised to be increasing".to_owned()));
    }
    let jacobian = finite_jacobian(site)?;
    for i in 0..site.z.len() {
        let (value, bound) = (jacobian.values[(i, i)], jacobian.bounds[(i, i)]);
        if value < -bound {
            return Err(Stop::Violated(format!("∂x[{i}]/∂z[{i}] = {value:?}, promised: positive")));
        }
        if value <= bound {
            return Err(Stop::Blurred("a slope is within rounding of 0".to_owned()));
        }
    }
    Ok(Vec::new())
}
