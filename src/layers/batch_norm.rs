//! Batch normalization with fixed statistics.

use proptest::prelude::*;

use super::conv1x1::{read_shape, tensor};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, between, boxed, short, vector};
use crate::flow::{Flow, Image, Layer, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::linalg::expect_vector;
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// Batch normalization as it is after training: one fixed mean and variance a channel of a `c×h×w` tensor.
///
/// The inverse normalizes data, the forward map undoes that.
///
/// - formula: `x[ch, p] = m_ch + √(v_ch + ε) y[ch, p]`, where `y = z`, or `y = (z − β_ch)/γ_ch` with the optional affine
///   map; layout as in [`Conv1x1`](super::Conv1x1)
/// - log-det: `h·w·Σ (½ ln(v_ch + ε) − ln|γ_ch|)`
/// - inverse: `y = (x − m)/√(v + ε)`, `z = γ y + β`
/// - domain → codomain: ℝᵈ → ℝᵈ, `d = c·h·w`
/// - parameters: `m, v, γ, β ∈ ℝᶜ`, `ε`, with `v_ch ≥ 0`, `ε ≥ 0`, `v_ch + ε > 0`, `γ_ch ≠ 0`. `v` is a variance, not its
///   root; statistics never change by evaluation
/// - source: Dinh, Sohl-Dickstein & Bengio 2017 (arXiv:1605.08803), §3.7; there without `γ` and `β`
/// - loses precision: in `x − m` where the two nearly cancel, which is inherent
#[derive(Clone, Debug)]
pub struct BatchNorm {
    mean: Vec<Param>,
    var: Vec<Param>,
    eps: Param,
    /// `γ` and `β`.
    affine: Option<(Vec<Param>, Vec<Param>)>,
    positions: usize,
}

impl BatchNorm {
    /// For tensors of `shape = [c, h, w]`, without `γ` and `β`.
    ///
    /// # Errors
    /// `DimMismatch`, also for a size of 0; `NonFinite`; `BadParameter` for too large a tensor, a negative variance or
    /// `eps`, or a sum of them that is 0.
    pub fn new(shape: [usize; 3], mean: &[f64], var: &[f64], eps: f64) -> Result<Self, FlowError> {
        let (channels, positions) = tensor(shape)?;
        expect_vector("mean", mean, channels)?;
        expect_vector("var", var, channels)?;
        finite("eps", &[eps])?;
        let bad = |name: String, value, constraint| Err(FlowError::BadParameter { name, value, constraint });
        if eps < 0.0 {
            return bad("eps".to_owned(), eps, "0 or more");
        }
        for (i, &v) in var.iter().enumerate() {
            if v < 0.0 {
                return bad(format!("var[{i}]"), v, "a variance, 0 or more");
            }
            if !(v + eps).is_normal() {
                return bad(format!("var[{i}] + eps"), v + eps, "a positive number");
            }
        }
        let numbers = |values: &[f64]| params(values.iter().copied());
        Ok(Self { mean: numbers(mean), var: numbers(var), eps: eps.into(), affine: None, positions })
    }

    /// The same, followed in the normalizing direction by `γ y + β`.
    ///
    /// # Errors
    /// `DimMismatch`; `NonFinite`; `BadParameter` for a zero in `γ`.
    pub fn affine(self, gamma: &[f64], beta: &[f64]) -> Result<Self, FlowError> {
        expect_vector("gamma", gamma, self.mean.len())?;
        expect_vector("beta", beta, self.mean.len())?;
        if let Some(i) = gamma.iter().position(|&g| g == 0.0) {
            let (name, constraint) = (format!("gamma[{i}]"), "a number but 0");
            return Err(FlowError::BadParameter { name, value: 0.0, constraint });
        }
        let affine = (params(gamma.iter().copied()), params(beta.iter().copied()));
        Ok(Self { affine: Some(affine), ..self })
    }

    fn log_det<S: Scalar>(&self) -> S {
        let spread: S = self.var.iter().map(|&v| (S::from(v) + self.eps).ln() * 0.5).sum();
        let gain: S = self.affine.iter().flat_map(|(gamma, _)| gamma).map(|&g| S::from(g).ln_abs()).sum();
        (spread - gain) * self.positions as f64
    }

    /// Applies a map to each entry, given its mean and standard deviation, `γ` and `β`.
    fn each<S: Scalar>(&self, z: &[S], map: impl Fn(S, [S; 4]) -> S) -> Vec<S> {
        let statistics: Vec<[S; 4]> = (0..self.mean.len())
            .map(|ch| {
                let deviation = (S::from(self.var[ch]) + self.eps).sqrt();
                let affine = self.affine.as_ref().map(|(gamma, beta)| (S::from(gamma[ch]), S::from(beta[ch])));
                let (gamma, beta) = affine.unwrap_or((S::from(1.0), S::from(0.0)));
                [S::from(self.mean[ch]), deviation, gamma, beta]
            })
            .collect();
        z.iter().enumerate().map(|(i, &z)| map(z, statistics[i / self.positions])).collect()
    }
}

impl<S: Scalar> Flow<S> for BatchNorm {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        let x = self.each(z, |z, [mean, deviation, gamma, beta]| mean + deviation * ((z - beta) / gamma));
        Image::finite(x, self.log_det::<S>())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        let z = self.each(x, |x, [mean, deviation, gamma, beta]| gamma * ((x - mean) / deviation) + beta);
        Image::finite(z, -self.log_det::<S>())
    }
}

