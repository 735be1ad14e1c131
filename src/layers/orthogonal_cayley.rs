//! Rotation by the Cayley transform of a skew-symmetric matrix.

use proptest::prelude::*;

use super::skew::{Skew, draw, negated, wave};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::{lu_of, times};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// The Cayley transform of a skew-symmetric matrix.
///
/// - formula: `x = (I + A)⁻¹ (I − A) z`, `A = −Aᵀ`
/// - log-det: exactly 0, as `det(I − A) = det(I − A)ᵀ = det(I + A)`
/// - inverse: the same with `−A`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `A` of shape `d × d`, skew-symmetric. Its eigenvalues are imaginary, so `I + A` is never singular;
///   the rotations with an eigenvalue −1 are left out
/// - source: Cayley 1846; in networks Helfrich, Willmott & Ye 2018 (arXiv:1707.09520)
/// - loses precision: as `‖A‖` grows, with the condition of `I + A`
#[derive(Clone, Debug)]
pub struct OrthogonalCayley {
    a: Skew,
}

impl OrthogonalCayley {
    /// With the rows of `A`.
    ///
    /// # Errors
    /// `DimMismatch`; `NonFinite`; `BadParameter` unless `A` is skew-symmetric.
    pub fn new(a: &[Vec<f64>]) -> Result<Self, FlowError> {
        Ok(Self { a: Skew::new(a)? })
    }

    /// `(I + A)⁻¹ (I − A) z`, for the `A` and the `−A` given.
    fn turn<S: Scalar>(&self, z: &[S], mut plus: Vec<Vec<S>>, minus: &[Vec<S>]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        for (i, row) in plus.iter_mut().enumerate() {
            row[i] = S::from(1.0);
        }
        let y: Vec<S> = times(minus, z).into_iter().zip(z).map(|(y, &z)| y + z).collect();
        Image::finite(lu_of(plus)?.solve(&y), 0.0)
    }
}

impl<S: Scalar> Flow<S> for OrthogonalCayley {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.turn(z, self.a.matrix(), &negated(self.a.matrix()))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.turn(x, negated(self.a.matrix()), &self.a.matrix())
    }
}

impl Layer for OrthogonalCayley {
    fn dim(&self) -> usize {
        self.a.dim()
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Orthogonal).volume_preserving().orientation(Orientation::Positive)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("orthogonal_cayley.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "orthogonal_cayley",
    formula: "x = (I + A)⁻¹ (I − A) z, A = −Aᵀ",
    source: "Cayley 1846; Helfrich, Willmott & Ye 2018",
    draw: || boxed(draw(5).prop_map(|a| OrthogonalCayley::new(&a).expect("skew-symmetric"))),
    at_dim: Some(|d| Box::new(OrthogonalCayley::new(&wave(d)).expect("skew-symmetric"))),
}];

pub(super) const FORMATS: &[Format] = &[Format { name: "orthogonal_cayley", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let a = fields.required("A")?.matrix()?;
    Ok(Box::new(OrthogonalCayley::new(&a).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a = tan(θ/2)` turns the plane by θ: here 3-4-5.
    #[test]
    fn in_the_plane_it_turns_by_twice_the_arc_tangent() {
        let layer = OrthogonalCayley::new(&[vec![0.0, 0.5], vec![-0.5, 0.0]]).unwrap();
        let image = layer.forward(&[1.0, 0.0]).unwrap();
        assert!((image.point[0] - 0.6).abs() < 1e-15 && (image.point[1] - 0.8).abs() < 1e-15, "{image:?}");
        assert_eq!(image.log_det, 0.0);
    }

    #[test]
    fn refusals() {
        let kind = |a: &[Vec<f64>]| OrthogonalCayley::new(a).unwrap_err().kind();
        assert_eq!(kind(&[]), "DimMismatch");
        assert_eq!(kind(&[vec![0.0, 1.0], vec![-0.5, 0.0]]), "BadParameter");
        assert_eq!(kind(&[vec![f64::NAN]]), "NonFinite");
    }
}
