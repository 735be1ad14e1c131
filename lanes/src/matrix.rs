//! Dense matrices of several points at once.

use nalgebra::{DMatrixView, DMatrixViewMut, Dyn};

use crate::Fma;

/// A matrix for each of `L` points: row by row, an entry's lanes side by side. With one lane it is a plain matrix.
#[derive(Clone, Debug, Default)]
pub struct Matrix<const L: usize> {
    rows: usize,
    columns: usize,
    entries: Vec<[f64; L]>,
}

impl<const L: usize> Matrix<L> {
    /// A matrix of zeros.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self { rows, columns, entries: vec![[0.0; L]; rows * columns] }
    }
    /// The identity.
    pub fn identity(n: usize) -> Self {
        let mut matrix = Self::zeros(n, n);
        (0..n).for_each(|i| matrix.row_mut(i)[i] = [1.0; L]);
        matrix
    }
    /// Its rows.
    pub fn rows(&self) -> usize {
        self.rows
    }
    /// Its columns.
    pub fn columns(&self) -> usize {
        self.columns
    }
    /// One row.
    #[inline(always)]
    pub fn row(&self, i: usize) -> &[[f64; L]] {
        &self.entries[i * self.columns..(i + 1) * self.columns]
    }
    /// One row.
    #[inline(always)]
    pub fn row_mut(&mut self, i: usize) -> &mut [[f64; L]] {
        &mut self.entries[i * self.columns..(i + 1) * self.columns]
    }
    /// All entries, row by row.
    #[inline(always)]
    pub(crate) fn entries(&self) -> &[[f64; L]] {
        &self.entries
    }
    /// All entries, row by row.
    #[inline(always)]
    pub(crate) fn entries_mut(&mut self) -> &mut [[f64; L]] {
        &mut self.entries
    }
    /// Zeros of a shape, in the room there is.
    #[inline(always)]
    pub(crate) fn reset(&mut self, rows: usize, columns: usize) {
        self.reshape(rows, columns);
        self.entries.fill([0.0; L]);
    }
    /// A shape, with entries that are still to be written.
    #[inline(always)]
    pub(crate) fn reshape(&mut self, rows: usize, columns: usize) {
        (self.rows, self.columns) = (rows, columns);
        self.entries.resize(rows * columns, [0.0; L]);
    }
    /// The matrix of one point.
    pub fn at(&self, lane: usize) -> Vec<f64> {
        self.entries.iter().map(|entry| entry[lane]).collect()
    }
    fn flat(&self) -> &[f64] {
        self.entries.as_flattened()
    }
}

/// `y += s x`, lane by lane.
#[inline(always)]
pub(crate) fn add_scaled<S: Fma, const L: usize>(y: &mut [[f64; L]], s: &[f64; L], x: &[[f64; L]]) {
    for (y, x) in y.iter_mut().zip(x) {
        for l in 0..L {
            y[l] = S::fma(s[l], x[l], y[l]);
        }
    }
}

/// `y += s x` with the same `x` at every point.
#[inline(always)]
pub(crate) fn add_constant<S: Fma, const L: usize>(y: &mut [[f64; L]], s: &[f64; L], x: &[f64]) {
    for (y, &x) in y.iter_mut().zip(x) {
        for l in 0..L {
            y[l] = S::fma(s[l], x, y[l]);
        }
    }
}

/// Which part of a product's inner dimension can be other than 0, for rows and columns of the result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds<'a> {
    /// For each row of the left matrix: its entries from there on are 0. Not decreasing.
    pub until: Option<&'a [u32]>,
    /// For each row of the right matrix: its entries from there on are 0. Not decreasing.
    pub right_until: Option<&'a [u32]>,
}

impl Bounds<'_> {
    /// The inner range for rows up to `row` and columns from `column` on.
    #[inline(always)]
    fn inner(&self, row: usize, column: usize, all: usize) -> std::ops::Range<usize> {
        let end = self.until.map_or(all, |until| (until[row] as usize).min(all));
        let start = self.right_until.map_or(0, |until| until.partition_point(|&u| u as usize <= column));
        start.min(end)..end
    }
}

/// Rows or columns that one call of the plain product covers where bounds cut it.
const TILE: usize = 32;

