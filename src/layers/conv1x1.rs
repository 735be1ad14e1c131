//! Invertible 1×1 convolution with a dense matrix.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, between, boxed, matrix, permutation, vector};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::{expect_nonsingular, expect_shape, lu};
use crate::param::{Param, params};
use crate::promises::{LogDetCost, Promises, Structure};
use crate::scalar::{Scalar, dot};

/// One dense matrix on the channels, at every position of a `c×h×w` tensor.
///
/// - formula: `x[:, p] = W z[:, p]` at each of the `h·w` positions `p`; tensors are flattened channel-major,
///   `(channel·h + row)·w + column`, so `J = W ⊗ I_{hw}`
/// - log-det: `h·w·ln|det W|`, by LU with pivoting
/// - inverse: `z[:, p] = W⁻¹ x[:, p]`, by the same LU
/// - domain → codomain: ℝᵈ → ℝᵈ, `d = c·h·w`
/// - parameters: `W` of shape `c × c`, non-singular to the precision of f64
/// - source: Kingma & Dhariwal 2018 (arXiv:1807.03039), §3.2
/// - loses precision: the inverse and the log-det as the condition of `W` grows
#[derive(Clone, Debug)]
pub struct Conv1x1 {
    w: Vec<Vec<Param>>,
    positions: usize,
}

/// `c` and `h·w` of a shape without a zero.
pub(super) fn tensor(shape: [usize; 3]) -> Result<(usize, usize), FlowError> {
    if shape.contains(&0) {
        return Err(FlowError::DimMismatch { what: format!("the smallest size of {shape:?}"), expected: 1, found: 0 });
    }
    let overflow = shape.iter().try_fold(1usize, |n, &s| n.checked_mul(s)).is_none_or(|n| n > 1 << 28);
    if overflow {
        return Err(FlowError::BadParameter {
            name: format!("shape = {shape:?}, its product"),
            value: shape.iter().map(|&s| s as f64).product(),
            constraint: "a product of at most 2²⁸",
        });
    }
    Ok((shape[0], shape[1] * shape[2]))
}

impl Conv1x1 {
    /// For tensors of `shape = [c, h, w]`, with the rows of `W`.
    ///
    /// # Errors
    /// `DimMismatch`, also for a size of 0; `BadParameter` for too large a tensor; `NonFinite`; `SingularMatrix`.
    pub fn new(shape: [usize; 3], w: &[Vec<f64>]) -> Result<Self, FlowError> {
        let (channels, positions) = tensor(shape)?;
        expect_shape("W", w, channels, channels)?;
        expect_nonsingular("W", w)?;
        Ok(Self { w: w.iter().map(|row| params(row.iter().copied())).collect(), positions })
    }
}

/// Applies a map of the channels at every position.
pub(super) fn at_each_position<S: Scalar>(z: &[S], positions: usize, map: impl Fn(&[S]) -> Vec<S>) -> Vec<S> {
    let mut x = z.to_vec();
    for p in 0..positions {
        let column: Vec<S> = z.iter().skip(p).step_by(positions).copied().collect();
        for (channel, value) in map(&column).into_iter().enumerate() {
            x[channel * positions + p] = value;
        }
    }
    x
}

impl<S: Scalar> Flow<S> for Conv1x1 {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        let x = at_each_position(z, self.positions, |z| self.w.iter().map(|row| dot(row, z)).collect());
        Image::finite(x, lu::<S>(&self.w)?.log_abs_det() * self.positions as f64)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        let lu = lu::<S>(&self.w)?;
        let z = at_each_position(x, self.positions, |x| lu.solve(x));
        Image::finite(z, -(lu.log_abs_det() * self.positions as f64))
    }
}

