//! Leaky rectifier on every coordinate.

use proptest::prelude::*;

use super::coordinates::{each, expect_dim, expect_positive};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, between, boxed};
use crate::flow::{Flow, Image, Layer, finite};
use crate::known::{self, KnownValue};
use crate::param::Param;
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// The leaky rectifier.
///
/// - formula: `x_i = z_i` for `z_i ≥ 0`, `a z_i` below
/// - log-det: `n ln a`, `n` the number of negative `z_i`
/// - inverse: `z_i = x_i` for `x_i ≥ 0`, `x_i/a` below
/// - domain → codomain: ℝᵈ → ℝᵈ. At `z_i = 0` the map is continuous with a kink; there the slope from the right counts
/// - parameters: the slope `a > 0`
/// - source: Maas, Hannun & Ng 2013, "Rectifier nonlinearities improve neural network acoustic models", with a free slope
/// - loses precision: nowhere
#[derive(Clone, Debug)]
pub struct LeakyRelu {
    slope: Param,
    dim: usize,
}

impl LeakyRelu {
    /// On `dim ≥ 1` coordinates.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`; `BadParameter` unless the slope is positive.
    pub fn new(slope: f64, dim: usize) -> Result<Self, FlowError> {
        finite("slope", &[slope])?;
        expect_positive(|_| "slope".to_owned(), &[slope])?;
        expect_dim(dim)?;
        Ok(Self { slope: slope.into(), dim })
    }
}

impl<S: Scalar> Flow<S> for LeakyRelu {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let a = S::from(self.slope);
        each(z, self.dim, |_, z| Ok(if z.is_below(0.0) { (z * a, a.ln()) } else { (z, 0.0.into()) }))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        let a = S::from(self.slope);
        each(x, self.dim, |_, x| Ok(if x.is_below(0.0) { (x / a, -a.ln()) } else { (x, 0.0.into()) }))
    }
}

impl Layer for LeakyRelu {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).increasing().kinked()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("leaky_relu.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "leaky_relu",
    formula: "x = z for z ≥ 0, a z below, a > 0",
    source: "Maas, Hannun & Ng 2013",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(LeakyRelu::new(0.125, d).expect("positive"))),
}];

/// Slopes on either side of 1 and away from it.
fn draw() -> impl Strategy<Value = LeakyRelu> {
    (prop_oneof![between(0.0625, 0.75), between(1.5, 4.0)], 1usize..=5)
        .prop_map(|(slope, dim)| LeakyRelu::new(slope, dim).expect("positive"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "leaky_relu", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let slope = fields.required("slope")?;
    Ok(Box::new(LeakyRelu::new(slope.number()?, fields.dim()?).map_err(|e| slope.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bends_at_zero_and_refuses() {
        let image = LeakyRelu::new(0.25, 3).unwrap().forward(&[-4.0, 0.0, 4.0]).unwrap();
        assert_eq!((image.point, image.log_det), (vec![-1.0, 0.0, 4.0], 0.25f64.ln()));
        assert_eq!(LeakyRelu::new(0.0, 1).unwrap_err().kind(), "BadParameter");
        assert_eq!(LeakyRelu::new(-0.1, 1).unwrap_err().kind(), "BadParameter");
        assert_eq!(LeakyRelu::new(0.1, 0).unwrap_err().kind(), "DimMismatch");
    }
}
