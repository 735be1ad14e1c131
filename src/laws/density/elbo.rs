//! A flow as posterior and as prior of a linear-Gaussian model whose evidence is known.

use nalgebra::DMatrix;

use super::{FALSE_ALARM, FEWEST, Fit, PILOT, affordable};
use crate::conditioner::Net;
use crate::density::{FlowDensity, Gaussian};
use crate::error::FlowError;
use crate::evidence::{Site, Stop, Subject};
use crate::flow::Layer;
use crate::laws::Whole;
use crate::layers::{Autoregressive, Convention, Tau};
use crate::random::Stream;
use crate::vae::{Decoder, Elbo, FlowPosterior, LinearGaussian};

/// Draws of the ELBO's integrand, at most.
const DRAWS: usize = 2_000;
/// A flow whose density is further than this from a Gaussian, in nats, hides too much behind that distance.
const MOST: f64 = 3.0;
/// `ln √2`.
const LOG_ROOT_2: f64 = 0.5 * std::f64::consts::LN_2;

/// With `w = p(x, z)/(p(x) q(z))` the mean of `w` over `z ~ q` is at most 1, so that by Markov's inequality the product
/// of `n` independent `w` exceeds `1/α` with probability at most `α`. Its logarithm is `Σ (integrand − log p(x))`.
pub(super) fn bounds_evidence(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let d = subject.dim();
    if !subject.promises().domain.is_reals(d) {
        return Err(Stop::DoesNotApply("the base distribution lives on ℝᵈ".to_owned()));
    }
    let layer = subject.formula()?;
    let mut random = Stream::new(0xe1b0);
    let pilot = (0..PILOT).map(|_| subject.forward(&random.normals(d)).map(|image| image.point));
    let pilot: Vec<Vec<f64>> =
        pilot.collect::<Result<_, _>>().map_err(|e| Stop::Blurred(format!("a sample could not be drawn: {e}")))?;
    let Some(fit) = Fit::to(&pilot) else {
        return Err(Stop::Blurred("the samples have no finite covariance".to_owned()));
    };
    let draws = affordable(sites).clamp(FEWEST, DRAWS);
    let margin = -FALSE_ALARM.ln() / draws as f64;
    let below = posterior(layer, &fit)
        .and_then(|model| model.gap(draws, &mut random))
        .map_err(|e| Stop::Blurred(format!("the ELBO could not be estimated: {e}")))?;
    refuse("as a posterior", below, margin, draws, "the density it states is too small where it draws")?;
    let mut note = format!("as a posterior {below:.3} nats below the evidence");
    // As a prior it is asked for its inverse, at points that need not be in its codomain.
    match prior(layer, &fit).and_then(|model| model.gap(draws, &mut random)) {
        Ok(below) => {
            refuse("as a prior", below, margin, draws, "the density it states has a mass above one")?;
            note += &format!(", as a prior {below:.3}");
        }
        Err(e) => note += &format!("; not asked as a prior ({e})"),
    }
    let resolution = below + margin;
    if resolution > MOST {
        return Err(Stop::Blurred(format!("the flow is {below:.1} nats from a Gaussian: too little power")));
    }
    Ok(Whole { note: format!("{note}: a density e^{resolution:.2} times too small would be seen"), resolution })
}

/// An ELBO above the evidence. `below` is the average distance.
fn refuse(role: &str, below: f64, margin: f64, draws: usize, so: &str) -> Result<(), Stop> {
    if below >= -margin {
        return Ok(());
    }
    let above = -below;
    Err(Stop::Violated(format!(
        "{role} its ELBO is {above:.4} nats above the evidence, over {draws} draws, allowed {margin:.4} (false alarm at \
         most 1e-9): {so}"
    )))
}

/// A model at one `x` of known evidence.
struct Model<P, Q> {
    elbo: Elbo<P, Q>,
    x: Vec<f64>,
    log_evidence: f64,
}

impl<P: Layer, Q: Layer> Model<P, Q> {
    /// The average of `log p(x) − integrand`, over fresh draws.
    fn gap(&self, draws: usize, random: &mut Stream) -> Result<f64, FlowError> {
        let draws: Vec<Vec<f64>> = (0..draws).map(|_| random.normals(self.elbo.prior.dim())).collect();
        Ok(self.log_evidence - self.elbo.average(&self.x, &draws)?)
    }
}

/// `z = m + L u` for the fit `N(m, L Lᵀ)`.
fn linear(fit: &Fit) -> Result<Autoregressive, FlowError> {
    let nets = (0..fit.mean.len()).map(|i| {
        let row: Vec<f64> = (0..i).map(|j| fit.cholesky[(i, j)]).collect();
        Net::affine(i, &[vec![0.0; i], row], &[fit.cholesky[(i, i)], fit.mean[i]])
    });
    Autoregressive::new(Convention::Z, Tau::Affine, nets.collect::<Result<_, _>>()?)
}

/// The flow as posterior of the model `z = m + L u`, `u ~ N(0, 2I)`, `x|z ~ N(L⁻¹ z, 2I)` at `x = L⁻¹ m`, whose exact
/// posterior is the fit itself.
fn posterior<'l>(flow: &'l dyn Layer, fit: &Fit) -> Result<Model<Autoregressive, &'l dyn Layer>, FlowError> {
    let d = fit.mean.len();
    let (zeros, wide) = (vec![0.0; d], vec![LOG_ROOT_2; d]);
    let rows = |m: &DMatrix<f64>| m.row_iter().map(|row| row.iter().copied().collect()).collect::<Vec<Vec<f64>>>();
    let singular = || FlowError::SingularMatrix { index: 0, why: "the samples lie in a plane".to_owned() };
    let w = fit.cholesky.clone().solve_lower_triangular(&DMatrix::identity(d, d)).ok_or_else(singular)?;
    let x: Vec<f64> = (&w * &fit.mean).data.into();
    // In terms of the standard normal u/√2.
    let model = LinearGaussian::new(d, &rows(&(&w * &fit.cholesky * 2f64.sqrt())), &x, &wide)?;
    let elbo = Elbo {
        prior: FlowDensity::new(Gaussian::diagonal(&zeros, &wide)?, linear(fit)?)?,
        posterior: FlowPosterior::new(&zeros, &zeros, flow)?,
        decoder: Decoder::new(Net::affine(d, &rows(&w), &zeros)?, d, &wide)?,
    };
    let log_evidence = model.log_evidence(&x)?;
    Ok(Model { elbo, x, log_evidence })
}

/// The flow as prior of a model whose decoder ignores the latent variables, so that the evidence is `log N(0; 0, 1)`
/// whatever the prior, with the fit as posterior.
fn prior<'l>(flow: &'l dyn Layer, fit: &Fit) -> Result<Model<&'l dyn Layer, Autoregressive>, FlowError> {
    let d = fit.mean.len();
    let elbo = Elbo {
        prior: FlowDensity::new(Gaussian::standard(d), flow)?,
        posterior: FlowPosterior::new(&vec![0.0; d], &vec![0.0; d], linear(fit)?)?,
        decoder: Decoder::new(Net::constant(&[0.0])?, d, &[0.0])?,
    };
    Ok(Model { elbo, x: vec![0.0], log_evidence: Gaussian::standard(1).log_density(&[0.0])? })
}
