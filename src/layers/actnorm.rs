//! Activation normalization.

use proptest::prelude::*;

use super::conv1x1::{read_shape, tensor};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, short, vector};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::expect_vector;
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// One scale and one shift a channel, at every position of a `c×h×w` tensor.
///
/// - formula: `x[ch, p] = s_ch z[ch, p] + b_ch` at each of the `h·w` positions `p`; layout as in
///   [`Conv1x1`](super::Conv1x1)
/// - log-det: `h·w·Σ ln|s_ch|`
/// - inverse: `z = (x − b)/s`
/// - domain → codomain: ℝᵈ → ℝᵈ, `d = c·h·w`
/// - parameters: `s, b ∈ ℝᶜ`, `s_ch ≠ 0`. That data choose their first values is no part of the map
/// - source: Kingma & Dhariwal 2018 (arXiv:1807.03039), §3.1 and table 1
/// - loses precision: in `x − b` where the two nearly cancel, which is inherent
#[derive(Clone, Debug)]
pub struct ActNorm {
    s: Vec<Param>,
    b: Vec<Param>,
    positions: usize,
}

impl ActNorm {
    /// For tensors of `shape = [c, h, w]`.
    ///
    /// # Errors
    /// `DimMismatch`, also for a size of 0; `BadParameter` for too large a tensor; `NonFinite`; `SingularScale`.
    pub fn new(shape: [usize; 3], s: &[f64], b: &[f64]) -> Result<Self, FlowError> {
        let (channels, positions) = tensor(shape)?;
        expect_vector("s", s, channels)?;
        expect_vector("b", b, channels)?;
        if let Some(index) = s.iter().position(|&s| s == 0.0) {
            return Err(FlowError::SingularScale { index });
        }
        Ok(Self { s: params(s.iter().copied()), b: params(b.iter().copied()), positions })
    }

    fn log_det<S: Scalar>(&self) -> S {
        self.s.iter().map(|&s| S::from(s).ln_abs()).sum::<S>() * self.positions as f64
    }

    /// Applies a map to each entry, given its scale and its shift.
    fn each<S: Scalar>(&self, z: &[S], map: impl Fn(S, Param, Param) -> S) -> Vec<S> {
        let channel = |i: usize| i / self.positions;
        z.iter().enumerate().map(|(i, &z)| map(z, self.s[channel(i)], self.b[channel(i)])).collect()
    }
}

impl<S: Scalar> Flow<S> for ActNorm {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        Image::finite(self.each(z, |z, s, b| z * s + b), self.log_det::<S>())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        Image::finite(self.each(x, |x, s, b| (x - b) / s), -self.log_det::<S>())
    }
}

impl Layer for ActNorm {
    fn dim(&self) -> usize {
        self.s.len() * self.positions
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).constant_log_det().orientation(Orientation::Either)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("actnorm.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "actnorm",
    formula: "x[ch, p] = s_ch z[ch, p] + b_ch",
    source: "Kingma & Dhariwal 2018, §3.1",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(ActNorm::new([d, 1, 1], &vec![-1.5; d], &vec![0.25; d]).expect("s ≠ 0"))),
}];

/// Scales of both signs, away from ±1; one position and several.
fn draw() -> impl Strategy<Value = ActNorm> {
    (1usize..=3, 1usize..=3, 1usize..=2)
        .prop_flat_map(|(c, h, w)| (Just([c, h, w]), vector(away_from_zero(1.25, 4.0), c), vector(short(), c)))
        .prop_map(|(shape, s, b)| ActNorm::new(shape, &s, &b).expect("s ≠ 0"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "actnorm", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let shape = read_shape(fields)?;
    let (s, b) = (fields.required("s")?, fields.required("b")?);
    let layer = ActNorm::new(shape, &s.numbers()?, &b.numbers()?).map_err(|e| match e {
        FlowError::SingularScale { .. } => s.refuse(&e),
        _ => fields.refuse(&e),
    })?;
    Ok(Box::new(layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_position_counts() {
        let layer = ActNorm::new([2, 1, 3], &[-2.0, 0.5], &[1.0, 0.0]).unwrap();
        let image = layer.forward(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).unwrap();
        assert_eq!(image.point, [-1.0, -3.0, -5.0, 2.0, 2.5, 3.0]);
        assert_eq!(image.log_det, 0.0);
        assert_eq!(layer.inverse(&image.point).unwrap().point, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let layer = ActNorm::new([1, 8, 8], &[std::f64::consts::E], &[0.0]).unwrap();
        assert_eq!(layer.forward(&[0.0; 64]).unwrap().log_det, 64.0);
    }

    #[test]
    fn refusals() {
        let kind = |shape, s: &[f64], b: &[f64]| ActNorm::new(shape, s, b).unwrap_err().kind();
        assert_eq!(kind([2, 1, 1], &[1.0], &[1.0, 1.0]), "DimMismatch");
        assert_eq!(kind([2, 1, 1], &[1.0, 1.0], &[1.0]), "DimMismatch");
        assert_eq!(kind([1, 0, 1], &[1.0], &[1.0]), "DimMismatch");
        assert_eq!(kind([1, 1, 1], &[0.0], &[1.0]), "SingularScale");
        assert_eq!(kind([1, 1, 1], &[1.0], &[f64::NAN]), "NonFinite");
    }
}
