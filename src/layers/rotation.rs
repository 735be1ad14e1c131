//! Rotation in a coordinate plane.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed};
use crate::flow::{Flow, Image, Layer, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::Param;
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// A Givens rotation.
///
/// - formula: `x_i = cos θ z_i − sin θ z_j`, `x_j = sin θ z_i + cos θ z_j`, the other coordinates unchanged
/// - log-det: exactly 0
/// - inverse: the rotation by `−θ`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `θ` real, plane `i ≠ j` in `0..d`
/// - source: definition (Givens 1958)
/// - loses precision: nowhere; `cos² θ + sin² θ` may round to `1 ± 2⁻⁵³`, the log-det does not ask it
#[derive(Clone, Debug)]
pub struct Rotation {
    theta: Param,
    plane: (usize, usize),
    dim: usize,
}

impl Rotation {
    /// Of ℝ^`dim`, in the plane of two coordinates.
    ///
    /// # Errors
    /// `NonFinite`; `InvalidMask` unless the plane names two different coordinates below `dim`.
    pub fn new(theta: f64, plane: (usize, usize), dim: usize) -> Result<Self, FlowError> {
        finite("theta", &[theta])?;
        let (i, j) = plane;
        if i == j || i >= dim || j >= dim {
            let why = format!("plane = [{i}, {j}], expected two different indices below {dim}");
            return Err(FlowError::InvalidMask { why });
        }
        Ok(Self { theta: theta.into(), plane, dim })
    }

    fn turn<S: Scalar>(&self, z: &[S], theta: S) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let (i, j) = self.plane;
        let (sin, cos) = theta.sin_cos();
        let mut x = z.to_vec();
        x[i] = cos * z[i] - sin * z[j];
        x[j] = sin * z[i] + cos * z[j];
        Image::finite(x, 0.0)
    }
}

impl<S: Scalar> Flow<S> for Rotation {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.turn(z, S::from(self.theta))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.turn(x, -S::from(self.theta))
    }
}

impl Layer for Rotation {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Orthogonal).volume_preserving().orientation(Orientation::Positive)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("rotation.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "rotation",
    formula: "x = R(θ) z in the plane (i, j)",
    source: "Givens 1958",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(Rotation::new(0.75, (0, d - 1), d).expect("two coordinates"))),
}];

fn draw() -> impl Strategy<Value = Rotation> {
    (2usize..=5, away_from_zero(0.25, 3.0), any::<u8>(), any::<u8>()).prop_map(|(dim, theta, a, b)| {
        let i = a as usize % dim;
        let j = (i + 1 + b as usize % (dim - 1)) % dim;
        Rotation::new(theta, (i, j), dim).expect("i ≠ j")
    })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "rotation", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (theta, plane) = (fields.required("theta")?, fields.required("plane")?);
    let &[i, j] = plane.indices()?.as_slice() else {
        return Err(plane.error("DimMismatch", "expected two indices"));
    };
    let layer = Rotation::new(theta.number()?, (i, j), fields.dim()?).map_err(|e| plane.refuse(&e))?;
    Ok(Box::new(layer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_turn_in_three_dimensions() {
        let layer = Rotation::new(std::f64::consts::FRAC_PI_2, (0, 2), 3).unwrap();
        let image = layer.forward(&[1.0, 5.0, 2.0]).unwrap();
        assert!((image.point[0] + 2.0).abs() < 1e-15 && (image.point[2] - 1.0).abs() < 1e-15);
        assert_eq!((image.point[1], image.log_det), (5.0, 0.0));
    }

    #[test]
    fn refusals() {
        assert_eq!(Rotation::new(1.0, (1, 1), 3).unwrap_err().kind(), "InvalidMask");
        assert_eq!(Rotation::new(1.0, (0, 3), 3).unwrap_err().kind(), "InvalidMask");
        assert_eq!(Rotation::new(f64::INFINITY, (0, 1), 3).unwrap_err().kind(), "NonFinite");
    }
}
