//! Linear map in QR form.

use proptest::prelude::*;

use super::conv1x1_plu::triangle;
use super::householder::{Reflections, normals};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, between, boxed, matrix, vector};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::{Diagonal, Part, Triangle};
use crate::promises::{Orientation, Promises};
use crate::scalar::Scalar;

/// A linear map given by an orthogonal and a triangular factor.
///
/// - formula: `x = Q R z`, `Q = H_k ⋯ H_1` a product of Householder reflections
/// - log-det: `Σ ln|R_ii|`
/// - inverse: `Qᵀ x`, then back substitution with `R`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `V` of shape `k × d`, `k ≥ 1`, the normals as in [`Householder`](super::Householder); `R` of shape
///   `d × d`, upper triangular with `R_ii ≠ 0`
/// - source: definition; in flows Hoogeboom, van den Berg & Welling 2019 (arXiv:1901.11137)
/// - loses precision: the inverse as the condition of `R` grows; the log-det never
#[derive(Clone, Debug)]
pub struct QrLinear {
    q: Reflections,
    r: Triangle,
}

impl QrLinear {
    /// With the rows of `V` and of `R`, zeros included.
    ///
    /// # Errors
    /// `DimMismatch`; `NonFinite`; `BadParameter` for a normal without direction or an `R` that is not upper triangular;
    /// `SingularMatrix` for a zero on the diagonal of `R`.
    pub fn new(v: &[Vec<f64>], r: &[Vec<f64>]) -> Result<Self, FlowError> {
        let dim = r.len().max(1);
        let r = Triangle::new("R", Part::Upper, Diagonal::Direct, r, dim)?;
        Ok(Self { q: Reflections::new("V", v, dim)?, r })
    }
}

impl<S: Scalar> Flow<S> for QrLinear {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        Image::finite(self.q.apply(&self.r.apply(z)), self.r.log_abs_det::<S>())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        Image::finite(self.r.solve(&self.q.undo(x)), -self.r.log_abs_det::<S>())
    }
}

impl Layer for QrLinear {
    fn dim(&self) -> usize {
        self.r.dim()
    }
    fn promises(&self) -> Promises {
        Promises::default().constant_log_det().orientation(Orientation::Either)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("qr_linear.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "qr_linear",
    formula: "x = Q R z, Q = Π (I − 2 vvᵀ/‖v‖²), R_ii ≠ 0",
    source: "definition; Hoogeboom et al. 2019",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let wave = |i: usize| (0..d).map(|j| ((i + 2 * j) as f64 + 0.5).sin() / d as f64).collect();
        let free: Vec<Vec<f64>> = (0..d).map(wave).collect();
        let r = triangle(Part::Upper, &free, &vec![-1.5; d]);
        Box::new(QrLinear::new(&free[..2], &r).expect("R_ii ≠ 0"))
    }),
}];

/// Both signs on the diagonal of `R`, away from ±1.
fn draw() -> impl Strategy<Value = QrLinear> {
    (2usize..=5, 1usize..=3)
        .prop_flat_map(|(d, k)| (normals(k, d), matrix(between(-1.0, 1.0), d, d), vector(away_from_zero(1.25, 3.0), d)))
        .prop_map(|(v, free, diagonal)| QrLinear::new(&v, &triangle(Part::Upper, &free, &diagonal)).expect("R_ii ≠ 0"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "qr_linear", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (v, r) = (fields.required("V")?.matrix()?, fields.required("R")?.matrix()?);
    Ok(Box::new(QrLinear::new(&v, &r).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_triangle_comes_first() {
        // Q swaps the coordinates: Q R = [[0, 3], [2, 1]].
        let layer = QrLinear::new(&[vec![1.0, -1.0]], &[vec![2.0, 1.0], vec![0.0, 3.0]]).unwrap();
        let image = layer.forward(&[1.0, 10.0]).unwrap();
        assert_eq!((image.point.as_slice(), image.log_det), (&[30.0, 12.0][..], 2f64.ln() + 3f64.ln()));
        assert_eq!(layer.inverse(&image.point).unwrap().point, [1.0, 10.0]);
    }

    #[test]
    fn refusals() {
        let kind = |v: &[Vec<f64>], r: &[Vec<f64>]| QrLinear::new(v, r).unwrap_err().kind();
        assert_eq!(kind(&[vec![1.0]], &[]), "DimMismatch");
        assert_eq!(kind(&[], &[vec![1.0]]), "DimMismatch");
        assert_eq!(kind(&[vec![1.0, 1.0]], &[vec![1.0]]), "DimMismatch");
        assert_eq!(kind(&[vec![0.0]], &[vec![1.0]]), "BadParameter");
        assert_eq!(kind(&[vec![1.0]], &[vec![0.0]]), "SingularMatrix");
    }
}
