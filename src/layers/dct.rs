//! Discrete cosine transform.

use proptest::prelude::*;

use super::householder::parity;
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::times;
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// The orthonormal discrete cosine transform of type II.
///
/// - formula: `x_k = c_k Σ_n cos(π(2n + 1)k/(2d)) z_n`, `c_0 = √(1/d)`, `c_k = √(2/d)` for `k ≥ 1`
/// - log-det: exactly 0. The determinant is `(−1)^{d(d−1)/2}`: row `k` is the Chebyshev polynomial `T_k`, of positive
///   leading coefficient, at decreasing nodes, so the sign is that of their Vandermonde determinant
/// - inverse: the transpose, which is the transform of type III: `z_n = Σ_k c_k cos(π(2n + 1)k/(2d)) x_k`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: none
/// - source: Ahmed, Natarajan & Rao 1974, "Discrete cosine transform", in its orthonormal scaling
/// - loses precision: nowhere
#[derive(Clone, Debug)]
pub struct Dct {
    dim: usize,
}

impl Dct {
    /// On `dim ≥ 1` coordinates.
    ///
    /// # Errors
    /// `DimMismatch` for `dim = 0`.
    pub fn new(dim: usize) -> Result<Self, FlowError> {
        if dim == 0 {
            return Err(FlowError::DimMismatch { what: "the point".to_owned(), expected: 1, found: 0 });
        }
        Ok(Self { dim })
    }

    /// `c_k cos(π(2n + 1)k/(2d))`.
    fn entry<S: Scalar>(&self, k: usize, n: usize) -> S {
        let norm = S::from(if k == 0 { 1.0 } else { 2.0 }) / self.dim as f64;
        norm.sqrt() * cosine::<S>((2 * n + 1) * k, self.dim)
    }

    fn rows<S: Scalar>(&self, entry: impl Fn(usize, usize) -> S) -> Vec<Vec<S>> {
        (0..self.dim).map(|i| (0..self.dim).map(|j| entry(i, j)).collect()).collect()
    }
}

/// `cos(πm/(2d))`, reduced in integers to an angle of at most π/4: zeros are exact, and none is nearly one.
fn cosine<S: Scalar>(m: usize, d: usize) -> S {
    let m = m % (4 * d);
    let m = m.min(4 * d - m);
    let (negative, m) = if m > d { (true, 2 * d - m) } else { (false, m) };
    let angle = |m: usize| S::pi() * m as f64 / (2 * d) as f64;
    let cosine = if 2 * m <= d { angle(m).sin_cos().1 } else { angle(d - m).sin_cos().0 };
    if negative { -cosine } else { cosine }
}

impl<S: Scalar> Flow<S> for Dct {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        Image::finite(times(&self.rows(|k, n| self.entry(k, n)), z), 0.0)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        Image::finite(times(&self.rows(|n, k| self.entry(k, n)), x), 0.0)
    }
}

impl Layer for Dct {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        let orientation = parity(self.dim * (self.dim - 1) / 2);
        Promises::default().structure(Structure::Orthogonal).volume_preserving().orientation(orientation)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("dct.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "dct",
    formula: "x_k = c_k Σ_n cos(π(2n + 1)k/(2d)) z_n",
    source: "Ahmed, Natarajan & Rao 1974",
    draw: || boxed((2usize..=7).prop_map(|d| Dct::new(d).expect("d ≥ 1"))),
    at_dim: Some(|d| Box::new(Dct::new(d).expect("d ≥ 1"))),
}];

pub(super) const FORMATS: &[Format] = &[Format { name: "dct", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    Ok(Box::new(Dct::new(fields.dim()?).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_are_exact_where_they_can_be() {
        assert_eq!(cosine::<f64>(0, 3), 1.0);
        assert_eq!(cosine::<f64>(3, 3), 0.0);
        assert_eq!(cosine::<f64>(9, 3), 0.0);
        assert_eq!(cosine::<f64>(6, 3), -1.0);
        for m in 0..80 {
            let plain = (std::f64::consts::FRAC_PI_2 * f64::from(m) / 5.0).cos();
            assert!((cosine::<f64>(m as usize, 5) - plain).abs() < 1e-14, "{m}");
        }
    }

    #[test]
    fn a_constant_has_one_coefficient() {
        let image = Dct::new(4).unwrap().forward(&[3.0; 4]).unwrap();
        assert!((image.point[0] - 6.0).abs() < 1e-15 && image.point[1..].iter().all(|x| x.abs() < 1e-15));
        assert_eq!(Dct::new(0).unwrap_err().kind(), "DimMismatch");
    }
}
