//! A recorded formula, and its evaluation in any number system.

use std::cell::RefCell;
use std::ops::Range;

use super::session::{Branches, Place};
use super::*;
use crate::flow::Image;

/// One operation; arguments are places of earlier nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Op {
    Input(u32),
    Constant,
    /// A parameter, by identity.
    Parameter(u64),
    Pi,
    Ln2,
    Neg(u32),
    Add(u32, u32),
    Sub(u32, u32),
    Mul(u32, u32),
    Div(u32, u32),
    Apply(Function, u32),
    /// A value that a conditioner returned.
    Returned(u32),
    /// The root of an equation, by its number. The nodes of the equation follow.
    Root(u32),
}

impl Op {
    pub(crate) fn arguments(self) -> impl Iterator<Item = u32> {
        let (a, b) = match self {
            Self::Neg(a) | Self::Apply(_, a) | Self::Returned(a) => (Some(a), None),
            Self::Add(a, b) | Self::Sub(a, b) | Self::Mul(a, b) | Self::Div(a, b) => (Some(a), Some(b)),
            Self::Input(_) | Self::Constant | Self::Parameter(_) | Self::Pi | Self::Ln2 | Self::Root(_) => (None, None),
        };
        a.into_iter().chain(b)
    }
}

/// An operation and its value in f64.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub op: Op,
    pub value: f64,
}

/// A branch: whether one node was below another, and which place in the layer asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comparison {
    pub place: Place,
    pub left: u32,
    pub right: u32,
    pub below: bool,
}

/// A choice between two forms of one function: at which node, which place asked, and its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Preference {
    pub place: Place,
    pub at: u32,
    pub below: bool,
}

/// An equation: the nodes of its root, of residual and slope there, and the end of the nodes that compute these.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Root {
    pub node: u32,
    pub residual: u32,
    pub slope: u32,
    pub end: u32,
}

/// A call of a conditioner: its own nodes begin at `start`, and what it returned follows them.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// Which conditioner.
    pub identity: u64,
    pub start: u32,
    pub inputs: Vec<u32>,
    pub outputs: Vec<u32>,
}

/// What a layer computed at one point.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub nodes: Vec<Node>,
    pub comparisons: Vec<Comparison>,
    /// Choices between forms of one function.
    pub preferences: Vec<Preference>,
    pub roots: Vec<Root>,
    pub calls: Vec<Call>,
    pub point: Vec<u32>,
    pub log_det: u32,
    /// A parameter was read as a plain number on the way.
    pub reads_plain: bool,
    /// How far the formula can be from the map named, in every number and derivative: what the layer promises.
    pub truncation: f64,
}

/// What an evaluation cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Operations that the log-det needs and the point does not.
    pub log_det_only: usize,
    /// Operations that the point needs.
    pub point: usize,
    /// Conditioner calls on the longest path to a coordinate of the point: the sequential steps.
    pub steps: usize,
}

impl Graph {
    /// The image in another number system, and whether what is known there leaves a comparison open or turns it.
    ///
    /// `slots` is the room to work in, kept by the caller where a graph is evaluated again and again.
    pub(crate) fn evaluate<T: Number>(&self, inputs: &[T], slots: &mut Vec<T>) -> (Image<T>, bool) {
        slots.clear();
        slots.resize(self.nodes.len(), T::from(0.0));
        self.run(slots, 0..self.nodes.len(), inputs);
        let open = self.comparisons.iter().any(|c| slots[c.left as usize].doubts(slots[c.right as usize], c.below));
        let point: Vec<T> = self.point.iter().map(|&at| slots[at as usize]).collect();
        (Image::new(point, slots[self.log_det as usize]), open)
    }

    fn run<T: Number>(&self, slots: &mut [T], nodes: Range<usize>, inputs: &[T]) {
        let mut at = nodes.start;
        while at < nodes.end {
            let node = self.nodes[at];
            let slot = |place: u32| slots[place as usize];
            slots[at] = match node.op {
                Op::Input(i) => inputs[i as usize],
                Op::Constant => T::from(node.value),
                Op::Parameter(id) => T::parameter(id, node.value),
                Op::Pi => T::pi(),
                Op::Ln2 => T::ln_2(),
                Op::Neg(a) => -slot(a),
                Op::Add(a, b) => slot(a) + slot(b),
                Op::Sub(a, b) => slot(a) - slot(b),
                Op::Mul(a, b) => slot(a) * slot(b),
                Op::Div(a, b) => slot(a) / slot(b),
                Op::Apply(function, a) => function.of(slot(a)),
                Op::Returned(a) => slot(a),
                Op::Root(index) => {
                    let Root { residual, slope, end, .. } = self.roots[index as usize];
                    let equation = at + 1..end as usize;
                    let room = RefCell::new(&mut *slots);
                    let root = T::root_at(node.value, |t| {
                        let slots = &mut **room.borrow_mut();
                        slots[at] = t;
                        self.run(slots, equation.clone(), inputs);
                        (slots[residual as usize], slots[slope as usize])
                    });
                    // Comparisons inside the equation are judged at the root.
                    slots[at] = root;
                    self.run(slots, equation, inputs);
                    at = end as usize;
                    continue;
                }
            };
            at += 1;
        }
    }

