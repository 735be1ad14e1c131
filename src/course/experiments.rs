//! Experiments on claims about flows, by name. Each runs a layer and judges the claim by what it measures.

use nalgebra::DMatrix;

use super::claims::{Standing, Tried};
use crate::conditioner::Conditioner;
use crate::error::FlowError;
use crate::eval::jacobian;
use crate::flow::{Image, Layer};
use crate::layers::{Chain, Conv1x1, Coupling, Planar, ScalarAffine, Scale};
use crate::scalar::{Scalar, System};

mod conditions;

/// What a run measured.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) value: f64,
    pub(super) witness: String,
    /// The claim as it stands would have made it another one.
    pub(super) contradicts: bool,
}

type Experiment = fn() -> Tried;

/// By the name of the claim they are about, with what a contradiction makes of it.
pub(super) const EXPERIMENTS: [(&str, Standing, Experiment); 20] = [
    ("vp_only_gaussian", Standing::Refuted, || bent_moment(3)),
    ("vp_only_gaussian.kurtosis", Standing::Refuted, || bent_moment(4)),
    ("vp_invariant_entropy", Standing::Refuted, entropy),
    ("vp_only_translations", Standing::Refuted, stretched),
    ("nice_orthogonal", Standing::Refuted, singular_value),
    ("inverse_for_sampling", Standing::Refuted, sampling_mean),
    ("only_flows_exact", Standing::Refuted, latent_quadrature),
    ("s_positive_necessary", Standing::Refuted, negative_scale),
    ("exp_always_positive", Standing::Qualified, underflow),
    ("planar_condition", Standing::Qualified, planar_fold),
    ("composition_point", Standing::Qualified, composition),
    ("scaling_changes_shape", Standing::Refuted, data_dependent_scale),
    ("negative_a", Standing::Qualified, negative_slope),
    ("conv_pixels_only", Standing::Qualified, pixels),
    ("sigmoid_bounds", Standing::Qualified, sigmoid_zero),
    ("three_couplings", Standing::Qualified, couplings),
    ("maf_inverse_depth", Standing::Qualified, conditions::inverse_depth),
    ("z3", Standing::Qualified, conditions::cube),
    ("planar_mass", Standing::Qualified, conditions::one_branch_mass),
    ("flow_prior_gap", Standing::Qualified, conditions::posterior_gap),
];

/// The shift `z₁²`.
#[derive(Clone, Copy, Debug)]
struct Square;
impl Conditioner for Square {
    fn inputs(&self) -> Option<usize> {
        Some(1)
    }
    fn outputs(&self) -> usize {
        1
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        vec![x[0] * x[0]]
    }
}

/// The raw scale `z₁/2` and no shift.
#[derive(Clone, Copy, Debug)]
struct Half;
impl Conditioner for Half {
    fn inputs(&self) -> Option<usize> {
        Some(1)
    }
    fn outputs(&self) -> usize {
        2
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        vec![x[0] * 0.5, x[0] * 0.0]
    }
}

/// A raw scale and a shift that do not depend on anything.
#[derive(Clone, Copy, Debug)]
struct Constant(f64, f64);
impl Conditioner for Constant {
    fn inputs(&self) -> Option<usize> {
        Some(1)
    }
    fn outputs(&self) -> usize {
        2
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        vec![x[0] * 0.0 + self.0, x[0] * 0.0 + self.1]
    }
}

/// Three raw scales and three shifts, each of which depends on all three inputs.
#[derive(Clone, Copy, Debug)]
struct Dense;
impl Conditioner for Dense {
    fn inputs(&self) -> Option<usize> {
        Some(3)
    }
    fn outputs(&self) -> usize {
        6
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        let sum = x[0] + x[1] * 2.0 + x[2] * 3.0;
        (1..=6).map(|k| sum * (0.05 * f64::from(k))).collect()
    }
}

/// `x₁ = z₁, x₂ = z₂ + z₁²`.
fn bent() -> Result<Coupling<Square>, FlowError> {
    Coupling::new(&[0], &[1], Scale::None, Square)
}

/// The mean of a function of image and base point under `N(0, I₂)`. The trapezoidal rule converges exponentially for
/// such integrands: at this step its error is below `e^(−2π²/h²)`.
fn mean(layer: &dyn Layer, f: impl Fn(&[f64], &Image<f64>) -> f64) -> Result<f64, FlowError> {
    const STEP: f64 = 0.25;
    let mut total = 0.0;
    for i in -56..=56 {
        for j in -56..=56 {
            let z = [f64::from(i) * STEP, f64::from(j) * STEP];
            let weight = (-0.5 * (z[0] * z[0] + z[1] * z[1])).exp() * STEP * STEP / std::f64::consts::TAU;
            total += weight * f(&z, &f64::view(layer).forward(&z)?);
        }
    }
    Ok(total)
}

/// The standardised central moment of the second coordinate.
fn moment(layer: &dyn Layer, order: i32) -> Result<f64, FlowError> {
    let centre = mean(layer, |_, image| image.point[1])?;
    let central = |k: i32| mean(layer, |_, image| (image.point[1] - centre).powi(k));
    Ok(central(order)? / central(2)?.powf(f64::from(order) / 2.0))
}

