//! Linear map in LU form.

use proptest::prelude::*;

use super::conv1x1_plu::full;
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, between, boxed, matrix, vector};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::{Diagonal, Part, Triangle};
use crate::promises::{Orientation, Promises};
use crate::scalar::Scalar;

/// A linear map given by the factors of its matrix.
///
/// - formula: `x = L U z`
/// - log-det: `Σ ln|U_ii|`
/// - inverse: forward substitution with `L`, then back substitution with `U`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `L` unit lower triangular, `U` upper triangular with `U_ii ≠ 0`, both `d × d`. Without a permutation
///   not every invertible matrix has this form: [`Conv1x1Plu`](super::Conv1x1Plu) has one
/// - source: definition; in flows Oliva et al. 2018 (arXiv:1801.09819)
/// - loses precision: the inverse as the condition of `L` or `U` grows; the log-det never
#[derive(Clone, Debug)]
pub struct LuLinear {
    lower: Triangle,
    upper: Triangle,
}

impl LuLinear {
    /// With the rows of both factors, zeros and ones included.
    ///
    /// # Errors
    /// `DimMismatch`; `NonFinite`; `BadParameter` for an `L` that is not unit lower triangular or a `U` that is not
    /// upper triangular; `SingularMatrix` for a zero on the diagonal of `U`.
    pub fn new(l: &[Vec<f64>], u: &[Vec<f64>]) -> Result<Self, FlowError> {
        let dim = l.len().max(1);
        Ok(Self {
            lower: Triangle::new("L", Part::Lower, Diagonal::Unit, l, dim)?,
            upper: Triangle::new("U", Part::Upper, Diagonal::Direct, u, dim)?,
        })
    }
}

impl<S: Scalar> Flow<S> for LuLinear {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        Image::finite(self.lower.apply(&self.upper.apply(z)), self.upper.log_abs_det::<S>())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        Image::finite(self.upper.solve(&self.lower.solve(x)), -self.upper.log_abs_det::<S>())
    }
}

impl Layer for LuLinear {
    fn dim(&self) -> usize {
        self.lower.dim()
    }
    fn promises(&self) -> Promises {
        Promises::default().constant_log_det().orientation(Orientation::Either)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("lu_linear.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "lu_linear",
    formula: "x = L U z, L_ii = 1, U_ii ≠ 0",
    source: "definition; Oliva et al. 2018",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let free: Vec<Vec<f64>> =
            (0..d).map(|i| (0..d).map(|j| ((i + 2 * j) as f64).sin() / d as f64).collect()).collect();
        let (l, u) = full(&free, &vec![-1.5; d]);
        Box::new(LuLinear::new(&l, &u).expect("U_ii ≠ 0"))
    }),
}];

/// Both signs on the diagonal of `U`, away from ±1.
fn draw() -> impl Strategy<Value = LuLinear> {
    (1usize..=5).prop_flat_map(|d| (matrix(between(-1.0, 1.0), d, d), vector(away_from_zero(1.25, 3.0), d))).prop_map(
        |(free, diagonal)| {
            let (l, u) = full(&free, &diagonal);
            LuLinear::new(&l, &u).expect("U_ii ≠ 0")
        },
    )
}

pub(super) const FORMATS: &[Format] = &[Format { name: "lu_linear", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (l, u) = (fields.required("L")?.matrix()?, fields.required("U")?.matrix()?);
    Ok(Box::new(LuLinear::new(&l, &u).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_factors_are_applied_right_to_left() {
        // L U = [[2, 1], [1, −2.5]].
        let layer = LuLinear::new(&[vec![1.0, 0.0], vec![0.5, 1.0]], &[vec![2.0, 1.0], vec![0.0, -3.0]]).unwrap();
        let image = layer.forward(&[1.0, 10.0]).unwrap();
        assert_eq!((image.point.as_slice(), image.log_det), (&[12.0, -24.0][..], 2f64.ln() + 3f64.ln()));
        assert_eq!(layer.inverse(&image.point).unwrap().point, [1.0, 10.0]);
    }

    #[test]
    fn refusals() {
        let kind = |l: &[Vec<f64>], u: &[Vec<f64>]| LuLinear::new(l, u).unwrap_err().kind();
        assert_eq!(kind(&[], &[]), "DimMismatch");
        assert_eq!(kind(&[vec![1.0]], &[]), "DimMismatch");
        assert_eq!(kind(&[vec![2.0]], &[vec![1.0]]), "BadParameter");
        assert_eq!(kind(&[vec![1.0]], &[vec![0.0]]), "SingularMatrix");
    }
}
