//! A small variational auto-encoder whose prior and posterior are flows.
//!
//! `ELBO(x) = E_q[log p(x|z) + log p(z) − log q(z|x)] ≤ log p(x)`. Kingma & Welling 2013 (arXiv:1312.6114); flow
//! posteriors are Rezende & Mohamed 2015 (arXiv:1505.05770).

use nalgebra::{DMatrix, DVector};

use crate::conditioner::{Conditioner, Net, condition, expect_arity};
use crate::density::{CompensatedSum, FlowDensity, Gaussian};
use crate::error::FlowError;
use crate::flow::{Layer, finite};
use crate::random::Stream;
use crate::scalar::Scalar;

/// A flow posterior: `z₀ = μ + σ ⊙ ε`, `z = f(z₀)`.
///
/// `log q(z|x) = log N(z₀; μ, σ²) − log|det ∂f/∂z₀|`, along the sampled path: no inverse is needed.
#[derive(Clone, Debug)]
pub struct FlowPosterior<L> {
    mean: Vec<f64>,
    log_std: Vec<f64>,
    density: FlowDensity<L>,
}

impl<L: Layer> FlowPosterior<L> {
    /// With the encoder's output at one `x`: `μ` and `ln σ`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`.
    pub fn new(mean: &[f64], log_std: &[f64], flow: L) -> Result<Self, FlowError> {
        let base = Gaussian::diagonal(mean, log_std)?;
        Ok(Self { mean: mean.to_vec(), log_std: log_std.to_vec(), density: FlowDensity::new(base, flow)? })
    }

    /// `z` and `log q(z|x)` for one `ε`.
    ///
    /// # Errors
    /// `DimMismatch`, or as the flow's `forward`.
    pub fn at<S: Scalar>(&self, epsilon: &[S]) -> Result<(Vec<S>, S), FlowError> {
        crate::flow::expect_point(epsilon, self.mean.len())?;
        let place = |((&e, &m), &s): ((&S, &f64), &f64)| S::from(s).exp() * e + m;
        let z0: Vec<S> = epsilon.iter().zip(&self.mean).zip(&self.log_std).map(place).collect();
        self.density.at_base(&z0)
    }
}

/// A Gaussian decoder `p(x|z) = N(net(z), diag(e^log_std)²)`.
#[derive(Clone, Debug)]
pub struct Decoder<C = Net> {
    net: C,
    log_std: Vec<f64>,
}

impl<C: Conditioner> Decoder<C> {
    /// From `latent` variables to as many as `log_std` has entries.
    ///
    /// # Errors
    /// `BadArity`, `NonFinite`.
    pub fn new(net: C, latent: usize, log_std: &[f64]) -> Result<Self, FlowError> {
        expect_arity(&net, format_args!("the decoder"), latent, log_std.len())?;
        finite("log_std", log_std)?;
        Ok(Self { net, log_std: log_std.to_vec() })
    }

    /// `log p(x|z)`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`, `OutOfRange`.
    pub fn log_likelihood<S: Scalar>(&self, x: &[f64], z: &[S]) -> Result<S, FlowError> {
        let mean = condition(&self.net, format_args!("the decoder"), z, self.log_std.len())?;
        if x.len() != mean.len() {
            return Err(FlowError::DimMismatch { what: "x".to_owned(), expected: mean.len(), found: x.len() });
        }
        let centred: Vec<S> = mean.into_iter().zip(x).map(|(m, &x)| -(m - x)).collect();
        Gaussian::diagonal(&vec![0.0; x.len()], &self.log_std)?.log_density(&centred)
    }
}

/// Prior, posterior and decoder at one `x`.
#[derive(Clone, Debug)]
pub struct Elbo<P, Q, C = Net> {
    /// The flow prior: `log p(z) = log p_Z(f⁻¹(z)) + log|det ∂f⁻¹/∂z|`.
    pub prior: FlowDensity<P>,
    /// The flow posterior at `x`.
    pub posterior: FlowPosterior<Q>,
    /// The decoder.
    pub decoder: Decoder<C>,
}

impl<P: Layer, Q: Layer, C: Conditioner> Elbo<P, Q, C> {
    /// The integrand `log p(x|z) + log p(z) − log q(z|x)` at one `ε`.
    ///
    /// # Errors
    /// As its three parts.
    pub fn integrand<S: Scalar>(&self, x: &[f64], epsilon: &[S]) -> Result<S, FlowError> {
        let (z, log_q) = self.posterior.at(epsilon)?;
        Ok(self.decoder.log_likelihood(x, &z)? + self.prior.log_prob(&z)? - log_q)
    }

