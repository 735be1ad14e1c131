//! Which formula was met: the shapes, the branches and the choices of form along a path.

use std::collections::BTreeMap;

use super::claims::maps;
use super::{Place, Recorded, Site};
use crate::evidence::{Direction, Subject, balls};
use crate::exact::{Names, digest};
use crate::flow::Layer;
use crate::scalar::{Bounded, Dual, Graph, Op, session};

/// A name of the formulas recorded, the same for the same formula whatever the values of inputs and parameters.
pub(super) fn key(graphs: &[Graph]) -> u64 {
    let mut names = Names::default();
    let of = |graph: &Graph, names: &mut Names| {
        let nodes: Vec<(u64, u64)> = graph.nodes.iter().map(|node| shape(node.op, node.value, names)).collect();
        let branches: Vec<(Place, bool)> = graph.comparisons.iter().map(|c| (c.place, c.below)).collect();
        let roots: Vec<[u32; 4]> = graph.roots.iter().map(|r| [r.node, r.residual, r.slope, r.end]).collect();
        let calls: Vec<(usize, u32, &[u32], &[u32])> = graph
            .calls
            .iter()
            .map(|call| (names.conditioner(call.identity), call.start, &call.inputs[..], &call.outputs[..]))
            .collect();
        // The sign of what a logarithm of a modulus is taken of is a branch, too.
        let signs: Vec<bool> = graph.signs().collect();
        digest((nodes, branches, &graph.preferences, roots, calls, signs, &graph.point, graph.log_det))
    };
    let all: Vec<u64> = graphs.iter().map(|graph| of(graph, &mut names)).collect();
    digest(all)
}

/// An operation, with what decides it: an argument, a constant's bits, a parameter's rank.
fn shape(op: Op, value: f64, names: &mut Names) -> (u64, u64) {
    match op {
        Op::Constant => (0, value.to_bits()),
        Op::Parameter(id) => (1, names.parameter(id) as u64),
        other => (2, digest(format!("{other:?}"))),
    }
}

/// The questions met along paths: for everything that led to a question, which answers were met.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths(BTreeMap<u64, (Place, [bool; 2])>);

impl Paths {
    /// Adds a path. What leads to a question is the dimension, the operations before it and the answers before it: so
    /// that an arm that is entered in one of `2ᵈ` combinations only counts as unmet until it is.
    pub(super) fn note(&mut self, graphs: &[Graph]) {
        let mut names = Names::default();
        let mut before = 0;
        for graph in graphs {
            // Constants are left out: members of a family differ in them, and not in their paths.
            let shapes = graph.nodes.iter().scan(graph.point.len() as u64, |before, node| {
                *before = digest((*before, shape(node.op, 0.0, &mut names)));
                Some(*before)
            });
            let shapes: Vec<u64> = shapes.collect();
            let comparisons = graph.comparisons.iter().map(|c| (c.left.max(c.right), c.place, c.below));
            let preferences = graph.preferences.iter().map(|p| (p.at, p.place, p.below));
            let mut asked: Vec<(u32, Place, bool)> = comparisons.chain(preferences).collect();
            asked.sort_by_key(|&(at, ..)| at);
            for (at, place, below) in asked {
                before = digest((before, shapes[at as usize], place));
                self.0.entry(before).or_insert((place, [false; 2])).1[usize::from(below)] = true;
                before = digest((before, below));
            }
        }
    }

    /// Places with an answer that was never met, or not after each of the answers that can come before it.
    pub(super) fn unmet(&self) -> Vec<String> {
        let mut places: BTreeMap<Place, ([bool; 2], usize)> = BTreeMap::new();
        for (place, met) in self.0.values() {
            let (all, open) = places.entry(*place).or_default();
            (0..2).for_each(|i| all[i] |= met[i]);
            *open += usize::from(met.contains(&false));
        }
        let say = |(place, (met, open)): (&Place, &([bool; 2], usize))| {
            let at = format!("{}:{}:{}", place.file, place.line, place.column);
            match met {
                [true, true] if *open == 0 => None,
                [true, true] => Some(format!("{at} answered one way only after some of the answers before it")),
                [true, false] => Some(format!("{at} never true")),
                _ => Some(format!("{at} never false")),
            }
        };
        places.iter().filter_map(say).collect()
    }
}

/// What makes a recorded formula another than the one that is evaluated elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// None: the formula is one of its inputs and parameters.
    None,
    /// A constant moves with the point: a value was taken out of the number system and put back.
    Input,
    /// A parameter was read as a plain number, or a constant moves with it.
    Parameter,
}

/// Parameters moved, at most, in search of constants that follow them.
const MOVED: usize = 64;

