//! The formula of a layer in symbols: its image, its Jacobian and its log-det.
//!
//! The formula is recorded at a point, differentiated symbol by symbol, and simplified by residues: two expressions that
//! are equal for every input have equal residues in a prime field (but with a probability below 10⁻¹²), so of each value
//! the shortest expression met is kept.

mod expression;
mod names;
mod print;

use std::fmt;

use crate::error::FlowError;
use crate::evidence::{Direction, Subject};
use crate::exact::{Field, Names, Reading, Session, digest};
use crate::flow::Layer;
use crate::scalar::{Ends, Graph, Op};
use expression::{Algebra, Build, Term};
pub use print::Notation;
use print::Printer;

/// A formula in symbols.
#[derive(Clone, Debug)]
pub struct Derivation {
    /// The dimension.
    pub dim: usize,
    /// Abbreviations: letter and expression.
    pub given: Vec<(String, String)>,
    /// Values that conditioners returned, and what each is a function of.
    pub conditioners: Vec<(String, String)>,
    /// Equations whose roots appear: root and what vanishes there.
    pub equations: Vec<(String, String)>,
    /// `x_i`, expression by expression.
    pub point: Vec<String>,
    /// `∂x_i/∂z_j`, row by row.
    pub jacobian: Vec<Vec<String>>,
    /// `log|det J|` as the layer computes it.
    pub log_det: String,
    notation: Notation,
}

/// Derives `forward` at a point.
///
/// # Errors
/// As the layer's `forward`; `OutOfRange` where the formula leaves its domain in symbols.
pub fn derive(layer: &dyn Layer, z: &[f64], notation: Notation) -> Result<Derivation, FlowError> {
    let subject = Subject::of_dyn(layer);
    let graph = subject.graph(Direction::Forward, z)?;
    // A formula with square roots needs a field that has them.
    let formula = (0..256u64).find_map(|seed| Formula::of(layer, &graph, z, seed));
    let Some(mut formula) = formula else {
        return Err(FlowError::OutOfRange { what: "the formula, taken symbol by symbol".to_owned() });
    };
    let jacobian = formula.jacobian(&graph, z.len());
    let at = |place: &u32| formula.terms[*place as usize];
    let point: Vec<Term> = graph.point.iter().map(at).collect();
    let log_det = at(&graph.log_det);
    let equations: Vec<(usize, Term)> = formula.equations.clone();
    let shown = point.iter().copied().chain(jacobian.iter().flatten().copied()).chain([log_det]);
    let printer = Printer::new(&formula.algebra, notation, &point, shown.chain(equations.iter().map(|e| e.1)));
    Ok(Derivation {
        dim: z.len(),
        given: printer.given(),
        conditioners: printer.conditioners(),
        equations: equations.iter().map(|&(k, term)| (printer.root(k), printer.print(term))).collect(),
        point: point.iter().map(|&term| printer.define(term)).collect(),
        jacobian: jacobian.iter().map(|row| row.iter().map(|&term| printer.print(term)).collect()).collect(),
        log_det: printer.print(log_det),
        notation,
    })
}

/// A recorded formula, node by node.
struct Formula {
    algebra: Algebra,
    terms: Vec<Term>,
    skipped: Vec<bool>,
    equations: Vec<(usize, Term)>,
}

impl Formula {
    fn of(layer: &dyn Layer, graph: &Graph, z: &[f64], seed: u64) -> Option<Self> {
        let session = Session::new(Field::from_seed(seed), digest((seed, "derive")), 0);
        let mut algebra = Algebra::new(session);
        let mut ranks = Names::default();
        let inputs: Vec<_> = z.iter().enumerate().map(|(i, &v)| algebra.session.symbol("input", i, v)).collect();
        let numbers = algebra.session.numbers(graph, &inputs, Reading::AnyConditioner, &mut ranks, &[], 0);
        if algebra.session.poison().is_some() {
            return None;
        }
        let names = names::parameters(layer);
        let zero = algebra.number(0.0);
        let mut terms = vec![zero; graph.nodes.len()];
        let mut outputs = std::collections::HashMap::new();
        for call in &graph.calls {
            let conditioner = ranks.conditioner(call.identity);
            for (i, &output) in call.outputs.iter().enumerate() {
                outputs.insert(output, (conditioner, i, &call.inputs));
            }
        }
        let mut equations = Vec::new();
        let mut ends = Ends::of(graph);
        for at in 0..graph.nodes.len() {
            if !numbers.is_part(at) {
                continue;
            }
            let (node, id) = (graph.nodes[at], numbers.of[at]);
            let t = |place: u32| terms[place as usize];
            terms[at] = match node.op {
                Op::Input(i) => algebra.of(Build::Input(i as usize), id),
                Op::Constant => algebra.number(node.value),
                Op::Parameter(p) => {
                    let name = names.get(&p).cloned();
                    let name = name.unwrap_or(names::Name { letter: "p".to_owned(), part: None, indices: vec![at] });
                    algebra.of(Build::Parameter(name), id)
                }
                Op::Pi => algebra.of(Build::Pi, id),
                Op::Ln2 => algebra.of(Build::Ln2, id),
                Op::Neg(a) => algebra.neg(t(a)),
                Op::Add(a, b) => algebra.add(t(a), t(b)),
                Op::Sub(a, b) => algebra.sub(t(a), t(b)),
                Op::Mul(a, b) => algebra.mul(t(a), t(b)),
                Op::Div(a, b) => algebra.div(t(a), t(b)),
                Op::Apply(f, a) => algebra.of(Build::Apply(f, t(a)), id),
                Op::Root(k) => algebra.of(Build::Root(k as usize), id),
                Op::Returned(source) => match outputs.get(&u32::try_from(at).ok()?) {
                    Some(&(k, i, inputs)) => {
                        let inputs = inputs.iter().map(|&input| t(input)).collect();
                        algebra.of(Build::Conditioner(k, i, inputs), id)
                    }
                    None => t(source),
                },
            };
            for root in ends.at(at + 1) {
                if let Op::Root(k) = graph.nodes[root.node as usize].op {
                    equations.push((k as usize, terms[root.residual as usize]));
                }
            }
        }
        let skipped = (0..graph.nodes.len()).map(|at| !numbers.is_part(at)).collect();
        Some(Self { algebra, terms, skipped, equations })
    }

