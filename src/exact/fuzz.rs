//! Random expressions over all functions: numbers with equal residues have equal values.

use std::collections::HashMap;

use super::{Field, Id, Session, digest};
use crate::scalar::Function;

const FUNCTIONS: [Function; 17] = [
    Function::Exp,
    Function::Ln,
    Function::LnAbs,
    Function::Sqrt,
    Function::Sin,
    Function::Cos,
    Function::Tanh,
    Function::Sinh,
    Function::Cosh,
    Function::Asinh,
    Function::Atan,
    Function::ExpM1,
    Function::Ln1p,
    Function::Sigmoid,
    Function::Softplus,
    Function::Sech2,
    Function::LnCosh,
];

fn below(state: &mut u64, n: usize) -> usize {
    *state = digest(*state);
    (*state % n as u64) as usize
}

/// Whether a value is one that rounding cannot have made of another.
fn resolved(x: f64) -> bool {
    x.is_finite() && x.abs() < 1e6 && (x == 0.0 || x.abs() > 1e-6)
}

/// Adds one number made of those before, if it stays in its domain.
fn step(session: &mut Session, pool: &mut Vec<Id>, state: &mut u64) {
    let a = pool[below(state, pool.len())];
    let b = pool[below(state, pool.len())];
    let (x, y) = (session.value(a), session.value(b));
    let new = match below(state, 9) {
        0 => session.add(a, b),
        1 => session.sub(a, b),
        2 => session.mul(a, b),
        3 if y.abs() > 1e-3 => session.div(a, b),
        // Squares, so that known and hidden roots meet.
        4 => session.mul(a, a),
        5 => session.neg(a),
        _ => {
            let f = FUNCTIONS[below(state, FUNCTIONS.len())];
            let value = f.value(x);
            // Near its edge a function saturates: equal values then say nothing.
            let saturates = x.abs() > 12.0;
            if !value.is_finite() || saturates || (f == Function::Sqrt && x < 0.0) {
                return;
            }
            session.apply(f, a, value)
        }
    };
    if session.poison().is_none() && resolved(session.value(new)) {
        pool.push(new);
    }
}

#[test]
fn equal_residues_never_have_different_values() {
    let (mut nodes, mut equal, mut missed) = (0usize, 0usize, 0usize);
    for seed in 0..12_000u64 {
        let mut state = digest((seed, "graph"));
        let mut session = Session::new(Field::from_seed(seed % 16), seed, digest((seed, "signs")));
        let mut pool: Vec<Id> =
            (0..3).map(|i| session.symbol("input", i, (below(&mut state, 61) as f64 - 30.0) / 13.0 + 0.01)).collect();
        pool.extend([1.0, 2.0, 0.5].map(|c| session.constant(c)));
        while pool.len() < 30 && session.poison().is_none() {
            step(&mut session, &mut pool, &mut state);
        }
        let roots = session.roots();
        let mut values: HashMap<u64, f64> = HashMap::new();
        let mut residues: HashMap<i64, u64> = HashMap::new();
        for &id in &pool {
            nodes += 1;
            let (residue, value) = (session.residue(id), session.value(id));
            if let Some(&other) = values.get(&residue) {
                equal += 1;
                let apart = (value - other).abs() / (1.0 + value.abs());
                // A square root that is not known stands for either root: only then may a sign differ.
                assert!(apart < 1e-6 || roots > 0, "seed {seed}: {other:?} and {value:?} have one residue");
            }
            values.insert(residue, value);
            let rounded = (value * 1e9) as i64;
            missed += usize::from(residues.insert(rounded, residue).is_some_and(|other| other != residue));
        }
    }
    println!("{nodes} numbers: {equal} pairs of equal residues, none of different value; {missed} of equal value only");
    assert!(nodes > 200_000 && equal > 1000);
}
