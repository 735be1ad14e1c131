//! Invertible 1×1 convolution with a matrix in PLU form.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::conv1x1::{at_each_position, read_shape, tensor};
use super::permutation::check as check_permutation;
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, between, boxed, matrix, permutation, vector};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::{Diagonal, Part, Triangle};
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// One matrix `W = P L U` on the channels, at every position of a `c×h×w` tensor.
///
/// - formula: `x[:, p] = P L U z[:, p]`; row `i` of `W` is row `perm[i]` of `L U`; layout as in
///   [`Conv1x1`](super::Conv1x1)
/// - log-det: `h·w·Σ ln|U_ii|`
/// - inverse: undo `P`, then forward and back substitution
/// - domain → codomain: ℝᵈ → ℝᵈ, `d = c·h·w`
/// - parameters: `perm` of `0..c`; `L` unit lower triangular; `U` upper triangular with `U_ii ≠ 0`
/// - source: Kingma & Dhariwal 2018 (arXiv:1807.03039), §3.2
/// - loses precision: the inverse as the condition of `L` or `U` grows; the log-det never
#[derive(Clone, Debug)]
pub struct Conv1x1Plu {
    perm: Vec<usize>,
    lower: Triangle,
    upper: Triangle,
    positions: usize,
}

impl Conv1x1Plu {
    /// For tensors of `shape = [c, h, w]`.
    ///
    /// # Errors
    /// `BadParameter` for too large a tensor, an `L` that is not unit lower triangular, a `U` that is not upper triangular;
    /// `DimMismatch`; `NonFinite`; `InvalidPermutation`; `SingularMatrix` for a zero on the diagonal of `U`.
    pub fn new(shape: [usize; 3], perm: &[usize], l: &[Vec<f64>], u: &[Vec<f64>]) -> Result<Self, FlowError> {
        let (channels, positions) = tensor(shape)?;
        check_permutation(perm)?;
        if perm.len() != channels {
            let (expected, found) = (channels, perm.len());
            return Err(FlowError::DimMismatch { what: "perm".to_owned(), expected, found });
        }
        Ok(Self {
            perm: perm.to_vec(),
            lower: Triangle::new("L", Part::Lower, Diagonal::Unit, l, channels)?,
            upper: Triangle::new("U", Part::Upper, Diagonal::Direct, u, channels)?,
            positions,
        })
    }

    fn log_det<S: Scalar>(&self) -> S {
        self.upper.log_abs_det::<S>() * self.positions as f64
    }

    fn apply<S: Scalar>(&self, z: &[S]) -> Vec<S> {
        let y = self.lower.apply(&self.upper.apply(z));
        self.perm.iter().map(|&i| y[i]).collect()
    }

    fn solve<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        let mut y = x.to_vec();
        for (&p, &x) in self.perm.iter().zip(x) {
            y[p] = x;
        }
        self.upper.solve(&self.lower.solve(&y))
    }
}

impl<S: Scalar> Flow<S> for Conv1x1Plu {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        Image::finite(at_each_position(z, self.positions, |z| self.apply(z)), self.log_det::<S>())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        Image::finite(at_each_position(x, self.positions, |x| self.solve(x)), -self.log_det::<S>())
    }
}

impl Layer for Conv1x1Plu {
    fn dim(&self) -> usize {
        self.perm.len() * self.positions
    }
    fn promises(&self) -> Promises {
        Promises::default()
            .structure(Structure::PerPosition { channels: self.perm.len(), positions: self.positions })
            .constant_log_det()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("conv1x1_plu.")
    }
}

/// Full `L` and `U` from their free entries.
pub(super) fn full(free: &[Vec<f64>], diagonal: &[f64]) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
    (triangle(Part::Lower, free, &vec![1.0; diagonal.len()]), triangle(Part::Upper, free, diagonal))
}

