//! Sum-of-squares polynomials on every coordinate.

use proptest::prelude::*;

use super::coordinates::{each, expect_dim, expect_length, expect_some};
use crate::data::{At, DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, matrix, short};
use crate::flow::{Flow, Image, Layer, expect_finite, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// The integral of a sum of squared polynomials.
///
/// - formula: `x_i = c_i + ∫₀^{z_i} Σ_κ (Σ_l a_iκl uˡ)² du`
/// - log-det: `Σ_i ln Σ_κ (Σ_l a_iκl z_iˡ)²`
/// - inverse: no closed form: the root on the side of 0 on which `x_i − c_i` lies
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `c ∈ ℝᵈ`; for each coordinate one row of coefficients, constant first, for each polynomial. The
///   polynomials of a coordinate have no real root in common: there the slope would be 0
/// - source: Jaini, Selby & Yu 2019 (arXiv:1905.02325)
/// - loses precision: where the integral's powers cancel, and the inverse where the slope is small
#[derive(Clone, Debug)]
pub struct SumOfSquares {
    c: Vec<Param>,
    a: Vec<Vec<Vec<Param>>>,
}

impl SumOfSquares {
    /// `c` of length `d ≥ 1`; `a[i][κ][l]`.
    ///
    /// # Errors
    /// `DimMismatch` for lists that are empty or do not match; `NonFinite`; `NotMonotone` where the polynomials of a
    /// coordinate have a common real root, as far as f64 can tell.
    pub fn new(c: &[f64], a: &[Vec<Vec<f64>>]) -> Result<Self, FlowError> {
        expect_dim(c.len())?;
        expect_length("a", c.len(), a.len())?;
        finite("c", c)?;
        for (i, polynomials) in a.iter().enumerate() {
            expect_some(&format!("a[{i}]"), polynomials.len())?;
            for (k, polynomial) in polynomials.iter().enumerate() {
                expect_some(&format!("a[{i}][{k}]"), polynomial.len())?;
                finite(&format!("a[{i}][{k}]"), polynomial)?;
            }
            let (at, slope, size) = least_slope(polynomials);
            if slope.is_nan() || slope <= f64::EPSILON * size {
                let what = format!("the polynomials of coordinate {i} have a common root near {at:?}");
                return Err(FlowError::NotMonotone { what });
            }
        }
        let a = a.iter().map(|p| p.iter().map(|row| params(row.iter().copied())).collect()).collect();
        Ok(Self { c: params(c.iter().copied()), a })
    }

    /// Coefficients of every polynomial of coordinate `i`.
    fn polynomials<S: Scalar>(&self, i: usize) -> Vec<Vec<S>> {
        self.a[i].iter().map(|row| row.iter().map(S::param).collect()).collect()
    }
}

fn horner<S: Scalar>(coefficients: &[S], z: S) -> S {
    coefficients.iter().rev().fold(S::from(0.0), |sum, &c| sum * z + c)
}

fn slope<S: Scalar>(polynomials: &[Vec<S>], z: S) -> S {
    polynomials.iter().map(|p| horner(p, z)).map(|value| value * value).sum()
}

/// Coefficients of the sum of the squares.
fn squared<S: Scalar>(polynomials: &[Vec<S>]) -> Vec<S> {
    let longest = polynomials.iter().map(Vec::len).max().unwrap_or(1);
    let mut sum = vec![S::from(0.0); 2 * longest - 1];
    for p in polynomials {
        for (l, &a) in p.iter().enumerate() {
            for (m, &b) in p.iter().enumerate() {
                sum[l + m] += a * b;
            }
        }
    }
    sum
}

/// `∫₀ᶻ` of the sum of the squares.
fn integral<S: Scalar>(polynomials: &[Vec<S>], z: S) -> S {
    let terms: Vec<S> = squared(polynomials).iter().enumerate().map(|(k, &q)| q / (k + 1) as f64).collect();
    horner(&terms, z) * z
}

/// Where the slope is least, its value there, and the size that it would have without cancellation.
fn least_slope(polynomials: &[Vec<f64>]) -> (f64, f64, f64) {
    let mut candidates = sign_changes(&derivative(&squared(polynomials)));
    candidates.push(0.0);
    let sized: Vec<Vec<f64>> = polynomials.iter().map(|p| p.iter().map(|a| a.abs()).collect()).collect();
    let rated = candidates.into_iter().map(|z| (z, slope(polynomials, z), slope(&sized, z.abs())));
    rated.min_by(|a, b| a.1.total_cmp(&b.1)).expect("0 is a candidate")
}

fn derivative(p: &[f64]) -> Vec<f64> {
    p.iter().enumerate().skip(1).map(|(k, c)| k as f64 * c).collect()
}

/// The real numbers at which a polynomial changes sign: one at most between two neighbours of its derivative's.
fn sign_changes(p: &[f64]) -> Vec<f64> {
    let Some(degree) = p.iter().rposition(|&c| c != 0.0).filter(|&n| n > 0) else { return Vec::new() };
    let p = &p[..=degree];
    let reach = 1.0 + p.iter().map(|c| (c / p[degree]).abs()).fold(0.0, f64::max);
    let mut cuts = sign_changes(&derivative(p));
    cuts.retain(|cut| cut.abs() < reach);
    cuts.insert(0, -reach);
    cuts.push(reach);
    let between = |pair: &[f64]| {
        let (mut lo, mut hi) = (pair[0], pair[1]);
        let rising = horner(p, hi) > 0.0;
        if horner(p, lo) * horner(p, hi) >= 0.0 {
            return None;
        }
        while f64::midpoint(lo, hi) > lo && f64::midpoint(lo, hi) < hi {
            let middle = f64::midpoint(lo, hi);
            if (horner(p, middle) > 0.0) == rising { hi = middle } else { lo = middle }
        }
        Some(hi)
    };
    cuts.windows(2).filter_map(between).collect()
}

impl<S: Scalar> Flow<S> for SumOfSquares {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        each(z, self.c.len(), |i, z| {
            let polynomials = self.polynomials(i);
            Ok((integral(&polynomials, z) + self.c[i], slope(&polynomials, z).ln()))
        })
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        each(x, self.c.len(), |i, x| {
            let polynomials = self.polynomials(i);
            let off = x - self.c[i];
            let falls = off.prefers_below(0.0);
            let mut end = S::from(if falls { -1.0 } else { 1.0 });
            // Doubled until it is past the root: as the slope has a smallest value, that ends.
            let short = |end: S| {
                let left = off - integral(&polynomials, end);
                if falls { left.prefers_below(0.0) } else { (-left).prefers_below(0.0) }
            };
            while short(end) {
                end *= 2.0;
            }
            expect_finite(end, format_args!("the bracket of coordinate {i}"))?;
            let z = S::root(0.0.into(), end, |z| (integral(&polynomials, z) - off, slope(&polynomials, z)))?;
            Ok((z, -slope(&polynomials, z).ln()))
        })
    }
}

