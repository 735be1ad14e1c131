//! Scalar affine map.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, short};
use crate::flow::{Flow, Image, Layer, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::Param;
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// One affine map on every coordinate.
///
/// - formula: `x_i = a z_i + b`
/// - log-det: `d ln|a|`
/// - inverse: `z_i = (x_i − b)/a`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `a ≠ 0`, `b`, both real
/// - source: definition; the one-dimensional case is the first worked example
/// - loses precision: in `x − b` where the two nearly cancel, which is inherent
#[derive(Clone, Debug)]
pub struct ScalarAffine {
    a: Param,
    b: Param,
    dim: usize,
}

impl ScalarAffine {
    /// On `dim ≥ 1` coordinates.
    ///
    /// # Errors
    /// `NonFinite`; `SingularScale` for `a = 0`; `DimMismatch` for `dim = 0`.
    pub fn new(a: f64, b: f64, dim: usize) -> Result<Self, FlowError> {
        finite("a", &[a])?;
        finite("b", &[b])?;
        if a == 0.0 {
            return Err(FlowError::SingularScale { index: 0 });
        }
        if dim == 0 {
            return Err(FlowError::DimMismatch { what: "the point".to_owned(), expected: 1, found: 0 });
        }
        Ok(Self { a: a.into(), b: b.into(), dim })
    }
}

impl<S: Scalar> Flow<S> for ScalarAffine {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let x: Vec<S> = z.iter().map(|&z| self.a * z + self.b).collect();
        Image::finite(x, S::from(self.a).ln_abs() * self.dim as f64)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        let z: Vec<S> = x.iter().map(|&x| (x - self.b) / self.a).collect();
        Image::finite(z, -(S::from(self.a).ln_abs() * self.dim as f64))
    }
}

impl Layer for ScalarAffine {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).constant_log_det()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("scalar_affine.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "scalar_affine",
    formula: "x = a z + b, a ≠ 0",
    source: "definition",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(ScalarAffine::new(-1.5, 0.25, d).expect("a ≠ 0"))),
}];

/// Both signs of `a`, `|a|` on either side of 1 and away from it.
fn draw() -> impl Strategy<Value = ScalarAffine> {
    (away_from_zero(1.25, 4.0), any::<bool>(), short(), 1usize..=5).prop_map(|(a, shrink, b, d)| {
        let a = if shrink { a / 8.0 } else { a };
        ScalarAffine::new(a, b, d).expect("a ≠ 0")
    })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "scalar_affine", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (a, b) = (fields.required("a")?, fields.required("b")?);
    let layer = ScalarAffine::new(a.number()?, b.number()?, fields.dim()?).map_err(|e| a.refuse(&e))?;
    Ok(Box::new(layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_scale_keeps_its_absolute_value() {
        let layer = ScalarAffine::new(-2.0, 1.0, 2).unwrap();
        let image = layer.forward(&[3.0, -0.5]).unwrap();
        assert_eq!(image.point, [-5.0, 2.0]);
        assert_eq!(image.log_det, 2.0 * std::f64::consts::LN_2);
    }

    #[test]
    fn refusals() {
        assert_eq!(ScalarAffine::new(0.0, 1.0, 1).unwrap_err().kind(), "SingularScale");
        assert_eq!(ScalarAffine::new(f64::NAN, 1.0, 1).unwrap_err().kind(), "NonFinite");
        assert_eq!(ScalarAffine::new(1.0, 1.0, 0).unwrap_err().kind(), "DimMismatch");
        let huge = ScalarAffine::new(1e300, 0.0, 1).unwrap();
        assert_eq!(huge.forward(&[1e300]).unwrap_err().kind(), "OutOfRange");
    }
}