/// A full triangular matrix from its free entries and its diagonal.
pub(super) fn triangle(part: Part, free: &[Vec<f64>], diagonal: &[f64]) -> Vec<Vec<f64>> {
    let n = diagonal.len();
    let entry = |i: usize, j: usize| match (j.cmp(&i), part) {
        (Ordering::Equal, _) => diagonal[i],
        (Ordering::Less, Part::Lower) | (Ordering::Greater, Part::Upper) => free[i][j],
        _ => 0.0,
    };
    (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "conv1x1_plu",
    formula: "x[:, p] = P L U z[:, p]",
    source: "Kingma & Dhariwal 2018, §3.2",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let free: Vec<Vec<f64>> =
            (0..d).map(|i| (0..d).map(|j| ((i + 2 * j) as f64).sin() / d as f64).collect()).collect();
        let (l, u) = full(&free, &vec![1.5; d]);
        let perm: Vec<usize> = (0..d).rev().collect();
        Box::new(Conv1x1Plu::new([d, 1, 1], &perm, &l, &u).expect("U_ii ≠ 0"))
    }),
}];

/// Both signs on the diagonal of `U`, away from ±1, and any permutation.
fn draw() -> impl Strategy<Value = Conv1x1Plu> {
    (1usize..=3, 1usize..=2, 1usize..=2)
        .prop_flat_map(|(c, h, w)| {
            let free = matrix(between(-1.0, 1.0), c, c);
            (Just([c, h, w]), permutation(c), free, vector(away_from_zero(1.25, 3.0), c))
        })
        .prop_map(|(shape, perm, free, diagonal)| {
            let (l, u) = full(&free, &diagonal);
            Conv1x1Plu::new(shape, &perm, &l, &u).expect("U_ii ≠ 0")
        })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "conv1x1_plu", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let shape = read_shape(fields)?;
    let (perm, l, u) = (fields.required("perm")?, fields.required("L")?, fields.required("U")?);
    let layer = Conv1x1Plu::new(shape, &perm.indices()?, &l.matrix()?, &u.matrix()?).map_err(|e| match &e {
        FlowError::InvalidPermutation { .. } => perm.refuse(&e),
        _ => fields.refuse(&e),
    })?;
    Ok(Box::new(layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Practice 4 of the chapter: 1024·ln 0.8, at 40 digits −228.4989965457507899046861724772705314556.
    #[test]
    fn a_large_tensor_sums_one_log_a_channel() {
        let l = vec![vec![1.0, 0.0, 0.0], vec![0.0, 1.0, 0.0], vec![0.0, 0.0, 1.0]];
        let u = vec![vec![2.0, 0.0, 0.0], vec![0.0, 0.5, 0.0], vec![0.0, 0.0, 0.8]];
        let layer = Conv1x1Plu::new([3, 32, 32], &[0, 1, 2], &l, &u).unwrap();
        let log_det = layer.forward(&vec![0.25; 3072]).unwrap().log_det;
        assert!((log_det + 228.498_996_545_750_8).abs() < 1e-12);
    }

    #[test]
    fn rows_are_permuted_as_the_format_says() {
        // L U = [[2, 1], [1, 3.5]]; perm = [1, 0] puts its second row first.
        let layer =
            Conv1x1Plu::new([2, 1, 1], &[1, 0], &[vec![1.0, 0.0], vec![0.5, 1.0]], &[vec![2.0, 1.0], vec![0.0, 3.0]]);
        let image = layer.as_ref().unwrap().forward(&[1.0, 10.0]).unwrap();
        assert_eq!(image.point, [36.0, 12.0]);
        let back = layer.unwrap().inverse(&image.point).unwrap();
        assert!((back.point[0] - 1.0).abs() < 1e-14 && (back.point[1] - 10.0).abs() < 1e-14);
    }

    #[test]
    fn refusals() {
        let one = vec![vec![1.0, 0.0], vec![0.0, 1.0]];
        let kind =
            |perm: &[usize], l: &[Vec<f64>], u: &[Vec<f64>]| Conv1x1Plu::new([2, 1, 1], perm, l, u).unwrap_err().kind();
        assert_eq!(kind(&[0, 0], &one, &one), "InvalidPermutation");
        assert_eq!(kind(&[0], &one, &one), "DimMismatch");
        assert_eq!(kind(&[0, 1], &[vec![2.0, 0.0], vec![0.0, 1.0]], &one), "BadParameter");
        assert_eq!(kind(&[0, 1], &[vec![1.0, 1.0], vec![0.0, 1.0]], &one), "BadParameter");
        assert_eq!(kind(&[0, 1], &one, &[vec![1.0, 0.0], vec![1.0, 1.0]]), "BadParameter");
        assert_eq!(kind(&[0, 1], &one, &[vec![1.0, 0.0], vec![0.0, 0.0]]), "SingularMatrix");
    }
}