impl Layer for BatchNorm {
    fn dim(&self) -> usize {
        self.mean.len() * self.positions
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default().structure(Structure::Diagonal).constant_log_det();
        match self.affine {
            Some(_) => promises.orientation(Orientation::Either),
            None => promises.orientation(Orientation::Positive).increasing(),
        }
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("batch_norm.")
    }
}

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "batch_norm",
        formula: "x = m + √(v + ε) z a channel",
        source: "Dinh et al. 2017, §3.7",
        draw: || boxed(draw()),
        at_dim: Some(|d| Box::new(at_dim(d))),
    },
    Family {
        name: "batch_norm_affine",
        formula: "x = m + √(v + ε) (z − β)/γ a channel, γ ≠ 0",
        source: "Dinh et al. 2017, §3.7",
        draw: || boxed(draw_affine()),
        at_dim: Some(|d| Box::new(at_dim(d).affine(&vec![-1.5; d], &vec![0.5; d]).expect("γ ≠ 0"))),
    },
];

fn at_dim(d: usize) -> BatchNorm {
    BatchNorm::new([d, 1, 1], &vec![0.25; d], &vec![2.0; d], 1e-3).expect("v + ε > 0")
}

/// Variances away from 1, on either side of it; an `ε` that shows. One position and several.
fn draw() -> impl Strategy<Value = BatchNorm> {
    (1usize..=3, 1usize..=3, 1usize..=2)
        .prop_flat_map(|(c, h, w)| {
            (Just([c, h, w]), vector(short(), c), vector(between(2.0, 6.0), c), any::<bool>(), between(0.0625, 0.25))
        })
        .prop_map(|(shape, mean, var, shrink, eps)| {
            let var: Vec<f64> = var.iter().map(|v| if shrink { v / 16.0 } else { *v }).collect();
            BatchNorm::new(shape, &mean, &var, eps).expect("v + ε > 0")
        })
}

/// Gains of both signs, large enough that none undoes a deviation.
fn draw_affine() -> impl Strategy<Value = BatchNorm> {
    draw()
        .prop_flat_map(|plain| {
            let c = plain.mean.len();
            (Just(plain), vector(away_from_zero(3.0, 5.0), c), vector(short(), c))
        })
        .prop_map(|(plain, gamma, beta)| plain.affine(&gamma, &beta).expect("γ ≠ 0"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "batch_norm", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let shape = read_shape(fields)?;
    let (mean, var) = (fields.required("mean")?.numbers()?, fields.required("var")?.numbers()?);
    let eps = fields.required("eps")?.number()?;
    let mut layer = BatchNorm::new(shape, &mean, &var, eps).map_err(|e| fields.refuse(&e))?;
    if fields.optional("gamma").is_some() || fields.optional("beta").is_some() {
        let (gamma, beta) = (fields.required("gamma")?.numbers()?, fields.required("beta")?.numbers()?);
        layer = layer.affine(&gamma, &beta).map_err(|e| fields.refuse(&e))?;
    }
    Ok(Box::new(layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inverse_normalizes() {
        let layer = BatchNorm::new([1, 1, 2], &[3.0], &[3.5], 0.5).unwrap();
        let image = layer.inverse(&[5.0, 1.0]).unwrap();
        assert_eq!((image.point.as_slice(), image.log_det), (&[1.0, -1.0][..], -2.0 * std::f64::consts::LN_2));
        let image = layer.affine(&[-4.0], &[1.0]).unwrap().inverse(&[5.0, 1.0]).unwrap();
        assert_eq!((image.point.as_slice(), image.log_det), (&[-3.0, 5.0][..], 2.0 * std::f64::consts::LN_2));
    }

    #[test]
    fn refusals() {
        let kind = |var, eps| BatchNorm::new([1, 1, 1], &[0.0], &[var], eps).unwrap_err().kind();
        assert_eq!(kind(-1.0, 2.0), "BadParameter");
        assert_eq!(kind(1.0, -0.5), "BadParameter");
        assert_eq!(kind(0.0, 0.0), "BadParameter");
        assert_eq!(kind(f64::NAN, 1.0), "NonFinite");
        assert_eq!(BatchNorm::new([2, 1, 1], &[0.0], &[1.0, 1.0], 0.0).unwrap_err().kind(), "DimMismatch");
        let layer = BatchNorm::new([1, 1, 1], &[0.0], &[1.0], 0.0).unwrap();
        assert_eq!(layer.clone().affine(&[0.0], &[0.0]).unwrap_err().kind(), "BadParameter");
        assert_eq!(layer.affine(&[1.0, 1.0], &[0.0]).unwrap_err().kind(), "DimMismatch");
    }
}