    /// The average of the integrand over given draws of `ε`.
    ///
    /// # Errors
    /// `EmptyDataset` for no draws; `InRow`.
    pub fn average<R: AsRef<[f64]>>(&self, x: &[f64], draws: &[R]) -> Result<f64, FlowError> {
        if draws.is_empty() {
            return Err(FlowError::EmptyDataset);
        }
        let mut sum = CompensatedSum::default();
        for (row, epsilon) in draws.iter().enumerate() {
            let term = self.integrand(x, epsilon.as_ref());
            sum.add(term.map_err(|e| FlowError::InRow { row, source: Box::new(e) })?);
        }
        Ok(sum.total() / draws.len() as f64)
    }

    /// The average over `n` seeded standard normal draws.
    ///
    /// # Errors
    /// As [`Elbo::average`].
    pub fn estimate(&self, x: &[f64], seed: u64, n: usize) -> Result<f64, FlowError> {
        let mut random = Stream::new(seed);
        let draws: Vec<Vec<f64>> = (0..n).map(|_| random.normals(self.posterior.mean.len())).collect();
        self.average(x, &draws)
    }
}

/// The linear-Gaussian model `z ~ N(0, I)`, `x|z ~ N(W z + b, diag(e^log_std)²)`, where everything is known exactly.
#[derive(Clone, Debug)]
pub struct LinearGaussian {
    w: DMatrix<f64>,
    b: DVector<f64>,
    variance: DVector<f64>,
}

impl LinearGaussian {
    /// With the rows of `W`, of shape `x × z`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`.
    pub fn new(latent: usize, w: &[Vec<f64>], b: &[f64], log_std: &[f64]) -> Result<Self, FlowError> {
        let n = w.len();
        for (what, found) in [("b", b.len()), ("log_std", log_std.len())] {
            if found != n {
                return Err(FlowError::DimMismatch { what: what.to_owned(), expected: n, found });
            }
        }
        for (i, row) in w.iter().enumerate() {
            if row.len() != latent {
                let (what, found) = (format!("W[{i}]"), row.len());
                return Err(FlowError::DimMismatch { what, expected: latent, found });
            }
            finite(&format!("W[{i}]"), row)?;
        }
        finite("b", b)?;
        finite("log_std", log_std)?;
        Ok(Self {
            w: DMatrix::from_fn(n, latent, |i, j| w[i][j]),
            b: DVector::from_row_slice(b),
            variance: DVector::from_iterator(n, log_std.iter().map(|s| (2.0 * s).exp())),
        })
    }

    fn centred(&self, x: &[f64]) -> Result<DVector<f64>, FlowError> {
        crate::flow::expect_point(x, self.b.len())?;
        Ok(DVector::from_row_slice(x) - &self.b)
    }

    /// The evidence `log p(x) = log N(x; b, W Wᵀ + Σ)`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`; `SingularMatrix` where the covariance is singular to the precision of f64.
    pub fn log_evidence(&self, x: &[f64]) -> Result<f64, FlowError> {
        let covariance = &self.w * self.w.transpose() + DMatrix::from_diagonal(&self.variance);
        log_normal(&self.centred(x)?, covariance)
    }

    /// Mean and covariance of the exact posterior: `A = I + Wᵀ Σ⁻¹ W`, `N(A⁻¹ Wᵀ Σ⁻¹ (x − b), A⁻¹)`.
    ///
    /// # Errors
    /// As [`LinearGaussian::log_evidence`].
    pub fn posterior(&self, x: &[f64]) -> Result<(DVector<f64>, DMatrix<f64>), FlowError> {
        let scaled = DMatrix::from_diagonal(&self.variance.map(|v| 1.0 / v)) * &self.w;
        let precision = DMatrix::identity(self.w.ncols(), self.w.ncols()) + self.w.transpose() * &scaled;
        let covariance = precision.cholesky().ok_or_else(singular)?.inverse();
        Ok((&covariance * scaled.transpose() * self.centred(x)?, covariance))
    }

