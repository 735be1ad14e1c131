//! Continuous flow.

use proptest::prelude::*;

use super::field::{self, Field};
use crate::conditioner::Dense;
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{LogDetCost, Orientation, Promises};
use crate::scalar::Scalar;

/// The flow of a vector field for unit time: a continuous normalizing flow.
///
/// - formula: `x = y(1)`, where `y(0) = z` and `dy/dt = g(y)`; `g` is dense maps with `tanh` between them
/// - log-det: `∫_0^1 tr ∂g/∂y (y(t)) dt`, integrated along with `y`, with the trace in full
/// - inverse: the same equation from `y(1) = x` back to 0
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: at least two maps. The *rate* `R`, at which arguments of `tanh` move at most, must be at most 4
/// - method: collocation at six Gauss points, of order 12, in `n` equal steps, `n` the smallest power of two that is at
///   least `4 R`; the equations of a step are solved by 14 sweeps of fixed-point iteration from its start. So the steps
///   are a formula. What they compute is the map named only up to truncation, which is promised to stay below 10⁻¹⁵.
///   The weights are positive, so that a step magnifies rounding little; it is its own reverse but for the sweeps
/// - source: Chen et al. 2018 (arXiv:1806.07366), Theorem 1, for the log-det; Grathwohl et al. 2018 (arXiv:1810.01367).
///   Method: Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I*, §II.7
/// - loses precision: as the solution magnifies errors, by up to `e^L` for a field of Lipschitz constant `L ≤ R`
#[derive(Clone, Debug)]
pub struct Continuous {
    field: Field,
    steps: usize,
    rule: Collocation,
}

/// Gauss points of a step.
const STAGES: usize = 6;
/// Fixed-point sweeps of a step: each gains a factor of `H R/k` at the `k`-th, `H R ≤ ¼`.
const SWEEPS: usize = 14;
/// The largest rate that is taken.
const MOST: f64 = 4.0;
/// What truncation stays below, in the image, in the log-det and in their derivatives. Steps of twice the length keep the
/// values to that, and the log-det's slope only to ten times as much.
const TRUNCATION: f64 = 1e-15;

/// Integrals of the Lagrange polynomials at the Gauss points of 0..1: up to each point, and over the whole.
#[derive(Clone, Debug)]
struct Collocation {
    to_point: Vec<Vec<f64>>,
    whole: Vec<f64>,
}

impl Collocation {
    fn new() -> Self {
        let points: Vec<(f64, f64)> = (0..STAGES).map(gauss).collect();
        let lagrange = |j: usize, t: f64| -> f64 {
            let others = points.iter().enumerate().filter(|&(m, _)| m != j);
            others.map(|(_, &(c, _))| (t - c) / (points[j].0 - c)).product()
        };
        // A polynomial of degree 5 over 0..c, by the rule itself.
        let integral = |j: usize, c: f64| points.iter().map(|&(t, w)| c * w * lagrange(j, c * t)).sum();
        let to_point = points.iter().map(|&(c, _)| (0..STAGES).map(|j| integral(j, c)).collect()).collect();
        Self { to_point, whole: points.iter().map(|&(_, w)| w).collect() }
    }
}

/// Point `j` of the Gauss–Legendre rule on 0..1, with its weight: the roots of the Legendre polynomial by Newton's method.
fn gauss(j: usize) -> (f64, f64) {
    let n = STAGES as f64;
    let mut x = -(std::f64::consts::PI * (j as f64 + 0.75) / (n + 0.5)).cos();
    let mut slope = 1.0;
    for _ in 0..10 {
        let (mut before, mut at) = (1.0, x);
        for k in 2..=STAGES {
            let k = k as f64;
            (before, at) = (at, ((2.0 * k - 1.0) * x * at - (k - 1.0) * before) / k);
        }
        slope = n * (before - x * at) / (1.0 - x * x);
        x -= at / slope;
    }
    (0.5 * (1.0 + x), 1.0 / ((1.0 - x * x) * slope * slope))
}

impl Continuous {
    /// `g` as dense maps, the first applied first.
    ///
    /// # Errors
    /// `DimMismatch` and `BadArity` where the maps do not fit or there are fewer than two; `BadParameter` for a rate above
    /// 4.
    pub fn new(maps: Vec<Dense>) -> Result<Self, FlowError> {
        let field = Field::new(maps)?;
        let rate = field.rate().ok_or_else(|| FlowError::BadArity {
            what: "the number of maps".to_owned(),
            expected: 2,
            found: 1,
        })?;
        if rate.is_nan() || rate > MOST {
            return Err(FlowError::BadParameter {
                name: "the rate of the field".to_owned(),
                value: rate,
                constraint: "at most 4",
            });
        }
        Ok(Self { field, steps: ((4.0 * rate).ceil() as usize).next_power_of_two(), rule: Collocation::new() })
    }

