//! A recorded graph in a session: its numbers, and their derivatives.

use std::collections::HashMap;

use super::degree::Degree;
use super::session::{Id, Poison, Session};
use crate::scalar::{Ends, Graph, Op, Root};

/// Places that stand for the same parameter or conditioner in every graph of a proof, by rank of first use: so that a
/// proof does not depend on addresses or on what was built before.
#[derive(Debug, Default)]
pub(crate) struct Names {
    parameters: HashMap<u64, usize>,
    conditioners: HashMap<u64, usize>,
}

impl Names {
    pub(crate) fn parameter(&mut self, id: u64) -> usize {
        let next = self.parameters.len();
        *self.parameters.entry(id).or_insert(next)
    }
    pub(crate) fn conditioner(&mut self, identity: u64) -> usize {
        let next = self.conditioners.len();
        *self.conditioners.entry(identity).or_insert(next)
    }
}

/// How a proof reads a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading {
    /// Conditioners are any functions of their inputs.
    AnyConditioner,
    /// Conditioners are the formulas recorded.
    AsRecorded,
}

/// The numbers of a graph in a session.
#[derive(Debug)]
pub(crate) struct Numbers {
    /// One a node; nodes inside a conditioner that is not looked into stand for nothing.
    pub of: Vec<Id>,
    pub point: Vec<Id>,
    pub log_det: Id,
    /// An equation was solved by a known number, and its slope is not known to be positive: the number is right only if
    /// the equation has no other root.
    pub guessed: bool,
    /// Residuals of the equations whose root is a symbol.
    pub unsolved: Vec<u32>,
    /// Nodes that are no part of the formula: dead ones, and those inside a conditioner that is not looked into.
    skipped: Vec<bool>,
}

impl Numbers {
    /// Whether a node is part of the formula.
    pub(crate) fn is_part(&self, at: usize) -> bool {
        !self.skipped[at]
    }
}

/// The state of one walk over a graph, which recurses for equations.
pub(super) struct Walk<'a> {
    pub(super) graph: &'a Graph,
    inputs: &'a [Id],
    names: &'a mut Names,
    calls: HashMap<usize, &'a crate::scalar::Call>,
    pub(super) skipped: Vec<bool>,
    pub(super) of: Vec<Id>,
    guessed: bool,
    unsolved: Vec<u32>,
    tag: usize,
}

/// Equations whose root is looked for among at most so many known numbers.
const CANDIDATES: usize = 24;

impl Session {
    /// The numbers of a graph. Roots of equations are looked for among `known`; otherwise they are symbols, named by the
    /// graph's `tag`.
    pub(crate) fn numbers(
        &mut self,
        graph: &Graph,
        inputs: &[Id],
        reading: Reading,
        names: &mut Names,
        known: &[Id],
        tag: usize,
    ) -> Numbers {
        let zero = self.constant(0.0);
        let of = vec![zero; graph.nodes.len()];
        let ends: Vec<u32> = graph.point.iter().copied().chain([graph.log_det]).collect();
        // What neither point nor log-det needs, such as a bracket, is no part of the formula.
        let mut skipped: Vec<bool> = graph.needed(&ends).into_iter().map(|needed| !needed).collect();
        let mut calls = HashMap::new();
        if reading == Reading::AnyConditioner {
            for call in graph.calls.iter().filter(|call| !call.outputs.is_empty()) {
                skipped[call.start as usize..call.outputs[0] as usize].fill(true);
                // Of two calls that begin at one place the outer one is recorded later.
                calls.insert(call.start as usize, call);
            }
        }
        let mut walk = Walk { graph, inputs, names, calls, skipped, of, guessed: false, unsolved: Vec::new(), tag };
        self.run(&mut walk, known, 0..graph.nodes.len());
        let Walk { of, guessed, skipped, unsolved, .. } = walk;
        let at = |place: &u32| of[*place as usize];
        Numbers {
            point: graph.point.iter().map(at).collect(),
            log_det: at(&graph.log_det),
            guessed,
            unsolved,
            skipped,
            of,
        }
    }