fn bent_moment(order: i32) -> Tried {
    let layer = bent()?;
    let volume = mean(&layer, |_, image| image.log_det.abs())?;
    let value = moment(&layer, order)? - if order == 4 { 3.0 } else { 0.0 };
    let name = if order == 3 { "skewness" } else { "excess kurtosis" };
    Ok(Run {
        value,
        witness: format!("x₂ = z₂ + z₁² has log-det {volume} and {name} {value:.4}; a Gaussian has 0"),
        contradicts: volume == 0.0 && value.abs() > 1e-6,
    })
}

fn entropy() -> Tried {
    let layer = bent()?;
    let log_base = |z: &[f64]| -0.5 * (z[0] * z[0] + z[1] * z[1]) - std::f64::consts::TAU.ln();
    let value = mean(&layer, |z, image| image.log_det - log_base(z))?;
    let base = 1.0 + std::f64::consts::TAU.ln();
    let skewness = moment(&layer, 3)?;
    Ok(Run {
        value,
        witness: format!("the entropy stays {base:.6}, but the skewness of x₂ becomes {skewness:.4}"),
        contradicts: (value - base).abs() < 1e-9 && skewness.abs() > 1e-6,
    })
}

fn stretched() -> Tried {
    let layer = Conv1x1::new([2, 1, 1], &[vec![2.0, 0.0], vec![0.0, 0.5]])?;
    let value = mean(&layer, |_, image| image.point[0] * image.point[0])?;
    let volume = mean(&layer, |_, image| image.log_det.abs())?;
    Ok(Run {
        value,
        witness: format!("x = (2 z₁, z₂/2) scales, with log-det {volume}: var x₁ is {value:.4}"),
        contradicts: volume < 1e-12 && (value - 1.0).abs() > 1e-6,
    })
}

fn singular_value() -> Tried {
    let rows = jacobian(&bent()?, &[1.0, 0.0])?;
    let value = DMatrix::from_fn(2, 2, |i, j| rows[i][j]).singular_values().max();
    Ok(Run {
        value,
        witness: format!("an additive coupling with J = {rows:?}: an orthogonal one would have 1"),
        contradicts: (value - 1.0).abs() > 1e-6,
    })
}

fn sampling_mean() -> Tried {
    let layer = Coupling::new(&[0], &[1], Scale::Direct, Constant(2.0, 3.0))?;
    let value = mean(&layer, |_, image| image.point[1])?;
    let back = f64::view(&layer).inverse(&[0.0, 0.0])?.point[1];
    Ok(Run {
        value,
        witness: format!("x_b = 2 z_b + 3 has mean {value:.4}; the inverse of base samples has {back:.4}"),
        contradicts: (value - 3.0).abs() < 1e-9 && (back - value).abs() > 1e-6,
    })
}

/// A latent-variable model `x = W z + noise`, whose marginal is a Gaussian.
fn latent_quadrature() -> Tried {
    const W: [f64; 3] = [1.0, 0.5, -0.25];
    const X: [f64; 3] = [0.3, -0.2, 0.7];
    const NOISE: f64 = 0.25;
    let covariance = DMatrix::from_fn(3, 3, |i, j| W[i] * W[j] + if i == j { NOISE } else { 0.0 });
    let x = DMatrix::from_column_slice(3, 1, &X);
    let failed = || FlowError::OutOfRange { what: "the covariance".to_owned() };
    let inverse = covariance.clone().try_inverse().ok_or_else(failed)?;
    let quadratic = (x.transpose() * inverse * &x)[(0, 0)];
    let closed = -0.5 * (quadratic + covariance.determinant().ln() + 3.0 * std::f64::consts::TAU.ln());
    let mut total = 0.0;
    for i in -4000..=4000 {
        let z = f64::from(i) * 0.0025;
        let squares: f64 = (0..3).map(|k| (X[k] - W[k] * z).powi(2)).sum();
        total += (-0.5 * (z * z + squares / NOISE)).exp() * 0.0025;
    }
    let value = total.ln() - 0.5 * (4.0 * std::f64::consts::TAU.ln() + 3.0 * NOISE.ln());
    Ok(Run {
        value,
        witness: format!(
            "a linear latent-variable model: log p(x) = {closed:.9} in closed form, {value:.9} by quadrature"
        ),
        contradicts: (closed - value).abs() < 1e-9,
    })
}

fn negative_scale() -> Tried {
    let layer = Coupling::new(&[0], &[1], Scale::Direct, Constant(-1.5, 2.0))?;
    let image = f64::view(&layer).forward(&[0.0, 3.0])?;
    let value = f64::view(&layer).inverse(&image.point)?.point[1];
    Ok(Run {
        value,
        witness: format!("s = −1.5: 3 goes to {} and back to {value}", image.point[1]),
        contradicts: value == 3.0,
    })
}

