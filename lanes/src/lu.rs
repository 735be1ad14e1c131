//! Dense LU with partial pivoting.

use nalgebra::{DMatrixView, DMatrixViewMut, Dyn};

use crate::matrix::{add_plain, add_scaled, fused};
use crate::{Fma, Matrix};

impl<const L: usize> Matrix<L> {
    /// `log|det|` at every point, a sum of logs: of a copy in `room`, factored with the largest entry of each column as
    /// pivot. −∞ for a singular matrix.
    pub(crate) fn log_abs_det(&self, room: &mut Self) -> [f64; L] {
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
            factor(Panel { entries: flat, rows: n, done: 0 });
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
        // Rows as floats: lanes of one width.
        let mut pivots = [k as f64; L];
        for i in k + 1..n {
            let candidate = a.row(i)[k];
            let row = i as f64;
            for l in 0..L {
                let size = candidate[l].abs();
                let is_larger = size > largest[l];
                largest[l] = if is_larger { size } else { largest[l] };
                pivots[l] = if is_larger { row } else { pivots[l] };
            }
        }
        let entries = a.entries_mut();
        for (first, &pivot) in pivots.iter().enumerate() {
            let row = pivot as usize;
            if row == k || pivots[..first].contains(&pivot) {
                continue;
            }
            let (above, below) = entries.split_at_mut(row * n);
            let mask = pivots.map(|p| if p == pivot { u64::MAX } else { 0 });
            for (x, y) in above[k * n + k..(k + 1) * n].iter_mut().zip(&mut below[k..n]) {
                let (a, b) = (x.map(f64::to_bits), y.map(f64::to_bits));
                let mut exchanged = [0; L];
                for l in 0..L {
                    exchanged[l] = (a[l] ^ b[l]) & mask[l];
                }
                for l in 0..L {
                    x[l] = f64::from_bits(a[l] ^ exchanged[l]);
                }
                for l in 0..L {
                    y[l] = f64::from_bits(b[l] ^ exchanged[l]);
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

/// Columns of a matrix of so many rows, of which the first `done` are finished.
struct Panel<'a> {
    entries: &'a mut [f64],
    rows: usize,
    done: usize,
}

impl Panel<'_> {
    fn columns(&self) -> usize {
        self.entries.len() / self.rows
    }
    fn view(&mut self) -> DMatrixViewMut<'_, f64> {
        let (rows, columns) = (self.rows, self.columns());
        DMatrixViewMut::from_slice(self.entries, rows, columns)
    }
    /// Exchanges row `done + k` with row `done + pivots[k]`, in order.
    fn exchange(&mut self, pivots: &[usize]) {
        for column in self.entries.chunks_exact_mut(self.rows) {
            for (k, &pivot) in pivots.iter().enumerate() {
                column.swap(self.done + k, self.done + pivot);
            }
        }
    }
}

/// Factors in place by halves of the columns (Toledo 1997), so that nearly all work is matrix products. Returns the rows
/// that were exchanged, one for each column, counted from `done`.
fn factor(a: Panel<'_>) -> Vec<usize> {
    let Panel { entries, rows, done } = a;
    let n = entries.len() / rows;
    if n <= NARROW {
        return pulp::Arch::new().dispatch(Narrow(Panel { entries, rows, done }));
    }
    let half = (n / 2).next_multiple_of(NARROW).min(n - 1);
    let (left, right) = entries.split_at_mut(half * rows);
    let mut pivots = factor(Panel { entries: left, rows, done });
    let mut right = Panel { entries: right, rows, done };
    right.exchange(&pivots);
    let lower = DMatrixView::from_slice(left, rows, half);
    let mut view = right.view();
    let (mut top, mut bottom) = view.rows_range_pair_mut(done..done + half, done + half..rows);
    solve(lower.rows(done, half), &mut top);
    bottom.gemm(-1.0, &lower.rows(done + half, rows - done - half), &top, 1.0);
    right.done += half;
    let below = factor(right);
    Panel { entries: left, rows, done: done + half }.exchange(&below);
    pivots.extend(below.into_iter().map(|p| p + half));
    pivots
}

type View<'a> = nalgebra::MatrixView<'a, f64, Dyn, Dyn, nalgebra::U1, Dyn>;
type ViewMut<'a> = nalgebra::MatrixViewMut<'a, f64, Dyn, Dyn, nalgebra::U1, Dyn>;

/// `X ← L⁻¹ X` with a unit lower triangle, by halves.
fn solve(l: View<'_>, x: &mut ViewMut<'_>) {
    let n = l.nrows();
    if n <= NARROW {
        // Columns of the triangle, filled up with zeros.
        let lower: [[f64; NARROW]; NARROW] =
            std::array::from_fn(|k| std::array::from_fn(|i| if i > k && i < n { l[(i, k)] } else { 0.0 }));
        pulp::Arch::new().dispatch(Substitute { lower: &lower, columns: x });
        return;
    }
    let half = (n / 2).next_multiple_of(NARROW).min(n - 1);
    let (mut top, mut bottom) = x.rows_range_pair_mut(0..half, half..n);
    solve(l.view_range(0..half, 0..half), &mut top);
    bottom.gemm(-1.0, &l.view_range(half..n, 0..half), &top, 1.0);
    solve(l.view_range(half..n, half..n), &mut bottom);
}

/// `X ← L⁻¹ X` with a small triangle.
struct Substitute<'a, 'x> {
    lower: &'a [[f64; NARROW]; NARROW],
    columns: &'a mut ViewMut<'x>,
}

impl pulp::WithSimd for Substitute<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let n = self.columns.nrows();
        for mut column in self.columns.column_iter_mut() {
            let column = column.as_mut_slice();
            let mut own = [0.0; NARROW];
            own[..n].copy_from_slice(column);
            for (k, lower) in self.lower.iter().enumerate() {
                own = fused::<S, NARROW>(&[-own[k]; NARROW], lower, &own);
            }
            column.copy_from_slice(&own[..n]);
        }
    }
}

