//! The inverse of a layer.

use proptest::prelude::*;

use super::{Coupling, Planar, Scale, mask};
use crate::data::{DataError, Fields, Format, flow_within};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, boxed, tanh_net, vector};
use crate::flow::{Flow, Image, Layer};
use crate::known::{self, KnownValue};
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// A layer the other way round.
///
/// - formula: `x = f⁻¹(z)`
/// - log-det: `log|det ∂f⁻¹/∂z|`, as `f` gives it
/// - inverse: `z = f(x)`
/// - domain → codomain: the codomain of `f` → its domain
/// - parameters: a layer `f`
/// - source: definition
/// - loses precision: as `f⁻¹` does
#[derive(Clone, Debug)]
pub struct Inverse<L: Layer = Box<dyn Layer>> {
    of: L,
}

impl<L: Layer> Inverse<L> {
    /// The inverse of any layer. Without an inverse of its own, `forward` is `NoInverse`.
    pub fn new(of: L) -> Self {
        Self { of }
    }
}

impl<S: Scalar, L: Layer> Flow<S> for Inverse<L> {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        S::view(&self.of).inverse(z)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        S::view(&self.of).forward(x)
    }
}

impl<L: Layer> Layer for Inverse<L> {
    fn dim(&self) -> usize {
        self.of.dim()
    }

    fn known_values(&self) -> Vec<KnownValue> {
        known::with_parts("inverse.", std::iter::once(&self.of as &dyn Layer))
    }
    fn promises(&self) -> Promises {
        let of = self.of.promises();
        Promises {
            domain: of.codomain,
            codomain: of.domain,
            // The inverse of a triangular matrix with positive diagonal has one; that of another need not.
            increasing: of.increasing && of.structure.triangular_order(self.dim()).is_some(),
            structure: inverted(of.structure),
            // An entry of the inverse can vanish where none of the matrix does.
            reaches_all: false,
            ..of
        }
    }
}

/// The pattern of the inverse of a matrix with a pattern: the same, but for a permutation.
fn inverted(mut structure: Structure) -> Structure {
    match &mut structure {
        Structure::Permutation(perm) => {
            let mut inverse = vec![0; perm.len()];
            perm.iter().enumerate().for_each(|(i, &p)| inverse[p] = i);
            *perm = inverse;
        }
        Structure::Blocks(blocks) => {
            for block in blocks {
                block.structure = inverted(std::mem::replace(&mut block.structure, Structure::Dense));
            }
        }
        _ => {}
    }
    structure
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "inverse",
    formula: "x = f⁻¹(z)",
    source: "definition",
    draw,
    at_dim: Some(|d| Box::new(Inverse::new((super::planar::FAMILIES[0].at_dim.expect("a planar family"))(d)))),
}];

/// Inverses of couplings and of planar flows.
fn draw() -> Drawn {
    let layers = (2usize..=5).prop_flat_map(|d| {
        let (a, b) = mask::alternating(d, d % 2 == 0);
        let coupling = tanh_net(a.len(), 2 * b.len()).prop_map(move |net| {
            Inverse::new(Box::new(Coupling::new(&a, &b, Scale::Exp, net).expect("a partition")) as Box<dyn Layer>)
        });
        let direction = vector(away_from_zero(0.125, 0.4375), d);
        let planar = (direction.clone(), direction, away_from_zero(0.125, 1.0))
            .prop_map(|(u, w, b)| Inverse::new(Box::new(Planar::new(&u, &w, b).expect("w·u > −1")) as Box<dyn Layer>));
        prop_oneof![coupling, planar]
    });
    boxed(layers)
}

pub(super) const FORMATS: &[Format] = &[Format { name: "inverse", read }];

fn read(fields: &Fields<'_>, depth: usize) -> Result<Box<dyn Layer>, DataError> {
    Ok(Box::new(Inverse::new(flow_within(&fields.required("of")?, depth + 1)?)))
}

#[cfg(test)]
mod tests {
    use super::super::{Elementwise, Map, Permutation};
    use super::*;
    use crate::promises::{Domain, Interval};

    #[test]
    fn promises_are_those_of_the_inverse() {
        let exp = Elementwise::new(Map::Exp, 3).unwrap();
        let log = Inverse::new(exp).promises();
        assert_eq!(log.domain, Domain::Each(Interval::POSITIVE));
        assert_eq!((log.codomain, log.increasing, log.structure), (Domain::Reals, true, Structure::Diagonal));
        let turned = Inverse::new(Permutation::new(&[1, 2, 0]).unwrap());
        assert_eq!(turned.promises().structure, Structure::Permutation(vec![2, 0, 1]));
        assert_eq!(Flow::<f64>::forward(&turned, &[1.0, 2.0, 3.0]).unwrap().point, [3.0, 1.0, 2.0]);
    }
}
