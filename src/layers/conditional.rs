//! A layer whose parameters come from a context.

use proptest::prelude::*;

use super::autoregressive::promises;
use super::tau::{self, Tau, Transformer};
use crate::conditioner::{Conditioner, Net, condition, expect_arity};
use crate::data::{DataError, Fields, Format, conditioner};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, boxed, signed_net, tanh_net, vector, wave_net};
use crate::flow::{Flow, Image, Layer, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::Promises;
use crate::scalar::Scalar;

/// Scalar maps whose parameters a conditioner makes from a context: observed values that the flow is given, and that
/// are constant while the point moves.
///
/// - formula: `x_i = τ(z_i; h_i)`, `h = c(context)`
/// - log-det: `Σ_i ln|∂τ/∂z_i|`, by `z` alone
/// - inverse: `z_i = τ⁻¹(x_i; h_i)`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: a [`Transformer`]; the context; a conditioner of as many values, which returns all first values of
///   `h`, then all second ones, and so on
/// - source: Winkler et al. 2019 (arXiv:1912.00042), conditional flows; without coupling: definition
/// - loses precision: as the maps do
#[derive(Clone, Debug)]
pub struct Conditional<C: Conditioner = Net, T: Transformer = Tau> {
    tau: T,
    context: Vec<Param>,
    conditioner: C,
    dim: usize,
}

impl<C: Conditioner, T: Transformer> Conditional<C, T> {
    /// The dimension is the number of values of the conditioner, divided by the number that `tau` takes.
    ///
    /// # Errors
    /// `NonFinite`; `BadArity` unless the conditioner takes the context and returns a positive multiple of what `tau`
    /// takes; `NotMonotone` as [`Transformer::expect_monotone`] at the values of this context.
    pub fn new(tau: T, context: &[f64], conditioner: C) -> Result<Self, FlowError> {
        finite("context", context)?;
        let dim = (conditioner.outputs() / tau.arity()).max(1);
        expect_arity(&conditioner, format_args!("the conditioner"), context.len(), dim * tau.arity())?;
        let layer = Self { tau, context: params(context.iter().copied()), conditioner, dim };
        (0..dim).try_for_each(|i| layer.tau.expect_monotone(&of_coordinate(&layer.h::<f64>()?, i, dim)))?;
        Ok(layer)
    }

    fn h<S: Scalar>(&self) -> Result<Vec<S>, FlowError> {
        let context: Vec<S> = self.context.iter().map(|&c| S::from(c)).collect();
        condition(&self.conditioner, format_args!("the conditioner"), &context, self.dim * self.tau.arity())
    }

    fn pass<S: Scalar>(
        &self,
        point: &[S],
        step: impl Fn(S, &[S], usize) -> Result<(S, S), FlowError>,
    ) -> Result<Image<S>, FlowError> {
        expect_point(point, self.dim)?;
        let h = self.h()?;
        let moved = |(i, &p)| step(p, &of_coordinate(&h, i, self.dim), i);
        let pairs = point.iter().enumerate().map(moved).collect::<Result<Vec<_>, _>>()?;
        let (image, logs): (Vec<S>, Vec<S>) = pairs.into_iter().unzip();
        Image::finite(image, logs.into_iter().sum::<S>())
    }
}

/// The values for coordinate `i` of `dim`, out of those for all.
fn of_coordinate<S: Scalar>(h: &[S], i: usize, dim: usize) -> Vec<S> {
    h.iter().skip(i).step_by(dim).copied().collect()
}

impl<S: Scalar, C: Conditioner, T: Transformer> Flow<S> for Conditional<C, T> {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.pass(z, |z, h, i| self.tau.forward(z, h, i))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.pass(x, |x, h, i| self.tau.inverse(x, h, i))
    }
}

impl<C: Conditioner, T: Transformer> Layer for Conditional<C, T> {
    fn dim(&self) -> usize {
        self.dim
    }
    fn known_values(&self) -> Vec<KnownValue> {
        self.tau.name().map_or_else(Vec::new, |tau| known::of(&format!("conditional.{tau}.")))
    }
    fn promises(&self) -> Promises {
        promises(&self.tau, self.dim, true)
    }
}

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "conditional_affine",
        formula: "x_i = h0_i z_i + h1_i, h = c(context)",
        source: "Winkler et al. 2019",
        draw: || draw(Tau::Affine),
        at_dim: Some(|d| generic(Tau::AffineExp, d)),
    },
    Family {
        name: "conditional_sinh",
        formula: "x_i = e^{h0_i} sinh z_i + h1_i, h = c(context)",
        source: "Winkler et al. 2019, with another τ",
        draw: || draw(Tau::Sinh),
        at_dim: Some(|d| generic(Tau::Sinh, d)),
    },
];

fn conditional(tau: Tau, context: &[f64], net: Net) -> Conditional {
    Conditional::new(tau, context, net).expect("the net takes the context")
}

fn generic(tau: Tau, d: usize) -> Box<dyn Layer> {
    Box::new(conditional(tau, &[0.5, -0.75], wave_net(2, d * tau.arity(), 0.3)))
}

fn draw(tau: Tau) -> Drawn {
    boxed((1usize..=5, 1usize..=3).prop_flat_map(move |(d, inputs)| {
        let net =
            if tau == Tau::Affine { signed_net(inputs, d).boxed() } else { tanh_net(inputs, d * tau.arity()).boxed() };
        // Off the grid of the weights: a hidden unit at exactly 0 would hide the weights behind it.
        (vector(away_from_zero(0.125, 1.5).prop_map(|c| c + 0.01), inputs), net)
            .prop_map(move |(context, net)| conditional(tau, &context, net))
    }))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "conditional", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let tau = tau::read(&fields.required("tau")?)?;
    let context = fields.required("context")?.numbers()?;
    let at = fields.required("cond")?;
    let net = conditioner(&at, context.len())?;
    let layer: Result<Box<dyn Layer>, _> = match tau {
        tau::Named::Tau(tau) => Conditional::new(tau, &context, net).map(|layer| Box::new(layer) as _),
        tau::Named::Spline(tau) => Conditional::new(tau, &context, net).map(|layer| Box::new(layer) as _),
        tau::Named::Sigmoidal(tau) => Conditional::new(tau, &context, net).map(|layer| Box::new(layer) as _),
        tau::Named::Integrated(tau) => Conditional::new(tau, &context, net).map(|layer| Box::new(layer) as _),
    };
    layer.map_err(|e| at.refuse(&e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_chooses_the_map() {
        // h = (log-scales, shifts) = (c, −c, 2c, 3c).
        let net = || Net::affine(1, &[vec![1.0], vec![-1.0], vec![2.0], vec![3.0]], &[0.0; 4]).unwrap();
        for c in [0.0, 0.5] {
            let image = Flow::<f64>::forward(&conditional(Tau::AffineExp, &[c], net()), &[1.0, 2.0]).unwrap();
            assert_eq!(image.point, [c.exp() + 2.0 * c, (-c).exp() * 2.0 + 3.0 * c]);
            assert_eq!(image.log_det, 0.0);
        }
        let kind = |context: &[f64]| Conditional::new(Tau::TanhResidual, context, net()).map_err(|e| e.kind()).err();
        assert_eq!(kind(&[0.5]), Some("BadArity"));
        assert_eq!(kind(&[0.5, 1.0]), Some("BadArity"));
        assert_eq!(kind(&[f64::NAN]), Some("NonFinite"));
    }
}
