//! Linear map whose matrix is a diagonal plus a matrix of low rank.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, matrix, vector};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::{Lu, expect_nonsingular, expect_shape, expect_vector, lu_of, reciprocal_condition};
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises};
use crate::scalar::{Scalar, dot};

/// A diagonal matrix plus one of rank `k`.
///
/// - formula: `x = (diag(D) + U Vᵀ) z`
/// - log-det: `Σ ln|D_i| + ln|det C|`, `C = I_k + Vᵀ diag(D)⁻¹ U`, by the matrix determinant lemma
/// - inverse: `z = y − diag(D)⁻¹ U C⁻¹ Vᵀ y`, `y = diag(D)⁻¹ x`, by the Woodbury identity
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `D ∈ ℝᵈ` with `D_i ≠ 0`; `U` and `V` of shape `d × k`, `k ≥ 1`, such that `C` is non-singular to the
///   precision of f64
/// - source: definition; for the two identities Woodbury 1950
/// - loses precision: the inverse and the log-det as the condition of `C` grows, even where that of the matrix does not
#[derive(Clone, Debug)]
pub struct DiagonalLowRank {
    diagonal: Vec<Param>,
    /// The `k` columns of `U`.
    u: Vec<Vec<Param>>,
    /// The `k` columns of `V`.
    v: Vec<Vec<Param>>,
}

fn columns(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..rows[0].len()).map(|k| rows.iter().map(|row| row[k]).collect()).collect()
}

/// `C`, from the columns of `U` and `V`.
fn capacitance(diagonal: &[f64], u: &[Vec<f64>], v: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let product = |v: &[f64], u: &[f64]| -> f64 { v.iter().zip(u).zip(diagonal).map(|((v, u), d)| v * (u / d)).sum() };
    let entry = |i: usize, j: usize| product(&v[i], &u[j]) + f64::from(u8::from(i == j));
    (0..v.len()).map(|i| (0..u.len()).map(|j| entry(i, j)).collect()).collect()
}

impl DiagonalLowRank {
    /// With the diagonal, and the rows of `U` and `V`.
    ///
    /// # Errors
    /// `DimMismatch`; `NonFinite`; `BadParameter` for a zero in `D`; `SingularMatrix` for a singular `C`.
    pub fn new(diagonal: &[f64], u: &[Vec<f64>], v: &[Vec<f64>]) -> Result<Self, FlowError> {
        let dim = diagonal.len();
        expect_vector("D", diagonal, dim.max(1))?;
        let rank = u.first().map_or(1, |row| row.len().max(1));
        expect_shape("U", u, dim, rank)?;
        expect_shape("V", v, dim, rank)?;
        if let Some(i) = diagonal.iter().position(|&d| d == 0.0) {
            return Err(FlowError::BadParameter { name: format!("D[{i}]"), value: 0.0, constraint: "a number but 0" });
        }
        let (u, v) = (columns(u), columns(v));
        expect_nonsingular("C = I + Vᵀ diag(D)⁻¹ U", &capacitance(diagonal, &u, &v))?;
        let all = |columns: Vec<Vec<f64>>| columns.into_iter().map(params).collect();
        Ok(Self { diagonal: params(diagonal.iter().copied()), u: all(u), v: all(v) })
    }

    /// `diag(D)⁻¹ y`.
    fn divided<S: Scalar>(&self, y: impl IntoIterator<Item = S>) -> Vec<S> {
        y.into_iter().zip(&self.diagonal).map(|(y, &d)| y / d).collect()
    }

    /// The columns of `diag(D)⁻¹ U`, and `C` decomposed.
    fn factors<S: Scalar>(&self) -> Result<(Vec<Vec<S>>, Lu<S>), FlowError> {
        let scaled: Vec<Vec<S>> = self.u.iter().map(|u| self.divided(u.iter().map(|&u| S::from(u)))).collect();
        let mut c: Vec<Vec<S>> = self.v.iter().map(|v| scaled.iter().map(|u| dot(v, u)).collect()).collect();
        for (i, row) in c.iter_mut().enumerate() {
            row[i] += 1.0;
        }
        Ok((scaled, lu_of(c)?))
    }

    fn log_det<S: Scalar>(&self, c: &Lu<S>) -> S {
        self.diagonal.iter().map(|&d| S::from(d).ln_abs()).sum::<S>() + c.log_abs_det()
    }
}