/// `C = A B`, of plain matrices, row by row; `b` has `columns` columns.
pub(crate) fn plain_product(
    a: &[f64],
    b: &[f64],
    c: &mut [f64],
    [rows, inner, columns]: [usize; 3],
    bounds: Bounds<'_>,
) {
    if rows == 0 || columns == 0 {
        return;
    }
    let row_step = if bounds.until.is_some() { TILE } else { rows };
    let column_step = if bounds.right_until.is_some() { TILE } else { columns };
    for i in (0..rows).step_by(row_step) {
        let height = row_step.min(rows - i);
        for j in (0..columns).step_by(column_step) {
            let width = column_step.min(columns - j);
            let range = bounds.inner(i + height - 1, j, inner);
            // Transposed, since the library's matrices are column by column.
            let mut to = DMatrixViewMut::from_slice_with_strides_generic(
                &mut c[i * columns + j..],
                Dyn(width),
                Dyn(height),
                nalgebra::U1,
                Dyn(columns),
            );
            if range.is_empty() {
                to.fill(0.0);
                continue;
            }
            let left = DMatrixView::from_slice_with_strides_generic(
                &b[range.start * columns + j..],
                Dyn(width),
                Dyn(range.len()),
                nalgebra::U1,
                Dyn(columns),
            );
            let right = DMatrixView::from_slice_with_strides_generic(
                &a[i * inner + range.start..],
                Dyn(range.len()),
                Dyn(height),
                nalgebra::U1,
                Dyn(inner),
            );
            to.gemm(1.0, &left, &right, 0.0);
        }
    }
}

/// `C = A B`.
#[inline(always)]
pub(crate) fn product<S: Fma, const L: usize>(a: &Matrix<L>, b: &[[f64; L]], c: &mut Matrix<L>, bounds: Bounds<'_>) {
    let [rows, inner, columns] = [a.rows, a.columns, c.columns];
    if L == 1 {
        plain_product(a.flat(), b.as_flattened(), c.entries.as_flattened_mut(), [rows, inner, columns], bounds);
        return;
    }
    tiles::<S, L>(c, |i, j, height, width, sums| {
        let range = bounds.inner(i + height - 1, j, inner);
        for k in range {
            for (sums, row) in sums.iter_mut().zip(i..i + height) {
                let left = &a.entries[row * inner + k];
                for (sum, right) in sums.iter_mut().zip(&b[k * columns + j..k * columns + j + width]) {
                    for l in 0..L {
                        sum[l] = S::fma(left[l], right[l], sum[l]);
                    }
                }
            }
        }
    });
}

/// `C = A W` with the same `W` at every point.
#[inline(always)]
pub(crate) fn product_with<S: Fma, const L: usize>(a: &Matrix<L>, w: &[f64], c: &mut Matrix<L>, bounds: Bounds<'_>) {
    let [rows, inner, columns] = [a.rows, a.columns, c.columns];
    if L == 1 {
        plain_product(a.flat(), w, c.entries.as_flattened_mut(), [rows, inner, columns], bounds);
        return;
    }
    tiles::<S, L>(c, |i, j, height, width, sums| {
        let range = bounds.inner(i + height - 1, j, inner);
        for k in range {
            for (sums, row) in sums.iter_mut().zip(i..i + height) {
                let left = &a.entries[row * inner + k];
                for (sum, &right) in sums.iter_mut().zip(&w[k * columns + j..k * columns + j + width]) {
                    for l in 0..L {
                        sum[l] = S::fma(left[l], right, sum[l]);
                    }
                }
            }
        }
    });
}

/// `C = W B` with the same `W` at every point.
#[inline(always)]
pub(crate) fn product_of<S: Fma, const L: usize>(w: &[f64], inner: usize, b: &[[f64; L]], c: &mut Matrix<L>) {
    let [rows, columns] = [c.rows, c.columns];
    if L == 1 {
        let bounds = Bounds { until: None, right_until: None };
        plain_product(w, b.as_flattened(), c.entries.as_flattened_mut(), [rows, inner, columns], bounds);
        return;
    }
    tiles::<S, L>(c, |i, j, height, width, sums| {
        for k in 0..inner {
            for (sums, row) in sums.iter_mut().zip(i..i + height) {
                let left = w[row * inner + k];
                for (sum, right) in sums.iter_mut().zip(&b[k * columns + j..k * columns + j + width]) {
                    for l in 0..L {
                        sum[l] = S::fma(left, right[l], sum[l]);
                    }
                }
            }
        }
    });
}

const HIGH: usize = 2;
const WIDE: usize = 4;

/// Fills a matrix tile by tile, each from sums that stay in registers.
#[inline(always)]
fn tiles<S: Fma, const L: usize>(
    c: &mut Matrix<L>,
    mut sum: impl FnMut(usize, usize, usize, usize, &mut [[[f64; L]; WIDE]; HIGH]),
) {
    let (rows, columns) = (c.rows, c.columns);
    for i in (0..rows).step_by(HIGH) {
        let height = HIGH.min(rows - i);
        for j in (0..columns).step_by(WIDE) {
            let width = WIDE.min(columns - j);
            let mut sums = [[[0.0; L]; WIDE]; HIGH];
            if height == HIGH && width == WIDE {
                // Sizes known, so that the loops unroll.
                sum(i, j, HIGH, WIDE, &mut sums);
            } else {
                sum(i, j, height, width, &mut sums);
            }
            for (r, sums) in sums.iter().enumerate().take(height) {
                c.entries[(i + r) * columns + j..][..width].copy_from_slice(&sums[..width]);
            }
        }
    }
}
