//! Side conditions: whether an equation can have a second root, and a function an argument outside its domain.

use super::evaluate::Walk;
use super::session::{Id, Session, Sign};
use crate::scalar::{Ends, Function, Graph, Op, Root};

impl Session {
    /// Whether an equation has one root at most: it asks no question, and the derivative of its residual is positive
    /// for every root and every input.
    ///
    /// The derivative is formed here. The slope that the layer gives is not relied on: `e^(ln g′)` looks positive, and
    /// says nothing of where `g′` is negative.
    pub(super) fn rises(&mut self, walk: &mut Walk<'_>, root: Root) -> bool {
        let inside = |place: u32| root.node <= place && place < root.end;
        let graph = walk.graph;
        let asks = graph.comparisons.iter().any(|c| inside(c.left) || inside(c.right))
            || graph.preferences.iter().any(|p| inside(p.at));
        !asks && self.slope_of_equation(walk, root).is_some_and(|slope| self.is_always_positive(slope))
    }

    /// The derivative of an equation's residual by its root; `None` where it is 0.
    fn slope_of_equation(&mut self, walk: &mut Walk<'_>, root: Root) -> Option<Id> {
        let (graph, first) = (walk.graph, root.node);
        let mut ends = Ends::of(graph);
        let mut t: Vec<Option<Id>> = vec![None; (root.end - first) as usize];
        t[0] = Some(self.constant(1.0));
        for at in first + 1..root.end {
            if walk.skipped[at as usize] {
                continue;
            }
            let of = |place: u32| walk.of[place as usize];
            let d = |place: u32| place.checked_sub(first).and_then(|i| t[i as usize]);
            let tangent = match graph.nodes[at as usize].op {
                Op::Neg(a) => d(a).map(|a| self.neg(a)),
                Op::Add(a, b) => self.sum(d(a), d(b)),
                Op::Sub(a, b) => {
                    let minus = d(b).map(|b| self.neg(b));
                    self.sum(d(a), minus)
                }
                Op::Mul(a, b) => {
                    let left = d(a).map(|t| self.times(t, of(b)));
                    let right = d(b).map(|t| self.times(t, of(a)));
                    self.sum(left, right)
                }
                Op::Div(a, b) => {
                    let carried = d(b).map(|t| self.times(t, of(at)));
                    let carried = carried.map(|t| self.neg(t));
                    self.sum(d(a), carried).map(|above| self.div(above, of(b)))
                }
                Op::Apply(f, a) => d(a).map(|t| {
                    let slope = self.slope(f, of(a), of(at));
                    self.times(t, slope)
                }),
                // Looked into or not, nothing is known of the sign of a conditioner's derivative.
                Op::Returned(_)
                    if graph
                        .calls
                        .iter()
                        .any(|c| c.outputs.contains(&at) && c.inputs.iter().any(|&i| d(i).is_some())) =>
                {
                    Some(self.symbol("unknown slope", at, 1.0))
                }
                _ => None,
            };
            t[(at - first) as usize] = tangent;
            for inner in ends.at(at as usize + 1) {
                if let Some(place) = inner.node.checked_sub(first).filter(|&place| place > 0) {
                    let carried = inner.residual.checked_sub(first).and_then(|i| t[i as usize]);
                    let carried = carried.map(|t| self.neg(t));
                    t[place as usize] = carried.map(|above| self.div(above, walk.of[inner.slope as usize]));
                }
            }
        }
        root.residual.checked_sub(first).and_then(|i| t[i as usize])
    }

    /// Where a logarithm or a root is defined for some parameters or conditioners only, what is proved is for those. What
    /// inputs alone decide is the declared domain.
    pub(super) fn note_domain(&mut self, graph: &Graph, f: Function, argument: Id, place: u32) {
        let inside = match f {
            Function::Ln => self.sign(argument) == Sign::Positive,
            Function::Ln1p => {
                let one = self.constant(1.0);
                let sum = self.add(one, argument);
                self.sign(sum) == Sign::Positive
            }
            Function::Sqrt => self.sign(argument) != Sign::Unknown,
            _ => return,
        };
        let by_parameters = || {
            let needed = graph.needed(&[place]);
            needed
                .iter()
                .zip(&graph.nodes)
                .any(|(&needed, node)| needed && matches!(node.op, Op::Parameter(_) | Op::Returned(_)))
        };
        if !inside && by_parameters() {
            self.rely_on_a_sign();
        }
    }

    fn sum(&mut self, a: Option<Id>, b: Option<Id>) -> Option<Id> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.add(a, b)),
            (a, b) => a.or(b),
        }
    }

    /// A product that keeps what is known of the second factor where the first is 1.
    fn times(&mut self, a: Id, b: Id) -> Id {
        if self.residue(a) == 1 { b } else { self.mul(a, b) }
    }
}