/// The largest modulus, by several at a time.
#[inline(always)]
fn largest(column: &[f64]) -> f64 {
    let larger = |a: f64, b: f64| if b > a { b } else { a };
    let (chunks, rest) = column.as_chunks::<NARROW>();
    let mut most = [0.0; NARROW];
    for chunk in chunks {
        for (most, x) in most.iter_mut().zip(chunk) {
            *most = larger(*most, x.abs());
        }
    }
    most.into_iter().chain(rest.iter().map(|x| x.abs())).fold(0.0, larger)
}

/// Elimination column by column.
struct Narrow<'a>(Panel<'a>);

impl pulp::WithSimd for Narrow<'_> {
    type Output = Vec<usize>;
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Vec<usize> {
        let panel = self.0;
        let (rows, done) = (panel.rows, panel.done);
        let mut pivots = Vec::with_capacity(panel.columns());
        // A loop and no iterator: what is not inlined is not compiled for this machine.
        for k in 0..panel.columns().min(rows - done) {
            let column = &panel.entries[k * rows + done + k..(k + 1) * rows];
            let largest = largest(column);
            let pivot = column.iter().position(|x| x.abs() == largest).unwrap_or(0);
            for column in panel.entries.chunks_exact_mut(rows) {
                column.swap(done + k, done + k + pivot);
            }
            let (own, open) = panel.entries.split_at_mut((k + 1) * rows);
            let own = &mut own[k * rows + done + k..];
            let reciprocal = 1.0 / own[0];
            let (chunks, rest) = own[1..].as_chunks_mut::<NARROW>();
            for x in chunks.as_flattened_mut().iter_mut().chain(rest) {
                *x *= reciprocal;
            }
            for column in open.chunks_exact_mut(rows) {
                let column = &mut column[done + k..];
                let factor = -column[0];
                add_plain::<S>(&mut column[1..], factor, &own[1..]);
            }
            pivots.push(k + pivot);
        }
        pivots
    }
}
