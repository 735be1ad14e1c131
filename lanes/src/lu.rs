//! Dense LU with partial pivoting.

use nalgebra::{DMatrixView, DMatrixViewMut, Dyn};

use crate::matrix::add_scaled;
use crate::{Fma, Matrix};

impl<const L: usize> Matrix<L> {
    /// `log|det|` at every point, a sum of logs: of a copy in `room`, factored with the largest entry of each column as
    /// pivot. −∞ for a singular matrix.
    pub fn log_abs_det(&self, room: &mut Self) -> [f64; L] {
        struct Op<'a, const L: usize>(&'a mut Matrix<L>);
        impl<const L: usize> pulp::WithSimd for Op<'_, L> {
            type Output = [f64; L];
            #[inline(always)]
            fn with_simd<S: pulp::Simd>(self, _: S) -> [f64; L] {
                eliminate::<S, L>(self.0)
            }
        }
        room.reshape(self.rows(), self.columns());
        room.entries_mut().copy_from_slice(self.entries());
        if L == 1 {
            let n = self.rows();
            let flat = room.entries_mut().as_flattened_mut();
            // Column by column it is the transpose, of the same determinant.
            factor(DMatrixViewMut::from_slice(flat, n, n));
            return [(0..n).map(|i| flat[i * n + i].abs().ln()).sum(); L];
        }
        pulp::Arch::new().dispatch(Op(room))
    }
}

/// Elimination of several matrices side by side, each with pivots of its own.
#[inline(always)]
fn eliminate<S: Fma, const L: usize>(a: &mut Matrix<L>) -> [f64; L] {
    let n = a.rows();
    let mut logs = [0.0; L];
    for k in 0..n {
        let mut largest = a.row(k)[k].map(f64::abs);
        let mut pivots = [k; L];
        for i in k + 1..n {
            let candidate = &a.row(i)[k];
            for l in 0..L {
                let size = candidate[l].abs();
                let is_larger = size > largest[l];
                largest[l] = if is_larger { size } else { largest[l] };
                pivots[l] = if is_larger { i } else { pivots[l] };
            }
        }
        let entries = a.entries_mut();
        if pivots.iter().all(|&p| p == pivots[0]) {
            if pivots[0] != k {
                let (above, below) = entries.split_at_mut(pivots[0] * n);
                above[k * n + k..(k + 1) * n].swap_with_slice(&mut below[k..n]);
            }
        } else {
            for (l, &pivot) in pivots.iter().enumerate().filter(|&(_, &pivot)| pivot != k) {
                for j in k..n {
                    let (x, y) = (entries[k * n + j][l], entries[pivot * n + j][l]);
                    (entries[k * n + j][l], entries[pivot * n + j][l]) = (y, x);
                }
            }
        }
        for l in 0..L {
            logs[l] += largest[l].ln();
        }
        let (done, open) = entries.split_at_mut((k + 1) * n);
        let pivot_row = &done[k * n + k..];
        let reciprocal = pivot_row[0].map(|p| -1.0 / p);
        for row in open.chunks_exact_mut(n) {
            let mut factor = row[k];
            for l in 0..L {
                factor[l] *= reciprocal[l];
            }
            add_scaled::<S, L>(&mut row[k + 1..], &factor, &pivot_row[1..]);
        }
    }
    logs
}

/// Columns that are eliminated one by one.
const NARROW: usize = 8;

type Panel<'a> = DMatrixViewMut<'a, f64>;

/// Factors in place by halves of the columns (Toledo 1997), so that nearly all work is matrix products. Returns the rows
/// that were exchanged, one for each column.
fn factor(mut a: Panel<'_>) -> Vec<usize> {
    let (m, n) = a.shape();
    if n <= NARROW {
        return narrow(a);
    }
    let half = (n / 2).next_multiple_of(NARROW).min(n - 1);
    let mut pivots = factor(a.columns_mut(0, half));
    let (left, mut right) = a.columns_range_pair_mut(0..half, half..n);
    exchange(&mut right, &pivots, 0);
    {
        let (mut top, mut bottom) = right.rows_range_pair_mut(0..half, half..m);
        solve(left.view_range(0..half, ..), &mut top);
        bottom.gemm(-1.0, &left.view_range(half..m, ..), &top, 1.0);
    }
    let below = factor(right.rows_range_mut(half..m));
    let mut left = left;
    exchange(&mut left, &below, half);
    pivots.extend(below.into_iter().map(|p| p + half));
    pivots
}

/// Exchanges row `start + k` with row `start + pivots[k]`, in order.
fn exchange(a: &mut Panel<'_>, pivots: &[usize], start: usize) {
    for mut column in a.column_iter_mut() {
        for (k, &p) in pivots.iter().enumerate() {
            column.swap_rows(start + k, start + p);
        }
    }
}

/// `X ← L⁻¹ X` with a unit lower triangle, by halves.
fn solve(l: DMatrixView<'_, f64, nalgebra::U1, Dyn>, x: &mut Panel<'_>) {
    let n = l.nrows();
    if n <= NARROW {
        for mut column in x.column_iter_mut() {
            for k in 0..n {
                let value = column[k];
                for i in k + 1..n {
                    column[i] -= l[(i, k)] * value;
                }
            }
        }
        return;
    }
    let half = (n / 2).next_multiple_of(NARROW).min(n - 1);
    let (mut top, mut bottom) = x.rows_range_pair_mut(0..half, half..n);
    solve(l.view_range(0..half, 0..half), &mut top);
    bottom.gemm(-1.0, &l.view_range(half..n, 0..half), &top, 1.0);
    solve(l.view_range(half..n, half..n), &mut bottom);
}

fn narrow(mut a: Panel<'_>) -> Vec<usize> {
    let (m, n) = a.shape();
    (0..n.min(m))
        .map(|k| {
            let column = a.column(k);
            let pivot = (k..m).fold(k, |best, i| if column[i].abs() > column[best].abs() { i } else { best });
            a.swap_rows(k, pivot);
            let (mut done, mut open) = a.columns_range_pair_mut(k..=k, k + 1..n);
            let mut column = done.column_mut(0);
            let reciprocal = 1.0 / column[k];
            column.rows_range_mut(k + 1..m).scale_mut(reciprocal);
            let below = column.rows_range(k + 1..m);
            for mut other in open.column_iter_mut() {
                let factor = other[k];
                other.rows_range_mut(k + 1..m).axpy(-factor, &below, 1.0);
            }
            pivot
        })
        .collect()
}
