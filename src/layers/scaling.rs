//! Scaling of every coordinate.

use proptest::prelude::*;

use super::coordinates::{each, expect_dim};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed};
use crate::flow::{Flow, Image, Layer, expect_scale, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// A diagonal matrix.
///
/// - formula: `x_i = a_i z_i`
/// - log-det: `Σ ln|a_i|`
/// - inverse: `z_i = x_i/a_i`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `a ∈ ℝᵈ`, no `a_i = 0`; either sign
/// - source: definition
/// - loses precision: nowhere
#[derive(Clone, Debug)]
pub struct Scaling {
    a: Vec<Param>,
}

impl Scaling {
    /// `a` of length `d ≥ 1`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`, `SingularScale`.
    pub fn new(a: &[f64]) -> Result<Self, FlowError> {
        expect_dim(a.len())?;
        finite("a", a)?;
        a.iter().enumerate().try_for_each(|(i, &a)| expect_scale(a, i))?;
        Ok(Self { a: params(a.iter().copied()) })
    }

    fn log_slope<S: Scalar>(&self, i: usize) -> S {
        S::from(self.a[i]).ln_abs()
    }
}

impl<S: Scalar> Flow<S> for Scaling {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        each(z, self.a.len(), |i, z| Ok((z * self.a[i], self.log_slope(i))))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        each(x, self.a.len(), |i, x| Ok((x / self.a[i], -self.log_slope::<S>(i))))
    }
}

impl Layer for Scaling {
    fn dim(&self) -> usize {
        self.a.len()
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).constant_log_det().orientation(Orientation::Either)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("scaling.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "scaling",
    formula: "x_i = a_i z_i, a_i ≠ 0",
    source: "definition",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(Scaling::new(&vec![-1.5; d]).expect("a ≠ 0"))),
}];

/// Both signs, on either side of 1 and away from it.
fn draw() -> impl Strategy<Value = Scaling> {
    let size = || (away_from_zero(1.25, 4.0), any::<bool>()).prop_map(|(a, shrink)| if shrink { a / 8.0 } else { a });
    (1usize..=5)
        .prop_flat_map(move |d| proptest::collection::vec(size(), d))
        .prop_map(|a| Scaling::new(&a).expect("a ≠ 0"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "scaling", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let a = fields.required("a")?;
    Ok(Box::new(Scaling::new(&a.numbers()?).map_err(|e| a.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_and_refuses() {
        let image = Scaling::new(&[2.0, -4.0]).unwrap().forward(&[0.5, 0.5]).unwrap();
        assert_eq!((image.point, image.log_det), (vec![1.0, -2.0], 3.0 * std::f64::consts::LN_2));
        assert_eq!(Scaling::new(&[1.0, 0.0]).unwrap_err(), FlowError::SingularScale { index: 1 });
        assert_eq!(Scaling::new(&[]).unwrap_err().kind(), "DimMismatch");
    }
}