    /// The ELBO of `q = N(mean, diag(e^log_std)²)` in closed form: `log p(x) − KL(q ‖ posterior)`.
    ///
    /// # Errors
    /// As [`LinearGaussian::log_evidence`].
    pub fn elbo(&self, x: &[f64], mean: &[f64], log_std: &[f64]) -> Result<f64, FlowError> {
        let (m, c) = self.posterior(x)?;
        let k = m.len();
        for (what, found) in [("mean", mean.len()), ("log_std", log_std.len())] {
            if found != k {
                return Err(FlowError::DimMismatch { what: what.to_owned(), expected: k, found });
            }
        }
        let factor = c.cholesky().ok_or_else(singular)?;
        let precision = factor.inverse();
        let log_det_c = 2.0 * factor.l().diagonal().iter().map(|l| l.ln()).sum::<f64>();
        let apart = DVector::from_row_slice(mean) - m;
        let trace: f64 = (0..k).map(|i| precision[(i, i)] * (2.0 * log_std[i]).exp()).sum();
        let log_det_q: f64 = 2.0 * log_std.iter().sum::<f64>();
        let kl = 0.5 * (trace + (apart.transpose() * &precision * &apart)[(0, 0)] - k as f64 + log_det_c - log_det_q);
        Ok(self.log_evidence(x)? - kl)
    }
}

fn singular() -> FlowError {
    FlowError::SingularMatrix { index: 0, why: "the covariance is not positive definite".to_owned() }
}

