//! Chart of the Cholesky factors: lower-triangular matrices with a positive diagonal.

use proptest::prelude::*;

use super::coordinates::{each, expect_some, fits};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_inside};
use crate::known::{self, KnownValue};
use crate::promises::{Domain, Interval, Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// The chart of the lower-triangular `n×n` matrices with a positive diagonal, written row by row: entry `(i, j)`,
/// `j ≤ i`, is coordinate `i(i + 1)/2 + j`.
///
/// - formula: `x_ij = z_ij` for `j < i`, `x_ii = e^{z_ii}`
/// - log-det: `Σ_i z_ii`
/// - inverse: `z_ij = x_ij`, `z_ii = ln x_ii`
/// - domain → codomain: `ℝ^{n(n+1)/2}` → the same with the diagonal entries in (0, ∞)
/// - parameters: none
/// - source: Stan Reference Manual, "Cholesky factors of covariance matrices"
/// - loses precision: nowhere; a diagonal entry that over- or underflows is `OutOfRange`
#[derive(Clone, Debug)]
pub struct CholeskyFactor {
    size: usize,
}

impl CholeskyFactor {
    /// Of `size ≥ 1` rows.
    ///
    /// # Errors
    /// `DimMismatch` for no rows.
    pub fn new(size: usize) -> Result<Self, FlowError> {
        expect_some("the matrix", size)?;
        Ok(Self { size })
    }

    fn entries(&self) -> usize {
        self.size * (self.size + 1) / 2
    }
    /// For each coordinate, whether it lies on the diagonal.
    fn diagonal(&self) -> Vec<bool> {
        (0..self.size).flat_map(|i| (0..=i).map(move |j| i == j)).collect()
    }
}

impl<S: Scalar> Flow<S> for CholeskyFactor {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let diagonal = self.diagonal();
        each(z, self.entries(), |k, z| {
            if diagonal[k] { Ok((fits(z.exp(), k, Interval::POSITIVE)?, z)) } else { Ok((z, 0.0.into())) }
        })
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        let diagonal = self.diagonal();
        each(x, self.entries(), |k, x| {
            if !diagonal[k] {
                return Ok((x, 0.0.into()));
            }
            expect_inside(x, k, Interval::POSITIVE)?;
            let z = x.ln();
            Ok((z, -z))
        })
    }
}

impl Layer for CholeskyFactor {
    fn dim(&self) -> usize {
        self.entries()
    }
    fn promises(&self) -> Promises {
        let diagonal = self.diagonal();
        let ranges = diagonal.iter().map(|&on| if on { Interval::POSITIVE } else { Interval::REALS }).collect();
        let kept = (0..self.entries()).filter(|&k| !diagonal[k]).collect();
        Promises::default()
            .structure(Structure::Diagonal)
            .kept(kept)
            .codomain(Domain::Coordinates(ranges))
            .increasing()
            .orientation(Orientation::Positive)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("cholesky_factor.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "cholesky_factor",
    formula: "x_ij = z_ij for j < i, x_ii = e^{z_ii}",
    source: "Stan Reference Manual, Cholesky factors of covariance matrices",
    draw: || boxed((1usize..=4).prop_map(|size| CholeskyFactor { size })),
    // Not every dimension is that of a triangle.
    at_dim: None,
}];

pub(super) const FORMATS: &[Format] = &[Format { name: "cholesky_factor", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let size = fields.required("size")?;
    Ok(Box::new(CholeskyFactor::new(size.index()?).map_err(|e| size.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_diagonal_moves() {
        let layer = CholeskyFactor::new(2).unwrap();
        let image = layer.forward(&[0.0, -3.0, 1.0]).unwrap();
        assert_eq!((image.point, image.log_det), (vec![1.0, -3.0, 1f64.exp()], 1.0));
        assert_eq!(layer.inverse(&[1.0, 0.0, 0.0]).unwrap_err().kind(), "OutsideDomain");
        assert_eq!(layer.forward(&[0.0, 0.0, -800.0]).unwrap_err().kind(), "OutOfRange");
        assert_eq!(CholeskyFactor::new(0).unwrap_err().kind(), "DimMismatch");
    }
}
