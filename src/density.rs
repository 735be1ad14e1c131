//! Densities: Gaussian bases, both forms of the change of variables, datasets, sampling.

use crate::error::FlowError;
use crate::flow::{Layer, expect_point, finite};
use crate::param::{Param, params};
use crate::random::Stream;
use crate::scalar::{KEY, Scalar};

/// A Gaussian base `N(μ, diag(σ²))`, with σ held as `ln σ`.
#[derive(Clone, Debug)]
pub struct Gaussian {
    mean: Vec<Param>,
    log_std: Vec<Param>,
}

impl Gaussian {
    /// `N(0, I)` on ℝ^`dim`.
    pub fn standard(dim: usize) -> Self {
        Self { mean: params(vec![0.0; dim]), log_std: params(vec![0.0; dim]) }
    }

    /// `N(mean, diag(e^log_std)²)`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`.
    pub fn diagonal(mean: &[f64], log_std: &[f64]) -> Result<Self, FlowError> {
        if log_std.len() != mean.len() {
            let (expected, found) = (mean.len(), log_std.len());
            return Err(FlowError::DimMismatch { what: "log_std".to_owned(), expected, found });
        }
        finite("mean", mean)?;
        finite("log_std", log_std)?;
        Ok(Self { mean: params(mean.iter().copied()), log_std: params(log_std.iter().copied()) })
    }

    /// The dimension.
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// `log N(z; μ, σ²) = −½ Σ ((z − μ)/σ)² − Σ ln σ − (d/2) ln 2π`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`; `OutOfRange` where a square overflows.
    pub fn log_density<S: Scalar>(&self, z: &[S]) -> Result<S, FlowError> {
        expect_point(z, self.dim())?;
        let mut log = -((S::pi() * 2.0).ln() * (0.5 * self.dim() as f64));
        for ((&z, &m), &s) in z.iter().zip(&self.mean).zip(&self.log_std) {
            let s = S::from(s);
            let w = (z - m) * (-s).exp();
            log = log - w * w * 0.5 - s;
        }
        in_range(log, "the base log-density")
    }

    fn sample(&self, random: &mut Stream) -> Vec<f64> {
        let draw = |(&m, &s): (&Param, &Param)| f64::from(m) + f64::from(s).exp() * random.normal();
        self.mean.iter().zip(&self.log_std).map(draw).collect()
    }
}

fn in_range<S: Scalar>(value: S, what: &str) -> Result<S, FlowError> {
    if value.primal(KEY).is_finite() { Ok(value) } else { Err(FlowError::OutOfRange { what: what.to_owned() }) }
}

/// The density of `x = f(z)`, `z` from a Gaussian base.
#[derive(Clone, Debug)]
pub struct FlowDensity<L> {
    base: Gaussian,
    flow: L,
}

impl<L: Layer> FlowDensity<L> {
    /// The pushforward of `base` by `flow`.
    ///
    /// # Errors
    /// `DimMismatch`.
    pub fn new(base: Gaussian, flow: L) -> Result<Self, FlowError> {
        if base.dim() != flow.dim() {
            let (expected, found) = (flow.dim(), base.dim());
            return Err(FlowError::DimMismatch { what: "the base".to_owned(), expected, found });
        }
        Ok(Self { base, flow })
    }

    /// The dimension.
    pub fn dim(&self) -> usize {
        self.base.dim()
    }

    /// Inverse form: `log p_X(x) = log p_Z(f⁻¹(x)) + log|det ∂f⁻¹/∂x|`.
    ///
    /// # Errors
    /// As the flow's `inverse` and the base.
    pub fn log_prob<S: Scalar>(&self, x: &[S]) -> Result<S, FlowError> {
        let z = S::view(&self.flow as &dyn Layer).inverse(x)?;
        in_range(self.base.log_density(&z.point)? + z.log_det, "the log-density")
    }

    /// Forward form: the image `x = f(z)` with `log p_X(x) = log p_Z(z) − log|det ∂f/∂z|`.
    ///
    /// # Errors
    /// As the flow's `forward` and the base.
    pub fn at_base<S: Scalar>(&self, z: &[S]) -> Result<(Vec<S>, S), FlowError> {
        let image = S::view(&self.flow as &dyn Layer).forward(z)?;
        let log_prob = in_range(self.base.log_density(z)? - image.log_det, "the log-density")?;
        Ok((image.point, log_prob))
    }

    /// `n` samples with their log-densities along the sampled path: no inverse is needed. The same seed gives the same
    /// samples everywhere.
    ///
    /// # Errors
    /// `InRow` with the flow's error.
    pub fn sample_with_log_prob(&self, seed: u64, n: usize) -> Result<Vec<(Vec<f64>, f64)>, FlowError> {
        let mut random = Stream::new(seed);
        let draw = |row| {
            let z = self.base.sample(&mut random);
            self.at_base(&z).map_err(|e| FlowError::InRow { row, source: Box::new(e) })
        };
        (0..n).map(draw).collect()
    }

    /// `n` samples.
    ///
    /// # Errors
    /// `InRow` with the flow's error.
    pub fn sample(&self, seed: u64, n: usize) -> Result<Vec<Vec<f64>>, FlowError> {
        Ok(self.sample_with_log_prob(seed, n)?.into_iter().map(|(x, _)| x).collect())
    }

    /// The log-likelihood of a dataset, summed with compensation.
    ///
    /// # Errors
    /// `InRow`, naming the row.
    pub fn log_likelihood<R: AsRef<[f64]>>(&self, rows: &[R]) -> Result<LogLikelihood, FlowError> {
        let mut sum = CompensatedSum::default();
        for (row, x) in rows.iter().enumerate() {
            let term = self.log_prob(x.as_ref()).map_err(|e| FlowError::InRow { row, source: Box::new(e) })?;
            sum.add(term);
        }
        Ok(LogLikelihood { sum: sum.total(), rows: rows.len(), dim: self.flow.dim() })
    }
}

