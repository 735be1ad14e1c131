//! Distribution functions of logistic mixtures, unbounded by a logit, on every coordinate.

use proptest::prelude::*;

use super::coordinates::{each, expect_dim, expect_length, expect_some};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, matrix};
use crate::flow::{Flow, Image, Layer, expect_finite, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// The logit of the distribution function of a mixture of logistic distributions.
///
/// - formula: `x_i = logit F_i(z_i)`, `F_i(z) = Σ_k π_ik σ((z − μ_ik) e^{−s_ik})`, `π_i = softmax(logits_i)`
/// - log-det: `Σ ln f_i(z_i) − ln F_i(z_i) − ln(1 − F_i(z_i))` with the density `f_i = F_i′`
/// - inverse: no closed form: the root between the smallest and the largest of `μ_ik + e^{s_ik} x_i`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: for each coordinate a row of logits, means `μ` and log-scales `s`, of equal lengths
/// - source: Ho et al. 2019 (Flow++, arXiv:1902.00275), the coupling's map before its affine step
/// - loses precision: nowhere, as `ln F` and `ln(1 − F)` are taken as sums of exponentials around the largest
#[derive(Clone, Debug)]
pub struct LogisticMixture {
    logits: Vec<Vec<Param>>,
    means: Vec<Vec<Param>>,
    log_scales: Vec<Vec<Param>>,
}

impl LogisticMixture {
    /// One row for each coordinate in each.
    ///
    /// # Errors
    /// `DimMismatch` for rows that are missing, empty or of other lengths; `NonFinite`.
    pub fn new(logits: &[Vec<f64>], means: &[Vec<f64>], log_scales: &[Vec<f64>]) -> Result<Self, FlowError> {
        expect_dim(logits.len())?;
        let read = |name: &str, rows: &[Vec<f64>]| {
            expect_length(name, logits.len(), rows.len())?;
            let read = |(i, row): (usize, &Vec<f64>)| {
                let name = format!("{name}[{i}]");
                expect_some(&name, row.len())?;
                expect_length(&name, logits[i].len(), row.len())?;
                finite(&name, row)?;
                Ok(params(row.iter().copied()))
            };
            rows.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()
        };
        Ok(Self {
            logits: read("logits", logits)?,
            means: read("means", means)?,
            log_scales: read("log_scales", log_scales)?,
        })
    }

    /// `logit F_i(z)` and its slope `f/(F(1 − F)) = Σ_k p_k q_k/(π_k e^{s_k})`, where `p` and `q` are the shares of the
    /// parts in `F` and in `1 − F`: a sum of positive numbers of moderate size.
    fn logit_cdf<S: Scalar>(&self, i: usize, z: S) -> (S, S) {
        let logits: Vec<S> = self.logits[i].iter().map(S::param).collect();
        let scales: Vec<S> = self.log_scales[i].iter().map(|&s| S::from(s).exp()).collect();
        let t = self.means[i].iter().zip(&scales).map(|(&mean, &scale)| (z - mean) / scale);
        let (low, high): (Vec<S>, Vec<S>) =
            t.zip(&logits).map(|(t, &logit)| (logit + t.log_sigmoid(), logit + (-t).log_sigmoid())).unzip();
        let ((_, weights), (below, p), (above, q)) = (softmax(&logits), softmax(&low), softmax(&high));
        let slope = (0..scales.len()).map(|k| p[k] * q[k] / (weights[k] * scales[k])).sum();
        (below - above, slope)
    }
}

/// `ln Σ eᵃ`, around the largest, and the share of each `eᵃ` in the sum.
fn softmax<S: Scalar>(terms: &[S]) -> (S, Vec<S>) {
    let largest = terms.iter().copied().reduce(|a, b| if (a - b).prefers_below(0.0) { b } else { a });
    let largest = largest.expect("a part");
    let sizes: Vec<S> = terms.iter().map(|&t| (t - largest).exp()).collect();
    let sum: S = sizes.iter().copied().sum();
    (largest + sum.ln(), sizes.into_iter().map(|size| size / sum).collect())
}

impl<S: Scalar> Flow<S> for LogisticMixture {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        each(z, self.logits.len(), |i, z| {
            let (x, slope) = self.logit_cdf(i, z);
            Ok((x, slope.ln()))
        })
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        each(x, self.logits.len(), |i, x| {
            // F lies between the smallest and the largest of its parts, so the root between theirs.
            let parts = self.means[i].iter().zip(&self.log_scales[i]);
            let mut roots = parts.map(|(&mean, &scale)| x * S::from(scale).exp() + mean);
            let first = roots.next().expect("a part");
            let (lo, hi) = roots.fold((first, first), |(lo, hi), z| {
                (if (z - lo).prefers_below(0.0) { z } else { lo }, if (hi - z).prefers_below(0.0) { z } else { hi })
            });
            expect_finite(hi - lo, format_args!("the bracket of coordinate {i}"))?;
            let z = S::root(lo, hi, |z| {
                let (value, slope) = self.logit_cdf(i, z);
                (value - x, slope)
            })?;
            Ok((z, -self.logit_cdf(i, z).1.ln()))
        })
    }
}

