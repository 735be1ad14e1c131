//! Which conditioner a call is of.

use crate::exact::digest;
use crate::scalar::{Call, Graph, Op};

/// Adds to the identity of every call what was computed in it: an address may serve two conditioners, one after the
/// other, and two of no size share one. Says whether every call computes with its inputs only.
pub(super) fn identify(graph: &mut Graph) -> bool {
    let inner: Vec<Option<u64>> = graph.calls.iter().map(|call| inner(graph, call)).collect();
    for (call, inner) in graph.calls.iter_mut().zip(&inner) {
        call.identity = digest((call.identity, inner));
    }
    inner.iter().all(Option::is_some)
}

/// A name of the formula inside a call, wherever it stands; `None` where it reaches past its inputs.
fn inner(graph: &Graph, call: &Call) -> Option<u64> {
    let local = |place: u32| match place.checked_sub(call.start) {
        Some(inside) => Some((0, inside as usize)),
        None => call.inputs.iter().position(|&input| input == place).map(|input| (1, input)),
    };
    let end = call.outputs.first().copied().unwrap_or(call.start);
    let mut shapes = Vec::new();
    for node in &graph.nodes[call.start as usize..end as usize] {
        let own = match node.op {
            Op::Input(i) => (0, u64::from(i)),
            Op::Constant => (1, node.value.to_bits()),
            Op::Parameter(id) => (2, id),
            Op::Apply(function, _) => (3, digest(function)),
            other => (4, digest(std::mem::discriminant(&other))),
        };
        let arguments: Option<Vec<_>> = node.op.arguments().map(local).collect();
        shapes.push((own, arguments?));
    }
    let returned = |&output: &u32| match graph.nodes[output as usize].op {
        Op::Returned(source) => local(source),
        _ => None,
    };
    let returned: Option<Vec<_>> = call.outputs.iter().map(returned).collect();
    Some(digest((shapes, returned?)))
}