    /// Row by row, by the chain rule in symbols.
    fn jacobian(&mut self, graph: &Graph, d: usize) -> Vec<Vec<Term>> {
        let columns: Vec<Vec<Term>> = (0..d).map(|j| self.column(graph, j)).collect();
        let entry = |&at: &u32, column: &Vec<Term>| column[at as usize];
        graph.point.iter().map(|at| columns.iter().map(|column| entry(at, column)).collect()).collect()
    }

    fn column(&mut self, graph: &Graph, j: usize) -> Vec<Term> {
        let algebra = &mut self.algebra;
        let (zero, one) = (algebra.number(0.0), algebra.number(1.0));
        let mut tangents = vec![zero; graph.nodes.len()];
        let mut ends = Ends::of(graph);
        let mut names = Names::default();
        let calls: Vec<usize> = graph.calls.iter().map(|call| names.conditioner(call.identity)).collect();
        for at in (0..graph.nodes.len()).filter(|&at| !self.skipped[at]) {
            let (d, t) = (|place: u32| tangents[place as usize], |place: u32| self.terms[place as usize]);
            tangents[at] = match graph.nodes[at].op {
                Op::Input(i) if i as usize == j => one,
                Op::Input(_) | Op::Constant | Op::Parameter(_) | Op::Pi | Op::Ln2 | Op::Root(_) => zero,
                Op::Neg(a) => algebra.neg(d(a)),
                Op::Add(a, b) => algebra.add(d(a), d(b)),
                Op::Sub(a, b) => algebra.sub(d(a), d(b)),
                Op::Mul(a, b) => {
                    let (left, right) = (algebra.mul(d(a), t(b)), algebra.mul(t(a), d(b)));
                    algebra.add(left, right)
                }
                Op::Div(a, b) => {
                    let carried = algebra.mul(d(b), self.terms[at]);
                    let above = algebra.sub(d(a), carried);
                    algebra.div(above, t(b))
                }
                Op::Apply(_, a) if algebra.is_zero(d(a)) => zero,
                Op::Apply(f, a) => {
                    let slope = algebra.slope(f, t(a), self.terms[at]);
                    algebra.mul(slope, d(a))
                }
                Op::Returned(source) => {
                    let place = u32::try_from(at).unwrap_or(u32::MAX);
                    let call = graph.calls.iter().position(|call| call.outputs.contains(&place));
                    let Some(call) = call else {
                        tangents[at] = d(source);
                        continue;
                    };
                    let i = graph.calls[call].outputs.iter().position(|&o| o == place).unwrap_or(0);
                    let mut sum = zero;
                    for (n, &input) in graph.calls[call].inputs.iter().enumerate() {
                        if algebra.is_zero(tangents[input as usize]) {
                            continue;
                        }
                        let id = algebra.session.symbol("partial of a conditioner", (calls[call], i, n, place), 1.0);
                        let partial = algebra.of(Build::Partial(calls[call], i, n), id);
                        let product = algebra.mul(partial, tangents[input as usize]);
                        sum = algebra.add(sum, product);
                    }
                    sum
                }
            };
            for root in ends.at(at + 1) {
                let above = algebra.neg(tangents[root.residual as usize]);
                tangents[root.node as usize] = algebra.div(above, self.terms[root.slope as usize]);
            }
        }
        tangents
    }
}

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.notation {
            Notation::Text => print::text(f, self),
            Notation::Latex => print::latex(f, self),
        }
    }
}
