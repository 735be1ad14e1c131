//! Couplings by any transformer.

use proptest::prelude::*;

use super::mask::{halves, partitioned};
use super::spline::{self, SplineKind};
use super::tau::{self, Transformer};
use crate::conditioner::{Conditioner, Net, condition, expect_arity};
use crate::data::{DataError, Fields, Format, conditioner};
use crate::error::FlowError;
use crate::family::{Drawn, Family, boxed, wave_net};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// A coupling whose kept coordinates choose a scalar map for each of the others.
///
/// - formula: `x_a = z_a`, `x_b = τ(z_b; h_b(z_a))`, coordinate by coordinate
/// - log-det: `Σ_{i ∈ b} ln|∂τ/∂z_i|`
/// - inverse: `z_a = x_a`, `z_b = τ⁻¹(x_b; h_b(x_a))`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: a [`Transformer`], say a [`SplineTransformer`](super::SplineTransformer); lists `a`, `b` that partition
///   `0..d` in any order; a conditioner from the values of `a`, in that order, to the `h` of the first of `b`, then
///   that of the second, and so on
/// - source: Dinh et al. 2014, NICE (arXiv:1410.8516), §3, general coupling laws; with splines Durkan et al. 2019, Neural
///   Spline Flows (arXiv:1906.04032)
/// - loses precision: as its transformer
#[derive(Clone, Debug)]
pub struct TransformerCoupling<T: Transformer, C: Conditioner = Net> {
    a: Vec<usize>,
    b: Vec<usize>,
    tau: T,
    net: C,
}

impl<T: Transformer, C: Conditioner> TransformerCoupling<T, C> {
    /// `a` is kept, `b` is transformed; [`mask`](super::mask) has the common choices.
    ///
    /// # Errors
    /// `InvalidMask` unless `a` and `b` partition `0..d`; `BadArity` unless `net` takes as many values as `a` has
    /// indices and returns what `tau` takes for each index of `b`; `NotMonotone` as [`Transformer::expect_monotone`] at
    /// a few outputs of the conditioner.
    pub fn new(a: &[usize], b: &[usize], tau: T, net: C) -> Result<Self, FlowError> {
        partitioned(a, b)?;
        let arity = tau.arity();
        expect_arity(&net, format_args!("the conditioner"), a.len(), b.len() * arity)?;
        for x in super::autoregressive::probes(a.len()) {
            if let Ok(h) = condition(&net, format_args!("the conditioner"), &x, b.len() * arity) {
                h.chunks(arity).try_for_each(|h| tau.expect_monotone(h))?;
            }
        }
        Ok(Self { a: a.to_vec(), b: b.to_vec(), tau, net })
    }

    /// The image whose coordinates in `b` are made by `step(value, h, index)`.
    fn image<S: Scalar>(
        &self,
        point: &[S],
        step: impl Fn(S, &[S], usize) -> Result<(S, S), FlowError>,
    ) -> Result<Image<S>, FlowError> {
        expect_point(point, self.a.len() + self.b.len())?;
        let arity = self.tau.arity();
        let kept: Vec<S> = self.a.iter().map(|&i| point[i]).collect();
        let h = condition(&self.net, format_args!("the conditioner"), &kept, self.b.len() * arity)?;
        let (mut image, mut logs) = (point.to_vec(), Vec::new());
        for (&i, h) in self.b.iter().zip(h.chunks(arity)) {
            let (value, log) = step(point[i], h, i)?;
            image[i] = value;
            logs.push(log);
        }
        Image::finite(image, logs.into_iter().sum::<S>())
    }
}

impl<S: Scalar, T: Transformer, C: Conditioner> Flow<S> for TransformerCoupling<T, C> {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.image(z, |z, h, i| S::each(&self.tau, z, h, |z, h| self.tau.forward(z, h, i)))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.image(x, |x, h, i| S::each(&self.tau, x, h, |x, h| self.tau.inverse(x, h, i)))
    }
}

