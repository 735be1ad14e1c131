//! Chart of the increasing vectors.

use proptest::prelude::*;

use super::coordinates::{expect_dim, within};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_member, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Domain, Orientation, Promises};
use crate::scalar::Scalar;

/// The chart of the increasing vectors.
///
/// - formula: `x_0 = z_0`, `x_k = x_{k−1} + e^{z_k}`
/// - log-det: `Σ_{k≥1} z_k`
/// - inverse: `z_0 = x_0`, `z_k = ln(x_k − x_{k−1})`
/// - domain → codomain: ℝᵈ → `{x : x_0 < x_1 < …}`
/// - parameters: none
/// - source: Stan Reference Manual, "Ordered vector"
/// - loses precision: the inverse where neighbours nearly agree. A step that rounding swallows is `OutOfRange`
#[derive(Clone, Debug)]
pub struct Ordered {
    dim: usize,
}

impl Ordered {
    /// On `dim ≥ 1` coordinates.
    ///
    /// # Errors
    /// `DimMismatch` for `dim = 0`.
    pub fn new(dim: usize) -> Result<Self, FlowError> {
        expect_dim(dim)?;
        Ok(Self { dim })
    }
}

impl<S: Scalar> Flow<S> for Ordered {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let (mut x, steps) = (vec![z[0]], &z[1..]);
        for (k, step) in steps.iter().enumerate() {
            x.push(x[k] + step.exp());
        }
        within(Image::finite(x, steps.iter().copied().sum::<S>())?, &Domain::Ordered)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        expect_member(x, &Domain::Ordered)?;
        let steps: Vec<S> = x.windows(2).map(|pair| (pair[1] - pair[0]).ln()).collect();
        let log_det = -steps.iter().copied().sum::<S>();
        Image::finite([&x[..1], &steps].concat(), log_det)
    }
}

impl Layer for Ordered {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default().lower_triangular(self.dim).kept(vec![0]).codomain(Domain::Ordered);
        promises.increasing().orientation(Orientation::Positive)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("ordered.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "ordered",
    formula: "x_0 = z_0, x_k = x_{k−1} + e^{z_k}",
    source: "Stan Reference Manual, ordered vector",
    draw: || boxed((2usize..=5).prop_map(|dim| Ordered { dim })),
    at_dim: Some(|dim| Box::new(Ordered { dim })),
}];

pub(super) const FORMATS: &[Format] = &[Format { name: "ordered", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    Ok(Box::new(Ordered::new(fields.dim()?).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_refuses() {
        let layer = Ordered::new(3).unwrap();
        let image = layer.forward(&[-1.0, 0.0, 0.0]).unwrap();
        assert_eq!((image.point, image.log_det), (vec![-1.0, 0.0, 1.0], 0.0));
        assert_eq!(layer.inverse(&[0.0, 1.0, 1.0]).unwrap_err().kind(), "OutsideDomain");
        assert_eq!(layer.forward(&[1.0, -40.0, 0.0]).unwrap_err().kind(), "OutOfRange");
        assert_eq!(layer.forward(&[1.0, 800.0, 0.0]).unwrap_err().kind(), "OutOfRange");
        assert_eq!(Ordered::new(0).unwrap_err().kind(), "DimMismatch");
    }
}
