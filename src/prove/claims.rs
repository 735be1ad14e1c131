//! The claims that are proved: each an identity between residues.

use crate::error::FlowError;
use crate::evidence::{Direction, Subject};
use crate::exact::{Degree, Id, Names, Numbers, Reading, Session};
use crate::flow::Layer;
use crate::scalar::Graph;

use super::calls;

/// A power of both sides that is free of roots of unity for positive numbers, and makes halves and thirds whole.
const TWELVE: i128 = 12;

/// The graphs that a claim is about, recorded once and read in many sessions.
#[derive(Debug)]
pub(super) struct Recorded {
    /// The law.
    pub law: &'static str,
    /// In the order evaluated.
    pub graphs: Vec<Graph>,
    /// Where each was recorded.
    pub starts: Vec<Vec<f64>>,
    /// Every conditioner computes with its inputs only.
    pub conditioners_are_closed: bool,
}

/// The laws that can be proved.
pub(super) const PROVABLE: &[&str] = &[
    "inverse-undoes-forward",
    "forward-undoes-inverse",
    "inverse-log-det-negates",
    "log-det-is-jacobian",
    "inverse-log-det-is-jacobian",
    "jacobians-are-inverse",
    "log-dets-add",
];

/// The maps that a claim is about: each at the point that the one before it reached; but the parts of a composition
/// begin where the whole does.
pub(super) fn maps<'a>(law: &str, layer: &'a dyn Layer) -> Vec<(&'a dyn Layer, Direction)> {
    let (forward, inverse) = ((layer, Direction::Forward), (layer, Direction::Inverse));
    match law {
        "log-det-is-jacobian" => vec![forward],
        "inverse-log-det-is-jacobian" => vec![inverse],
        "forward-undoes-inverse" => vec![inverse, forward],
        "log-dets-add" => {
            let parts = layer.parts().into_iter().map(|part| (part, Direction::Forward));
            std::iter::once(forward).chain(parts).collect()
        }
        _ => vec![forward, inverse],
    }
}

/// Records what a claim is about.
pub(super) fn record(law: &'static str, layer: &dyn Layer, z: &[f64], x: &[f64]) -> Result<Recorded, FlowError> {
    let maps = maps(law, layer);
    let mut at = if maps[0].1 == Direction::Forward { z.to_vec() } else { x.to_vec() };
    let mut recorded = Recorded { law, graphs: Vec::new(), starts: Vec::new(), conditioners_are_closed: true };
    for (i, (layer, direction)) in maps.into_iter().enumerate() {
        let mut graph = Subject::of_dyn(layer).graph(direction, &at)?;
        recorded.conditioners_are_closed &= calls::identify(&mut graph);
        let image = graph.image().point;
        let next = if law == "log-dets-add" && i == 0 { at.clone() } else { image };
        recorded.starts.push(std::mem::replace(&mut at, next));
        recorded.graphs.push(graph);
    }
    Ok(recorded)
}

/// What one session says of a claim.
#[derive(Debug)]
pub(super) struct Said {
    pub equal: bool,
    /// Degree of the polynomials that were found to be 0.
    pub degree: f64,
    /// An equation was solved by a known number.
    pub guessed: bool,
}

impl Recorded {
    /// Holds the claim in one session.
    pub(super) fn hold(&self, session: &mut Session, reading: Reading) -> Said {
        let mut names = Names::default();
        let inputs: Vec<Id> =
            self.starts[0].iter().enumerate().map(|(i, &value)| session.symbol("input", i, value)).collect();
        let mut claim = Claim { session, reading, names: &mut names, equal: true, degree: 0.0 };
        let first = &self.graphs[0];
        let (inputs, start) = claim.solved(first, inputs);
        let mut guessed = start.guessed;
        match self.law {
            "log-det-is-jacobian" | "inverse-log-det-is-jacobian" => {
                let j = claim.jacobian(first, &start);
                claim.expect_volume(start.log_det, &[j]);
            }
            "log-dets-add" => {
                let mut at = inputs;
                let mut jacobians = Vec::new();
                for (tag, graph) in self.graphs.iter().enumerate().skip(1) {
                    let part = claim.numbers(graph, &at, &start.of, tag);
                    jacobians.push(claim.jacobian(graph, &part));
                    guessed |= part.guessed;
                    at = part.point;
                }
                claim.expect_same(&start.point, &at);
                claim.expect_volume(start.log_det, &jacobians);
            }
            law => {
                let second = &self.graphs[1];
                let back = claim.numbers(second, &start.point, &start.of, 1);
                guessed |= back.guessed;
                match law {
                    "inverse-log-det-negates" => {
                        let sum = claim.session.add(start.log_det, back.log_det);
                        claim.expect_volume(sum, &[]);
                    }
                    "jacobians-are-inverse" => {
                        let (f, g) = (claim.jacobian(first, &start), claim.jacobian(second, &back));
                        claim.expect_inverse(&f, &g);
                    }
                    _ => claim.expect_same(&back.point, &inputs),
                }
            }
        }
        Said { equal: claim.equal, degree: claim.degree, guessed }
    }
}

