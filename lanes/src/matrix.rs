//! Dense matrices of several points at once.

use nalgebra::{DMatrixView, DMatrixViewMut, Dyn};

use crate::Fma;

/// A matrix for each of `L` points: row by row, an entry's lanes side by side. With one lane it is a plain matrix.
#[derive(Clone, Debug, Default)]
pub(crate) struct Matrix<const L: usize> {
    rows: usize,
    columns: usize,
    entries: Vec<[f64; L]>,
}

impl<const L: usize> Matrix<L> {
    /// The identity, in the room there is.
    pub(crate) fn set_identity(&mut self, n: usize) {
        self.reset(n, n);
        (0..n).for_each(|i| self.row_mut(i)[i] = [1.0; L]);
    }
    /// Its rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }
    /// Its columns.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }
    /// One row.
    #[inline(always)]
    pub(crate) fn row(&self, i: usize) -> &[[f64; L]] {
        &self.entries[i * self.columns..(i + 1) * self.columns]
    }
    /// One row.
    #[inline(always)]
    pub(crate) fn row_mut(&mut self, i: usize) -> &mut [[f64; L]] {
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
    pub(crate) fn at(&self, lane: usize) -> Vec<f64> {
        self.entries.iter().map(|entry| entry[lane]).collect()
    }
    fn flat(&self) -> &[f64] {
        self.entries.as_flattened()
    }
}

/// `y + s x`, lane by lane. Read before anything is written: else no vector code comes of it.
#[inline(always)]
pub(crate) fn fused<S: Fma, const L: usize>(s: &[f64; L], x: &[f64; L], y: &[f64; L]) -> [f64; L] {
    let (x, y) = (*x, *y);
    let mut sum = [0.0; L];
    for l in 0..L {
        sum[l] = S::fma(s[l], x[l], y[l]);
    }
    sum
}

/// Rows up to which a product of plain matrices is a sum of rows.
const FEW: usize = 3;

/// `y += s x`, in chunks: what is left over by longer loops would cost more.
#[inline(always)]
pub(crate) fn add_plain<S: Fma>(y: &mut [f64], s: f64, x: &[f64]) {
    let ((y, y_rest), (x, x_rest)) = (y.as_chunks_mut::<8>(), x.as_chunks::<8>());
    for (y, x) in y.iter_mut().zip(x) {
        *y = fused::<S, 8>(&[s; 8], x, y);
    }
    for (y, &x) in y_rest.iter_mut().zip(x_rest) {
        *y = S::fma(s, x, *y);
    }
}

/// `y += s x`, lane by lane.
#[inline(always)]
pub(crate) fn add_scaled<S: Fma, const L: usize>(y: &mut [[f64; L]], s: &[f64; L], x: &[[f64; L]]) {
    if L == 1 {
        return add_plain::<S>(y.as_flattened_mut(), s[0], x.as_flattened());
    }
    for (y, x) in y.iter_mut().zip(x) {
        *y = fused::<S, L>(s, x, y);
    }
}

/// `y += s x` with the same `x` at every point.
#[inline(always)]
pub(crate) fn add_constant<S: Fma, const L: usize>(y: &mut [[f64; L]], s: &[f64; L], x: &[f64]) {
    if L == 1 {
        return add_plain::<S>(y.as_flattened_mut(), s[0], x);
    }
    for (y, &x) in y.iter_mut().zip(x) {
        *y = fused::<S, L>(s, &[x; L], y);
    }
}

/// `y = s y + x`, lane by lane.
#[inline(always)]
pub(crate) fn scale_and_add<S: Fma, const L: usize>(y: &mut [[f64; L]], s: &[f64; L], x: Option<&[[f64; L]]>) {
    if let Some(x) = x {
        for (y, x) in y.iter_mut().zip(x) {
            *y = fused::<S, L>(s, y, x);
        }
    } else {
        for y in y.iter_mut() {
            *y = fused::<S, L>(s, y, &[0.0; L]);
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
pub(crate) fn product<S: Fma, const L: usize>(
    a: &Matrix<L>,
    b: &[[f64; L]],
    c: &mut Matrix<L>,
    bounds: Bounds<'_>,
    room: &mut Vec<[f64; L]>,
) {
    let [rows, inner, columns] = [a.rows, a.columns, c.columns];
    if L == 1 {
        plain_product(a.flat(), b.as_flattened(), c.entries.as_flattened_mut(), [rows, inner, columns], bounds);
    } else {
        let (right, is_packed) = packed::<S, L>(b, [rows, columns], room);
        tiles::<S, L>(c, Product { left: a.entries.as_slice(), right, inner, columns, bounds, is_packed });
    }
}

/// `C = A W` with the same `W` at every point.
#[inline(always)]
pub(crate) fn product_with<S: Fma, const L: usize>(a: &Matrix<L>, w: &[f64], c: &mut Matrix<L>, bounds: Bounds<'_>) {
    let [rows, inner, columns] = [a.rows, a.columns, c.columns];
    if L == 1 {
        plain_product(a.flat(), w, c.entries.as_flattened_mut(), [rows, inner, columns], bounds);
    } else {
        tiles::<S, L>(c, Product { left: a.entries.as_slice(), right: w, inner, columns, bounds, is_packed: false });
    }
}

/// `C = W B` with the same `W` at every point.
#[inline(always)]
pub(crate) fn product_of<S: Fma, const L: usize>(
    w: &[f64],
    inner: usize,
    b: &[[f64; L]],
    c: &mut Matrix<L>,
    room: &mut Vec<[f64; L]>,
) {
    let [rows, columns] = [c.rows, c.columns];
    let bounds = Bounds { until: None, right_until: None };
    if L == 1 && rows <= FEW {
        for (i, weights) in w.chunks_exact(inner).enumerate() {
            let row = &mut c.entries[i * columns..(i + 1) * columns];
            row.fill([0.0; L]);
            for (&w, b) in weights.iter().zip(b.chunks_exact(columns)) {
                add_plain::<S>(row.as_flattened_mut(), w, b.as_flattened());
            }
        }
    } else if L == 1 {
        plain_product(w, b.as_flattened(), c.entries.as_flattened_mut(), [rows, inner, columns], bounds);
    } else {
        let (right, is_packed) = packed::<S, L>(b, [rows, columns], room);
        tiles::<S, L>(c, Product { left: w, right, inner, columns, bounds, is_packed });
    }
}

/// Fills a matrix tile by tile, each from sums that stay in registers: as many as there are.
#[inline(always)]
fn tiles<S: Fma, const L: usize>(c: &mut Matrix<L>, sum: impl Sum<L>) {
    if L > 8 {
        tiles_of::<S, L, 1, 2>(c, sum);
    } else if S::IS_WIDE {
        tiles_of::<S, L, 4, 4>(c, sum);
    } else {
        tiles_of::<S, L, 2, 2>(c, sum);
    }
}

#[inline(always)]
fn tiles_of<S: Fma, const L: usize, const HIGH: usize, const WIDE: usize>(c: &mut Matrix<L>, sum: impl Sum<L>) {
    let (rows, columns) = (c.rows, c.columns);
    for i in (0..rows).step_by(HIGH) {
        let height = HIGH.min(rows - i);
        for j in (0..columns).step_by(WIDE) {
            let width = WIDE.min(columns - j);
            let mut sums = [[[0.0; L]; WIDE]; HIGH];
            if height == HIGH && width == WIDE {
                let (base, step) = sum.place(j, WIDE);
                sum.add::<S, HIGH, WIDE>([i, j], base, step, &mut sums);
            } else {
                let (base, step) = sum.place(j, width);
                for (r, sums) in sums.iter_mut().enumerate().take(height) {
                    if width == WIDE {
                        let mut row = [[[0.0; L]; WIDE]];
                        sum.add::<S, 1, WIDE>([i + r, j], base, step, &mut row);
                        *sums = row[0];
                        continue;
                    }
                    for (w, sum_of) in sums.iter_mut().enumerate().take(width) {
                        let mut one = [[[0.0; L]]];
                        sum.add::<S, 1, 1>([i + r, j + w], base + w, step, &mut one);
                        *sum_of = one[0][0];
                    }
                }
            }
            for (r, sums) in sums.iter().enumerate().take(height) {
                c.entries[(i + r) * columns + j..][..width].copy_from_slice(&sums[..width]);
            }
        }
    }
}

/// The sums of a tile of a product.
trait Sum<const L: usize> {
    /// Where the right side has the columns of a tile, and how far its rows are apart.
    fn place(&self, column: usize, width: usize) -> (usize, usize);
    /// Adds the tile that begins at a row and a column.
    fn add<S: Fma, const H: usize, const W: usize>(
        &self,
        at: [usize; 2],
        base: usize,
        step: usize,
        sums: &mut [[[f64; L]; W]; H],
    );
}

/// One side of a product: entries of each point, or the same for all.
trait Side<const L: usize>: Copy {
    fn at(&self, index: usize) -> [f64; L];
}
impl<const L: usize> Side<L> for &[[f64; L]] {
    #[inline(always)]
    fn at(&self, index: usize) -> [f64; L] {
        self[index]
    }
}
impl<const L: usize> Side<L> for &[f64] {
    #[inline(always)]
    fn at(&self, index: usize) -> [f64; L] {
        [self[index]; L]
    }
}

#[derive(Clone, Copy)]
struct Product<'a, A, B> {
    left: A,
    right: B,
    inner: usize,
    columns: usize,
    bounds: Bounds<'a>,
    /// Whether the right side lies tile by tile.
    is_packed: bool,
}

/// Rows of a result from which on that pays.
const REREAD: usize = 8;
/// From so many entries on a right side is laid out tile by tile, to be read in order.
const PACKED: usize = 256;

/// The right side of a product as it is read best.
#[inline(always)]
fn packed<'p, S: Fma, const L: usize>(
    b: &'p [[f64; L]],
    [rows, columns]: [usize; 2],
    room: &'p mut Vec<[f64; L]>,
) -> (&'p [[f64; L]], bool) {
    if b.len() < PACKED || rows < REREAD {
        return (b, false);
    }
    let wide = if S::IS_WIDE && L <= 8 { 4 } else { 2 };
    room.clear();
    for j in (0..columns).step_by(wide) {
        let width = wide.min(columns - j);
        b.chunks_exact(columns).for_each(|row| room.extend_from_slice(&row[j..j + width]));
    }
    (room, true)
}

impl<const L: usize, A: Side<L>, B: Side<L>> Sum<L> for Product<'_, A, B> {
    #[inline(always)]
    fn place(&self, column: usize, width: usize) -> (usize, usize) {
        if self.is_packed { (column * self.inner, width) } else { (column, self.columns) }
    }
    #[inline(always)]
    fn add<S: Fma, const H: usize, const W: usize>(
        &self,
        [i, j]: [usize; 2],
        base: usize,
        step: usize,
        sums: &mut [[[f64; L]; W]; H],
    ) {
        let mut own = *sums;
        for k in self.bounds.inner(i + H - 1, j, self.inner) {
            let right: [[f64; L]; W] = std::array::from_fn(|w| self.right.at(k * step + base + w));
            for (h, row) in own.iter_mut().enumerate() {
                let left = self.left.at((i + h) * self.inner + k);
                for (sum, right) in row.iter_mut().zip(&right) {
                    for l in 0..L {
                        sum[l] = S::fma(left[l], right[l], sum[l]);
                    }
                }
            }
        }
        *sums = own;
    }
}