impl<T: Transformer, C: Conditioner> Layer for TransformerCoupling<T, C> {
    fn dim(&self) -> usize {
        self.a.len() + self.b.len()
    }
    fn promises(&self) -> Promises {
        let mut promises = Promises::default().structure(Structure::PassThrough { kept: self.a.clone() });
        if self.b.is_empty() {
            promises = promises.identity();
        }
        if self.tau.is_affine() && (self.net.is_constant() || self.a.is_empty()) {
            promises = promises.constant_log_det();
        }
        promises = self.tau.smoothness(promises);
        match self.tau.orientation() {
            Some(Orientation::Positive) => promises.orientation(Orientation::Positive).increasing(),
            Some(Orientation::Negative) if self.b.len().is_multiple_of(2) => {
                promises.orientation(Orientation::Positive)
            }
            Some(sign) => promises.orientation(sign),
            None => promises,
        }
    }
    fn known_values(&self) -> Vec<KnownValue> {
        self.tau.name().map_or_else(Vec::new, |tau| known::of(&format!("transformer_coupling.{tau}.")))
    }
}

macro_rules! families {
    ($($name:literal, $kind:ident, $formula:literal, $source:literal;)*) => { &[$( Family {
        name: $name,
        formula: $formula,
        source: $source,
        draw: || draw(SplineKind::$kind),
        at_dim: Some(|d| {
            let ((a, b), tau) = (halves(d), spline::generic_transformer(SplineKind::$kind));
            let net = wave_net(a.len(), b.len() * tau.arity(), 0.3);
            Box::new(coupling(&a, &b, tau, net))
        }),
    } ),*] };
}

pub(super) const FAMILIES: &[Family] = families! {
    "coupling_rq_spline", RationalQuadratic,
        "x_a = z_a, x_b = g(z_b; h(z_a)): rational-quadratic on [−B, B], z_b beyond",
        "Durkan et al. 2019 (Neural Spline Flows)";
    "coupling_linear_spline", Linear,
        "x_a = z_a, x_b = g(z_b; h(z_a)): linear between equidistant knots of [−B, B] and beyond",
        "Müller et al. 2019 (Neural Importance Sampling)";
    "coupling_quadratic_spline", Quadratic,
        "x_a = z_a, x_b = g(z_b; h(z_a)): parabolas on [−B, B], linear beyond",
        "Müller et al. 2019 (Neural Importance Sampling)";
    "coupling_cubic_spline", Cubic,
        "x_a = z_a, x_b = g(z_b; h(z_a)): cubics on [−B, B], linear beyond",
        "Durkan et al. 2019 (Cubic-Spline Flows)";
};

fn coupling<T: Transformer>(a: &[usize], b: &[usize], tau: T, net: Net) -> TransformerCoupling<T> {
    TransformerCoupling::new(a, b, tau, net).expect("a partition and a conditioner of its shape")
}

fn draw(kind: SplineKind) -> Drawn {
    boxed((super::coupling::masks(), spline::transformers(kind)).prop_flat_map(|((a, b), tau)| {
        let nets = spline::nets(a.len(), b.len() * tau.arity());
        nets.prop_map(move |net| coupling(&a, &b, tau.clone(), net))
    }))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "transformer_coupling", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (a, b) = (fields.required("a")?.indices()?, fields.required("b")?.indices()?);
    // An index list that is no partition would make a wrong number of inputs look like the conditioner's fault.
    partitioned(&a, &b).map_err(|e| fields.at().refuse(&e))?;
    let tau = tau::read(&fields.required("tau")?)?;
    let cond = fields.required("cond")?;
    let net = conditioner(&cond, a.len())?;
    let layer: Result<Box<dyn Layer>, FlowError> = match tau {
        tau::Named::Tau(tau) => TransformerCoupling::new(&a, &b, tau, net).map(|layer| Box::new(layer) as _),
        tau::Named::Spline(tau) => TransformerCoupling::new(&a, &b, tau, net).map(|layer| Box::new(layer) as _),
        tau::Named::Sigmoidal(tau) => TransformerCoupling::new(&a, &b, tau, net).map(|layer| Box::new(layer) as _),
        tau::Named::Integrated(tau) => TransformerCoupling::new(&a, &b, tau, net).map(|layer| Box::new(layer) as _),
    };
    layer.map_err(|e| cond.refuse(&e))
}
