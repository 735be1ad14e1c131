//! Chart of the unit simplex, by stick-breaking.

use proptest::prelude::*;

use super::coordinates::{expect_dim, within};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_member, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Domain, Orientation, Promises};
use crate::scalar::Scalar;

/// The stick-breaking chart of the simplex of `d + 1` positive parts with sum 1. The last part, `1 − Σ x_k`, is left
/// out, so that the Jacobian is square.
///
/// - formula: `x_k = r_k σ(z_k − ln(d − k))` with the rest of the stick `r_k = 1 − Σ_{j<k} x_j`; at `z = 0` all parts
///   are `1/(d + 1)`
/// - log-det: `Σ ln r_k + ln σ(t_k) + ln σ(−t_k)` with `t_k = z_k − ln(d − k)`
/// - inverse: `z_k = ln x_k − ln(r_k − x_k) + ln(d − k)`
/// - domain → codomain: ℝᵈ → `{x : x_k > 0, Σ x_k < 1}`
/// - parameters: none
/// - source: Stan Reference Manual 2.36, "Unit simplex", the stick-breaking transform; from 2.37 on Stan has another
/// - loses precision: the inverse where the rest of the stick is short, as it is a difference. An image that rounds to
///   the boundary is `OutOfRange`
#[derive(Clone, Debug)]
pub struct StickBreaking {
    dim: usize,
}

impl StickBreaking {
    /// On `dim ≥ 1` coordinates, for `dim + 1` parts.
    ///
    /// # Errors
    /// `DimMismatch` for `dim = 0`.
    pub fn new(dim: usize) -> Result<Self, FlowError> {
        expect_dim(dim)?;
        Ok(Self { dim })
    }

    /// `ln(d − k)`, which puts the middle of the simplex at 0.
    fn offset<S: Scalar>(&self, k: usize) -> S {
        S::from((self.dim - k) as f64).ln()
    }
}

impl<S: Scalar> Flow<S> for StickBreaking {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let (mut rest, mut log_rest, mut log_det) = (S::from(1.0), S::from(0.0), S::from(0.0));
        let mut x = Vec::with_capacity(self.dim);
        for (k, &z) in z.iter().enumerate() {
            let t = z - self.offset::<S>(k);
            x.push(rest * t.sigmoid());
            log_det += log_rest + t.log_sigmoid() + (-t).log_sigmoid();
            rest *= (-t).sigmoid();
            log_rest += (-t).log_sigmoid();
        }
        within(Image::finite(x, log_det)?, &Domain::Simplex)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        expect_member(x, &Domain::Simplex)?;
        let (mut rest, mut log_det) = (S::from(1.0), S::from(0.0));
        let mut z = Vec::with_capacity(self.dim);
        for (k, &x) in x.iter().enumerate() {
            let next = rest - x;
            z.push(x.ln() - next.ln() + self.offset::<S>(k));
            log_det += rest.ln() - x.ln() - next.ln();
            rest = next;
        }
        Image::finite(z, log_det)
    }
}

impl Layer for StickBreaking {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default().lower_triangular(self.dim).codomain(Domain::Simplex);
        promises.reaches_all().increasing().orientation(Orientation::Positive)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("stick_breaking.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "stick_breaking",
    formula: "x_k = r_k σ(z_k − ln(d − k)), r_k = 1 − Σ_{j<k} x_j",
    source: "Stan Reference Manual 2.36, unit simplex",
    draw: || boxed((1usize..=5).prop_map(|dim| StickBreaking { dim })),
    at_dim: Some(|dim| Box::new(StickBreaking { dim })),
}];

pub(super) const FORMATS: &[Format] = &[Format { name: "stick_breaking", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    Ok(Box::new(StickBreaking::new(fields.dim()?).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_origin_is_the_middle_of_the_simplex() {
        let layer = StickBreaking::new(3).unwrap();
        let image = layer.forward(&[0.0; 3]).unwrap();
        assert!(image.point.iter().all(|x| (x - 0.25).abs() < 1e-16), "{image:?}");
        assert_eq!(layer.inverse(&[0.5, 0.25, 0.25]).unwrap_err().kind(), "OutsideDomain");
        assert_eq!(layer.inverse(&[0.5, -0.25, 0.25]).unwrap_err().kind(), "OutsideDomain");
        assert_eq!(layer.forward(&[40.0, 0.0, 0.0]).unwrap_err().kind(), "OutOfRange");
        assert_eq!(StickBreaking::new(0).unwrap_err().kind(), "DimMismatch");
    }
}
