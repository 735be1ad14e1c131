//! Products of Householder reflections.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, matrix};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::expect_shape;
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::{Scalar, dot};

/// `H_k ⋯ H_1`, `H_i = I − 2 vᵢvᵢᵀ/‖vᵢ‖²`.
#[derive(Clone, Debug)]
pub(super) struct Reflections {
    normals: Vec<Vec<Param>>,
}

impl Reflections {
    /// The rows of the parameter `name` are the `vᵢ`.
    pub(super) fn new(name: &str, rows: &[Vec<f64>], dim: usize) -> Result<Self, FlowError> {
        if rows.is_empty() {
            return Err(FlowError::DimMismatch { what: format!("{name} (its rows)"), expected: 1, found: 0 });
        }
        expect_shape(name, rows, rows.len(), dim)?;
        for (i, row) in rows.iter().enumerate() {
            let value: f64 = row.iter().map(|v| v * v).sum();
            if !value.is_normal() {
                let constraint = "a positive number that neither over- nor underflows";
                let name = format!("{name}[{i}], its squared length");
                return Err(FlowError::BadParameter { name, value, constraint });
            }
        }
        Ok(Self { normals: rows.iter().map(|row| params(row.iter().copied())).collect() })
    }

    /// `H_k ⋯ H_1 z`.
    pub(super) fn apply<S: Scalar>(&self, z: &[S]) -> Vec<S> {
        self.normals.iter().fold(z.to_vec(), |z, v| reflect(v, z))
    }

    /// `H_1 ⋯ H_k x`, the inverse.
    pub(super) fn undo<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        self.normals.iter().rev().fold(x.to_vec(), |x, v| reflect(v, x))
    }

    /// How many reflections there are.
    pub(super) fn count(&self) -> usize {
        self.normals.len()
    }
}

fn reflect<S: Scalar>(v: &[Param], z: Vec<S>) -> Vec<S> {
    let twice = dot(v, &z) * 2.0 / v.iter().map(|&v| v * S::from(v)).sum::<S>();
    z.iter().zip(v).map(|(&z, v)| z - v * twice).collect()
}

/// The sign of a determinant that changes with each of `n` reflections.
pub(super) fn parity(n: usize) -> Orientation {
    if n.is_multiple_of(2) { Orientation::Positive } else { Orientation::Negative }
}

/// A product of Householder reflections.
///
/// - formula: `x = H_k ⋯ H_1 z`, `H_i = I − 2 vᵢvᵢᵀ/‖vᵢ‖²`
/// - log-det: exactly 0; the determinant is `(−1)ᵏ`
/// - inverse: each reflection is its own, in the opposite order: `z = H_1 ⋯ H_k x`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `V` of shape `k × d`, `k ≥ 1`, whose rows are the `vᵢ`, none of them 0
/// - source: Tomczak & Welling 2016 (arXiv:1611.09630), the Householder flow
/// - loses precision: nowhere, beyond a few roundings a reflection
#[derive(Clone, Debug)]
pub struct Householder {
    reflections: Reflections,
    dim: usize,
}

impl Householder {
    /// With the rows of `V`.
    ///
    /// # Errors
    /// `DimMismatch`, also for no rows or empty ones; `NonFinite`; `BadParameter` for a row without direction.
    pub fn new(v: &[Vec<f64>]) -> Result<Self, FlowError> {
        let dim = v.first().map_or(1, |row| row.len().max(1));
        Ok(Self { reflections: Reflections::new("V", v, dim)?, dim })
    }
}

impl<S: Scalar> Flow<S> for Householder {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        Image::finite(self.reflections.apply(z), 0.0)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        Image::finite(self.reflections.undo(x), 0.0)
    }
}

impl Layer for Householder {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default().structure(Structure::Orthogonal).volume_preserving();
        promises.orientation(parity(self.reflections.count()))
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("householder.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "householder",
    formula: "x = Π (I − 2 vvᵀ/‖v‖²) z",
    source: "Tomczak & Welling 2016",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let row = |i: usize| (0..d).map(|j| ((2 * i + j) as f64 + 0.5).sin()).collect();
        Box::new(Householder::new(&(0..3).map(row).collect::<Vec<_>>()).expect("v ≠ 0"))
    }),
}];

/// Normals with no coordinate near 0.
pub(super) fn normals(count: usize, dim: usize) -> impl Strategy<Value = Vec<Vec<f64>>> + Clone {
    matrix(away_from_zero(0.25, 2.0), count, dim)
}

/// An even and an odd number of reflections. In one dimension there is only one, whatever its normal.
fn draw() -> impl Strategy<Value = Householder> {
    (2usize..=5, 1usize..=3)
        .prop_flat_map(|(d, k)| normals(k, d))
        .prop_map(|v| Householder::new(&v).expect("no coordinate is 0"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "householder", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let v = fields.required("V")?.matrix()?;
    Ok(Box::new(Householder::new(&v).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_row_reflects_first() {
        // v₁ swaps the coordinates (1, −1); v₂ negates the first.
        let layer = Householder::new(&[vec![1.0, -1.0], vec![3.0, 0.0]]).unwrap();
        let image = layer.forward(&[1.0, 4.0]).unwrap();
        assert_eq!((image.point.as_slice(), image.log_det), (&[-4.0, 1.0][..], 0.0));
        assert_eq!(layer.inverse(&image.point).unwrap().point, [1.0, 4.0]);
    }

    #[test]
    fn refusals() {
        let kind = |v: &[Vec<f64>]| Householder::new(v).unwrap_err().kind();
        assert_eq!(kind(&[]), "DimMismatch");
        assert_eq!(kind(&[vec![]]), "DimMismatch");
        assert_eq!(kind(&[vec![1.0, 2.0], vec![1.0]]), "DimMismatch");
        assert_eq!(kind(&[vec![1.0, 2.0], vec![0.0, 0.0]]), "BadParameter");
        assert_eq!(kind(&[vec![1e200, 2.0]]), "BadParameter");
        assert_eq!(kind(&[vec![1.0, f64::NAN]]), "NonFinite");
    }
}