impl Layer for Conv1x1 {
    fn dim(&self) -> usize {
        self.w.len() * self.positions
    }
    fn promises(&self) -> Promises {
        Promises::default()
            .structure(Structure::PerPosition { channels: self.w.len(), positions: self.positions })
            .constant_log_det()
            .log_det_cost(LogDetCost::Power(3.0))
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("conv1x1_dense.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "conv1x1_dense",
    formula: "x[:, p] = W z[:, p]",
    source: "Kingma & Dhariwal 2018, §3.2",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let row = |i: usize| (0..d).map(|j| if i == j { 2.0 } else { ((i + 2 * j) as f64).sin() / d as f64 }).collect();
        Box::new(Conv1x1::new([d, 1, 1], &(0..d).map(row).collect::<Vec<_>>()).expect("diagonally dominant"))
    }),
}];

/// A strong permuted diagonal of either sign with small numbers around it: well conditioned, both signs of det, and
/// often a leading entry that is no pivot.
fn draw() -> impl Strategy<Value = Conv1x1> {
    (1usize..=3, 1usize..=2, 1usize..=2)
        .prop_flat_map(|(c, h, w)| {
            let signs = proptest::collection::vec(any::<bool>(), c);
            (Just([c, h, w]), permutation(c), vector(between(1.5, 3.0), c), signs, matrix(between(-0.375, 0.375), c, c))
        })
        .prop_map(|(shape, perm, strong, signs, mut w)| {
            for (i, &p) in perm.iter().enumerate() {
                w[i][p] = if signs[i] { -strong[i] } else { strong[i] };
            }
            Conv1x1::new(shape, &w).expect("diagonally dominant up to a permutation")
        })
}

pub(super) fn read_shape(fields: &Fields<'_>) -> Result<[usize; 3], DataError> {
    let at = fields.required("shape")?;
    let shape = at.indices()?.try_into().map_err(|_| at.error("DimMismatch", "expected three sizes [c, h, w]"))?;
    tensor(shape).map_err(|e| at.refuse(&e))?;
    Ok(shape)
}

pub(super) const FORMATS: &[Format] = &[Format { name: "conv1x1_dense", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let shape = read_shape(fields)?;
    let w = fields.required("W")?;
    Ok(Box::new(Conv1x1::new(shape, &w.matrix()?).map_err(|e| w.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_leading_entry_needs_a_pivot() {
        let layer = Conv1x1::new([2, 1, 2], &[vec![0.0, 2.0], vec![3.0, 1.0]]).unwrap();
        let image = layer.forward(&[1.0, 2.0, 10.0, 20.0]).unwrap();
        assert_eq!(image.point, [20.0, 40.0, 13.0, 26.0]);
        assert!((image.log_det - 2.0 * 6f64.ln()).abs() < 1e-15);
        let back = layer.inverse(&image.point).unwrap();
        assert!(back.point.iter().zip([1.0, 2.0, 10.0, 20.0]).all(|(a, b)| (a - b).abs() < 1e-14));
    }

    #[test]
    fn refusals() {
        let kind = |shape, w: &[Vec<f64>]| Conv1x1::new(shape, w).unwrap_err().kind();
        assert_eq!(kind([2, 1, 1], &[vec![1.0, 2.0], vec![2.0, 4.0]]), "SingularMatrix");
        assert_eq!(kind([2, 1, 1], &[vec![1.0, 1.0], vec![1.0, 1.0 + 1e-16]]), "SingularMatrix");
        assert_eq!(kind([2, 1, 1], &[vec![1.0, 1.0], vec![1.0, 1.0 + 4.5e-16]]), "SingularMatrix");
        assert_eq!(kind([2, 1, 1], &[vec![1.0, 0.0]]), "DimMismatch");
        assert_eq!(kind([2, 1, 1], &[vec![1.0], vec![0.0, 1.0]]), "DimMismatch");
        assert_eq!(kind([1, 0, 1], &[vec![1.0]]), "DimMismatch");
        assert_eq!(kind([1, 1, 1], &[vec![f64::NAN]]), "NonFinite");
    }
}