/// A Jacobian of residues, row by row, with the degree of all its entries together.
struct Matrix {
    rows: Vec<Vec<u64>>,
    degree: f64,
}

struct Claim<'a> {
    session: &'a mut Session,
    reading: Reading,
    names: &'a mut Names,
    equal: bool,
    degree: f64,
}

impl Claim<'_> {
    fn numbers(&mut self, graph: &Graph, inputs: &[Id], known: &[Id], tag: usize) -> Numbers {
        self.session.numbers(graph, inputs, self.reading, self.names, known, tag)
    }

    /// The numbers of the first graph, with inputs such that its equations hold: the root of an equation is a symbol, and
    /// one input that the residual is affine in is solved for. Both then range over all solutions.
    fn solved(&mut self, graph: &Graph, mut inputs: Vec<Id>) -> (Vec<Id>, Numbers) {
        let mut numbers = self.numbers(graph, &inputs, &[], 0);
        let mut free: Vec<usize> = (0..inputs.len()).rev().collect();
        for which in 0..numbers.unsolved.len() {
            let solution = free.iter().enumerate().find_map(|(place, &k)| {
                let solved = self.solve(graph, &inputs, which, k)?;
                let again = self.numbers(graph, &solved, &[], 0);
                let holds = |i: usize| self.session.residue(again.of[again.unsolved[i] as usize]) == 0;
                (again.unsolved.len() > which && (0..=which).all(holds)).then_some((place, solved, again))
            });
            if let Some((place, solved, again)) = solution {
                free.remove(place);
                (inputs, numbers) = (solved, again);
            }
        }
        (inputs, numbers)
    }

    /// Inputs with the `k`-th such that an equation holds, if its residual is affine in it.
    fn solve(&mut self, graph: &Graph, inputs: &[Id], which: usize, k: usize) -> Option<Vec<Id>> {
        let field = self.session.field();
        let residual = |claim: &mut Self, shift: f64| {
            let mut moved = inputs.to_vec();
            let by = claim.session.constant(shift);
            moved[k] = claim.session.add(moved[k], by);
            let numbers = claim.numbers(graph, &moved, &[], 0);
            let place = numbers.unsolved.get(which).copied()?;
            Some((claim.session.residue(numbers.of[place as usize]), numbers.of[place as usize]))
        };
        let ((r0, id), (r1, _), (r2, _)) = (residual(self, 0.0)?, residual(self, 1.0)?, residual(self, 2.0)?);
        let slope = field.sub(r1, r0);
        if slope == 0 || field.sub(r2, r1) != slope {
            return None;
        }
        let step = field.mul(r0, field.inverse(slope)?);
        let mut solved = inputs.to_vec();
        solved[k] = self.session.moved(inputs[k], step, id);
        Some(solved)
    }

    fn jacobian(&mut self, graph: &Graph, numbers: &Numbers) -> Matrix {
        let d = graph.point.len();
        if self.session.poison().is_some() {
            return Matrix { rows: vec![vec![0; d]; d], degree: 0.0 };
        }
        let rule = self.session.slopes(graph, numbers, self.reading, self.names);
        let columns: Vec<Vec<u64>> = (0..d)
            .map(|j| {
                let seed: Vec<u64> = (0..d).map(|i| u64::from(i == j)).collect();
                self.session.tangents(graph, numbers, self.reading, &rule, &seed)
            })
            .collect();
        let rows = graph.point.iter().map(|&at| columns.iter().map(|column| column[at as usize]).collect()).collect();
        let degree: f64 = graph.point.iter().map(|&at| rule.degrees[at as usize].total()).sum();
        Matrix { rows, degree: degree * d as f64 }
    }

    /// `e^(12 ℓ) = Π det¹²`.
    fn expect_volume(&mut self, log_det: Id, jacobians: &[Matrix]) {
        let field = self.session.field();
        let (left, degree) = self.session.exp_scaled(log_det, TWELVE);
        let det = jacobians.iter().fold(1, |product, j| field.mul(product, field.determinant(j.rows.clone())));
        self.equal &= det != 0 && left == field.pow(det, TWELVE);
        self.degree += degree.total() + TWELVE as f64 * jacobians.iter().map(|j| j.degree).sum::<f64>();
    }

    fn expect_same(&mut self, a: &[Id], b: &[Id]) {
        self.equal &= a.len() == b.len();
        for (&a, &b) in a.iter().zip(b) {
            let (same, degree): (bool, Degree) = self.session.same(a, b);
            self.equal &= same;
            self.degree += degree.total();
        }
    }

    fn expect_inverse(&mut self, f: &Matrix, g: &Matrix) {
        let (field, d) = (self.session.field(), f.rows.len());
        for i in 0..d {
            for j in 0..d {
                let entry = (0..d).fold(0, |sum, k| field.add(sum, field.mul(g.rows[i][k], f.rows[k][j])));
                self.equal &= entry == u64::from(i == j);
            }
        }
        self.degree += f.degree + g.degree;
    }
}
