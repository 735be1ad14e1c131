//! Running sum, with a decay.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed};
use crate::flow::{Flow, Image, Layer, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::Param;
use crate::promises::{Orientation, Promises};
use crate::scalar::Scalar;

/// The running sum of the coordinates, or its form with a decay, an autoregressive filter of order 1.
///
/// - formula: `x_i = a x_{i−1} + z_i`, `x_0 = z_0`; the plain running sum `x_i = Σ_{j≤i} z_j` for `a = 1`
/// - log-det: exactly 0
/// - inverse: differences, `z_i = x_i − a x_{i−1}`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `a` real
/// - source: definition
/// - loses precision: the inverse where neighbours nearly cancel, which is inherent
#[derive(Clone, Debug)]
pub struct RunningSum {
    a: Param,
    dim: usize,
}

impl RunningSum {
    /// On `dim ≥ 1` coordinates, with the decay `a`.
    ///
    /// # Errors
    /// `NonFinite`; `DimMismatch` for `dim = 0`.
    pub fn new(a: f64, dim: usize) -> Result<Self, FlowError> {
        finite("a", &[a])?;
        if dim == 0 {
            return Err(FlowError::DimMismatch { what: "the point".to_owned(), expected: 1, found: 0 });
        }
        Ok(Self { a: a.into(), dim })
    }
}

impl<S: Scalar> Flow<S> for RunningSum {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let mut x = z.to_vec();
        for i in 1..self.dim {
            x[i] = self.a * x[i - 1] + z[i];
        }
        Image::finite(x, 0.0)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        let rest = x.windows(2).map(|pair| pair[1] - self.a * pair[0]);
        Image::finite(std::iter::once(x[0]).chain(rest).collect::<Vec<S>>(), 0.0)
    }
}

impl Layer for RunningSum {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default().lower_triangular(self.dim).volume_preserving();
        promises.orientation(Orientation::Positive).increasing()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("running_sum.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "running_sum",
    formula: "x_i = a x_(i−1) + z_i",
    source: "definition",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(RunningSum::new(-0.75, d).expect("finite"))),
}];

/// Decays of both signs, away from 0 and ±1.
fn draw() -> impl Strategy<Value = RunningSum> {
    let decay = prop_oneof![away_from_zero(0.25, 0.75), away_from_zero(1.25, 2.0)];
    (decay, 2usize..=6).prop_map(|(a, d)| RunningSum::new(a, d).expect("finite"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "running_sum", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let a = fields.optional("a").map_or(Ok(1.0), |a| a.number())?;
    Ok(Box::new(RunningSum::new(a, fields.dim()?).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_differences() {
        let layer = RunningSum::new(1.0, 4).unwrap();
        let image = layer.forward(&[1.0, 2.0, -4.0, 0.5]).unwrap();
        assert_eq!((image.point.as_slice(), image.log_det), (&[1.0, 3.0, -1.0, -0.5][..], 0.0));
        assert_eq!(layer.inverse(&image.point).unwrap().point, [1.0, 2.0, -4.0, 0.5]);
        let decaying = RunningSum::new(-0.5, 3).unwrap();
        assert_eq!(decaying.forward(&[4.0, 1.0, 1.0]).unwrap().point, [4.0, -1.0, 1.5]);
    }

    #[test]
    fn refusals() {
        assert_eq!(RunningSum::new(1.0, 0).unwrap_err().kind(), "DimMismatch");
        assert_eq!(RunningSum::new(f64::NAN, 2).unwrap_err().kind(), "NonFinite");
    }
}
