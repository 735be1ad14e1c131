//! Random estimates of a log-det `ln det(I + A)`, from products of `A` with vectors.

use crate::error::FlowError;
use crate::random::Stream;

/// One random estimate of `forward`'s log-det at a point. Estimates with different seeds are independent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The mean over all seeds differs from the log-det by no more than this.
    pub bias: f64,
    /// No seed gives an estimate of larger absolute value.
    pub reach: f64,
}

/// How `ln det(I + A) = Σ_k (−1)^{k+1} tr(A^k)/k`, for `‖A‖_∞ ≤ L < 1`, is estimated: each trace by `v·A^k v` with one
/// vector `v` of random signs, whose mean it is (Hutchinson 1989), the sum by its first terms.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Estimator {
    /// The first terms, always as many; what is left out is the bias. Source: Behrmann et al. 2019 (arXiv:1811.00995).
    Truncated {
        /// How many.
        terms: usize,
    },
    /// A random number `N` of terms, term `k` divided by `P(N ≥ k) = p^{k−1}`: without bias. Source: Chen et al. 2019
    /// (arXiv:1906.02735), with a geometric `N`.
    Roulette {
        /// `p`.
        survival: f64,
    },
}

impl Estimator {
    /// Refuses an estimator that has no term, or whose values have no bound.
    pub(crate) fn check(self, lipschitz: f64) -> Result<Self, FlowError> {
        let bad =
            |name: &str, value, constraint| Err(FlowError::BadParameter { name: name.to_owned(), value, constraint });
        match self {
            Self::Truncated { terms: 0 } => bad("terms", 0.0, "at least one term"),
            Self::Roulette { survival } if !(lipschitz < survival && survival < 1.0) => {
                bad("survival", survival, "above the Lipschitz constant and below 1")
            }
            _ => Ok(self),
        }
    }

    /// One estimate for a map of ℝᵈ with `times(v) = A v`.
    pub(crate) fn estimate(self, d: usize, lipschitz: f64, seed: u64, times: impl Fn(&[f64]) -> Vec<f64>) -> Estimate {
        let mut random = Stream::new(seed);
        let dim = d as f64;
        // |v·A^k v| ≤ ‖v‖_1 ‖A^k v‖_∞ ≤ d L^k, and so is |tr A^k|.
        let powers = |from: usize, to: usize| -> f64 {
            (from..=to).map(|k| lipschitz.powi(k as i32) / k as f64).sum::<f64>() * dim
        };
        let (terms, survival, bias, reach) = match self {
            Self::Truncated { terms } => {
                let all = -(-lipschitz).ln_1p() * dim;
                (terms, 1.0, (all - powers(1, terms)).max(0.0), powers(1, terms))
            }
            Self::Roulette { survival } => {
                let terms = 1 + (random.uniform().ln() / survival.ln()).floor() as usize;
                (terms, survival, 0.0, -survival * (-lipschitz / survival).ln_1p() * dim)
            }
        };
        let signs: Vec<f64> = (0..d).map(|_| if random.uniform() < 0.5 { -1.0 } else { 1.0 }).collect();
        let mut power = signs.clone();
        let mut weight = 1.0;
        let mut value = 0.0;
        for k in 1..=terms {
            power = times(&power);
            let trace: f64 = signs.iter().zip(&power).map(|(s, p)| s * p).sum();
            value += weight * trace / k as f64;
            weight /= -survival;
        }
        Estimate { value, bias, reach }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For a diagonal A every trace is exact, and what is left is the number of terms.
    #[test]
    fn a_diagonal_matrix_leaves_only_the_number_of_terms_to_chance() {
        let diagonal = [0.5, -0.25, 0.125];
        let times = |v: &[f64]| v.iter().zip(diagonal).map(|(v, a)| v * a).collect::<Vec<f64>>();
        let exact: f64 = diagonal.iter().map(|a| a.ln_1p()).sum();
        let truncated = Estimator::Truncated { terms: 12 }.estimate(3, 0.5, 7, times);
        assert!((truncated.value - exact).abs() <= truncated.bias && truncated.bias < 1e-3, "{truncated:?}");
        assert!(truncated.value.abs() <= truncated.reach);
        let roulette = |seed| Estimator::Roulette { survival: 0.75 }.estimate(3, 0.5, seed, times);
        let (n, mut sum) = (20_000u64, 0.0);
        for seed in 0..n {
            let Estimate { value, bias, reach } = roulette(seed);
            assert!(value.abs() <= reach && bias == 0.0);
            sum += value;
        }
        assert!((sum / n as f64 - exact).abs() < 0.01, "{} {exact}", sum / n as f64);
        assert!(Estimator::Roulette { survival: 0.5 }.check(0.5).is_err());
        assert!(Estimator::Truncated { terms: 0 }.check(0.5).is_err());
    }
}
