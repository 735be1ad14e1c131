//! `log|det J|` and its sign by LU with pivoting, with a componentwise error bound.

use nalgebra::{DMatrix, DVector};

use super::Ground;
use crate::linalg::decompose;
use crate::scalar::Precise;

/// Above this the series behind the bound says nothing, and not even the sign is resolved.
const RESOLVED: f64 = 0.1;

/// `log|det J|` of a matrix known entry by entry to within bounds.
#[derive(Clone, Debug)]
pub(crate) struct LogAbsDet<V = f64> {
    /// A sum of logs, never the log of a product.
    pub value: V,
    /// How far it can be from that of the exact matrix; infinite where unresolved.
    pub error: f64,
    /// Sign of the determinant, where it is resolved.
    pub sign: Option<f64>,
    /// The approximate inverse; absent for a singular matrix.
    pub inverse: Option<DMatrix<f64>>,
}

/// With `P(J) ≈ L̂Û` after scaling rows, then columns, by powers of two:
///
/// ```text
/// Y = |Ĵ⁻¹| (E + Pᵀ γ_d|L̂||Û|),   η = ‖Y‖_∞
/// e = tr Y + d(−ln(1 − η) − η) + (d + 3)u Σ(|ln|û_ii|| + 2|shift|)      if η < 0.1, else ∞
/// ```
///
/// from `log det(I + X) = Σ(−1)ᵏ⁺¹ tr Xᵏ/k` and `|X| ≤ Y`. The bound does not change when rows or columns are scaled,
/// as `log|det|` does not: `diag(e²⁰, e⁻²⁰)` keeps all its digits. A norm condition number would not see that.
pub(crate) fn log_abs_det<V: Ground>(values: &DMatrix<V>, bounds: &DMatrix<f64>) -> LogAbsDet<V> {
    let d = values.nrows();
    let mut e = bounds.clone();
    let mut size = values.map(|x| x.to_f64().abs());
    if size.iter().chain(e.iter()).any(|x| !x.is_finite()) {
        return LogAbsDet { value: V::from(f64::NAN), error: f64::INFINITY, sign: None, inverse: None };
    }
    let row_powers = DVector::from_iterator(d, (0..d).map(|i| power_of_two(size.row(i).amax())));
    for i in 0..d {
        size.row_mut(i).scale_mut(row_powers[i].recip());
        e.row_mut(i).scale_mut(row_powers[i].recip());
    }
    let column_powers = DVector::from_iterator(d, (0..d).map(|j| power_of_two(size.column(j).amax())));
    for j in 0..d {
        e.column_mut(j).scale_mut(column_powers[j].recip());
    }
    let shift: f64 = row_powers.iter().chain(column_powers.iter()).map(|power| power.log2()).sum();
    let scaled = DMatrix::from_fn(d, d, |i, j| values[(i, j)] * row_powers[i].recip() * column_powers[j].recip());
    let Factored { log_abs_det, logs, sign, product, inverse } = V::factor(&scaled);
    let value = log_abs_det + V::ln_2() * shift;
    let unresolved = |inverse| LogAbsDet { value, error: f64::INFINITY, sign: None, inverse };
    let Some(inverse) = inverse else {
        return unresolved(None);
    };
    let dim = d as f64;
    let gamma = dim * V::UNIT / (1.0 - dim * V::UNIT);
    let y = inverse.abs() * (e + product * gamma);
    let eta = (0..d).map(|i| y.row(i).sum()).fold(0.0, f64::max);
    // The inverse of the matrix as given, scalings undone.
    let mut unscaled = inverse;
    for i in 0..d {
        unscaled.row_mut(i).scale_mut(column_powers[i].recip());
        unscaled.column_mut(i).scale_mut(row_powers[i].recip());
    }
    if !value.to_f64().is_finite() || eta.is_nan() || eta >= RESOLVED {
        return unresolved(Some(unscaled));
    }
    let error = y.trace() + dim * (-(-eta).ln_1p() - eta) + (dim + 3.0) * V::UNIT * (logs + 2.0 * shift.abs());
    LogAbsDet { value, error, sign: Some(sign), inverse: Some(unscaled) }
}

/// `P A ≈ L̂Û`, and what the bound needs of it.
#[derive(Debug)]
pub struct Factored<V> {
    /// `Σ ln|û_ii|`.
    log_abs_det: V,
    /// `Σ |ln|û_ii||`.
    logs: f64,
    sign: f64,
    /// `Pᵀ|L̂||Û|`.
    product: DMatrix<f64>,
    /// Absent for a singular matrix.
    inverse: Option<DMatrix<f64>>,
}

impl Factored<f64> {
    pub(super) fn of(a: &DMatrix<f64>) -> Self {
        let lu = a.clone().lu();
        let (l, u) = (lu.l(), lu.u());
        let logs = u.diagonal().map(|x| x.abs().ln());
        let mut product = l.abs() * u.abs();
        lu.p().inv_permute_rows(&mut product);
        let permutation: f64 = lu.p().determinant();
        Self {
            log_abs_det: logs.iter().sum(),
            logs: logs.abs().sum(),
            sign: u.diagonal().iter().map(|x| x.signum()).product::<f64>() * permutation,
            product,
            inverse: lu.try_inverse(),
        }
    }
}

