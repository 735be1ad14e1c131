//! Haar wavelet.

use proptest::prelude::*;

use super::conv1x1::read_shape;
use super::householder::parity;
use super::permutation::Permutation;
use super::rearrange::{even, even_shape};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// One step of the orthonormal two-dimensional Haar wavelet transform, from `c×h×w` to `4c×(h/2)×(w/2)`.
///
/// - formula: each 2×2 square `[a b; c d]` of a channel becomes four channels beside each other at one position: the
///   average `(a + b + c + d)/2`, the horizontal `(a − b + c − d)/2`, the vertical `(a + b − c − d)/2` and the diagonal
///   difference `(a − b − c + d)/2`
/// - log-det: exactly 0
/// - inverse: the 4×4 matrix is symmetric and orthogonal, so its own inverse; then the squares are put back
/// - domain → codomain: ℝᵈ → ℝᵈ, `d = c·h·w`
/// - parameters: none; `shape = [c, h, w]` with `h` and `w` even
/// - source: Haar 1910; in flows Ardizzone et al. 2019 (arXiv:1907.02392), there as downsampling
/// - loses precision: in the differences, where neighbours nearly cancel, which is inherent
#[derive(Clone, Debug)]
pub struct Haar {
    squeeze: Permutation,
    /// After the squeeze.
    positions: usize,
    orientation: Orientation,
}

impl Haar {
    /// For tensors of `shape = [c, h, w]`.
    ///
    /// # Errors
    /// `DimMismatch` for a size of 0; `BadParameter` for too large a tensor or an odd height or width.
    pub fn new(shape: [usize; 3]) -> Result<Self, FlowError> {
        let [_, h, w] = even(shape)?;
        let squeeze = Permutation::squeeze(shape)?;
        // The 4×4 matrix has determinant 1, so the sign is that of the permutation.
        let orientation = parity(squeeze.transpositions());
        Ok(Self { squeeze, positions: h * w / 4, orientation })
    }

    fn mix<S: Scalar>(&self, y: &[S]) -> Vec<S> {
        let mut x = y.to_vec();
        for channel in (0..y.len()).step_by(4 * self.positions) {
            for first in channel..channel + self.positions {
                let at = [0, 1, 2, 3].map(|quarter| first + quarter * self.positions);
                let [a, b, c, d] = at.map(|i| y[i]);
                let mixed = [a + b + c + d, a - b + c - d, a + b - c - d, a - b - c + d];
                at.into_iter().zip(mixed).for_each(|(i, sum)| x[i] = sum * 0.5);
            }
        }
        x
    }
}

impl<S: Scalar> Flow<S> for Haar {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        Image::finite(self.mix(&self.squeeze.forward(z)?.point), 0.0)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        self.squeeze.inverse(&self.mix(x))
    }
}

impl Layer for Haar {
    fn dim(&self) -> usize {
        self.squeeze.dim()
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Orthogonal).volume_preserving().orientation(self.orientation)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("haar.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "haar",
    formula: "2×2 squares to average and three differences, over 2",
    source: "Haar 1910; Ardizzone et al. 2019",
    draw: || boxed(even_shape().prop_map(|shape| Haar::new(shape).expect("even sizes"))),
    at_dim: Some(|d| Box::new(Haar::new([1, 2, d / 2]).expect("even sizes"))),
}];

pub(super) const FORMATS: &[Format] = &[Format { name: "haar", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    Ok(Box::new(Haar::new(read_shape(fields)?).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_has_no_diagonal_difference() {
        let layer = Haar::new([1, 2, 4]).unwrap();
        let image = layer.forward(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]).unwrap();
        assert_eq!(image.point, [5.0, 9.0, -1.0, -1.0, -4.0, -4.0, 0.0, 0.0]);
        assert_eq!(layer.inverse(&image.point).unwrap().point, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    }

    #[test]
    fn refusals() {
        assert_eq!(Haar::new([1, 2, 3]).unwrap_err().kind(), "BadParameter");
        assert_eq!(Haar::new([0, 2, 2]).unwrap_err().kind(), "DimMismatch");
    }
}