fn underflow() -> Tried {
    let raw = -745.25_f64;
    let layer = Coupling::new(&[0], &[1], Scale::Exp, Constant(raw, 0.0))?;
    let refused =
        f64::view(&layer).forward(&[0.0, 1.0]).and_then(|image| f64::view(&layer).inverse(&image.point)).err();
    let said = refused.map_or_else(|| "the layer does not notice".to_owned(), |e| format!("the layer says: {e}"));
    Ok(Run { value: raw.exp(), witness: format!("exp({raw}) in f64; {said}"), contradicts: raw.exp() == 0.0 })
}

/// A root of a function between two places where its signs differ.
fn bisect(mut low: f64, mut high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let rising = f(high) > 0.0;
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if (f(middle) > 0.0) == rising { high = middle } else { low = middle }
    }
    f64::midpoint(low, high)
}

fn planar_fold() -> Tried {
    let refused = Planar::new(&[-2.0], &[1.0], 0.0).err();
    let value = bisect(0.5, 5.0, |a| a - 2.0 * a.tanh());
    let said = refused.as_ref().map_or_else(String::new, ToString::to_string);
    Ok(Run {
        value,
        witness: format!("w·u = −2 sends 0 and ±{value:.6} to 0; the layer is refused: {said}"),
        contradicts: refused.is_some() && (value - 2.0 * value.tanh()).abs() < 1e-12,
    })
}

fn composition() -> Tried {
    let first = Planar::new(&[1.0, 0.0], &[1.0, 2.0], 0.0)?;
    let second = Planar::new(&[0.0, 0.5], &[1.0, -1.0], 0.25)?;
    let determinant =
        |layer: &dyn Layer, z: &[f64]| jacobian(layer, z).map(|rows| rows[0][0] * rows[1][1] - rows[0][1] * rows[1][0]);
    let z = [0.5, -0.5];
    let between = f64::view(&first).forward(&z)?.point;
    let product = determinant(&first, &z)? * determinant(&second, &between)?;
    let value = determinant(&Chain::new(vec![Box::new(first), Box::new(second)])?, &z)?;
    Ok(Run {
        value,
        witness: format!("the second Jacobian at f₁(z): the product is {product:.9}"),
        contradicts: (product - value).abs() > 1e-9,
    })
}

fn data_dependent_scale() -> Tried {
    let layer = Coupling::new(&[0], &[1], Scale::Exp, Half)?;
    let value = moment(&layer, 4)? - 3.0;
    let affine = moment(&ScalarAffine::new(2.0, 1.0, 2)?, 4)? - 3.0;
    Ok(Run {
        value,
        witness: format!("x₂ = e^(z₁/2) z₂; a constant scale leaves the excess kurtosis at {:.4}", affine.abs()),
        contradicts: affine.abs() < 1e-9 && value.abs() > 1e-6,
    })
}

fn negative_slope() -> Tried {
    let (a, b, step) = (-2.0, 1.0, 0.05);
    let density = |x: f64| (-0.5 * ((x - b) / a).powi(2)).exp() / std::f64::consts::TAU.sqrt() / a;
    let value: f64 = (-1000..=1000).map(|i| density(f64::from(i) * step) * step).sum();
    Ok(Run {
        value, witness: "a = −2 without the absolute value".to_owned(), contradicts: (value - 1.0).abs() > 1e-6
    })
}

fn pixels() -> Tried {
    let w = [vec![1.0, 2.0, 0.5], vec![-1.0, 1.5, 1.0], vec![0.5, 0.25, 2.0]];
    let rows = jacobian(&Conv1x1::new([3, 2, 2], &w)?, &[0.5; 12])?;
    let value = rows.iter().flatten().filter(|e| **e != 0.0).count() as f64;
    Ok(Run {
        value,
        witness: format!("a 3 × 2 × 2 tensor: {value} of 144 entries, within each pixel"),
        contradicts: value < 144.0,
    })
}

fn sigmoid_zero() -> Tried {
    let (min, max) = (-1.0, 2.0);
    let value = bisect(-10.0, 10.0, |raw| min + (max - min) / (1.0 + (-raw).exp()));
    let refused = Scale::sigmoid(min, max).err();
    Ok(Run {
        value,
        witness: format!("bounds −1 and 2: the scale is 0 at raw = {value:.6}"),
        contradicts: refused.is_some(),
    })
}

fn couplings() -> Tried {
    let layer = |even: bool| -> Result<Box<dyn Layer>, FlowError> {
        let (a, b) = if even { ([0, 1, 2], [3, 4, 5]) } else { ([3, 4, 5], [0, 1, 2]) };
        Ok(Box::new(Coupling::new(&a, &b, Scale::Exp, Dense)?))
    };
    let z = [0.3, -0.2, 0.5, 0.1, 0.4, -0.6];
    let count = |n: usize| -> Result<usize, FlowError> {
        let chain = Chain::new((0..n).map(|k| layer(k % 2 == 0)).collect::<Result<_, _>>()?)?;
        Ok(jacobian(&chain, &z)?.iter().flatten().filter(|e| **e != 0.0).count())
    };
    let (one, two, three) = (count(1)?, count(2)?, count(3)?);
    Ok(Run {
        value: three as f64,
        witness: format!("{one}, {two} and {three} of 36 entries after one, two and three layers"),
        contradicts: three < 36,
    })
}