/// `log N(centred; 0, covariance)`.
fn log_normal(centred: &DVector<f64>, covariance: DMatrix<f64>) -> Result<f64, FlowError> {
    let factor = covariance.cholesky().ok_or_else(singular)?.l();
    let whitened = factor.solve_lower_triangular(centred).ok_or_else(singular)?;
    let log_det: f64 = factor.diagonal().iter().map(|l| l.ln()).sum();
    let log = -0.5 * whitened.norm_squared() - log_det - 0.5 * centred.len() as f64 * (2.0 * std::f64::consts::PI).ln();
    if log.is_finite() { Ok(log) } else { Err(FlowError::OutOfRange { what: "the log-density".to_owned() }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conditioner::Dense;
    use crate::flow::Image;
    use crate::layers::{Chain, Planar};
    use crate::scalar::{Bounded, Number, record};
    type Ball = Bounded<f64>;

    const W: [[f64; 1]; 2] = [[0.75], [-1.25]];
    const B: [f64; 2] = [0.25, -0.5];
    const LOG_STD: [f64; 2] = [-0.5, 0.25];
    const X: [f64; 2] = [1.0, -2.0];

    fn model() -> LinearGaussian {
        LinearGaussian::new(1, &W.map(|row| row.to_vec()), &B, &LOG_STD).unwrap()
    }

    fn elbo(mean: f64, log_std: f64) -> Elbo<Chain, Chain> {
        let net = Net::affine(1, &W.map(|row| row.to_vec()), &B).unwrap();
        Elbo {
            prior: FlowDensity::new(Gaussian::standard(1), Chain::identity(1)).unwrap(),
            posterior: FlowPosterior::new(&[mean], &[log_std], Chain::identity(1)).unwrap(),
            decoder: Decoder::new(net, 1, &LOG_STD).unwrap(),
        }
    }

    #[test]
    fn with_the_exact_posterior_the_integrand_is_the_evidence() {
        let (m, c) = model().posterior(&X).unwrap();
        let elbo = elbo(m[0], 0.5 * c[(0, 0)].ln());
        let evidence = model().log_evidence(&X).unwrap();
        for epsilon in [-3.0, -0.5, 0.0, 1.25, 4.0] {
            let found = elbo.integrand(&X, &[epsilon]).unwrap();
            assert!((found - evidence).abs() < 1e-13, "{found} vs {evidence}");
        }
    }

    /// The integrand is a quadratic in ε, so that the average over ε = ±1 is its mean over N(0, 1), exactly.
    #[test]
    fn the_elbo_is_the_evidence_less_the_divergence_to_rounding() {
        let number = Ball::from;
        let (mean, log_std) = (0.5, -0.75);
        let elbo = elbo(mean, log_std);
        let at = |epsilon: f64| {
            let graph = record(&[epsilon], |e| Ok(Image::new([], elbo.integrand(&X, e)?))).unwrap();
            graph.evaluate(&[number(epsilon)], &mut Vec::new()).0.log_det
        };
        let found = (at(1.0) + at(-1.0)) * 0.5;
        // With A = 1 + wᵀΣ⁻¹w and the residual r: log p(x) = −½(2 ln 2π + ln det Σ + ln A + rᵀΣ⁻¹r − (wᵀΣ⁻¹r)²/A),
        // and the posterior is N(wᵀΣ⁻¹r/A, 1/A).
        let log_2pi = (Ball::pi() * 2.0).ln();
        let (mut a, mut log_det, mut rr, mut wr) = (number(1.0), number(0.0), number(0.0), number(0.0));
        for i in 0..2 {
            let (w, r, precision) = (number(W[i][0]), number(X[i]) - B[i], number(-2.0 * LOG_STD[i]).exp());
            a += w * w * precision;
            log_det += number(2.0 * LOG_STD[i]);
            rr += r * r * precision;
            wr += w * r * precision;
        }
        let evidence = (log_2pi * 2.0 + log_det + a.ln() + rr - wr * wr / a) * -0.5;
        let apart = number(mean) - wr / a;
        let divergence = (a * number(2.0 * log_std).exp() + a * apart * apart - 1.0 - a.ln() - 2.0 * log_std) * 0.5;
        for (left, right) in [(found, evidence - divergence), (number(model().log_evidence(&X).unwrap()), evidence)] {
            let allowed = 2.0 * (left.error() + right.error());
            assert!((left.value() - right.value()).abs() <= allowed && allowed < 1e-13, "{left:?} {right:?}");
        }
        assert!(divergence.value() > 0.1);
        assert!((model().elbo(&X, &[mean], &[log_std]).unwrap() - found.value()).abs() < 1e-13);
    }

    #[test]
    fn the_average_is_the_closed_form_and_below_the_evidence() {
        let (mean, log_std) = (0.5, -0.75);
        let closed = model().elbo(&X, &[mean], &[log_std]).unwrap();
        assert!(closed < model().log_evidence(&X).unwrap());
        let elbo = elbo(mean, log_std);
        let n = 20_000;
        let mut random = Stream::new(1);
        let terms: Vec<f64> = (0..n).map(|_| elbo.integrand(&X, &[random.normal()]).unwrap()).collect();
        let average = terms.iter().sum::<f64>() / f64::from(n);
        let variance = terms.iter().map(|t| (t - average).powi(2)).sum::<f64>() / f64::from(n);
        // Six standard errors: a false alarm once in 5·10⁸ seeds.
        assert!((average - closed).abs() < 6.0 * (variance / f64::from(n)).sqrt(), "{average} vs {closed}");
        assert!((elbo.estimate(&X, 1, n as usize).unwrap() - average).abs() < 1e-12);
    }

    /// Evidence of a non-linear decoder by the trapezoidal rule, which is exact to rounding for such integrands.
    #[test]
    fn with_flows_and_a_network_the_elbo_is_a_lower_bound() {
        let hidden = Dense::new(1, &[vec![1.5], vec![-0.5]], &[0.25, 0.5]).unwrap();
        let out = Dense::new(2, &[vec![1.0, -0.75]], &[0.125]).unwrap();
        let flow = |u: f64| Planar::new(&[u], &[0.75], 0.25).unwrap();
        let elbo = Elbo {
            prior: FlowDensity::new(Gaussian::standard(1), flow(1.25)).unwrap(),
            posterior: FlowPosterior::new(&[0.25], &[-0.25], flow(-0.5)).unwrap(),
            decoder: Decoder::new(Net::mlp(vec![hidden, out]).unwrap(), 1, &[-0.5]).unwrap(),
        };
        let x = [0.75];
        let step = 0.01;
        let evidence: f64 = (-1200..=1200)
            .map(|k| {
                let z = [f64::from(k) * step];
                (elbo.decoder.log_likelihood(&x, &z).unwrap() + elbo.prior.log_prob(&z).unwrap()).exp() * step
            })
            .sum::<f64>()
            .ln();
        let found = elbo.estimate(&x, 3, 4000).unwrap();
        assert!(found < evidence && found > evidence - 2.0, "{found} vs {evidence}");
    }

    #[test]
    fn refusals() {
        assert_eq!(elbo(0.0, 0.0).average::<[f64; 1]>(&X, &[]).unwrap_err().kind(), "EmptyDataset");
        assert_eq!(elbo(0.0, 0.0).integrand(&[1.0], &[0.0]).unwrap_err().kind(), "DimMismatch");
        assert_eq!(elbo(0.0, 0.0).integrand(&X, &[f64::NAN]).unwrap_err().kind(), "NonFinite");
        assert_eq!(LinearGaussian::new(1, &[vec![1.0]], &[0.0, 1.0], &[0.0]).unwrap_err().kind(), "DimMismatch");
        let net = Net::affine(1, &[vec![1.0]], &[0.0]).unwrap();
        assert_eq!(Decoder::new(net, 2, &[0.0]).unwrap_err().kind(), "BadArity");
    }
}