    fn run(&mut self, walk: &mut Walk<'_>, known: &[Id], nodes: std::ops::Range<usize>) {
        let graph = walk.graph;
        let mut at = nodes.start;
        while at < nodes.end && self.poison().is_none() {
            if let Some(call) = walk.calls.get(&at) {
                let identity = walk.names.conditioner(call.identity);
                let x: Vec<u64> = call.inputs.iter().map(|&i| self.residue(walk.of[i as usize])).collect();
                for (i, &output) in call.outputs.iter().enumerate() {
                    let value = graph.nodes[output as usize].value;
                    walk.of[output as usize] = self.symbol("conditioner", (identity, i, &x), value);
                    at = output as usize + 1;
                }
                continue;
            }
            if walk.skipped[at] {
                at += 1;
                continue;
            }
            let node = graph.nodes[at];
            let slot = |place: u32| walk.of[place as usize];
            walk.of[at] = match node.op {
                Op::Input(i) => walk.inputs[i as usize],
                Op::Constant => self.constant(node.value),
                Op::Parameter(id) => self.symbol("parameter", walk.names.parameter(id), node.value),
                Op::Pi => self.symbol("π", (), node.value),
                Op::Ln2 => {
                    let two = self.constant(2.0);
                    self.ln(two)
                }
                Op::Neg(a) => self.neg(slot(a)),
                Op::Add(a, b) => self.add(slot(a), slot(b)),
                Op::Sub(a, b) => self.sub(slot(a), slot(b)),
                Op::Mul(a, b) => self.mul(slot(a), slot(b)),
                Op::Div(a, b) => self.div(slot(a), slot(b)),
                Op::Apply(f, a) => {
                    let argument = slot(a);
                    self.note_domain(graph, f, argument, a);
                    self.apply(f, argument, node.value)
                }
                Op::Returned(a) => slot(a),
                Op::Root(index) => {
                    let root = graph.roots[index as usize];
                    let equation = at + 1..root.end as usize;
                    let near = |v: f64| (v - node.value).abs() <= 1e-6 * node.value.abs().max(1e-3);
                    let candidates: Vec<Id> =
                        known.iter().copied().filter(|&id| near(self.value(id))).take(CANDIDATES).collect();
                    let symbol = self.symbol("root", (walk.tag, index), node.value);
                    walk.of[at] = symbol;
                    self.run(walk, &[], equation.clone());
                    let unique = self.rises(walk, root);
                    let mut solved = false;
                    for candidate in candidates {
                        walk.of[at] = candidate;
                        self.run(walk, &[], equation.clone());
                        solved = self.residue(walk.of[root.residual as usize]) == 0;
                        if solved {
                            walk.guessed |= !unique;
                            break;
                        }
                    }
                    if !solved {
                        walk.of[at] = symbol;
                        self.run(walk, &[], equation);
                        walk.unsolved.push(root.residual);
                    }
                    at = root.end as usize;
                    continue;
                }
            };
            at += 1;
        }
    }

    /// The derivative of each node in a direction; `slopes` as from [`Session::slopes`].
    pub(crate) fn tangents(
        &self,
        graph: &Graph,
        numbers: &Numbers,
        reading: Reading,
        rule: &Slopes,
        seed: &[u64],
    ) -> Vec<u64> {
        let f = self.field;
        let mut t = vec![0u64; graph.nodes.len()];
        let r = |place: u32| self.residue(numbers.of[place as usize]);
        let mut roots = Ends::of(graph);
        for at in (0..graph.nodes.len()).filter(|&at| !numbers.skipped[at]) {
            let d = |place: u32| t[place as usize];
            let tangent = match graph.nodes[at].op {
                Op::Input(i) => seed[i as usize],
                Op::Constant | Op::Parameter(_) | Op::Pi | Op::Ln2 | Op::Root(_) => 0,
                Op::Neg(a) => f.neg(d(a)),
                Op::Add(a, b) => f.add(d(a), d(b)),
                Op::Sub(a, b) => f.sub(d(a), d(b)),
                Op::Mul(a, b) => f.add(f.mul(d(a), r(b)), f.mul(d(b), r(a))),
                Op::Div(a, b) => {
                    let above = f.sub(d(a), f.mul(d(b), self.residue(numbers.of[at])));
                    f.mul(above, f.inverse(r(b)).unwrap_or(0))
                }
                Op::Apply(_, a) if d(a) == 0 => 0,
                Op::Apply(_, a) => f.mul(d(a), rule.of[at].map_or(0, |id| self.residue(id))),
                Op::Returned(a) if reading == Reading::AsRecorded => d(a),
                Op::Returned(_) => {
                    let partials = rule.partials.get(&at).map_or(&[][..], |all| &all[..]);
                    partials.iter().fold(0, |sum, &(input, partial)| f.add(sum, f.mul(partial, d(input))))
                }
            };
            t[at] = tangent;
            for root in roots.at(at + 1) {
                // ∂a = −∂g(a)/g′(a), with the equation's own derivatives taken at a constant root.
                let slope = f.inverse(r(root.slope)).unwrap_or(0);
                t[root.node as usize] = f.neg(f.mul(t[root.residual as usize], slope));
            }
        }
        t
    }

