//! Contractive residual layer.

use proptest::prelude::*;

use super::field::{self, Field};
use crate::conditioner::Dense;
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::estimate::{Estimate, Estimator};
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::lu_of;
use crate::promises::{LogDetCost, Orientation, Promises};
use crate::scalar::Scalar;

/// A residual layer whose residual contracts.
///
/// - formula: `x = z + g(z)`, `g` dense maps with `tanh` between them
/// - log-det: `ln|det(I + ∂g/∂z)|`, by LU of the explicit Jacobian: `O(d³)`. On request also estimated, by an
///   [`Estimator`]
/// - inverse: the fixed point of `z ↦ x − g(z)`, by a number of steps `K` from `z = x` with `L^K < 2⁻²⁴⁰`, chosen at
///   construction and not at the point, so that the steps are a formula
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: maps the product of whose ∞-norms, the Lipschitz constant `L` of `g`, is at most 0.95. `L < 1` is
///   what the fixed point needs, the rest is for `K`. What is given is what is used: nothing is normalised
/// - source: Behrmann et al. 2019 (arXiv:1811.00995); Chen et al. 2019 (arXiv:1906.02735); here in the ∞-norm
/// - loses precision: as `L → 1`, where the inverse magnifies an error by up to `1/(1 − L)`
#[derive(Clone, Debug)]
pub struct Residual {
    field: Field,
    lipschitz: f64,
    steps: usize,
    estimator: Option<Estimator>,
}

/// The largest Lipschitz constant that is taken.
const MOST: f64 = 0.95;
/// Binary digits to which the inverse's steps converge.
const DIGITS: f64 = 240.0;

impl Residual {
    /// `g` as dense maps, the first applied first.
    ///
    /// # Errors
    /// `DimMismatch` and `BadArity` where the maps do not fit; `BadParameter` unless `L ≤ 0.95`.
    pub fn new(maps: Vec<Dense>) -> Result<Self, FlowError> {
        let field = Field::new(maps)?;
        let lipschitz = field.lipschitz();
        if lipschitz.is_nan() || lipschitz > MOST {
            return Err(FlowError::BadParameter {
                name: "the product of the ∞-norms".to_owned(),
                value: lipschitz,
                constraint: "at most 0.95, below the 1 of a contraction",
            });
        }
        // A vanishing g has its fixed point at once.
        let steps =
            if lipschitz > 0.0 { (DIGITS * std::f64::consts::LN_2 / -lipschitz.ln()).ceil() as usize } else { 1 };
        Ok(Self { field, lipschitz, steps: steps + 1, estimator: None })
    }

    /// Offers an estimate of the log-det besides the log-det.
    ///
    /// # Errors
    /// `BadParameter` for no term, or a survival probability that does not exceed `L`.
    pub fn estimated_by(self, estimator: Estimator) -> Result<Self, FlowError> {
        Ok(Self { estimator: Some(estimator.check(self.lipschitz)?), ..self })
    }

    fn log_det<S: Scalar>(&self, slopes: &[Vec<S>]) -> Result<S, FlowError> {
        let columns = self.field.columns(slopes);
        let entry = |i: usize, j: usize| if i == j { columns[j][i] + 1.0 } else { columns[j][i] };
        let d = columns.len();
        Ok(lu_of((0..d).map(|i| (0..d).map(|j| entry(i, j)).collect()).collect())?.log_abs_det())
    }
}

impl<S: Scalar> Flow<S> for Residual {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        let (g, slopes) = self.field.at(z);
        let x: Vec<S> = z.iter().zip(g).map(|(&z, g)| z + g).collect();
        Image::finite(x, self.log_det(&slopes)?)
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        let step = |z: Vec<S>, _| x.iter().zip(self.field.value(&z)).map(|(&x, g)| x - g).collect();
        let z = (0..self.steps).fold(x.to_vec(), step);
        let log_det = self.log_det(&self.field.at(&z).1)?;
        Image::finite(z, -log_det)
    }
}

impl Layer for Residual {
    fn dim(&self) -> usize {
        self.field.dim()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("residual.")
    }
    fn promises(&self) -> Promises {
        Promises::default().orientation(Orientation::Positive).log_det_cost(LogDetCost::Power(3.0))
    }
    fn estimate(&self, z: &[f64], seed: u64) -> Option<Result<Estimate, FlowError>> {
        let estimator = self.estimator?;
        Some(expect_point(z, self.dim()).map(|()| {
            let slopes = self.field.at(z).1;
            estimator.estimate(self.dim(), self.lipschitz, seed, |v| self.field.derivative(&slopes, v))
        }))
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "residual",
    formula: "x = z + g(z), ‖∂g/∂z‖_∞ ≤ L < 1",
    source: "Behrmann et al. 2019; Chen et al. 2019",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(Residual::new(field::generic(d, 0.5)).expect("a contraction"))),
}];

/// Lipschitz constants up to 0.6, with both estimators.
fn draw() -> impl Strategy<Value = Residual> {
    let estimators = prop_oneof![
        (8usize..=12).prop_map(|terms| Estimator::Truncated { terms }),
        Just(Estimator::Roulette { survival: 0.75 }),
    ];
    ((1usize..=5).prop_flat_map(|d| field::draw(d, 0.6)), estimators).prop_map(|(maps, estimator)| {
        let layer = Residual::new(maps).expect("a contraction");
        layer.estimated_by(estimator).expect("the survival exceeds L")
    })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "residual", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let at = fields.required("maps")?;
    Ok(Box::new(Residual::new(field::read(&at)?).map_err(|e| at.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(a: f64) -> Result<Residual, FlowError> {
        Residual::new(vec![Dense::new(2, &[vec![0.0, a], vec![-a, 0.0]], &[1.0, 0.0])?])
    }

    #[test]
    fn a_linear_residual_is_a_matrix() {
        // det [[1, a], [−a, 1]] = 1 + a².
        let layer = linear(0.5).unwrap();
        let image = Flow::<f64>::forward(&layer, &[1.0, 2.0]).unwrap();
        assert_eq!((image.point.as_slice(), image.log_det), (&[3.0, 1.5][..], 1.25f64.ln()));
        let back = Flow::<f64>::inverse(&layer, &image.point).unwrap().point;
        assert!((back[0] - 1.0).abs() < 1e-15 && (back[1] - 2.0).abs() < 1e-15, "{back:?}");
        assert!(layer.estimate(&[0.0, 0.0], 1).is_none());
    }

    #[test]
    fn an_expansion_is_refused() {
        for (a, kind) in [(0.9, None), (1.0, Some("BadParameter")), (-2.0, Some("BadParameter"))] {
            assert_eq!(linear(a).map_err(|e| e.kind()).err(), kind);
        }
        assert!(linear(0.5).unwrap().estimated_by(Estimator::Roulette { survival: 0.25 }).is_err());
        assert_eq!(Residual::new(Vec::new()).unwrap_err().kind(), "BadArity");
    }
}