/// The log-likelihood of a dataset.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LogLikelihood {
    /// `L = Σ log p_X(x⁽ⁱ⁾)`; 0 for no rows.
    pub sum: f64,
    /// Number of rows `N`.
    pub rows: usize,
    /// Dimension `d`.
    pub dim: usize,
}

impl LogLikelihood {
    /// `L/N`.
    ///
    /// # Errors
    /// `EmptyDataset`.
    pub fn mean(&self) -> Result<f64, FlowError> {
        if self.rows == 0 { Err(FlowError::EmptyDataset) } else { Ok(self.sum / self.rows as f64) }
    }

    /// `−L/(N d ln 2)`, in bits.
    ///
    /// # Errors
    /// `EmptyDataset`.
    pub fn bits_per_dim(&self) -> Result<f64, FlowError> {
        Ok(-self.mean()? / (self.dim as f64 * std::f64::consts::LN_2))
    }
}

/// Neumaier's compensated sum.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CompensatedSum {
    sum: f64,
    lost: f64,
}

impl CompensatedSum {
    pub(crate) fn add(&mut self, term: f64) {
        let next = self.sum + term;
        self.lost += if self.sum.abs() >= term.abs() { (self.sum - next) + term } else { (term - next) + self.sum };
        self.sum = next;
    }
    pub(crate) fn total(self) -> f64 {
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Coupling, Planar, Scale};
    use crate::{Flow, Net};

    fn example2() -> FlowDensity<Coupling> {
        let net = Net::constant(&[0.5, 2.0]).unwrap();
        FlowDensity::new(Gaussian::standard(2), Coupling::new(&[0], &[1], Scale::Exp, net).unwrap()).unwrap()
    }

    /// 40-digit references of the chapter's audit: examples 2 and 3.
    #[test]
    fn both_forms_give_the_worked_examples() {
        let flow = example2();
        let (x, forward) = flow.at_base(&[1.0, 3.0]).unwrap();
        let inverse = flow.log_prob(&x).unwrap();
        for found in [forward, inverse] {
            assert!((found + 7.337_877_066_409_345).abs() < 1e-14, "{found}");
        }
        let planar = Planar::new(&[1.0, 0.0], &[1.0, 2.0], 0.0).unwrap();
        let planar = FlowDensity::new(Gaussian::standard(2), planar).unwrap();
        let (_, found) = planar.at_base(&[0.5, -0.5]).unwrap();
        assert!((found + 2.668_106_207_796_541).abs() < 1e-14, "{found}");
    }

    /// E25 of the audit: three rows under example 2's layer.
    #[test]
    fn datasets_sum_average_and_name_the_bad_row() {
        let flow = example2();
        let rows = [[1.0, 2.0 + 3.0 * 0.5f64.exp()], [0.0, 2.0], [-1.0, 0.5]];
        let found = flow.log_likelihood(&rows).unwrap();
        assert!((found.sum + 12.927_495_570_545_908).abs() < 1e-14);
        assert!((found.mean().unwrap() + 4.309_165_190_181_97).abs() < 1e-14);
        assert!((found.bits_per_dim().unwrap() - 4.309_165_190_181_97 / (2.0 * 2f64.ln())).abs() < 1e-14);
        let bad = flow.log_likelihood(&[[0.0, 1.0], [f64::NAN, 0.0]]).unwrap_err();
        assert!(matches!(bad, FlowError::InRow { row: 1, .. }) && bad.kind() == "NonFinite");
        let none = flow.log_likelihood::<[f64; 2]>(&[]).unwrap();
        assert_eq!((none.sum, none.mean()), (0.0, Err(FlowError::EmptyDataset)));
    }

    #[test]
    fn samples_replay_and_carry_the_density_of_the_model() {
        let flow = example2();
        let samples = flow.sample_with_log_prob(7, 200).unwrap();
        assert_eq!(samples, flow.sample_with_log_prob(7, 200).unwrap());
        assert_ne!(flow.sample(7, 3).unwrap(), flow.sample(8, 3).unwrap());
        for (x, log_prob) in samples {
            assert!((flow.log_prob(&x).unwrap() - log_prob).abs() < 1e-12);
        }
    }

    #[test]
    fn a_diagonal_base_is_a_shift_and_a_scale_of_the_standard_one() {
        let base = Gaussian::diagonal(&[1.0, -2.0], &[0.5, -0.25]).unwrap();
        let standard = Gaussian::standard(2);
        let z = [0.75, -1.5];
        let w = [(z[0] - 1.0) * (-0.5f64).exp(), (z[1] + 2.0) * 0.25f64.exp()];
        let expected = standard.log_density(&w).unwrap() - 0.25;
        assert!((base.log_density(&z).unwrap() - expected).abs() < 1e-15);
        assert_eq!(standard.log_density(&[1e200, 0.0]).unwrap_err().kind(), "OutOfRange");
        let mass = Coupling::new(&[], &[0], Scale::None, Net::constant(&[1.0]).unwrap()).unwrap();
        assert_eq!(Flow::<f64>::forward(&mass, &[1.0]).unwrap().point, [2.0]);
    }

    #[test]
    fn compensation_keeps_what_plain_summation_loses() {
        let mut sum = CompensatedSum::default();
        [1.0, 1e100, 1.0, -1e100].into_iter().for_each(|x| sum.add(x));
        assert_eq!(sum.total(), 2.0);
    }
}