/// Whether values escape. `None` where no neighbouring point has the same formula.
pub(super) fn escape(recorded: &Recorded, site: &Site<'_>) -> Option<Escape> {
    if recorded.graphs.iter().any(|graph| graph.reads_plain) {
        return Some(Escape::Parameter);
    }
    let layer = site.subject.layer()?;
    let at = |z: &[f64], x: &[f64]| super::claims::record(recorded.law, layer, z, x).ok();
    let same = |moved: &Recorded| recorded.graphs.iter().zip(&moved.graphs).all(|(a, b)| a.same_shape(b));
    let constant = |moved: &Recorded| recorded.graphs.iter().zip(&moved.graphs).all(|(a, b)| a.same_constants(b));
    let near = |x: &[f64], step: f64| -> Vec<f64> {
        x.iter().enumerate().map(|(i, x)| x + step * (1.0 + x.abs()) * (1.0 + i as f64 / 8.0)).collect()
    };
    let moved = [1e-9, -1e-9, 1e-7, -1e-7]
        .into_iter()
        .find_map(|step| at(&near(&site.z, step), &near(&site.x, step)).filter(&same))?;
    if !constant(&moved) {
        return Some(Escape::Input);
    }
    let parameters = session::parameters_of(layer);
    for &(id, value) in parameters.iter().step_by(parameters.len().div_ceil(MOVED).max(1)) {
        let by = 1e-9 * value.abs().max(1.0);
        let moved = session::moving(id, by, || at(&site.z, &site.x));
        // Where a move breaks a constraint or turns a branch, nothing is learnt of this parameter.
        if moved.filter(&same).is_some_and(|moved| !constant(&moved)) {
            return Some(Escape::Parameter);
        }
    }
    Some(Escape::None)
}

/// Whether f64 or the dual numbers run another formula than the one recorded: at its own point, or at a neighbouring one
/// where a number that was kept from elsewhere gives itself away.
pub(super) fn other_program(recorded: &Recorded, site: &Site<'_>) -> Option<String> {
    let maps = maps(recorded.law, site.subject.layer()?);
    let mut runs = maps.iter().zip(recorded.graphs.iter().zip(&recorded.starts));
    runs.find_map(|(&(layer, direction), (graph, start))| {
        if differs_here(layer, direction, graph, start) {
            return Some("another formula is evaluated in f64 or in dual numbers than the one recorded".to_owned());
        }
        let near: Vec<f64> =
            start.iter().zip(STEPS.iter().cycle()).map(|(x, step)| x + step * (1.0 + x.abs())).collect();
        differs_near(layer, direction, graph, &near)
            .then(|| "the formula recorded does not give the values of f64 at a neighbouring point".to_owned())
    })
}

/// Relative steps to a neighbouring point, coordinate by coordinate.
const STEPS: [f64; 3] = [1.0 / 1024.0, -1.0 / 1536.0, 1.0 / 1280.0];

fn differs_here(layer: &dyn Layer, direction: Direction, graph: &Graph, start: &[f64]) -> bool {
    let subject = Subject::of_dyn(layer);
    let duals: Vec<Dual> = start.iter().map(|&x| Dual::from(x)).collect();
    let (Ok(plain), Ok(dual)) = (subject.evaluate(direction, start), subject.evaluate(direction, &duals)) else {
        return true;
    };
    let (bounds, _) = graph.evaluate::<Bounded>(&balls(start), &mut Vec::new());
    let recorded = graph.image();
    let numbers = recorded.point.iter().chain([&recorded.log_det]);
    let plain = plain.point.iter().chain([&plain.log_det]);
    let dual = dual.point.iter().chain([&dual.log_det]);
    let bounds = bounds.point.iter().chain([&bounds.log_det]);
    numbers.zip(plain).zip(dual).zip(bounds).any(|(((r, p), d), bound)| {
        let apart = (r - d.real()).abs();
        // A sum of no numbers is −0 in f64 and 0 elsewhere.
        r != p || apart.is_nan() || apart > 4.0 * bound.error() + f64::EPSILON * r.abs()
    })
}

/// Only where the neighbouring point is on the same path and both sides have a value there.
fn differs_near(layer: &dyn Layer, direction: Direction, graph: &Graph, near: &[f64]) -> bool {
    let Ok(plain) = Subject::of_dyn(layer).evaluate(direction, near) else { return false };
    let (recorded, open) = graph.evaluate::<Bounded>(&balls(near), &mut Vec::new());
    let plain = plain.point.iter().chain([&plain.log_det]);
    let recorded = recorded.point.iter().chain([&recorded.log_det]);
    !open
        && plain.zip(recorded).any(|(p, r)| {
            // Another of two forms, or another pivot, may be less accurate than the one recorded.
            (p - r.value()).abs() > 8.0 * r.error() + 1e-9 * (1.0 + p.abs())
        })
}
