//! Increasing Bernstein polynomials with linear tails, on every coordinate.

use proptest::prelude::*;

use super::coordinates::{each, expect_dim};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, between, boxed, short, vector};
use crate::flow::{Flow, Image, Layer, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, lit, params};
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// An increasing polynomial in Bernstein form on `[0, 1]`, continued by its tangents.
///
/// - formula: `x_i = Σ_k θ_ik B_{k,M}(z_i)` on `[0, 1]`, with `B_{k,M}(z) = C(M, k) zᵏ (1 − z)^{M−k}`;
///   `θ_i0 + M(θ_i1 − θ_i0) z_i` below, `θ_iM + M(θ_iM − θ_i,M−1)(z_i − 1)` above
/// - log-det: `Σ ln M Σ_k (θ_i,k+1 − θ_ik) B_{k,M−1}(z_i)`, the basis taken at 0 below and at 1 above
/// - inverse: that of the tangents; between them no closed form: the root in `[0, 1]`
/// - domain → codomain: ℝᵈ → ℝᵈ; the second derivative jumps at 0 and 1
/// - parameters: for each coordinate `M + 1 ≥ 2` coefficients, strictly increasing
/// - source: Sick et al. 2020 (arXiv:2004.00464) and Ramasinghe et al. 2021 (arXiv:2102.03509) for increasing
///   coefficients; the tails as linear extrapolation are a definition
/// - loses precision: the inverse where two coefficients nearly agree, as the slope does
#[derive(Clone, Debug)]
pub struct Bernstein {
    coefficients: Vec<Vec<Param>>,
}

impl Bernstein {
    /// One row of coefficients for each coordinate.
    ///
    /// # Errors
    /// `DimMismatch` for no rows or fewer than two coefficients; `NonFinite`; `NotMonotone` unless they increase.
    pub fn new(coefficients: &[Vec<f64>]) -> Result<Self, FlowError> {
        expect_dim(coefficients.len())?;
        for (i, row) in coefficients.iter().enumerate() {
            let name = format!("coefficients[{i}]");
            if row.len() < 2 {
                return Err(FlowError::DimMismatch { what: name, expected: 2, found: row.len() });
            }
            finite(&name, row)?;
            if let Some(k) = row.windows(2).position(|pair| pair[0] >= pair[1]) {
                let what = format!("{name}: {:?} is followed by {:?}", row[k], row[k + 1]);
                return Err(FlowError::NotMonotone { what });
            }
        }
        Ok(Self { coefficients: coefficients.iter().map(|row| params(row.iter().copied())).collect() })
    }

    fn polynomial<S: Scalar>(&self, i: usize) -> Polynomial<S> {
        let coefficients: Vec<S> = self.coefficients[i].iter().map(S::param).collect();
        let degree = (coefficients.len() - 1) as f64;
        let slopes = coefficients.windows(2).map(|pair| (pair[1] - pair[0]) * degree).collect();
        Polynomial { coefficients, slopes }
    }
}

/// Coefficients in Bernstein form, of a polynomial and of its derivative.
struct Polynomial<S> {
    coefficients: Vec<S>,
    slopes: Vec<S>,
}

impl<S: Scalar> Polynomial<S> {
    fn at(&self, t: S) -> (S, S) {
        (casteljau(self.coefficients.clone(), t), casteljau(self.slopes.clone(), t))
    }
    /// Value and slope at 0 and at 1.
    fn ends(&self) -> [(S, S); 2] {
        let last = self.slopes.len();
        [(self.coefficients[0], self.slopes[0]), (self.coefficients[last], self.slopes[last - 1])]
    }
}

/// De Casteljau's algorithm: only convex combinations, for `t` in `[0, 1]`.
fn casteljau<S: Scalar>(mut c: Vec<S>, t: S) -> S {
    for left in (1..c.len()).rev() {
        for k in 0..left {
            c[k] = (lit(1.0) - t) * c[k] + t * c[k + 1];
        }
    }
    c[0]
}

impl<S: Scalar> Flow<S> for Bernstein {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        each(z, self.coefficients.len(), |i, z| {
            let polynomial = self.polynomial(i);
            let [(low, low_slope), (high, high_slope)] = polynomial.ends();
            let (x, slope) = if z.is_below(0.0) {
                (low + low_slope * z, low_slope)
            } else if z.is_below(1.0) {
                polynomial.at(z)
            } else {
                (high + high_slope * (z - 1.0), high_slope)
            };
            Ok((x, slope.ln()))
        })
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        each(x, self.coefficients.len(), |i, x| {
            let polynomial = self.polynomial(i);
            let [(low, low_slope), (high, high_slope)] = polynomial.ends();
            let (z, slope) = if x.is_below(low) {
                ((x - low) / low_slope, low_slope)
            } else if x.is_below(high) {
                let z = S::root(0.0.into(), 1.0.into(), |z| {
                    let (value, slope) = polynomial.at(z);
                    (value - x, slope)
                })?;
                (z, polynomial.at(z).1)
            } else {
                ((x - high) / high_slope + 1.0, high_slope)
            };
            Ok((z, -slope.ln()))
        })
    }
}

impl Layer for Bernstein {
    fn dim(&self) -> usize {
        self.coefficients.len()
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).increasing().once_differentiable()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("bernstein.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "bernstein",
    formula: "x = Σ_k θ_k C(M, k) zᵏ (1 − z)^{M−k} on [0, 1], linear tails",
    source: "Sick et al. 2020; Ramasinghe et al. 2021",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(Bernstein::new(&vec![vec![-1.0, 0.5, 0.75, 3.0]; d]).expect("increasing"))),
}];

/// Degrees 2 to 5, increments large and small.
fn draw() -> impl Strategy<Value = Bernstein> {
    (1usize..=5, 2usize..=5)
        .prop_flat_map(|(d, degree)| proptest::collection::vec((short(), vector(between(0.0625, 2.0), degree)), d))
        .prop_map(|rows| {
            let row = |(first, increments): (f64, Vec<f64>)| {
                let mut sums = vec![first];
                increments.iter().enumerate().for_each(|(k, step)| sums.push(sums[k] + step));
                sums
            };
            Bernstein::new(&rows.into_iter().map(row).collect::<Vec<_>>()).expect("increasing")
        })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "bernstein", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let coefficients = fields.required("coefficients")?;
    Ok(Box::new(Bernstein::new(&coefficients.matrix()?).map_err(|e| coefficients.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenly_spaced_coefficients_make_a_line() {
        let line = Bernstein::new(&[vec![1.0, 1.5, 2.0, 2.5]]).unwrap();
        for z in [-3.0, 0.0, 0.25, 1.0, 7.0] {
            let image = line.forward(&[z]).unwrap();
            assert!((image.point[0] - (1.0 + 1.5 * z)).abs() < 1e-14, "{z}: {image:?}");
            assert!((image.log_det - 1.5f64.ln()).abs() < 1e-15);
            assert!((line.inverse(&image.point).unwrap().point[0] - z).abs() < 1e-14);
        }
    }

    #[test]
    fn refusals() {
        assert_eq!(Bernstein::new(&[vec![0.0, 1.0, 1.0]]).unwrap_err().kind(), "NotMonotone");
        assert_eq!(Bernstein::new(&[vec![0.0]]).unwrap_err().kind(), "DimMismatch");
        assert_eq!(Bernstein::new(&[]).unwrap_err().kind(), "DimMismatch");
        assert_eq!(Bernstein::new(&[vec![0.0, f64::NAN]]).unwrap_err().kind(), "NonFinite");
    }
}