    /// The image in f64.
    pub(crate) fn image(&self) -> Image<f64> {
        let value = |&at: &u32| self.nodes[at as usize].value;
        Image::new(self.point.iter().map(value).collect::<Vec<f64>>(), value(&self.log_det))
    }

    /// Adds the branches taken.
    pub(crate) fn note_branches(&self, into: &mut Branches) {
        for c in &self.comparisons {
            into.entry(c.place).or_default()[usize::from(c.below)] = true;
        }
    }

    /// The signs of what logarithms of moduli are taken of.
    pub(crate) fn signs(&self) -> impl Iterator<Item = bool> {
        self.nodes.iter().filter_map(|node| match node.op {
            Op::Apply(Function::LnAbs, a) => Some(self.nodes[a as usize].value < 0.0),
            _ => None,
        })
    }

    /// How its comparisons came out, each with the place that asked.
    pub(crate) fn way(&self) -> Vec<(Place, bool)> {
        self.comparisons.iter().map(|c| (c.place, c.below)).collect()
    }

    /// Whether another graph has the same operations in the same order, and took the same branches.
    pub(crate) fn same_shape(&self, other: &Self) -> bool {
        self.nodes.len() == other.nodes.len()
            && self.nodes.iter().zip(&other.nodes).all(|(a, b)| a.op == b.op)
            && self.way() == other.way()
            && self.preferences == other.preferences
    }

    /// Whether the constants of two graphs of one shape are the same.
    pub(crate) fn same_constants(&self, other: &Self) -> bool {
        let pairs = self.nodes.iter().zip(&other.nodes);
        pairs.filter(|(a, _)| a.op == Op::Constant).all(|(a, b)| a.value.to_bits() == b.value.to_bits())
    }

    /// Operations of one evaluation in f64, about: an equation is evaluated a dozen times on the way to its root.
    pub(crate) fn work(&self) -> usize {
        self.nodes.len() + self.roots.iter().map(|root| 12 * (root.end - root.node) as usize).sum::<usize>()
    }

    /// Counts operations instead of timing them.
    pub(crate) fn cost(&self) -> Cost {
        let (point, log_det) = (self.needed(&self.point), self.needed(&[self.log_det]));
        let costs =
            |op: Op| !matches!(op, Op::Input(_) | Op::Constant | Op::Parameter(_) | Op::Pi | Op::Ln2 | Op::Returned(_));
        let count = |wanted: &dyn Fn(usize) -> bool| {
            (0..self.nodes.len()).filter(|&i| costs(self.nodes[i].op) && wanted(i)).count()
        };
        let depths = self.depths();
        Cost {
            log_det_only: count(&|i| log_det[i] && !point[i]),
            point: count(&|i| point[i]),
            steps: self.point.iter().map(|&at| depths[at as usize]).max().unwrap_or(0),
        }
    }

    /// Which nodes lead to the given ones.
    pub(crate) fn needed(&self, ends: &[u32]) -> Vec<bool> {
        let mut needed = vec![false; self.nodes.len()];
        let mut open = ends.to_vec();
        while let Some(at) = open.pop() {
            if !std::mem::replace(&mut needed[at as usize], true) {
                let op = self.nodes[at as usize].op;
                open.extend(op.arguments());
                // A root depends on everything that its equation depends on.
                if let Op::Root(index) = op {
                    let root = self.roots[index as usize];
                    open.extend([root.residual, root.slope]);
                }
            }
        }
        needed
    }

    /// The number of conditioner calls on the longest path to each node.
    fn depths(&self) -> Vec<usize> {
        let mut deeper = vec![0; self.nodes.len()];
        for call in self.calls.iter().filter(|call| !call.inputs.is_empty()) {
            call.outputs.iter().for_each(|&at| deeper[at as usize] = 1);
        }
        let mut equations = Ends::of(self);
        let mut depths = vec![0usize; self.nodes.len()];
        for at in 0..self.nodes.len() {
            let below = self.nodes[at].op.arguments().map(|a| depths[a as usize]).max().unwrap_or(0);
            depths[at] = below + deeper[at];
            // A root is as deep as its equation.
            for root in equations.at(at + 1) {
                depths[root.node as usize] = depths[root.residual as usize];
            }
        }
        depths
    }
}

