//! Laws of density: with a standard normal base, the claimed density is that of the samples.

use super::inversion::{forward_at, sharp};
use super::{Evidence, Gate, Law, Whole, in_both};
use crate::evidence::{Direction, Ground, PointKind, Sides, Site, Stop, Subject};
use crate::flow::Image;
use crate::random::Stream;
use crate::scalar::{Bounded, Number};

mod elbo;
mod mass;

pub(super) const LAWS: &[Law] = &[
    Law {
        name: "both-forms-agree",
        statement: "log p_Z(f⁻¹(x)) + log|det ∂f⁻¹/∂x| = log p_Z(z) − log|det ∂f/∂z|, z = f⁻¹(x)",
        why: "the two forms of the change of variables are one density",
        source: "change of variables; follows from round trip and negated log-det, and names the density",
        catches: "a density that adds where it should subtract",
        blind_to: "a log-det wrong by the same term in both directions",
        gate: Gate::Volume,
        evidence: in_both!(both_forms_agree),
    },
    Law {
        name: "sampled-density-agrees",
        statement: "log-density along the sampled path = log p_X(x) of the sample",
        why: "a sampler that reports its own density must report that of the model",
        source: "change of variables",
        catches: "a sampler and a density with different signs or different base points",
        blind_to: "as both-forms-agree",
        gate: Gate::Volume,
        evidence: in_both!(sampled_density_agrees),
    },
    Law {
        name: "mass-is-one",
        statement: "∫ p_X(x) dx = 1, d ≤ 2, by adaptive quadrature of the inverse alone",
        why: "a density is one only if its mass is",
        source: "definition of a density",
        catches: "a log-det wrong in both directions, maps that are not onto",
        blind_to: "slips that preserve the mass; anything below about 1e-6; d > 2",
        gate: Gate::None,
        evidence: Evidence::Layer(mass::mass_is_one, 3),
    },
    Law {
        name: "samples-follow-density",
        statement: "samples forward(z) and the density claimed by inverse(x) are of one distribution",
        why: "it joins the two directions without trusting either log-det",
        source: "Hoeffding 1963: |D| > √(ln(2/α)/n) with probability at most α = 1e-9 if the density is right",
        catches: "a density off by a factor or a sign, samples from another map",
        blind_to: "small errors: the report prints the smallest factor that would have been seen",
        gate: Gate::None,
        evidence: Evidence::Layer(samples_follow, 4),
    },
    Law {
        name: "elbo-bounds-evidence",
        statement: "E_q[log p(x, z) − log q(z)] ≤ log p(x), with the flow as posterior q and as prior",
        why: "a variational bound that exceeds what it bounds rewards a density for being wrong",
        source: "Kingma & Welling 2013; Markov: Σ (log p(x, z) − log q(z) − log p(x)) > ln(1/α) with probability ≤ α = 1e-9",
        catches: "a posterior whose density is too small where it draws: a log-det forgotten or negated; needs no inverse",
        blind_to: "slips below the distance of the flow from a Gaussian, which the report prints",
        gate: Gate::None,
        evidence: Evidence::Layer(elbo::bounds_evidence, 4),
    },
];

fn both_forms_agree<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let z = sharp(site.inverse()?)?;
    let image = forward_at(site, z)?;
    let base = log_normal(&z.point);
    Ok(vec![Sides::new("inverse form", base + z.log_det, "forward form", base - image.log_det)])
}

fn sampled_density_agrees<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let (image, back) = (sharp(site.forward()?)?, sharp(site.back()?)?);
    let along = log_normal(&crate::evidence::balls(&site.z)) - image.log_det;
    let at = log_normal(&back.point) + back.log_det;
    Ok(vec![Sides::new("log-density along the path", along, "log p_X(forward(z))", at)])
}

/// `log N(z; 0, I)` with error bounds.
pub(crate) fn log_normal<V: Ground>(z: &[Bounded<V>]) -> Bounded<V> {
    let half_squares: Bounded<V> = z.iter().map(|&z| z * z * 0.5).sum();
    let constant = (Bounded::<V>::pi() * 2.0).ln() * (0.5 * z.len() as f64);
    -half_squares - constant
}

/// `log p_X(x)` in plain f64 at many points; −∞ where the inverse refuses one.
pub(super) fn log_densities(subject: &Subject<'_>, x: &[Vec<f64>]) -> Vec<f64> {
    let of = |z: Image<f64>| {
        let squares: f64 = z.point.iter().map(|z| z * z).sum();
        z.log_det - 0.5 * squares - 0.5 * z.point.len() as f64 * (2.0 * std::f64::consts::PI).ln()
    };
    subject.at_all(Direction::Inverse, x).into_iter().map(|z| z.map_or(f64::NEG_INFINITY, of)).collect()
}

/// Samples of each kind, at most; with α = 1e-9 the threshold is √(ln(2/α)/n) = 0.065.
const SAMPLES: usize = 5_000;
/// Samples of each kind, at least: a threshold of 0.146.
const FEWEST: usize = 1_000;
/// Operations that one law may spend on one layer. A layer that costs more gets fewer samples, and a wider threshold;
/// counted, so that no clock decides.
const OPERATIONS: usize = 2_000_000;

/// What an evaluation of a black box is taken to cost.
const UNSEEN: usize = 500;