impl<S: Scalar> Flow<S> for DiagonalLowRank {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        let mut x: Vec<S> = self.diagonal.iter().zip(z).map(|(d, &z)| d * z).collect();
        for (u, v) in self.u.iter().zip(&self.v) {
            let along = dot(v, z);
            x.iter_mut().zip(u).for_each(|(x, u)| *x += u * along);
        }
        Image::finite(x, self.log_det(&self.factors::<S>()?.1))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        let (scaled, c) = self.factors::<S>()?;
        let mut z = self.divided(x.iter().copied());
        let along: Vec<S> = self.v.iter().map(|v| dot(v, &z)).collect();
        for (u, along) in scaled.iter().zip(c.solve(&along)) {
            z.iter_mut().zip(u).for_each(|(z, &u)| *z -= u * along);
        }
        Image::finite(z, -self.log_det(&c))
    }
}

impl Layer for DiagonalLowRank {
    fn dim(&self) -> usize {
        self.diagonal.len()
    }
    fn promises(&self) -> Promises {
        Promises::default().constant_log_det().orientation(Orientation::Either)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("diagonal_low_rank.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "diagonal_low_rank",
    formula: "x = (diag(D) + U Vᵀ) z, U, V of rank k",
    source: "definition; Woodbury 1950",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let wave = |phase: f64| -> Vec<Vec<f64>> {
            (0..d).map(|i| (0..2).map(|k| (i as f64 + phase + f64::from(k)).sin() / d as f64).collect()).collect()
        };
        Box::new(DiagonalLowRank::new(&vec![-1.5; d], &wave(0.25), &wave(1.5)).expect("C is near I"))
    }),
}];

/// Both signs of `D_i` and of `det C`. Where `C` is ill-conditioned, `U` is shortened until it is not.
fn draw() -> impl Strategy<Value = DiagonalLowRank> {
    (1usize..=5, 1usize..=2)
        .prop_flat_map(|(d, k)| {
            let factor = matrix(away_from_zero(0.25, 1.5), d, k.min(d));
            (vector(away_from_zero(1.25, 3.0), d), factor.clone(), factor)
        })
        .prop_map(|(diagonal, mut u, v)| {
            let ill = |u: &[Vec<f64>]| reciprocal_condition(&capacitance(&diagonal, &columns(u), &columns(&v))) < 0.02;
            let small = |u: &[Vec<f64>]| {
                u[0].len() == 1 && capacitance(&diagonal, &columns(u), &columns(&v))[0][0].abs() < 0.125
            };
            while ill(&u) || small(&u) {
                u.iter_mut().flatten().for_each(|u| *u *= 0.5);
            }
            DiagonalLowRank::new(&diagonal, &u, &v).expect("C is well-conditioned")
        })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "diagonal_low_rank", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let diagonal = fields.required("D")?.numbers()?;
    let (u, v) = (fields.required("U")?.matrix()?, fields.required("V")?.matrix()?);
    Ok(Box::new(DiagonalLowRank::new(&diagonal, &u, &v).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[[2, 0], [0, −1]] + (1, 1)(3, 1)ᵀ = [[5, 1], [3, 0]]`, determinant −3.
    #[test]
    fn a_rank_one_change() {
        let layer = DiagonalLowRank::new(&[2.0, -1.0], &[vec![1.0], vec![1.0]], &[vec![3.0], vec![1.0]]).unwrap();
        let image = layer.forward(&[1.0, 10.0]).unwrap();
        assert_eq!(image.point, [15.0, 3.0]);
        assert!((image.log_det - 3f64.ln()).abs() < 1e-15);
        let back = layer.inverse(&image.point).unwrap().point;
        assert!((back[0] - 1.0).abs() < 1e-14 && (back[1] - 10.0).abs() < 1e-14);
    }

    #[test]
    fn refusals() {
        let kind =
            |d: &[f64], u: &[Vec<f64>], v: &[Vec<f64>]| DiagonalLowRank::new(d, u, v).map(|_| ()).unwrap_err().kind();
        assert_eq!(kind(&[], &[], &[]), "DimMismatch");
        assert_eq!(kind(&[1.0], &[vec![]], &[vec![]]), "DimMismatch");
        assert_eq!(kind(&[1.0], &[vec![1.0]], &[vec![1.0, 2.0]]), "DimMismatch");
        assert_eq!(kind(&[0.0], &[vec![1.0]], &[vec![1.0]]), "BadParameter");
        // v·u/d = −1.
        assert_eq!(kind(&[2.0], &[vec![1.0]], &[vec![-2.0]]), "SingularMatrix");
        assert_eq!(kind(&[1e-300], &[vec![1e200]], &[vec![1.0]]), "SingularMatrix");
        assert_eq!(kind(&[f64::NAN], &[vec![1.0]], &[vec![1.0]]), "NonFinite");
    }
}
