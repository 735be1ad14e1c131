//! Planar flow with leaky ReLU.

use proptest::prelude::*;

use super::planar::{draw_parameters, expect_planar, wave};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, between, boxed};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises};
use crate::scalar::{Scalar, dot};

/// The planar flow with a leaky ReLU in place of `tanh`, which makes its inverse a closed form.
///
/// - formula: `x = z + u h(w·z + b)`, `h(a) = a` for `a ≥ 0` and `s a` for `a < 0`
/// - log-det: `ln(1 + (w·u) h′(w·z + b))`, by the matrix determinant lemma
/// - inverse: `a = w·z + b` has the sign of `w·x + b = a + (w·u) h(a)`, so `a = (w·x + b)/(1 + (w·u) h′)` and
///   `z = x − u h(a)`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `u, w ∈ ℝᵈ`, `b ∈ ℝ` with `w·u > −1`; slope `0 < s < 1`
/// - source: Rezende & Mohamed 2015 (arXiv:1505.05770), eqs. 10–12, where `h` is open; leaky ReLU as `h` and the
///   inverse: definition
/// - loses precision: as `w·u → −1` on the side `w·z > −b`. On the hyperplane `w·z = −b` the map has a kink, and the
///   log-det a jump
#[derive(Clone, Debug)]
pub struct PlanarLeaky {
    u: Vec<Param>,
    w: Vec<Param>,
    b: Param,
    slope: Param,
}

impl PlanarLeaky {
    /// `u` and `w` of length `d ≥ 1`; `slope` for negative arguments.
    ///
    /// # Errors
    /// `DimMismatch`; `NonFinite`; `NotInvertible` unless `w·u > −1`, decided on the exact dot product; `BadParameter`
    /// unless `0 < slope < 1`.
    pub fn new(u: &[f64], w: &[f64], b: f64, slope: f64) -> Result<Self, FlowError> {
        expect_planar(u, w, b)?;
        if !(0.0 < slope && slope < 1.0) {
            return Err(FlowError::BadParameter {
                name: "slope".to_owned(),
                value: slope,
                constraint: "0 < slope < 1",
            });
        }
        Ok(Self { u: params(u.iter().copied()), w: params(w.iter().copied()), b: b.into(), slope: slope.into() })
    }

    fn wu<S: Scalar>(&self) -> S {
        self.w.iter().zip(&self.u).map(|(w, &u)| w * S::from(u)).sum()
    }

    /// `h′` at any number of the sign of its argument.
    fn slope_at<S: Scalar>(&self, a: S) -> S {
        if a.is_below(0.0) { self.slope.into() } else { 1.0.into() }
    }
}

impl<S: Scalar> Flow<S> for PlanarLeaky {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.u.len())?;
        let a = dot(&self.w, z) + self.b;
        let slope = self.slope_at(a);
        let x: Vec<S> = z.iter().zip(&self.u).map(|(&z, u)| z + u * (slope * a)).collect();
        Image::finite(x, (self.wu::<S>() * slope).ln_1p())
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.u.len())?;
        let image = dot(&self.w, x) + self.b;
        let slope = self.slope_at(image);
        let bend = self.wu::<S>() * slope;
        let a = image / (bend + 1.0);
        let z: Vec<S> = x.iter().zip(&self.u).map(|(&x, u)| x - u * (slope * a)).collect();
        Image::finite(z, -bend.ln_1p())
    }
}

impl Layer for PlanarLeaky {
    fn dim(&self) -> usize {
        self.u.len()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("planar_leaky.")
    }
    fn promises(&self) -> Promises {
        Promises::default().orientation(Orientation::Positive).kinked()
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "planar_leaky",
    formula: "x = z + u h(w·z + b), h(a) = max(a, s a), w·u > −1",
    source: "Rezende & Mohamed 2015, eq. 10, with leaky ReLU",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        Box::new(PlanarLeaky::new(&wave(d, 0.3), &wave(d, 0.5), 0.25, 0.125).expect("w·u > 0, 0 < s < 1"))
    }),
}];

/// Both signs of `w·u`.
fn draw() -> impl Strategy<Value = PlanarLeaky> {
    (draw_parameters(), between(0.0625, 0.625))
        .prop_map(|((u, w, b), slope)| PlanarLeaky::new(&u, &w, b, slope).expect("w·u > −1, 0 < s < 1"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "planar_leaky", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (u, w) = (fields.required("u")?.numbers()?, fields.required("w")?.numbers()?);
    let (b, slope) = (fields.required("b")?.number()?, fields.required("slope")?.number()?);
    Ok(Box::new(PlanarLeaky::new(&u, &w, b, slope).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_arms_and_refusals() {
        let layer = PlanarLeaky::new(&[1.0, 0.0], &[0.5, 2.0], 0.0, 0.25).unwrap();
        for (z, x0, det) in [([2.0, 1.0], 5.0, 1.5f64), ([-2.0, -1.0], -2.75, 1.125)] {
            let image = Flow::<f64>::forward(&layer, &z).unwrap();
            assert_eq!((&image.point[..], image.log_det), (&[x0, z[1]][..], (det - 1.0).ln_1p()));
            assert_eq!(Flow::<f64>::inverse(&layer, &image.point).unwrap().point, z);
        }
        let kind = |u, slope| PlanarLeaky::new(&[u], &[1.0], 0.0, slope).map_err(|e| e.kind()).err();
        assert_eq!(kind(-0.5, 0.5), None);
        assert_eq!(kind(-1.0, 0.5), Some("NotInvertible"));
        for slope in [0.0, 1.0, -0.5, f64::NAN] {
            assert_eq!(kind(1.0, slope), Some("BadParameter"));
        }
    }
}
