//! Rotation by the exponential of a skew-symmetric matrix.

use proptest::prelude::*;

use super::skew::{Skew, draw, negated, wave};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::times;
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// The rotation that a skew-symmetric matrix generates.
///
/// - formula: `x = exp(A) z`, `A = −Aᵀ`
/// - log-det: exactly 0, as `det exp(A) = e^{tr A}`
/// - inverse: `z = exp(−A) x`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `A` of shape `d × d`, skew-symmetric, `‖A‖_∞ ≤ 1024`
/// - source: Lezcano-Casado & Martínez-Rubio 2019 (arXiv:1901.08428), the exponential map of `SO(d)`
/// - loses precision: nowhere for moderate `A`; rounding grows with `‖A‖_∞`
///
/// Computed as `exp(A/n)` applied `n = max(1, ⌈‖A‖_∞/2⌉)` times, each by its Taylor polynomial of degree 69 in Horner's
/// form. For a skew-symmetric matrix `‖A/n‖₂ ≤ ‖A/n‖_∞ ≤ 2`, so one polynomial is within `Σ_{k>69} 2ᵏ/k! < 2·10⁻⁷⁹` of
/// an orthogonal matrix in the 2-norm, and the `n ≤ 512` of them together are within `10⁻⁷⁶` of `exp(A)`.
/// As an identity of polynomials, which a proof would need, the inverse is not exact.
#[derive(Clone, Debug)]
pub struct OrthogonalExp {
    a: Skew,
    /// The `n` of the doc.
    steps: usize,
}

const DEGREE: usize = 69;
const LARGEST_NORM: f64 = 1024.0;

impl OrthogonalExp {
    /// With the rows of `A`.
    ///
    /// # Errors
    /// `DimMismatch`; `NonFinite`; `BadParameter` unless `A` is skew-symmetric and of moderate norm.
    pub fn new(a: &[Vec<f64>]) -> Result<Self, FlowError> {
        let skew = Skew::new(a)?;
        let norm = a.iter().map(|row| row.iter().map(|a| a.abs()).sum()).fold(0.0, f64::max);
        if norm > LARGEST_NORM {
            let constraint = "at most 1024";
            return Err(FlowError::BadParameter { name: "A, its ∞-norm".to_owned(), value: norm, constraint });
        }
        Ok(Self { a: skew, steps: (norm / 2.0).ceil().max(1.0) as usize })
    }

    /// `exp(A) z` for the matrix given.
    fn turn<S: Scalar>(&self, z: &[S], a: &[Vec<S>]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        let mut x = z.to_vec();
        for _ in 0..self.steps {
            let from = x.clone();
            for k in (1..=DEGREE).rev() {
                let ax = times(a, &x);
                x = from.iter().zip(ax).map(|(&z, ax)| ax / (self.steps * k) as f64 + z).collect();
            }
        }
        Image::finite(x, 0.0)
    }
}

impl<S: Scalar> Flow<S> for OrthogonalExp {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.turn(z, &self.a.matrix())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.turn(x, &negated(self.a.matrix()))
    }
}

impl Layer for OrthogonalExp {
    fn dim(&self) -> usize {
        self.a.dim()
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Orthogonal).volume_preserving().orientation(Orientation::Positive)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("orthogonal_exp.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "orthogonal_exp",
    formula: "x = exp(A) z, A = −Aᵀ",
    source: "Lezcano-Casado & Martínez-Rubio 2019",
    draw: || boxed(draw(4).prop_map(|a| OrthogonalExp::new(&a).expect("skew-symmetric"))),
    at_dim: Some(|d| Box::new(OrthogonalExp::new(&wave(d)).expect("skew-symmetric"))),
}];

pub(super) const FORMATS: &[Format] = &[Format { name: "orthogonal_exp", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let a = fields.required("A")?.matrix()?;
    Ok(Box::new(OrthogonalExp::new(&a).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_the_plane_it_turns_by_the_angle() {
        for angle in [0.3f64, -2.5, 40.0] {
            let layer = OrthogonalExp::new(&[vec![0.0, -angle], vec![angle, 0.0]]).unwrap();
            let x = layer.forward(&[1.0, 0.0]).unwrap().point;
            assert!((x[0] - angle.cos()).abs() < 1e-13 && (x[1] - angle.sin()).abs() < 1e-13, "{angle}: {x:?}");
        }
    }

    #[test]
    fn refusals() {
        let kind = |a: &[Vec<f64>]| OrthogonalExp::new(a).unwrap_err().kind();
        assert_eq!(kind(&[]), "DimMismatch");
        assert_eq!(kind(&[vec![0.0, 1.0]]), "DimMismatch");
        assert_eq!(kind(&[vec![0.0, 1.0], vec![1.0, 0.0]]), "BadParameter");
        assert_eq!(kind(&[vec![1.0]]), "BadParameter");
        assert_eq!(kind(&[vec![0.0, 2e3], vec![-2e3, 0.0]]), "BadParameter");
        assert_eq!(kind(&[vec![f64::NAN]]), "NonFinite");
    }
}