impl Layer for SumOfSquares {
    fn dim(&self) -> usize {
        self.c.len()
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).increasing()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("sum_of_squares.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "sum_of_squares",
    formula: "x = c + ∫₀ᶻ Σ_κ (Σ_l a_κl uˡ)² du",
    source: "Jaini, Selby & Yu 2019",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let polynomials = vec![vec![1.0, 0.5], vec![0.25, -0.5, 0.125]];
        Box::new(SumOfSquares::new(&vec![0.5; d], &vec![polynomials; d]).expect("no common root"))
    }),
}];

/// Two polynomials of degree 1 or 2 with coefficients of both signs.
fn draw() -> impl Strategy<Value = SumOfSquares> {
    (1usize..=5, 2usize..=3)
        .prop_flat_map(|(d, terms)| {
            let coordinate = (short(), matrix(away_from_zero(0.25, 1.25), 2, terms));
            proptest::collection::vec(coordinate, d)
        })
        .prop_filter_map("a common root", |rows| {
            let (c, a): (Vec<f64>, Vec<Vec<Vec<f64>>>) = rows.into_iter().unzip();
            SumOfSquares::new(&c, &a).ok()
        })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "sum_of_squares", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let c = fields.required("c")?.numbers()?;
    let a = fields.required("a")?.list()?.iter().map(At::matrix).collect::<Result<Vec<_>, _>>()?;
    Ok(Box::new(SumOfSquares::new(&c, &a).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_u_make_a_cubic() {
        // 1 + u² integrates to z + z³/3.
        let layer = SumOfSquares::new(&[0.5], &[vec![vec![1.0], vec![0.0, 1.0]]]).unwrap();
        let image = layer.forward(&[3.0]).unwrap();
        assert_eq!((image.point[0], image.log_det), (12.5, 10f64.ln()));
        for x in [-1e12, -4.0, 0.5, 1e-8, 1e100] {
            let z = layer.inverse(&[x]).unwrap().point;
            let again = layer.forward(&z).unwrap().point[0];
            assert!((again - x).abs() <= 1e-14 * x.abs().max(1.0), "{x}: {z:?} gives {again}");
        }
    }

    #[test]
    fn a_common_root_is_refused_and_a_near_one_is_not() {
        let with = |second: f64| SumOfSquares::new(&[0.0], &[vec![vec![1.0, -2.0], vec![1.5, second]]]);
        assert_eq!(with(-3.0).unwrap_err().kind(), "NotMonotone");
        assert!(with(-3.001).is_ok());
        assert_eq!(SumOfSquares::new(&[0.0], &[vec![vec![0.0]]]).unwrap_err().kind(), "NotMonotone");
        assert_eq!(SumOfSquares::new(&[0.0], &[vec![]]).unwrap_err().kind(), "DimMismatch");
        // (u² − 1)² alone vanishes at ±1; u² + 1 does not.
        assert_eq!(SumOfSquares::new(&[0.0], &[vec![vec![-1.0, 0.0, 1.0]]]).unwrap_err().kind(), "NotMonotone");
        assert!(SumOfSquares::new(&[0.0], &[vec![vec![1.0, 0.0, 1.0]]]).is_ok());
    }
}
