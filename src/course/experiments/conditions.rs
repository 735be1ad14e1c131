//! Claims that hold under a condition which they leave out.

use super::{Run, Tried, bisect};
use crate::conditioner::Conditioner;
use crate::error::FlowError;
use crate::flow::Layer;
use crate::layers::{Autoregressive, Convention, Planar, ScalarAffine, SignedPower, Tau};
use crate::scalar::{Scalar, System, Trace, record};

/// The log of the standard normal density.
fn log_normal(z: f64) -> f64 {
    -0.5 * (z * z + std::f64::consts::TAU.ln())
}

/// A raw scale and a shift that are a tenth of the sum of so many inputs.
#[derive(Clone, Copy, Debug)]
struct Sum(usize);
impl Conditioner for Sum {
    fn inputs(&self) -> Option<usize> {
        Some(self.0)
    }
    fn outputs(&self) -> usize {
        2
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        let tenth = x.iter().copied().sum::<S>() * 0.1;
        vec![tenth, tenth]
    }
}

/// Conditioner calls one after the other that the inverse of an affine autoregressive flow needs.
pub(super) fn inverse_depth() -> Tried {
    const DIM: usize = 64;
    let depth = |convention| {
        let layer = Autoregressive::new(convention, Tau::AffineExp, (0..DIM).map(Sum).collect())?;
        let x: Vec<f64> = (0..DIM).map(|i| 0.01 * i as f64).collect();
        record(&x, |x| Trace::view(&layer).inverse(x)).map(|graph| graph.cost().steps)
    };
    let (on_data, on_base) = (depth(Convention::X)?, depth(Convention::Z)?);
    Ok(Run {
        value: on_data as f64,
        witness: format!("d = {DIM}, conditioned on x: {on_data}, in parallel; conditioned on z: {on_base}"),
        contradicts: on_data < on_base,
    })
}

/// `x = z³`: invertible and differentiable, with a singular Jacobian at 0.
pub(super) fn cube() -> Tried {
    const STEP: f64 = 0.05;
    let layer = SignedPower::new(&[3.0])?;
    let density = |x: f64| {
        let image = f64::view(&layer).inverse(&[x])?;
        Ok::<_, FlowError>((log_normal(image.point[0]) + image.log_det).exp())
    };
    // In ln x the integrand is analytic and falls exponentially on both sides; the other half is its mirror image.
    let mut value = 0.0;
    for k in -2600..=200 {
        let x = (f64::from(k) * STEP).exp();
        value += 2.0 * STEP * x * density(x)?;
    }
    let refused = f64::view(&layer).forward(&[0.0]).err();
    let near = density(1e-12)?;
    Ok(Run {
        value,
        witness: format!(
            "x = z³ has mass {value:.9} and density {near:.3e} at 1e-12; at 0 the layer says: {}",
            refused.as_ref().map_or_else(|| "nothing".to_owned(), ToString::to_string)
        ),
        contradicts: refused.is_some() && (value - 1.0).abs() < 1e-9 && near > 1e6,
    })
}

/// `∫₀^to f`, by three-point Gauss–Legendre rules on equal cells.
fn gauss(to: f64, f: impl Fn(f64) -> f64) -> f64 {
    const CELLS: i32 = 400;
    let half = to / f64::from(2 * CELLS);
    let cell = |k: i32| {
        let middle = f64::from(2 * k + 1) * half;
        let aside = half * 0.6_f64.sqrt();
        half / 9.0 * (5.0 * f(middle - aside) + 8.0 * f(middle) + 5.0 * f(middle + aside))
    };
    (0..CELLS).map(cell).sum()
}

/// `x = z − 2 tanh z`, which a planar flow must not be: the change of variables at the largest pre-image alone.
pub(super) fn one_branch_mass() -> Tried {
    let refused = Planar::new(&[-2.0], &[1.0], 0.0).err();
    let f = |z: f64| z - 2.0 * z.tanh();
    let density = |z: f64| log_normal(z).exp() / (1.0 - 2.0 / z.cosh().powi(2)).abs();
    // Right of the fold, where the slope 1 − 2 sech² is 0, there is a pre-image for every x above; left of it, for x
    // below, the largest pre-image lies beyond the other fold. The density has a root singularity at the fold: s² = x − x₀.
    let fold = 0.5_f64.sqrt().atanh();
    let branch = |side: f64, low: f64, high: f64| {
        gauss(7.5, |s| 2.0 * s * density(bisect(low, high, |z| f(z) - (f(fold) + side * s * s))))
    };
    let value = branch(1.0, fold, 70.0) + branch(-1.0, -70.0, -fold);
    Ok(Run {
        value,
        witness: format!("w·u = −2, a density from the largest pre-image alone: its mass is {value:.9}, not 1"),
        contradicts: refused.is_some() && (value - 1.0).abs() > 0.1,
    })
}

/// `ln p(x) − max ELBO` over Gaussian posteriors, at `x = 1.5` for `x | z ~ N(z, 1)` and a flow as prior.
fn gap(prior: &dyn Layer) -> Result<f64, FlowError> {
    const X: f64 = 1.5;
    const STEP: f64 = 0.02;
    let joint = (-600..=600).map(|k| {
        let z = f64::from(k) * STEP;
        let base = f64::view(prior).inverse(&[z])?;
        Ok((z, log_normal(base.point[0]) + base.log_det + log_normal(X - z)))
    });
    let joint: Vec<(f64, f64)> = joint.collect::<Result<_, FlowError>>()?;
    let evidence = joint.iter().map(|(_, log)| log.exp() * STEP).sum::<f64>().ln();
    let elbo = |[mean, log_scale]: [f64; 2]| -> f64 {
        let scale: f64 = log_scale.exp();
        let term = |&(z, log): &(f64, f64)| {
            let log_q = log_normal((z - mean) / scale) - log_scale;
            log_q.exp() * (log - log_q) * STEP
        };
        joint.iter().map(term).sum()
    };
    // Compass search: the bound is smooth and has one maximum here.
    let (mut at, mut best, mut step) = ([X, 0.0], elbo([X, 0.0]), 0.5);
    while step > 1e-7 {
        let tries = [[step, 0.0], [-step, 0.0], [0.0, step], [0.0, -step]].map(|d| [at[0] + d[0], at[1] + d[1]]);
        match tries.into_iter().map(|to| (to, elbo(to))).find(|(_, value)| *value > best) {
            Some((to, value)) => (at, best) = (to, value),
            None => step *= 0.5,
        }
    }
    Ok(evidence - best)
}

/// A flow as prior opens a gap that a standard normal prior does not have.
pub(super) fn posterior_gap() -> Tried {
    let value = gap(&Planar::new(&[2.0], &[2.0], 0.0)?)?;
    let plain = gap(&ScalarAffine::new(1.0, 0.0, 1)?)?;
    Ok(Run {
        value,
        witness: format!(
            "the best Gaussian posterior misses {value:.6} nats under a planar prior, {:.6} under N(0, 1)",
            plain.abs()
        ),
        contradicts: plain.abs() < 1e-9 && value > 1e-6,
    })
}