/// The equations of a graph by where they end, for a walk along it.
#[derive(Debug)]
pub(crate) struct Ends(Vec<Root>);

impl Ends {
    pub(crate) fn of(graph: &Graph) -> Self {
        // Inner equations end no later than the outer ones that hold them, and are recorded after them.
        let mut roots = graph.roots.clone();
        roots.sort_by_key(|root| std::cmp::Reverse(root.end));
        Self(roots)
    }
    /// Those that end here, inner ones first. To be asked in order of places.
    pub(crate) fn at(&mut self, end: usize) -> impl Iterator<Item = Root> {
        let from = self.0.iter().rposition(|root| root.end as usize > end).map_or(0, |last| last + 1);
        self.0.split_off(from).into_iter().rev()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Bounded, Jet, record};

    /// x₀ = t with t + ½ tanh t = z₀, x₁ = |z₁| z₀, ℓ = ln(1 + e^{z₀}).
    fn formula<S: Scalar>(z: &[S]) -> Result<Image<S>, FlowError> {
        let t = S::root(z[0] - 1.0, z[0] + 1.0, |t| (t + t.tanh() * 0.5 - z[0], t.sech2() * 0.5 + 1.0))?;
        Ok(Image::new([t, z[1].abs() * z[0]], z[0].softplus()))
    }

    #[test]
    fn a_recording_has_the_values_of_f64_and_the_derivatives_of_the_formula() {
        let z = [0.75, -1.25];
        let graph = record(&z, formula).unwrap();
        let (plain, recorded) = (formula(&z).unwrap(), graph.image());
        assert_eq!((plain.point.clone(), plain.log_det), (recorded.point, recorded.log_det));
        let duals = [Dual::variable(z[0], Some(0)), Dual::variable(z[1], Some(1))];
        let expected = formula(&duals).unwrap();
        let jets: Vec<Jet<Bounded, LANES>> =
            z.iter().enumerate().map(|(i, &z)| Jet::variable(Bounded::from(z), Some(i))).collect();
        let (image, open) = graph.evaluate(&jets, &mut Vec::new());
        assert!(!open);
        for (i, (a, b)) in image.point.iter().zip(&expected.point).enumerate() {
            for lane in 0..2 {
                let (found, right) = (a.tangent(lane), b.tangent(lane));
                assert!((found.value() - right).abs() <= found.error() + 1e-15, "∂x_{i}/∂z_{lane}: {found:?} {right}");
                assert!(found.error() < 1e-14);
            }
        }
    }

    #[test]
    fn what_was_tried_on_the_way_to_a_root_is_forgotten() {
        let graph = record(&[0.75, 1.0], formula).unwrap();
        assert!(graph.nodes.len() < 30, "{}", graph.nodes.len());
        assert_eq!((graph.roots.len(), graph.comparisons.len()), (1, 1));
    }

    #[test]
    fn a_comparison_within_the_bounds_is_open() {
        let graph = record(&[0.0, 1e-9], formula).unwrap();
        let near = [crate::scalar::ball(0.0, 0.0), crate::scalar::ball(1e-9, 1e-8)];
        assert!(graph.evaluate(&near, &mut Vec::new()).1);
    }

    #[test]
    fn a_number_kept_from_an_earlier_recording_is_a_constant() {
        let mut kept = None;
        record(&[2.0], |z| {
            kept = Some(z[0] * 3.0);
            Ok(Image::new([z[0]], z[0]))
        })
        .unwrap();
        let graph = record(&[5.0], |z| Ok(Image::new([kept.unwrap() + z[0]], z[0]))).unwrap();
        assert_eq!(graph.image().point, [11.0]);
        let (image, _) = graph.evaluate(&[Jet::<f64, 8>::variable(5.0, Some(0))], &mut Vec::new());
        assert_eq!(image.point[0].tangent(0), 1.0);
    }

    #[test]
    fn operations_that_only_the_log_det_needs_are_counted_apart() {
        let graph =
            record(&[0.5, 0.25], |z| Ok(Image::new([z[0] * z[1], z[1]], (z[0] * z[1]).exp() + z[1] + z[0]))).unwrap();
        // The product is formed twice: what is not shared in the source is not shared in the count.
        assert_eq!(graph.cost(), Cost { log_det_only: 4, point: 1, steps: 0 });
    }
}
