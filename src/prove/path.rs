//! Which formula was met: the shapes, the branches and the choices of form along a path.

use super::{Branches, Place, Recorded, Site};
use crate::exact::{Names, digest};
use crate::scalar::{Graph, Op, session};

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

/// Adds every place that chose between formulas.
pub(super) fn note(graphs: &[Graph], into: &mut Branches) {
    for graph in graphs {
        graph.note_branches(into);
        for &(place, below) in &graph.preferences {
            into.entry(place).or_default()[usize::from(below)] = true;
        }
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
    let at = |z: &[f64], x: &[f64]| super::claims::record(recorded.law, site.subject, z, x).ok();
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
    let parameters = session::parameters_of(site.subject.layer());
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
