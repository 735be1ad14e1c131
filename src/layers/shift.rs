//! Shift of every coordinate.

use proptest::prelude::*;

use super::coordinates::{each, expect_dim};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, vector};
use crate::flow::{Flow, Image, Layer, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// A shift.
///
/// - formula: `x_i = z_i + b_i`
/// - log-det: 0, exactly
/// - inverse: `z_i = x_i − b_i`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `b ∈ ℝᵈ`
/// - source: definition
/// - loses precision: where the sum nearly cancels, which is inherent
#[derive(Clone, Debug)]
pub struct Shift {
    b: Vec<Param>,
}

impl Shift {
    /// `b` of length `d ≥ 1`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`.
    pub fn new(b: &[f64]) -> Result<Self, FlowError> {
        expect_dim(b.len())?;
        finite("b", b)?;
        Ok(Self { b: params(b.iter().copied()) })
    }
}

impl<S: Scalar> Flow<S> for Shift {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        each(z, self.b.len(), |i, z| Ok((z + self.b[i], 0.0.into())))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        each(x, self.b.len(), |i, x| Ok((x - self.b[i], 0.0.into())))
    }
}

impl Layer for Shift {
    fn dim(&self) -> usize {
        self.b.len()
    }
    fn promises(&self) -> Promises {
        // Its Jacobian is the identity, a permutation's.
        let same = Structure::Permutation((0..self.b.len()).collect());
        Promises::default().structure(same).volume_preserving().increasing()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("shift.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "shift",
    formula: "x = z + b",
    source: "definition",
    draw: || {
        let b = (1usize..=5).prop_flat_map(|d| vector(away_from_zero(0.25, 4.0), d));
        boxed(b.prop_map(|b| Shift::new(&b).expect("finite")))
    },
    at_dim: Some(|d| Box::new(Shift::new(&vec![0.75; d]).expect("finite"))),
}];

pub(super) const FORMATS: &[Format] = &[Format { name: "shift", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let b = fields.required("b")?;
    Ok(Box::new(Shift::new(&b.numbers()?).map_err(|e| b.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_and_refuses() {
        let image = Shift::new(&[1.0, -2.0]).unwrap().forward(&[0.5, 0.5]).unwrap();
        assert_eq!((image.point, image.log_det), (vec![1.5, -1.5], 0.0));
        assert_eq!(Shift::new(&[]).unwrap_err().kind(), "DimMismatch");
        assert_eq!(Shift::new(&[f64::INFINITY]).unwrap_err().kind(), "NonFinite");
        assert_eq!(Shift::new(&[f64::MAX]).unwrap().forward(&[f64::MAX]).unwrap_err().kind(), "OutOfRange");
    }
}