/// How often a layer can be inverted within the operations allowed.
pub(super) fn affordable(sites: &[Site<'_>]) -> usize {
    if sites.iter().any(|site| site.subject.black_box().is_some()) {
        return OPERATIONS / UNSEEN;
    }
    let work = sites.iter().filter_map(|site| site.inverse_graph().ok()).map(|graph| graph.work()).max();
    OPERATIONS / work.unwrap_or(1).max(1)
}

/// By how much noise moves the log-density of a black box at most of the points drawn; a layer's is lost in the
/// quadrature.
pub(super) fn noise_of_density(sites: &[Site<'_>]) -> f64 {
    let of_black_box = sites.iter().filter(|site| site.subject.black_box().is_some() && site.kind == PointKind::Short);
    let noise = of_black_box.filter_map(|site| site.inverse().ok()).map(|z| log_normal(&z.point) + z.log_det);
    let mut noise: Vec<f64> = noise.map(|log_density| log_density.error()).collect();
    noise.sort_by(f64::total_cmp);
    noise.get(noise.len() / 2).copied().unwrap_or(0.0)
}
const FALSE_ALARM: f64 = 1e-9;
const PILOT: usize = 1_000;
/// Overlap of the model with its Gaussian fit below which the test has no power.
const MIN_OVERLAP: f64 = 0.05;

fn samples_follow(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let d = subject.dim();
    if d > 6 {
        return Err(Stop::DoesNotApply("above d = 6 the overlap with a Gaussian fit leaves no power".to_owned()));
    }
    if !subject.promises().domain.is_reals(d) {
        return Err(Stop::DoesNotApply("the base distribution lives on ℝᵈ".to_owned()));
    }
    let count = affordable(sites).clamp(FEWEST, SAMPLES);
    let mut random = Stream::new(0x5eed);
    let mut draw = |n: usize| -> Result<Vec<Vec<f64>>, Stop> {
        let base: Vec<Vec<f64>> = (0..n).map(|_| random.normals(d)).collect();
        let images = subject.at_all(Direction::Forward, &base).into_iter();
        images
            .map(|image| image.map(|image| image.point))
            .collect::<Result<_, _>>()
            .map_err(|e| Stop::Blurred(format!("a sample could not be drawn: {e}")))
    };
    let (pilot, samples) = (draw(PILOT)?, draw(count)?);
    if let Err(crate::FlowError::NoInverse) = subject.inverse(&samples[0]) {
        return Err(Stop::Missing("the layer offers no inverse".to_owned()));
    }
    let Some(fit) = Fit::to(&pilot) else {
        return Err(Stop::Blurred("the samples have no finite covariance".to_owned()));
    };
    // q/(p + q) = 1/(1 + p/q): both terms lie in [0, 1], and have one mean if the samples follow p.
    let weights = |all: &[Vec<f64>]| -> Vec<f64> {
        let densities = log_densities(subject, all).into_iter().zip(all);
        densities.map(|(log_p, x)| 1.0 / (1.0 + (log_p - fit.log_density(x)).exp())).collect()
    };
    let mean = |all: &mut dyn Iterator<Item = f64>| all.sum::<f64>() / count as f64;
    let from_flow = mean(&mut weights(&samples).into_iter());
    // Under q the expected weight of p/(p + q) is that of q/(p + q) under p.
    let fitted: Vec<Vec<f64>> = (0..count).map(|_| fit.sample(&mut random)).collect();
    let from_fit = mean(&mut weights(&fitted).into_iter().map(|weight| 1.0 - weight));
    if from_flow.is_nan() || from_fit.is_nan() {
        return Err(Stop::Violated("the density of a sample is NaN".to_owned()));
    }
    let apart = (from_flow - from_fit).abs();
    let threshold = ((2.0 / FALSE_ALARM).ln() / count as f64).sqrt();
    let overlap = from_flow.min(from_fit);
    if apart > threshold {
        return Err(Stop::Violated(format!(
            "mean of q/(p+q) over samples {from_flow:.4}, mean of p/(p+q) over q {from_fit:.4}: apart by {apart:.4}, \
             allowed {threshold:.4} (false alarm at most 1e-9)"
        )));
    }
    if overlap < MIN_OVERLAP {
        return Err(Stop::Blurred(format!("overlap with a Gaussian fit is {overlap:.3}: too little power")));
    }
    let smallest = (threshold / (2.0 * overlap)).atanh() * 2.0;
    Ok(Whole {
        note: format!("D = {apart:.4} of {threshold:.4}, overlap {overlap:.2}: a factor e^{smallest:.2} would be seen"),
        resolution: smallest,
    })
}

/// A Gaussian fitted to a pilot sample.
struct Fit {
    mean: nalgebra::DVector<f64>,
    cholesky: nalgebra::DMatrix<f64>,
    log_constant: f64,
}

impl Fit {
    fn to(sample: &[Vec<f64>]) -> Option<Self> {
        let d = sample[0].len();
        let n = sample.len() as f64;
        let rows = nalgebra::DMatrix::from_fn(sample.len(), d, |i, j| sample[i][j]);
        let mean = rows.row_mean().transpose();
        let centred = nalgebra::DMatrix::from_fn(sample.len(), d, |i, j| rows[(i, j)] - mean[j]);
        let covariance = centred.transpose() * &centred / n;
        let cholesky = covariance.cholesky()?.l();
        let log_det: f64 = cholesky.diagonal().iter().map(|l| l.ln()).sum();
        let log_constant = -log_det - 0.5 * d as f64 * (2.0 * std::f64::consts::PI).ln();
        log_constant.is_finite().then_some(Self { mean, cholesky, log_constant })
    }
    fn log_density(&self, x: &[f64]) -> f64 {
        let centred = nalgebra::DVector::from_row_slice(x) - &self.mean;
        let whitened = self.cholesky.solve_lower_triangular(&centred).map_or(f64::INFINITY, |w| w.norm_squared());
        self.log_constant - 0.5 * whitened
    }
    fn sample(&self, random: &mut Stream) -> Vec<f64> {
        let z = nalgebra::DVector::from_vec(random.normals(self.mean.len()));
        (&self.mean + &self.cholesky * z).data.into()
    }
}
