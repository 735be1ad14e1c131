//! Skew-symmetric matrices, of which two layers make orthogonal ones.

use std::cmp::Ordering;

use proptest::prelude::*;

use crate::error::FlowError;
use crate::family::{away_from_zero, matrix};
use crate::linalg::expect_shape;
use crate::param::{Param, params};
use crate::scalar::Scalar;

/// `A = −Aᵀ`.
#[derive(Clone, Debug)]
pub(super) struct Skew {
    /// Row `i` holds the `i` entries left of the diagonal.
    below: Vec<Vec<Param>>,
}

impl Skew {
    /// From all entries of the parameter `A`.
    pub(super) fn new(a: &[Vec<f64>]) -> Result<Self, FlowError> {
        let n = a.len().max(1);
        expect_shape("A", a, n, n)?;
        let mut pairs = (0..n).flat_map(|i| (0..=i).map(move |j| (i, j)));
        if let Some((i, j)) = pairs.find(|&(i, j)| a[i][j] != -a[j][i]) {
            let constraint = "the negative of its mirror image: a skew-symmetric matrix";
            return Err(FlowError::BadParameter { name: format!("A[{i}][{j}]"), value: a[i][j], constraint });
        }
        Ok(Self { below: a.iter().enumerate().map(|(i, row)| params(row[..i].iter().copied())).collect() })
    }

    pub(super) fn dim(&self) -> usize {
        self.below.len()
    }

    /// All entries of `A`.
    pub(super) fn matrix<S: Scalar>(&self) -> Vec<Vec<S>> {
        let entry = |i: usize, j: usize| match i.cmp(&j) {
            Ordering::Greater => S::from(self.below[i][j]),
            Ordering::Equal => S::from(0.0),
            Ordering::Less => -S::from(self.below[j][i]),
        };
        (0..self.dim()).map(|i| (0..self.dim()).map(|j| entry(i, j)).collect()).collect()
    }
}

/// `−A`.
pub(super) fn negated<S: Scalar>(a: Vec<Vec<S>>) -> Vec<Vec<S>> {
    a.into_iter().map(|row| row.into_iter().map(|a| -a).collect()).collect()
}

/// All entries of a skew-symmetric matrix from those below the diagonal of a square one.
fn mirrored(a: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let entry = |i: usize, j: usize| match i.cmp(&j) {
        Ordering::Greater => a[i][j],
        Ordering::Equal => 0.0,
        Ordering::Less => -a[j][i],
    };
    (0..a.len()).map(|i| (0..a.len()).map(|j| entry(i, j)).collect()).collect()
}

/// No entry near 0 beside the diagonal.
pub(super) fn draw(largest: usize) -> impl Strategy<Value = Vec<Vec<f64>>> {
    (2usize..=largest).prop_flat_map(|d| matrix(away_from_zero(0.25, 1.0), d, d)).prop_map(|a| mirrored(&a))
}

/// A member of dimension `d` whose norm does not grow.
pub(super) fn wave(d: usize) -> Vec<Vec<f64>> {
    let below: Vec<Vec<f64>> =
        (0..d).map(|i| (0..d).map(|j| ((i + 2 * j) as f64 + 0.5).sin() / d as f64).collect()).collect();
    mirrored(&below)
}
