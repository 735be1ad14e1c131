//! Linear algebra over any [`Scalar`], for layers whose parameters are a matrix.

use crate::error::FlowError;
use crate::flow::finite;
use crate::param::Param;
use crate::scalar::{KEY, Number, Scalar};

mod triangle;
pub(crate) use triangle::Triangle;
pub use triangle::{Diagonal, Part};

/// `P A = L U` with unit lower triangular `L`.
#[derive(Clone, Debug)]
pub struct Lu<S> {
    /// Row `i` of `P A` is row `rows[i]` of `A`.
    rows: Vec<usize>,
    /// `L` below the diagonal, `U` on and above it.
    factors: Vec<Vec<S>>,
}

/// Decomposes a square matrix of parameters: [`lu_of`] their values in `S`.
///
/// # Errors
/// `SingularMatrix` where a column has no usable pivot.
pub fn lu<S: Scalar>(matrix: &[Vec<Param>]) -> Result<Lu<S>, FlowError> {
    lu_of(matrix.iter().map(|row| row.iter().map(|&p| S::from(p)).collect()).collect())
}

/// Decomposes a square matrix. Pivots are chosen on the plain numbers; everything else is computed in
/// `S`, so that solutions and log-determinants carry derivatives and error bounds.
///
/// # Errors
/// `SingularMatrix` where a column has no usable pivot.
pub fn lu_of<S: Scalar>(matrix: Vec<Vec<S>>) -> Result<Lu<S>, FlowError> {
    decompose(matrix, |entry| entry.primal(KEY))
}

/// The same for any numbers with a plain one inside.
pub(crate) fn decompose<T: Number>(mut a: Vec<Vec<T>>, primal: impl Fn(T) -> f64) -> Result<Lu<T>, FlowError> {
    let n = a.len();
    let mut rows: Vec<usize> = (0..n).collect();
    for k in 0..n {
        let size = |i: &usize| primal(a[*i][k]).abs();
        let pivot = (k..n).max_by(|i, j| size(i).total_cmp(&size(j))).unwrap_or(k);
        let found = primal(a[pivot][k]);
        if found == 0.0 || !found.is_finite() {
            return Err(FlowError::SingularMatrix { index: k, why: format!("the best pivot is {found:?}") });
        }
        a.swap(k, pivot);
        rows.swap(k, pivot);
        let (done, open) = a.split_at_mut(k + 1);
        for row in open {
            let factor = row[k] / done[k][k];
            row[k] = factor;
            for (entry, &above) in row.iter_mut().zip(&done[k]).skip(k + 1) {
                *entry -= factor * above;
            }
        }
    }
    Ok(Lu { rows, factors: a })
}

impl<S> Lu<S> {
    /// Row `i` of `P A` is row `rows()[i]` of `A`.
    pub(crate) fn rows(&self) -> &[usize] {
        &self.rows
    }
    /// `L` below the diagonal, `U` on and above it.
    pub(crate) fn factors(&self) -> &[Vec<S>] {
        &self.factors
    }
}

impl<S: Number> Lu<S> {
    /// `log|det A|`, a sum of logs.
    pub fn log_abs_det(&self) -> S {
        (0..self.factors.len()).map(|i| self.factors[i][i].ln_abs()).sum()
    }

    /// `A⁻¹ b`.
    pub fn solve(&self, b: &[S]) -> Vec<S> {
        let n = self.rows.len();
        let mut x: Vec<S> = self.rows.iter().map(|&i| b[i]).collect();
        for i in 0..n {
            for j in 0..i {
                x[i] = x[i] - self.factors[i][j] * x[j];
            }
        }
        for i in (0..n).rev() {
            for j in i + 1..n {
                x[i] = x[i] - self.factors[i][j] * x[j];
            }
            x[i] /= self.factors[i][i];
        }
        x
    }
}

/// `A z`.
pub(crate) fn times<S: Scalar>(matrix: &[Vec<S>], z: &[S]) -> Vec<S> {
    matrix.iter().map(|row| row.iter().zip(z).map(|(&a, &z)| a * z).sum()).collect()
}

/// Checks a matrix of finite numbers with `m` rows of `n`.
pub(crate) fn expect_shape(name: &str, rows: &[Vec<f64>], m: usize, n: usize) -> Result<(), FlowError> {
    let mismatch = |what: String, expected, found| Err(FlowError::DimMismatch { what, expected, found });
    if rows.len() != m {
        return mismatch(format!("{name} (its rows)"), m, rows.len());
    }
    for (i, row) in rows.iter().enumerate() {
        if row.len() != n {
            return mismatch(format!("{name}[{i}]"), n, row.len());
        }
        finite(&format!("{name}[{i}]"), row)?;
    }
    Ok(())
}

/// Checks a parameter that has one number for each of `n` things.
pub(crate) fn expect_vector(name: &str, values: &[f64], n: usize) -> Result<(), FlowError> {
    if values.len() != n {
        return Err(FlowError::DimMismatch { what: name.to_owned(), expected: n, found: values.len() });
    }
    finite(name, values)
}

/// A matrix whose reciprocal condition in the 1-norm is below this is singular to the precision of f64.
const SINGULAR: f64 = 1e-15;

/// The reciprocal condition in the 1-norm of a square matrix, 0 where it has no inverse; NaN where that overflows.
pub(crate) fn reciprocal_condition(rows: &[Vec<f64>]) -> f64 {
    let plain = nalgebra::DMatrix::from_fn(rows.len(), rows.len(), |i, j| rows[i][j]);
    let norm = |m: &nalgebra::DMatrix<f64>| m.column_iter().map(|c| c.abs().sum()).fold(0.0, f64::max);
    plain.clone().try_inverse().map_or(0.0, |inverse| 1.0 / (norm(&plain) * norm(&inverse)))
}

/// Refuses a square matrix that is singular to the precision of f64.
pub(crate) fn expect_nonsingular(name: &str, rows: &[Vec<f64>]) -> Result<(), FlowError> {
    let reciprocal = reciprocal_condition(rows);
    // Also refuses the NaN that an overflowing inverse leaves.
    if reciprocal.is_nan() || reciprocal < SINGULAR {
        let why = format!("{name} has reciprocal condition {reciprocal:.1e}, expected at least {SINGULAR:.0e}");
        return Err(FlowError::SingularMatrix { index: rows.len().saturating_sub(1), why });
    }
    Ok(())
}
