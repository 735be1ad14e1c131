//! Derivatives of formulas, as further nodes: between the matrices of a formula they are sparse.

use std::collections::BTreeMap;
use std::rc::Rc;

use pushforward_lanes::Binary;

use super::Unsupported;
use super::arena::{Arena, Node};
use crate::scalar::Function;

/// What is differentiated by: an input, or what a matrix returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Source {
    Input(u32),
    Dot(u32),
}

/// The derivatives of a node, by source.
pub(super) type Partials = Rc<[(Source, u32)]>;

/// Partial derivatives that are kept in all: beyond, a formula has no sparse structure to use.
const MOST: usize = 8_000_000;

/// The derivatives of every node that `wanted` lead to, up to the matrices.
pub(super) fn partials(arena: &mut Arena, wanted: &[bool]) -> Result<Vec<Partials>, Unsupported> {
    let none: Partials = Rc::from([]);
    let mut all = vec![Rc::clone(&none); wanted.len()];
    let one = arena.constant(1.0);
    let mut kept = 0;
    for at in 0..wanted.len() {
        if !wanted[at] {
            continue;
        }
        let of = |a: u32| Rc::clone(&all[a as usize]);
        let result = match arena.nodes[at] {
            Node::Constant(_) => continue,
            Node::Input(i) => Rc::from([(Source::Input(i), one)]),
            Node::Dot(i) => Rc::from([(Source::Dot(i), one)]),
            Node::Variable(_) | Node::Root(_) => return Err(Unsupported("the derivative of an equation's root")),
            Node::Case(site, 0) => {
                let inputs = arena.sites[site as usize].inputs.clone();
                let mut total = Rc::clone(&none);
                for (i, input) in (2..).zip(inputs) {
                    let slope = arena.push(Node::Case(site, i));
                    let part = scaled(&of(input), |d| arena.times(d, slope));
                    total = sum(arena, &total, &part);
                }
                total
            }
            Node::Case(..) => return Err(Unsupported("the derivative of a log-det")),
            Node::Binary(Binary::Reaches, ..) => continue,
            Node::Binary(Binary::Max, a, b) => {
                let left = arena.binary(Binary::Reaches, a, b);
                let right = arena.binary(Binary::Sub, one, left);
                let (left, right) =
                    (scaled(&of(a), |d| arena.times(d, left)), scaled(&of(b), |d| arena.times(d, right)));
                sum(arena, &left, &right)
            }
            Node::Neg(a) => scaled(&of(a), |d| arena.push(Node::Neg(d))),
            Node::Binary(Binary::Add, a, b) => sum(arena, &of(a), &of(b)),
            Node::Binary(Binary::Sub, a, b) => {
                let negative = scaled(&of(b), |d| arena.push(Node::Neg(d)));
                sum(arena, &of(a), &negative)
            }
            Node::Binary(Binary::Mul, a, b) => {
                let left = scaled(&of(a), |d| arena.times(d, b));
                let right = scaled(&of(b), |d| arena.times(d, a));
                sum(arena, &left, &right)
            }
            Node::Binary(Binary::Div, a, b) => {
                let inverse = arena.binary(Binary::Div, one, b);
                let left = scaled(&of(a), |d| arena.times(d, inverse));
                let quotient = arena.times(at as u32, inverse);
                let quotient = arena.push(Node::Neg(quotient));
                let right = scaled(&of(b), |d| arena.times(d, quotient));
                sum(arena, &left, &right)
            }
            Node::Apply(function, a) => {
                let of = of(a);
                if of.is_empty() {
                    continue;
                }
                let slope = slope(arena, function, a, at as u32)?;
                scaled(&of, |d| arena.times(d, slope))
            }
        };
        kept += result.len();
        if kept > MOST {
            return Err(Unsupported("a Jacobian that is dense without a matrix"));
        }
        all[at] = result;
    }
    Ok(all)
}

fn scaled(of: &Partials, mut f: impl FnMut(u32) -> u32) -> Partials {
    of.iter().map(|&(source, d)| (source, f(d))).collect()
}

fn sum(arena: &mut Arena, a: &Partials, b: &Partials) -> Partials {
    if a.is_empty() {
        return Rc::clone(b);
    }
    if b.is_empty() {
        return Rc::clone(a);
    }
    let mut merged: BTreeMap<Source, u32> = a.iter().copied().collect();
    for &(source, d) in b.iter() {
        merged.entry(source).and_modify(|known| *known = arena.binary(Binary::Add, *known, d)).or_insert(d);
    }
    merged.into_iter().collect()
}

/// The derivative of a function at `a`, where its value is `f`.
pub(super) fn slope(arena: &mut Arena, function: Function, a: u32, f: u32) -> Result<u32, Unsupported> {
    let one = arena.constant(1.0);
    Ok(match function {
        Function::Exp => f,
        Function::Ln | Function::LnAbs => arena.binary(Binary::Div, one, a),
        Function::Sqrt => {
            let half = arena.constant(0.5);
            arena.binary(Binary::Div, half, f)
        }
        Function::Sin => arena.push(Node::Apply(Function::Cos, a)),
        Function::Cos => {
            let sin = arena.push(Node::Apply(Function::Sin, a));
            arena.push(Node::Neg(sin))
        }
        // sech² = (1 − tanh)(1 + tanh)
        Function::Tanh => {
            let (below, above) = (arena.binary(Binary::Sub, one, f), arena.binary(Binary::Add, one, f));
            arena.binary(Binary::Mul, below, above)
        }
        Function::Sinh => arena.push(Node::Apply(Function::Cosh, a)),
        Function::Cosh => arena.push(Node::Apply(Function::Sinh, a)),
        Function::Sigmoid => {
            let rest = arena.binary(Binary::Sub, one, f);
            arena.binary(Binary::Mul, f, rest)
        }
        Function::Softplus => arena.push(Node::Apply(Function::Sigmoid, a)),
        Function::ExpM1 => arena.push(Node::Apply(Function::Exp, a)),
        Function::Ln1p => {
            let sum = arena.binary(Binary::Add, one, a);
            arena.binary(Binary::Div, one, sum)
        }
        Function::LnCosh => arena.push(Node::Apply(Function::Tanh, a)),
        Function::Sech2 => {
            let tanh = arena.push(Node::Apply(Function::Tanh, a));
            let (product, minus_two) = (arena.binary(Binary::Mul, tanh, f), arena.constant(-2.0));
            arena.binary(Binary::Mul, product, minus_two)
        }
        Function::Atan | Function::Asinh => {
            let square = arena.binary(Binary::Mul, a, a);
            let sum = arena.binary(Binary::Add, square, one);
            let root = if function == Function::Asinh { arena.push(Node::Apply(Function::Sqrt, sum)) } else { sum };
            arena.binary(Binary::Div, one, root)
        }
        Function::NormalCdf => return Err(Unsupported("the derivative of Φ")),
    })
}