    /// What the chain rule needs at each node, with the degree of each node's derivative.
    pub(crate) fn slopes(&mut self, graph: &Graph, numbers: &Numbers, reading: Reading, names: &mut Names) -> Slopes {
        let mut rule = Slopes { of: vec![None; graph.nodes.len()], partials: HashMap::new(), degrees: Vec::new() };
        if reading == Reading::AnyConditioner {
            for call in &graph.calls {
                let identity = names.conditioner(call.identity);
                let x: Vec<u64> = call.inputs.iter().map(|&i| self.residue(numbers.of[i as usize])).collect();
                for (i, &output) in call.outputs.iter().enumerate() {
                    let partial = |j: usize| self.random("partial", (identity, i, j, &x));
                    let partials = call.inputs.iter().enumerate().map(|(j, &input)| (input, partial(j))).collect();
                    rule.partials.insert(output as usize, partials);
                }
            }
        }
        let mut degrees = vec![Degree::CONSTANT; graph.nodes.len()];
        let mut roots = Ends::of(graph);
        for at in (0..graph.nodes.len()).filter(|&at| !numbers.skipped[at]) {
            let d = |place: u32| degrees[place as usize];
            let n = |session: &Self, place: u32| session.degree(numbers.of[place as usize]);
            degrees[at] = match graph.nodes[at].op {
                Op::Input(_) | Op::Constant | Op::Parameter(_) | Op::Pi | Op::Ln2 | Op::Root(_) => Degree::CONSTANT,
                Op::Neg(a) => d(a),
                Op::Add(a, b) | Op::Sub(a, b) => d(a).add(d(b)),
                Op::Mul(a, b) => d(a).mul(n(self, b)).add(d(b).mul(n(self, a))),
                Op::Div(a, b) => d(a).add(d(b).mul(self.degree(numbers.of[at]))).div(n(self, b)),
                Op::Apply(f, a) => {
                    let slope = self.slope(f, numbers.of[a as usize], numbers.of[at]);
                    rule.of[at] = Some(slope);
                    d(a).mul(self.degree(slope))
                }
                Op::Returned(a) if reading == Reading::AsRecorded => d(a),
                Op::Returned(_) => rule.partials.get(&at).map_or(Degree::CONSTANT, |all| {
                    all.iter().fold(Degree::CONSTANT, |sum, &(input, _)| sum.add(d(input).mul(Degree::SYMBOL)))
                }),
            };
            for root in roots.at(at + 1) {
                if self.equation_slope(graph, numbers, &rule, root) != self.residue(numbers.of[root.slope as usize]) {
                    self.spoil(Poison::Domain("the slope given with an equation is not its derivative".to_owned()));
                }
                degrees[root.node as usize] =
                    degrees[root.residual as usize].div(self.degree(numbers.of[root.slope as usize]));
            }
        }
        rule.degrees = degrees;
        rule
    }
}

impl Session {
    /// The derivative of an equation's residual by its root.
    fn equation_slope(&self, graph: &Graph, numbers: &Numbers, rule: &Slopes, root: Root) -> u64 {
        let (f, first) = (self.field, root.node);
        let mut t = vec![0u64; (root.end - first) as usize];
        t[0] = 1;
        let r = |place: u32| self.residue(numbers.of[place as usize]);
        for at in (first + 1..root.end).filter(|&at| !numbers.skipped[at as usize]) {
            let d = |place: u32| if place < first { 0 } else { t[(place - first) as usize] };
            t[(at - first) as usize] = match graph.nodes[at as usize].op {
                Op::Neg(a) => f.neg(d(a)),
                Op::Add(a, b) => f.add(d(a), d(b)),
                Op::Sub(a, b) => f.sub(d(a), d(b)),
                Op::Mul(a, b) => f.add(f.mul(d(a), r(b)), f.mul(d(b), r(a))),
                Op::Div(a, b) => {
                    let above = f.sub(d(a), f.mul(d(b), r(at)));
                    f.mul(above, f.inverse(r(b)).unwrap_or(0))
                }
                Op::Apply(_, a) => f.mul(d(a), rule.of[at as usize].map_or(0, |id| self.residue(id))),
                Op::Returned(_) => {
                    let partials = rule.partials.get(&(at as usize)).map_or(&[][..], |all| &all[..]);
                    partials.iter().fold(0, |sum, &(input, partial)| f.add(sum, f.mul(partial, d(input))))
                }
                _ => 0,
            };
        }
        t[(root.residual - first) as usize]
    }
}

/// The chain rule of one graph.
#[derive(Debug)]
pub(crate) struct Slopes {
    of: Vec<Option<Id>>,
    /// For each value that a conditioner returned: its derivative by each input.
    partials: HashMap<usize, Vec<(u32, u64)>>,
    pub degrees: Vec<Degree>,
}
