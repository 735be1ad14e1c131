//! Conjugation.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Chain, Coupling, Elementwise, Inverse, Map, Planar, Scale, mask};
use crate::data::{DataError, Fields, Format, flow_within};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, boxed, tanh_net, vector};
use crate::flow::{Flow, Image, Layer, expect_dim};
use crate::known::{self, KnownValue};
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// A layer seen in other coordinates.
///
/// - formula: `g⁻¹ ∘ f ∘ g`: `g` is applied first
/// - log-det: `ℓ_g(z) + ℓ_f(g(z)) − ℓ_g(x)`
/// - inverse: `g⁻¹ ∘ f⁻¹ ∘ g`
/// - domain → codomain: the domain of `g`, twice
/// - parameters: layers `f` and `g` of one dimension, `f` from the codomain of `g` onto itself
/// - source: definition
/// - loses precision: as `g`, `f` and `g⁻¹` do
#[derive(Debug)]
pub struct Conjugate {
    chain: Chain,
    layer: Promises,
    by: Promises,
}

impl Conjugate {
    /// `layer` conjugated by `by`: `f` and `g`.
    ///
    /// # Errors
    /// `DimMismatch`; `DomainMismatch` unless `f` maps the codomain of `g` onto itself.
    pub fn new(layer: Box<dyn Layer>, by: Box<dyn Layer>) -> Result<Self, FlowError> {
        expect_dim(&*layer, by.dim())?;
        let (f, g) = (layer.promises(), by.promises());
        for (covered, domain) in [(&g.codomain, &f.domain), (&f.codomain, &g.codomain)] {
            let boxes = covered.is_box() && domain.is_box();
            if covered != domain && !(boxes && (0..by.dim()).all(|i| covered.interval(i) == domain.interval(i))) {
                let what = format!("{covered:?} is covered, and the next layer covers or expects {domain:?}");
                return Err(FlowError::DomainMismatch { what });
            }
        }
        let by: Arc<dyn Layer> = by.into();
        let chain = Chain::new(vec![Box::new(Arc::clone(&by)), layer, Box::new(Inverse::new(by))])?;
        Ok(Self { chain, layer: f, by: g })
    }
}

impl<S: Scalar> Flow<S> for Conjugate {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.chain.forward(z)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.chain.inverse(x)
    }
}

impl Layer for Conjugate {
    fn dim(&self) -> usize {
        self.chain.dim()
    }

    fn known_values(&self) -> Vec<KnownValue> {
        known::with_parts("conjugate.", self.parts().into_iter())
    }
    fn promises(&self) -> Promises {
        let (f, g) = (&self.layer, &self.by);
        let shared =
            f.structure == g.structure && matches!(f.structure, Structure::Diagonal | Structure::Triangular { .. });
        Promises {
            domain: g.domain.clone(),
            codomain: g.domain.clone(),
            structure: if shared { f.structure.clone() } else { Structure::Dense },
            // g and its inverse turn alike, each slope of them too where J is triangular.
            orientation: f.orientation,
            increasing: shared && f.increasing,
            ..self.chain.promises()
        }
    }

    fn parts(&self) -> Vec<&dyn Layer> {
        self.chain.parts()
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "conjugate",
    formula: "x = (g⁻¹ ∘ f ∘ g)(z)",
    source: "definition",
    draw,
    at_dim: Some(|d| {
        let planar = super::planar::FAMILIES[0].at_dim.expect("a planar family");
        let coupling = super::coupling::FAMILIES[0].at_dim.expect("a family of couplings");
        Box::new(Conjugate::new(coupling(d), planar(d)).expect("one dimension, all of ℝᵈ"))
    }),
}];

/// Planar flows conjugated by couplings, and both by the logarithm.
fn draw() -> Drawn {
    boxed((2usize..=4, 0..3u8).prop_flat_map(|(d, kind)| {
        let (a, b) = mask::alternating(d, d % 2 == 0);
        let coupling = tanh_net(a.len(), 2 * b.len()).prop_map(move |net| {
            Box::new(Coupling::new(&a, &b, Scale::Exp, net).expect("a partition")) as Box<dyn Layer>
        });
        let direction = vector(away_from_zero(0.125, 0.4375), d);
        let planar = (direction.clone(), direction, away_from_zero(0.125, 1.0))
            .prop_map(|(u, w, b)| Box::new(Planar::new(&u, &w, b).expect("w·u > −1")) as Box<dyn Layer>);
        (coupling, planar).prop_map(move |(coupling, planar)| {
            let log = || Box::new(Inverse::new(Elementwise::new(Map::Exp, d).expect("d ≥ 1")));
            let conjugate = match kind {
                0 => Conjugate::new(planar, coupling),
                1 => Conjugate::new(planar, log()),
                _ => Conjugate::new(coupling, log()),
            };
            conjugate.expect("one dimension, onto the codomain of g")
        })
    }))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "conjugate", read }];

fn read(fields: &Fields<'_>, depth: usize) -> Result<Box<dyn Layer>, DataError> {
    let at = fields.required("of")?;
    let (layer, by) = (flow_within(&at, depth + 1)?, flow_within(&fields.required("by")?, depth + 1)?);
    Ok(Box::new(Conjugate::new(layer, by).map_err(|e| at.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::super::ScalarAffine;
    use super::*;
    use crate::promises::{Domain, Interval};

    fn exp() -> Box<dyn Layer> {
        Box::new(Elementwise::new(Map::Exp, 1).unwrap())
    }

    /// `f(y) = 3y` in logarithmic coordinates is `z³`.
    #[test]
    fn tripling_the_logarithm_is_cubing() {
        let cube =
            Conjugate::new(Box::new(ScalarAffine::new(3.0, 0.0, 1).unwrap()), Box::new(Inverse::new(exp()))).unwrap();
        let image = Flow::<f64>::forward(&cube, &[2.0]).unwrap();
        assert!((image.point[0] - 8.0).abs() < 1e-14);
        assert!((image.log_det - 12f64.ln()).abs() < 1e-14);
        let promises = cube.promises();
        assert_eq!((promises.domain, promises.structure), (Domain::Each(Interval::POSITIVE), Structure::Diagonal));
        assert!(!promises.constant_log_det);
        // det (g⁻¹ f g)′ has the sign of det f′.
        let inner = ScalarAffine::new(3.0, 0.0, 1).unwrap().promises();
        assert_eq!(promises.orientation, inner.orientation);
        assert_eq!(Conjugate::new(exp(), exp()).unwrap_err().kind(), "DomainMismatch");
    }
}
