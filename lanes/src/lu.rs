//! Dense LU with partial pivoting.

use nalgebra::{DMatrixView, DMatrixViewMut, Dyn};

use crate::matrix::{add_plain, add_scaled, fused};
use crate::program::unary;
use crate::{Fma, Matrix, Unary};

impl<const L: usize> Matrix<L> {
    /// `log|det|` at every point, a sum of logs: of an LU in place, with the largest entry of each column as pivot. −∞ for a
    /// singular matrix.
    pub(crate) fn log_abs_det(&mut self) -> [f64; L] {
        struct Op<'a, const L: usize>(&'a mut Matrix<L>);
        impl<const L: usize> pulp::WithSimd for Op<'_, L> {
            type Output = [f64; L];
            #[inline(always)]
            fn with_simd<S: pulp::Simd>(self, _: S) -> [f64; L] {
                eliminate::<S, L>(self.0)
            }
        }
        if L == 1 {
            let n = self.rows();
            let flat = self.entries_mut().as_flattened_mut();
            // Column by column it is the transpose, of the same determinant.
            factor(Panel { entries: flat, rows: n, done: 0 }, false);
            return [(0..n).map(|i| flat[i * n + i].abs().ln()).sum(); L];
        }
        pulp::Arch::new().dispatch(Op(self))
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
        let mut log = [0.0; L];
        unary::<S>(Unary::Ln, &largest, &mut log);
        for l in 0..L {
            logs[l] += log[l];
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
/// Columns that are finished without products of large matrices, whose packing would cost more than they do.
const LEAF: usize = 4 * NARROW;
/// Rows of a triangle that is solved without them.
const SMALL: usize = 4 * NARROW;

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
}

/// Exchanges row `done + k` with row `done + pivots[k]`, in order.
fn exchange(columns: &mut [f64], rows: usize, done: usize, pivots: &[usize]) {
    for column in columns.chunks_exact_mut(rows) {
        let column = &mut column[done..];
        for (k, &pivot) in pivots.iter().enumerate() {
            column.swap(k, pivot);
        }
    }
}

/// Factors in place by halves of the columns (Toledo 1997), so that nearly all work is matrix products. Returns the rows
/// that were exchanged, one for each column, counted from `done`. Finished columns take part in an exchange only where
/// these are a part of more, which still needs them.
fn factor(a: Panel<'_>, is_part: bool) -> Vec<usize> {
    let Panel { entries, rows, done } = a;
    let n = entries.len() / rows;
    if n <= LEAF {
        return pulp::Arch::new().dispatch(Leaf(Panel { entries, rows, done }));
    }
    let half = (n / 2).next_multiple_of(NARROW);
    let (left, right) = entries.split_at_mut(half * rows);
    let mut pivots = factor(Panel { entries: left, rows, done }, true);
    exchange(right, rows, done, &pivots);
    let mut right = Panel { entries: right, rows, done };
    let lower = DMatrixView::from_slice(left, rows, half);
    let mut view = right.view();
    let (mut top, mut bottom) = view.rows_range_pair_mut(done..done + half, done + half..rows);
    solve(lower.rows(done, half), &mut top);
    bottom.gemm(-1.0, &lower.rows(done + half, rows - done - half), &top, 1.0);
    right.done += half;
    let below = factor(right, is_part);
    if is_part {
        exchange(left, rows, done + half, &below);
    }
    pivots.extend(below.into_iter().map(|p| p + half));
    pivots
}

type View<'a> = nalgebra::MatrixView<'a, f64, Dyn, Dyn, nalgebra::U1, Dyn>;
type ViewMut<'a> = nalgebra::MatrixViewMut<'a, f64, Dyn, Dyn, nalgebra::U1, Dyn>;