impl Factored<Precise> {
    pub(super) fn of(a: &DMatrix<Precise>) -> Self {
        let d = a.nrows();
        let rows = (0..d).map(|i| a.row(i).iter().copied().collect()).collect();
        let Ok(lu) = decompose(rows, Precise::to_f64) else {
            let nothing = DMatrix::zeros(d, d);
            return Self { log_abs_det: f64::NAN.into(), logs: 0.0, sign: 0.0, product: nothing, inverse: None };
        };
        let factors = DMatrix::from_fn(d, d, |i, j| lu.factors()[i][j].to_f64());
        let size = factors.abs();
        let l = DMatrix::from_fn(d, d, |i, j| if i > j { size[(i, j)] } else { f64::from(u8::from(i == j)) });
        let permuted = l * size.upper_triangle();
        let mut product = DMatrix::zeros(d, d);
        let mut inverse = DMatrix::zeros(d, d);
        for (i, &row) in lu.rows().iter().enumerate() {
            product.set_row(row, &permuted.row(i));
            let unit: Vec<Precise> = (0..d).map(|j| f64::from(u8::from(i == j)).into()).collect();
            inverse.set_column(i, &DVector::from_iterator(d, lu.solve(&unit).into_iter().map(Precise::to_f64)));
        }
        let inversions: usize = (0..d).map(|i| lu.rows()[i + 1..].iter().filter(|&&r| r < lu.rows()[i]).count()).sum();
        let permutation = if inversions.is_multiple_of(2) { 1.0 } else { -1.0 };
        Self {
            log_abs_det: lu.log_abs_det(),
            logs: factors.diagonal().iter().map(|x| x.abs().ln().abs()).sum(),
            sign: factors.diagonal().iter().map(|x| x.signum()).product::<f64>() * permutation,
            product,
            inverse: Some(inverse),
        }
    }
}

/// The power of two next to a number; 1 for 0.
fn power_of_two(x: f64) -> f64 {
    if x > 0.0 { x.log2().round().clamp(-1000.0, 1000.0).exp2() } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::Number;

    fn exact(values: DMatrix<f64>) -> LogAbsDet {
        let bounds = DMatrix::zeros(values.nrows(), values.ncols());
        log_abs_det(&values, &bounds)
    }

    #[test]
    fn the_precise_determinant_is_that_of_f64_with_more_digits() {
        let entry = |i: usize, j: usize| ((i * 7 + j * 11) % 5) as f64 - 1.75 + if i == 4 - j { 6.0 } else { 0.0 };
        let plain = exact(DMatrix::from_fn(5, 5, entry));
        let zero = DMatrix::zeros(5, 5);
        let fine =
            log_abs_det(&DMatrix::from_fn(5, 5, |i, j| Precise::from(entry(i, j) * 2f64.powi(i as i32 * 90))), &zero);
        let shifted = fine.value - Precise::ln_2() * 900.0;
        assert!((shifted.to_f64() - plain.value).abs() <= plain.error && fine.error < 1e-65, "{fine:?} {plain:?}");
        assert_eq!(fine.sign, plain.sign);
        let inverse = fine.inverse.unwrap();
        assert!((inverse.column(0) - plain.inverse.unwrap().column(0)).amax() < 1e-14);
    }

    #[test]
    fn badly_scaled_diagonals_keep_their_digits() {
        let det = exact(DMatrix::from_diagonal(&DVector::from_vec(vec![1e200, -1e-200, 3.0])));
        assert!((det.value - 3f64.ln()).abs() < det.error && det.error < 1e-12, "{det:?}");
        assert_eq!(det.sign, Some(-1.0));
    }

    #[test]
    fn a_thousand_dimensions_neither_overflow_nor_lose_the_sign() {
        let d = 1000;
        let matrix =
            DMatrix::from_fn(d, d, |i, j| if i == j { -3.0 } else { ((i * 31 + j * 17) % 13) as f64 * 1e-4 / 13.0 });
        let det = exact(matrix);
        // det = 3^1000 up to the small off-diagonal part; as a product it would overflow.
        assert!((det.value - 1000.0 * 3f64.ln()).abs() < 0.1, "{}", det.value);
        assert!(det.sign == Some(1.0) && det.error < 1e-8, "{}", det.error);
    }

    #[test]
    fn a_singular_matrix_and_a_useless_bound_are_unresolved() {
        let singular = exact(DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 2.0, 4.0]));
        assert!(singular.error.is_infinite() && singular.sign.is_none());
        let vague = log_abs_det(&DMatrix::<f64>::identity(2, 2), &DMatrix::from_element(2, 2, 0.3));
        assert!(vague.error.is_infinite() && vague.sign.is_none());
    }

    #[test]
    fn the_bound_covers_a_perturbation_of_the_size_stated() {
        let matrix = DMatrix::from_row_slice(3, 3, &[2.0, -1.0, 0.5, 0.25, 1.5, -0.75, 1.0, 0.5, -2.0]);
        let bounds = DMatrix::from_element(3, 3, 1e-3);
        let wide = log_abs_det(&matrix, &bounds);
        for signs in 0..512u32 {
            let moved = DMatrix::from_fn(3, 3, |i, j| {
                let up = signs >> (3 * i + j) & 1 == 1;
                matrix[(i, j)] + if up { 1e-3 } else { -1e-3 }
            });
            assert!((exact(moved).value - wide.value).abs() <= wide.error);
        }
    }
}
