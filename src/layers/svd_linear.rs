//! Linear map in singular value form.

use proptest::prelude::*;

use super::householder::{Reflections, normals, parity};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, between, boxed, vector};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::expect_vector;
use crate::param::{Param, params};
use crate::promises::Promises;
use crate::scalar::Scalar;

/// A linear map given by its singular values and two orthogonal factors.
///
/// - formula: `x = U diag(s) Vᵀ z`, `U` and `V` products of Householder reflections
/// - log-det: `Σ ln s_i`
/// - inverse: `z = V diag(1/s) Uᵀ x`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `U` and `V` of shapes `k × d` and `m × d`, `k, m ≥ 1`, the normals of each as in
///   [`Householder`](super::Householder); `s ∈ ℝᵈ`, `s_i > 0`
/// - source: definition; the factors as reflections as in Tomczak & Welling 2016 (arXiv:1611.09630)
/// - loses precision: as `max s / min s` grows, in the directions of small singular values; the log-det never
#[derive(Clone, Debug)]
pub struct SvdLinear {
    u: Reflections,
    s: Vec<Param>,
    v: Reflections,
}

impl SvdLinear {
    /// With the normals of `U` and `V` as rows.
    ///
    /// # Errors
    /// `DimMismatch`; `NonFinite`; `BadParameter` for a normal without direction or a singular value that is not
    /// positive.
    pub fn new(u: &[Vec<f64>], s: &[f64], v: &[Vec<f64>]) -> Result<Self, FlowError> {
        expect_vector("s", s, s.len().max(1))?;
        if let Some(i) = s.iter().position(|&s| s <= 0.0) {
            let constraint = "a positive singular value";
            return Err(FlowError::BadParameter { name: format!("s[{i}]"), value: s[i], constraint });
        }
        let (u, v) = (Reflections::new("U", u, s.len())?, Reflections::new("V", v, s.len())?);
        Ok(Self { u, s: params(s.iter().copied()), v })
    }

    fn log_det<S: Scalar>(&self) -> S {
        self.s.iter().map(|&s| S::from(s).ln()).sum()
    }
}

impl<S: Scalar> Flow<S> for SvdLinear {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        let scaled: Vec<S> = self.v.undo(z).into_iter().zip(&self.s).map(|(y, &s)| y * s).collect();
        Image::finite(self.u.apply(&scaled), self.log_det::<S>())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        let scaled: Vec<S> = self.u.undo(x).into_iter().zip(&self.s).map(|(y, &s)| y / s).collect();
        Image::finite(self.v.apply(&scaled), -self.log_det::<S>())
    }
}

impl Layer for SvdLinear {
    fn dim(&self) -> usize {
        self.s.len()
    }
    fn promises(&self) -> Promises {
        Promises::default().constant_log_det().orientation(parity(self.u.count() + self.v.count()))
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("svd_linear.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "svd_linear",
    formula: "x = U diag(s) Vᵀ z, U, V = Π (I − 2 vvᵀ/‖v‖²), s_i > 0",
    source: "definition",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let wave = |i: usize| (0..d).map(|j| ((i + 2 * j) as f64 + 0.5).sin()).collect();
        let rows: Vec<Vec<f64>> = (0..3).map(wave).collect();
        Box::new(SvdLinear::new(&rows[..2], &vec![1.5; d], &rows[2..]).expect("s_i > 0"))
    }),
}];

/// Singular values on either side of 1 and away from it.
fn draw() -> impl Strategy<Value = SvdLinear> {
    (2usize..=5, 1usize..=2, 1usize..=2)
        .prop_flat_map(|(d, k, m)| (normals(k, d), vector(between(1.25, 3.0), d), any::<bool>(), normals(m, d)))
        .prop_map(|(u, mut s, shrink, v)| {
            s[0] /= if shrink { 8.0 } else { 1.0 };
            SvdLinear::new(&u, &s, &v).expect("s_i > 0")
        })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "svd_linear", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (u, v) = (fields.required("U")?.matrix()?, fields.required("V")?.matrix()?);
    let s = fields.required("s")?.numbers()?;
    Ok(Box::new(SvdLinear::new(&u, &s, &v).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_factor_is_transposed() {
        // V = H₂H₁ turns by a quarter: Vᵀ z = (z₁, −z₀); U negates the first coordinate.
        let v = [vec![1.0, -1.0], vec![3.0, 0.0]];
        let layer = SvdLinear::new(&[vec![2.0, 0.0]], &[2.0, 4.0], &v).unwrap();
        let image = layer.forward(&[1.0, 10.0]).unwrap();
        assert_eq!((image.point.as_slice(), image.log_det), (&[-20.0, -4.0][..], 3.0 * std::f64::consts::LN_2));
        assert_eq!(layer.inverse(&image.point).unwrap().point, [1.0, 10.0]);
    }

    #[test]
    fn refusals() {
        let one = [vec![1.0]];
        let kind = |u: &[Vec<f64>], s: &[f64], v: &[Vec<f64>]| SvdLinear::new(u, s, v).unwrap_err().kind();
        assert_eq!(kind(&one, &[], &one), "DimMismatch");
        assert_eq!(kind(&one, &[1.0, 1.0], &one), "DimMismatch");
        assert_eq!(kind(&one, &[0.0], &one), "BadParameter");
        assert_eq!(kind(&one, &[-1.0], &one), "BadParameter");
        assert_eq!(kind(&one, &[1.0], &[vec![0.0]]), "BadParameter");
        assert_eq!(kind(&one, &[f64::INFINITY], &one), "NonFinite");
    }
}
