//! Which formula was met: the shapes, the branches and the choices of form along a path.

use super::{Branches, Place, Recorded, Site};
use crate::exact::{Names, digest};
use crate::scalar::{Graph, Op};

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

/// Whether a constant of the formula moves with the point: then a value was taken out of the number system and put back.
/// `None` where no neighbouring point has the same formula.
pub(super) fn detached(recorded: &Recorded, site: &Site<'_>) -> Option<bool> {
    for step in [1e-9, -1e-9, 1e-7, -1e-7] {
        let near = |x: &[f64]| -> Vec<f64> {
            x.iter().enumerate().map(|(i, x)| x + step * (1.0 + x.abs()) * (1.0 + i as f64 / 8.0)).collect()
        };
        let Ok(moved) = super::claims::record(recorded.law, site.subject, &near(&site.z), &near(&site.x)) else {
            continue;
        };
        let pairs = || recorded.graphs.iter().zip(&moved.graphs);
        if pairs().all(|(a, b)| a.same_shape(b)) {
            return Some(pairs().any(|(a, b)| !a.same_constants(b)));
        }
    }
    None
}