impl Layer for LogisticMixture {
    fn dim(&self) -> usize {
        self.logits.len()
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).increasing()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("logistic_mixture.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "logistic_mixture",
    formula: "x = logit Σ_k π_k σ((z − μ_k) e^{−s_k})",
    source: "Ho et al. 2019 (Flow++)",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let rows = |row: [f64; 3]| vec![row.to_vec(); d];
        let (logits, means, scales) = (rows([0.5, -0.5, 0.25]), rows([-1.0, 0.5, 2.0]), rows([-0.5, 0.25, 0.5]));
        Box::new(LogisticMixture::new(&logits, &means, &scales).expect("matching"))
    }),
}];

/// Two or three parts; scales on either side of 1.
fn draw() -> impl Strategy<Value = LogisticMixture> {
    (1usize..=5, 2usize..=3)
        .prop_flat_map(|(d, parts)| {
            let rows = |lo, hi| matrix(away_from_zero(lo, hi), d, parts);
            (rows(0.125, 1.5), rows(0.125, 2.5), rows(0.125, 1.0))
        })
        .prop_map(|(logits, means, scales)| LogisticMixture::new(&logits, &means, &scales).expect("matching"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "logistic_mixture", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (logits, means) = (fields.required("logits")?.matrix()?, fields.required("means")?.matrix()?);
    let log_scales = fields.required("log_scales")?.matrix()?;
    Ok(Box::new(LogisticMixture::new(&logits, &means, &log_scales).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_part_is_affine() {
        let layer = LogisticMixture::new(&[vec![0.75]], &[vec![1.0]], &[vec![2f64.ln()]]).unwrap();
        for z in [-1e6, -3.0, 1.0, 40.0] {
            let image = layer.forward(&[z]).unwrap();
            assert!((image.point[0] - (z - 1.0) / 2.0).abs() <= 1e-15 * z.abs().max(1.0), "{z}: {image:?}");
            assert!((image.log_det + 2f64.ln()).abs() <= 1e-14 * z.abs().max(1.0), "{z}: {image:?}");
        }
    }

    #[test]
    fn refusals() {
        let row = || vec![vec![0.0, 1.0]];
        assert!(LogisticMixture::new(&row(), &row(), &row()).is_ok());
        assert_eq!(LogisticMixture::new(&row(), &[vec![0.0]], &row()).unwrap_err().kind(), "DimMismatch");
        assert_eq!(LogisticMixture::new(&[vec![]], &[vec![]], &[vec![]]).unwrap_err().kind(), "DimMismatch");
        assert_eq!(LogisticMixture::new(&row(), &[], &row()).unwrap_err().kind(), "DimMismatch");
    }
}