    /// `start + h Σ_j w_j rates_j`.
    fn advance<S: Scalar>(start: &[S], h: f64, weights: &[f64], rates: &[Vec<S>]) -> Vec<S> {
        let moved =
            |(i, &start): (usize, &S)| start + weights.iter().zip(rates).map(|(&w, rate)| rate[i] * w).sum::<S>() * h;
        start.iter().enumerate().map(moved).collect()
    }

    /// One step of length `h`, with its share of the integral of the trace.
    fn step<S: Scalar>(&self, start: &[S], h: f64) -> (Vec<S>, S) {
        let mut stages = vec![start.to_vec(); STAGES];
        for _ in 0..SWEEPS {
            let rates: Vec<Vec<S>> = stages.iter().map(|y| self.field.value(y)).collect();
            stages = self.rule.to_point.iter().map(|weights| Self::advance(start, h, weights, &rates)).collect();
        }
        let (rates, traces): (Vec<Vec<S>>, Vec<Vec<S>>) = stages
            .iter()
            .map(|y| {
                let (rate, slopes) = self.field.at(y);
                let columns = self.field.columns(&slopes);
                (rate, vec![columns.iter().enumerate().map(|(i, column)| column[i]).sum()])
            })
            .unzip();
        let trace = Self::advance(&[S::from(0.0)], h, &self.rule.whole, &traces);
        (Self::advance(start, h, &self.rule.whole, &rates), trace[0])
    }

    fn integrate<S: Scalar>(&self, point: &[S], time: f64) -> Result<Image<S>, FlowError> {
        expect_point(point, self.dim())?;
        let (mut y, mut log_det) = (point.to_vec(), S::from(0.0));
        for _ in 0..self.steps {
            // A power of two divides exactly.
            let (next, share) = self.step(&y, time / self.steps as f64);
            y = next;
            log_det += share;
        }
        Image::finite(y, log_det)
    }
}

impl<S: Scalar> Flow<S> for Continuous {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.integrate(z, 1.0)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.integrate(x, -1.0)
    }
}

impl Layer for Continuous {
    fn dim(&self) -> usize {
        self.field.dim()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("continuous.")
    }
    fn promises(&self) -> Promises {
        Promises::default()
            .orientation(Orientation::Positive)
            .log_det_cost(LogDetCost::Power(3.0))
            .truncation(TRUNCATION)
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "continuous",
    formula: "x = y(1), y(0) = z, dy/dt = g(y)",
    source: "Chen et al. 2018, Theorem 1",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(Continuous::new(field::generic(d, 0.5)).expect("a slow field"))),
}];

/// Slow fields: one to four steps.
fn draw() -> impl Strategy<Value = Continuous> {
    let maps = (1usize..=3).prop_flat_map(|d| field::draw(d, 0.6));
    maps.prop_filter_map("a rate of at most 2", |maps| Continuous::new(maps).ok().filter(|layer| layer.steps <= 4))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "continuous", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let at = fields.required("maps")?;
    Ok(Box::new(Continuous::new(field::read(&at)?).map_err(|e| at.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `dy/dt = a tanh y` has the solution `arsinh(e^{at} sinh z)`.
    #[test]
    fn a_field_that_can_be_solved() {
        let a = 0.75;
        let map = |a: f64| Dense::new(1, &[vec![a]], &[0.0]).unwrap();
        let layer = Continuous::new(vec![map(1.0), map(a)]).unwrap();
        for z in [-2.0f64, 0.125, 0.75] {
            let image = Flow::<f64>::forward(&layer, &[z]).unwrap();
            let x = (a.exp() * z.sinh()).asinh();
            // dx/dz = e^a cosh z / cosh x
            let log_det = a + z.cosh().ln() - x.cosh().ln();
            assert!((image.point[0] - x).abs() < 1e-14 && (image.log_det - log_det).abs() < 1e-14, "{image:?} {x}");
            let back = Flow::<f64>::inverse(&layer, &[x]).unwrap();
            assert!((back.point[0] - z).abs() < 1e-14 && (back.log_det + log_det).abs() < 1e-14, "{back:?}");
        }
    }

    #[test]
    fn the_rule_integrates_polynomials() {
        let rule = Collocation::new();
        let points: Vec<f64> = (0..STAGES).map(|j| gauss(j).0).collect();
        for power in 0..2 * STAGES as i32 {
            let sum = |weights: &[f64]| points.iter().zip(weights).map(|(t, w)| w * t.powi(power)).sum::<f64>();
            assert!((sum(&rule.whole) - 1.0 / f64::from(power + 1)).abs() < 1e-15);
            for (weights, c) in rule.to_point.iter().zip(&points).filter(|_| power < STAGES as i32) {
                assert!((sum(weights) - c.powi(power + 1) / f64::from(power + 1)).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn refusals() {
        let map = |a: f64| Dense::new(1, &[vec![a]], &[0.0]).unwrap();
        let kind = |maps| Continuous::new(maps).map_err(|e| e.kind()).err();
        assert_eq!(kind(vec![map(1.0)]), Some("BadArity"));
        assert_eq!(kind(vec![map(4.0), map(2.0)]), Some("BadParameter"));
        assert_eq!(kind(vec![map(2.0), map(1.5)]), None);
    }
}