/// `X ← L⁻¹ X` with a unit lower triangle, by halves.
fn solve(l: View<'_>, x: &mut ViewMut<'_>) {
    let n = l.nrows();
    if n <= SMALL {
        // Columns of the triangle without its diagonal, filled up with zeros.
        let mut lower = [[0.0; SMALL]; SMALL];
        for (k, (lower, l)) in lower.iter_mut().zip(l.column_iter()).enumerate() {
            lower.iter_mut().zip(l.iter()).skip(k + 1).for_each(|(to, &from)| *to = from);
        }
        pulp::Arch::new().dispatch(Substitute { lower: &lower, columns: x });
        return;
    }
    let half = (n / 2).next_multiple_of(NARROW);
    let (mut top, mut bottom) = x.rows_range_pair_mut(0..half, half..n);
    solve(l.view_range(0..half, 0..half), &mut top);
    bottom.gemm(-1.0, &l.view_range(half..n, 0..half), &top, 1.0);
    solve(l.view_range(half..n, half..n), &mut bottom);
}

/// `X ← L⁻¹ X` with a small triangle.
struct Substitute<'a, 'x> {
    lower: &'a [[f64; SMALL]; SMALL],
    columns: &'a mut ViewMut<'x>,
}

impl pulp::WithSimd for Substitute<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let n = self.columns.nrows();
        for mut column in self.columns.column_iter_mut() {
            let column = column.as_mut_slice();
            match n.div_ceil(NARROW) {
                1 => substitute::<S, 1>(self.lower, column),
                2 => substitute::<S, 2>(self.lower, column),
                3 => substitute::<S, 3>(self.lower, column),
                _ => substitute::<S, 4>(self.lower, column),
            }
        }
    }
}

/// One column of at most `B` times [`NARROW`] entries.
#[inline(always)]
fn substitute<S: Fma, const B: usize>(lower: &[[f64; SMALL]; SMALL], column: &mut [f64]) {
    let mut own = [[0.0; NARROW]; B];
    // A whole chunk is read at once, others by entries.
    let (chunks, rest) = column.as_chunks_mut::<NARROW>();
    own.iter_mut().zip(chunks.iter()).for_each(|(own, chunk)| *own = *chunk);
    if let Some(last) = own.get_mut(chunks.len()) {
        last.iter_mut().zip(rest.iter()).for_each(|(own, &x)| *own = x);
    }
    for b in 0..B {
        for k in 0..NARROW {
            let factor = [-own[b][k]; NARROW];
            let lower = lower[b * NARROW + k].as_chunks::<NARROW>().0;
            for r in b..B {
                own[r] = fused::<S, NARROW>(&factor, &lower[r], &own[r]);
            }
        }
    }
    chunks.iter_mut().zip(&own).for_each(|(chunk, own)| *chunk = *own);
    if let Some(last) = own.get(chunks.len()) {
        rest.iter_mut().zip(last).for_each(|(x, &own)| *x = own);
    }
}

/// The place of the largest modulus, by several at a time; the first of equals, and of numbers that are none.
#[inline(always)]
fn largest(column: &[f64]) -> usize {
    let larger = |a: f64, b: f64| if b > a { b } else { a };
    let (chunks, rest) = column.as_chunks::<SMALL>();
    let mut most = [0.0; SMALL];
    for chunk in chunks {
        for i in 0..SMALL {
            most[i] = larger(most[i], chunk[i].abs());
        }
    }
    let most = most.into_iter().chain(rest.iter().map(|x| x.abs())).fold(0.0, larger);
    let is_in = |chunk: &[f64; SMALL]| {
        let mut found = 0u64;
        for x in chunk {
            found |= u64::from(x.abs() == most);
        }
        found != 0
    };
    let start = chunks.iter().position(is_in).map_or(chunks.len() * SMALL, |chunk| chunk * SMALL);
    column[start..].iter().position(|x| x.abs() == most).map_or(0, |place| start + place)
}

/// Elimination of a few columns.
struct Leaf<'a>(Panel<'a>);

impl pulp::WithSimd for Leaf<'_> {
    type Output = Vec<usize>;
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, simd: S) -> Vec<usize> {
        let Panel { entries, rows, done } = self.0;
        let n = (entries.len() / rows).min(rows - done);
        let mut pivots = Vec::with_capacity(n);
        let mut from = 0;
        while from < n {
            let to = n.min(from + NARROW);
            let (left, open) = entries.split_at_mut(to * rows);
            let (finished, own) = left.split_at_mut(from * rows);
            let first = done + from;
            narrow::<S>(own, rows, first, &mut pivots);
            exchange(finished, rows, first, &pivots[from..]);
            exchange(open, rows, first, &pivots[from..]);
            pivots[from..].iter_mut().for_each(|pivot| *pivot += from);
            if !open.is_empty() {
                eliminate_from(simd, own, open, rows, first);
            }
            from = to;
        }
        pivots
    }
}

