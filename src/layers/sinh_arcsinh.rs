//! Sinh-arcsinh map on every coordinate.

use proptest::prelude::*;

use super::coordinates::{each, expect_dim, expect_length, expect_positive};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, between, boxed, vector};
use crate::flow::{Flow, Image, Layer, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// The sinh-arcsinh map, which skews a distribution and makes its tails heavier or lighter.
///
/// - formula: `x_i = sinh((arsinh z_i + ε_i)/δ_i)`
/// - log-det: `Σ ln cosh((arsinh z_i + ε_i)/δ_i) − ln δ_i − ½ ln(1 + z_i²)`
/// - inverse: `z_i = sinh(δ_i arsinh x_i − ε_i)`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: skew `ε ∈ ℝᵈ` (0 is none), tail `δ_i > 0` (below 1 heavier, above 1 lighter)
/// - source: Jones & Pewsey 2009, Biometrika 96, 761–780: their `S_{ε,δ}(x) = sinh(δ arsinh x − ε)` takes the data to
///   the normal variable, so it is the inverse here
/// - loses precision: the map to the heavier tail, by the ratio of the exponents; past `e^{710}` it overflows
#[derive(Clone, Debug)]
pub struct SinhArcsinh {
    skew: Vec<Param>,
    tail: Vec<Param>,
}

impl SinhArcsinh {
    /// `skew` and `tail` of length `d ≥ 1`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`; `BadParameter` unless every tail is positive.
    pub fn new(skew: &[f64], tail: &[f64]) -> Result<Self, FlowError> {
        expect_dim(skew.len())?;
        expect_length("tail", skew.len(), tail.len())?;
        finite("skew", skew)?;
        finite("tail", tail)?;
        expect_positive(|i| format!("tail[{i}]"), tail)?;
        Ok(Self { skew: params(skew.iter().copied()), tail: params(tail.iter().copied()) })
    }

    /// `ln|dx/dz|` from `arsinh z` and `arsinh x`.
    fn log_slope<S: Scalar>(&self, i: usize, z: S, x: S) -> S {
        x.ln_cosh() - z.ln_cosh() - S::from(self.tail[i]).ln()
    }
}

impl<S: Scalar> Flow<S> for SinhArcsinh {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        each(z, self.skew.len(), |i, z| {
            let from = z.asinh();
            let to = (from + self.skew[i]) / self.tail[i];
            Ok((to.sinh(), self.log_slope(i, from, to)))
        })
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        each(x, self.skew.len(), |i, x| {
            let from = x.asinh();
            let to = from * self.tail[i] - self.skew[i];
            Ok((to.sinh(), -self.log_slope(i, to, from)))
        })
    }
}

impl Layer for SinhArcsinh {
    fn dim(&self) -> usize {
        self.skew.len()
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).increasing()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("sinh_arcsinh.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "sinh_arcsinh",
    formula: "x = sinh((arsinh z + ε)/δ), δ > 0",
    source: "Jones & Pewsey 2009",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(SinhArcsinh::new(&vec![0.5; d], &vec![1.5; d]).expect("positive"))),
}];

/// Skews of both signs, tails on either side of 1 and away from it.
fn draw() -> impl Strategy<Value = SinhArcsinh> {
    (1usize..=5)
        .prop_flat_map(|d| {
            let tail = prop_oneof![between(0.5, 0.875), between(1.25, 2.5)];
            (vector(away_from_zero(0.125, 1.5), d), proptest::collection::vec(tail, d))
        })
        .prop_map(|(skew, tail)| SinhArcsinh::new(&skew, &tail).expect("positive"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "sinh_arcsinh", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (skew, tail) = (fields.required("skew")?.numbers()?, fields.required("tail")?.numbers()?);
    Ok(Box::new(SinhArcsinh::new(&skew, &tail).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_skew_and_with_tail_one_it_is_the_identity() {
        let image = SinhArcsinh::new(&[0.0], &[1.0]).unwrap().forward(&[1.5]).unwrap();
        assert!((image.point[0] - 1.5).abs() < 1e-15 && image.log_det.abs() < 1e-15);
        assert_eq!(SinhArcsinh::new(&[0.0], &[0.0]).unwrap_err().kind(), "BadParameter");
        assert_eq!(SinhArcsinh::new(&[0.0], &[1.0, 1.0]).unwrap_err().kind(), "DimMismatch");
    }
}
