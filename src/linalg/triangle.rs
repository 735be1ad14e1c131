//! Triangular matrices of parameters.

use std::ops::Range;

use super::expect_shape;
use crate::error::FlowError;
use crate::param::{Param, params};
use crate::scalar::Scalar;

/// On which side of its diagonal a triangular matrix may have entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Below it.
    Lower,
    /// Above it.
    Upper,
}

/// What a triangular matrix has on its diagonal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagonal {
    /// Ones.
    Unit,
    /// The numbers as given, none of them 0.
    Direct,
    /// The exponentials of the numbers given.
    Exp,
}

/// The largest log of a diagonal entry: its exponential and that of its negative are normal numbers.
const LARGEST_LOG: f64 = 700.0;

/// A triangular matrix without a zero on its diagonal.
#[derive(Clone, Debug)]
pub(crate) struct Triangle {
    part: Part,
    kind: Diagonal,
    /// Row by row, what lies beside the diagonal.
    beside: Vec<Vec<Param>>,
    /// None for a diagonal of ones.
    diagonal: Vec<Param>,
}

impl Triangle {
    /// From all `n × n` entries of the parameter `name`.
    pub(crate) fn new(name: &str, part: Part, kind: Diagonal, rows: &[Vec<f64>], n: usize) -> Result<Self, FlowError> {
        expect_shape(name, rows, n, n)?;
        let bad = |i: usize, j: usize, constraint| {
            Err(FlowError::BadParameter { name: format!("{name}[{i}][{j}]"), value: rows[i][j], constraint })
        };
        for (i, row) in rows.iter().enumerate() {
            for (j, &entry) in row.iter().enumerate().filter(|(_, entry)| **entry != 0.0) {
                match part {
                    Part::Lower if j > i => return bad(i, j, "0 above the diagonal"),
                    Part::Upper if j < i => return bad(i, j, "0 below the diagonal"),
                    _ if j == i && kind == Diagonal::Exp && entry.abs() > LARGEST_LOG => {
                        return bad(i, i, "a log of modulus at most 700 on the diagonal");
                    }
                    _ => {}
                }
            }
            match kind {
                Diagonal::Unit if row[i] != 1.0 => return bad(i, i, "1 on the diagonal"),
                Diagonal::Direct if row[i] == 0.0 => {
                    return Err(FlowError::SingularMatrix { index: i, why: format!("{name}[{i}][{i}] = 0") });
                }
                _ => {}
            }
        }
        let beside = rows.iter().enumerate().map(|(i, row)| params(row[Self::open(part, i, n)].iter().copied()));
        let diagonal = if kind == Diagonal::Unit { 0..0 } else { 0..n };
        Ok(Self { part, kind, beside: beside.collect(), diagonal: params(diagonal.map(|i| rows[i][i])) })
    }

    fn open(part: Part, i: usize, n: usize) -> Range<usize> {
        match part {
            Part::Lower => 0..i,
            Part::Upper => i + 1..n,
        }
    }

    pub(crate) fn dim(&self) -> usize {
        self.beside.len()
    }

    /// The coordinates in the order in which each depends on those before it.
    pub(crate) fn order(&self) -> Vec<usize> {
        match self.part {
            Part::Lower => (0..self.dim()).collect(),
            Part::Upper => (0..self.dim()).rev().collect(),
        }
    }

    pub(crate) fn kind(&self) -> Diagonal {
        self.kind
    }

    /// `A z`.
    pub(crate) fn apply<S: Scalar>(&self, z: &[S]) -> Vec<S> {
        let row = |i: usize| {
            let own = match self.kind {
                Diagonal::Unit => z[i],
                Diagonal::Direct => self.diagonal[i] * z[i],
                Diagonal::Exp => S::from(self.diagonal[i]).exp() * z[i],
            };
            let open = Self::open(self.part, i, z.len());
            self.beside[i].iter().zip(&z[open]).fold(own, |sum, (a, &z)| sum + a * z)
        };
        (0..z.len()).map(row).collect()
    }

    /// `A⁻¹ x`, by substitution.
    pub(crate) fn solve<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        let mut z = x.to_vec();
        for i in self.order() {
            let open = Self::open(self.part, i, x.len());
            let left = self.beside[i].iter().zip(&z[open]).fold(x[i], |left, (a, &z)| left - a * z);
            z[i] = match self.kind {
                Diagonal::Unit => left,
                Diagonal::Direct => left / self.diagonal[i],
                Diagonal::Exp => left / S::from(self.diagonal[i]).exp(),
            };
        }
        z
    }

    /// `log|det A|`, a sum of logs.
    pub(crate) fn log_abs_det<S: Scalar>(&self) -> S {
        let log = |&p: &Param| match self.kind {
            Diagonal::Exp => S::from(p),
            _ => S::from(p).ln_abs(),
        };
        // Not by `sum`: that of no numbers is −0 in f64.
        self.diagonal.iter().map(log).fold(S::from(0.0), |sum, log| sum + log)
    }
}