/// Elimination column by column; exchanged rows are counted from `first`, the first row that is not finished.
#[inline(always)]
fn narrow<S: Fma>(columns: &mut [f64], rows: usize, first: usize, pivots: &mut Vec<usize>) {
    // A loop and no iterator: what is not inlined is not compiled for this machine.
    for k in 0..columns.len() / rows {
        let column = &columns[k * rows + first + k..(k + 1) * rows];
        let pivot = largest(column);
        for column in columns.chunks_exact_mut(rows) {
            column.swap(first + k, first + k + pivot);
        }
        let (own, open) = columns.split_at_mut((k + 1) * rows);
        let own = &mut own[k * rows + first + k..];
        let reciprocal = 1.0 / own[0];
        for x in &mut own[1..] {
            *x *= reciprocal;
        }
        for column in open.chunks_exact_mut(rows) {
            let column = &mut column[first + k..];
            let factor = -column[0];
            add_plain::<S>(&mut column[1..], factor, &own[1..]);
        }
        pivots.push(k + pivot);
    }
}

/// Subtracts from open columns what [`NARROW`] finished ones contribute.
#[inline(always)]
fn eliminate_from<S: pulp::Simd>(simd: S, own: &[f64], open: &mut [f64], rows: usize, first: usize) {
    let mut lower = [[0.0; SMALL]; SMALL];
    for (k, column) in own.chunks_exact(rows).enumerate() {
        lower[k][k + 1..NARROW].copy_from_slice(&column[first + k + 1..first + NARROW]);
    }
    let below = first + NARROW;
    let own: [&[f64]; NARROW] = std::array::from_fn(|k| &own[k * rows + below..(k + 1) * rows]);
    for pair in open.chunks_mut(2 * rows) {
        let (a, b) = pair.split_at_mut(rows);
        if b.is_empty() {
            subtract::<S, 1>(simd, &lower, &own, [&mut a[first..]]);
        } else {
            subtract::<S, 2>(simd, &lower, &own, [&mut a[first..], &mut b[first..]]);
        }
    }
}

/// The same for `C` columns: the finished ones are read once for all of them.
#[inline(always)]
fn subtract<S: pulp::Simd, const C: usize>(
    simd: S,
    lower: &[[f64; SMALL]; SMALL],
    own: &[&[f64]; NARROW],
    open: [&mut [f64]; C],
) {
    let mut factors = [[0.0; NARROW]; C];
    let mut scales = [[simd.splat_f64s(0.0); NARROW]; C];
    for c in 0..C {
        substitute::<S, 1>(lower, &mut open[c][..NARROW]);
        for k in 0..NARROW {
            factors[c][k] = -open[c][k];
            scales[c][k] = simd.splat_f64s(factors[c][k]);
        }
    }
    let below = open.map(|column| &mut column[NARROW..]);
    let count = own[0].len() / S::F64_LANES;
    let rest = count * S::F64_LANES;
    let below = below.map(|column| column.split_at_mut(rest));
    let vectors = own.map(|column| S::as_simd_f64s(&column[..rest]).0);
    let mut c = 0;
    let columns = below.map(|(column, tail)| {
        for (i, x) in tail.iter_mut().enumerate() {
            for k in 0..NARROW {
                *x += factors[c][k] * own[k][rest + i];
            }
        }
        c += 1;
        S::as_mut_simd_f64s(column).0
    });
    for v in 0..count {
        let own: [S::f64s; NARROW] = std::array::from_fn(|k| vectors[k][v]);
        for c in 0..C {
            let mut sum = columns[c][v];
            for k in 0..NARROW {
                sum = simd.mul_add_e_f64s(scales[c][k], own[k], sum);
            }
            columns[c][v] = sum;
        }
    }
}
