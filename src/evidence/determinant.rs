//! `log|det J|` and its sign by LU with pivoting, with a componentwise error bound.

use nalgebra::{DMatrix, DVector};

/// Unit roundoff.
const U: f64 = f64::EPSILON / 2.0;
/// Above this the series behind the bound says nothing, and not even the sign is resolved.
const RESOLVED: f64 = 0.1;

/// `log|det J|` of a matrix known entry by entry to within bounds.
#[derive(Clone, Debug)]
pub(crate) struct LogAbsDet {
    /// A sum of logs, never the log of a product.
    pub value: f64,
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
pub(crate) fn log_abs_det(values: &DMatrix<f64>, bounds: &DMatrix<f64>) -> LogAbsDet {
    let d = values.nrows();
    let unresolved = |value: f64, inverse| LogAbsDet { value, error: f64::INFINITY, sign: None, inverse };
    if values.iter().chain(bounds.iter()).any(|x| !x.is_finite()) {
        return unresolved(f64::NAN, None);
    }
    let (mut a, mut e) = (values.clone(), bounds.clone());
    let mut shift = 0.0;
    let row_powers = DVector::from_iterator(d, (0..d).map(|i| power_of_two(a.row(i).amax())));
    for i in 0..d {
        a.row_mut(i).scale_mut(row_powers[i].recip());
        e.row_mut(i).scale_mut(row_powers[i].recip());
        shift += row_powers[i].log2();
    }
    let column_powers = DVector::from_iterator(d, (0..d).map(|j| power_of_two(a.column(j).amax())));
    for j in 0..d {
        a.column_mut(j).scale_mut(column_powers[j].recip());
        e.column_mut(j).scale_mut(column_powers[j].recip());
        shift += column_powers[j].log2();
    }
    let lu = a.clone().lu();
    let (l, u) = (lu.l(), lu.u());
    let mut sign: f64 = lu.p().determinant();
    let (mut value, mut logs) = (0.0, 0.0);
    for i in 0..d {
        let log = u[(i, i)].abs().ln();
        value += log;
        logs += log.abs();
        sign *= u[(i, i)].signum();
    }
    value += shift * std::f64::consts::LN_2;
    let Some(inverse) = lu.try_inverse() else {
        return unresolved(value, None);
    };
    let gamma = d as f64 * U / (1.0 - d as f64 * U);
    let mut rounding = l.abs() * u.abs() * gamma;
    lu.p().inv_permute_rows(&mut rounding);
    let y = inverse.abs() * (e + rounding);
    let eta = (0..d).map(|i| y.row(i).sum()).fold(0.0, f64::max);
    // The inverse of the matrix as given, scalings undone.
    let mut unscaled = inverse;
    for i in 0..d {
        unscaled.row_mut(i).scale_mut(column_powers[i].recip());
        unscaled.column_mut(i).scale_mut(row_powers[i].recip());
    }
    if !value.is_finite() || !(eta < RESOLVED) {
        return unresolved(value, Some(unscaled));
    }
    let dim = d as f64;
    let error = y.trace() + dim * (-(-eta).ln_1p() - eta) + (dim + 3.0) * U * (logs + 2.0 * shift.abs());
    LogAbsDet { value, error, sign: Some(sign), inverse: Some(unscaled) }
}

/// The power of two next to a number; 1 for 0.
fn power_of_two(x: f64) -> f64 {
    if x > 0.0 { x.log2().round().clamp(-1000.0, 1000.0).exp2() } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(values: DMatrix<f64>) -> LogAbsDet {
        let bounds = DMatrix::zeros(values.nrows(), values.ncols());
        log_abs_det(&values, &bounds)
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
        let vague = log_abs_det(&DMatrix::identity(2, 2), &DMatrix::from_element(2, 2, 0.3));
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
