//! LU decomposition over any [`Scalar`], for layers whose parameters are a matrix.

use crate::error::FlowError;
use crate::param::Param;
use crate::scalar::{KEY, Number, Scalar};

/// `P A = L U` with unit lower triangular `L`.
#[derive(Clone, Debug)]
pub struct Lu<S> {
    /// Row `i` of `P A` is row `rows[i]` of `A`.
    rows: Vec<usize>,
    /// `L` below the diagonal, `U` on and above it.
    factors: Vec<Vec<S>>,
}

/// Decomposes a square matrix of parameters. Pivots are chosen on the plain numbers; everything else is computed in
/// `S`, so that solutions and log-determinants carry derivatives and error bounds.
///
/// # Errors
/// `SingularMatrix` where a column has no usable pivot.
pub fn lu<S: Scalar>(matrix: &[Vec<Param>]) -> Result<Lu<S>, FlowError> {
    let matrix = matrix.iter().map(|row| row.iter().map(|&p| S::from(p)).collect()).collect();
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
