//! Sylvester flow.

use proptest::prelude::*;

use super::planar::{log_slope, wave};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, matrix, short, vector};
use crate::flow::{Flow, Image, Layer, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises};
use crate::scalar::{Scalar, dot};

/// The Sylvester flow, a planar flow in `m` directions at once.
///
/// - formula: `x = z + Q R tanh(R̃ Qᵀ z + b)`; `Q` (d × m) holds the first `m` columns of the reflections
///   `H_1 ⋯ H_K`, `H_k = I − 2 v_k v_kᵀ/(v_k·v_k)`
/// - log-det: `Σ_i ln(1 + R_ii R̃_ii sech²(a_i))`, `a = R̃ Qᵀ z + b`, by Sylvester's determinant identity
/// - inverse: no closed form. `y = Qᵀ z` solves `y + R tanh(R̃ y + b) = Qᵀ x`, which is triangular: one increasing
///   scalar equation for each `y_i`, the last first; then `z = x − Q R tanh(R̃ y + b)`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `K ≥ 1` vectors `v_k ≠ 0` of length `d`; `R`, `R̃` upper triangular m × m with `1 ≤ m ≤ d` and
///   `R_ii R̃_ii > −1`; `b ∈ ℝᵐ`. `Q` is given by reflections because columns given as f64 are orthonormal only to
///   rounding, and the formulas as wrong as they are
/// - source: van den Berg et al. 2018 (arXiv:1803.05649), the orthogonal and the Householder variant
/// - loses precision: as [`Planar`](super::Planar), where some `R_ii R̃_ii → −1`
#[derive(Clone, Debug)]
pub struct Sylvester {
    reflections: Vec<Vec<Param>>,
    /// Row `i` from its diagonal entry on.
    r: Vec<Vec<Param>>,
    r_tilde: Vec<Vec<Param>>,
    b: Vec<Param>,
}

impl Sylvester {
    /// The vectors `v_k`, the rows of `R` and of `R̃`, and `b`.
    ///
    /// # Errors
    /// `DimMismatch` for wrong lengths; `NonFinite`; `BadParameter` for a vector of length 0, an entry below a
    /// diagonal that is not 0, or unless `R_ii R̃_ii > −1`, decided exactly.
    pub fn new(reflections: &[Vec<f64>], r: &[Vec<f64>], r_tilde: &[Vec<f64>], b: &[f64]) -> Result<Self, FlowError> {
        let mismatch = |what: String, expected, found| Err(FlowError::DimMismatch { what, expected, found });
        let bad = |name: String, value, constraint| Err(FlowError::BadParameter { name, value, constraint });
        let d = reflections.first().map_or(0, Vec::len);
        if d == 0 {
            return mismatch("the list of reflections".to_owned(), 1, 0);
        }
        for (k, v) in reflections.iter().enumerate() {
            if v.len() != d {
                return mismatch(format!("reflection {k}"), d, v.len());
            }
            finite(&format!("reflection {k}"), v)?;
            let square: f64 = v.iter().map(|v| v * v).sum();
            if !square.is_normal() {
                return bad(format!("the squared length of reflection {k}"), square, "a positive number");
            }
        }
        let m = b.len();
        if m == 0 || m > d {
            return mismatch("b".to_owned(), d.min(m.max(1)), m);
        }
        finite("b", b)?;
        for (name, rows) in [("R", r), ("R_tilde", r_tilde)] {
            if rows.len() != m {
                return mismatch(name.to_owned(), m, rows.len());
            }
            for (i, row) in rows.iter().enumerate() {
                if row.len() != m {
                    return mismatch(format!("{name}[{i}]"), m, row.len());
                }
                finite(&format!("{name}[{i}]"), row)?;
                if let Some(j) = row[..i].iter().position(|&x| x != 0.0) {
                    return bad(format!("{name}[{i}][{j}]"), row[j], "0 below the diagonal");
                }
            }
        }
        for i in 0..m {
            // One rounding, at the end: its sign is exact.
            if r[i][i].mul_add(r_tilde[i][i], 1.0) <= 0.0 {
                return bad(format!("R[{i}][{i}] · R_tilde[{i}][{i}]"), r[i][i] * r_tilde[i][i], "a product above −1");
            }
        }
        let upper = |rows: &[Vec<f64>]| -> Vec<Vec<Param>> {
            rows.iter().enumerate().map(|(i, row)| params(row[i..].iter().copied())).collect()
        };
        Ok(Self {
            reflections: reflections.iter().map(|v| params(v.iter().copied())).collect(),
            r: upper(r),
            r_tilde: upper(r_tilde),
            b: params(b.iter().copied()),
        })
    }

    fn reflected<'a, S: Scalar>(x: Vec<S>, vectors: impl Iterator<Item = &'a Vec<Param>>) -> Vec<S> {
        vectors.fold(x, |x, v| {
            let square: S = v.iter().map(|v| v * S::from(*v)).sum();
            let along = dot(v, &x) * 2.0 / square;
            x.iter().zip(v).map(|(&x, v)| x - v * along).collect()
        })
    }

    /// `Qᵀ x`.
    fn project<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        let mut y = Self::reflected(x.to_vec(), self.reflections.iter());
        y.truncate(self.b.len());
        y
    }

    /// `Q R t`.
    fn lift<S: Scalar>(&self, t: &[S]) -> Vec<S> {
        let mut y: Vec<S> = self.r.iter().enumerate().map(|(i, row)| dot(row, &t[i..])).collect();
        y.resize(self.dim(), S::from(0.0));
        Self::reflected(y, self.reflections.iter().rev())
    }

    fn log_det<S: Scalar>(&self, a: &[S]) -> S {
        let bend = |i: usize| self.r[i][0] * S::from(self.r_tilde[i][0]);
        a.iter().enumerate().map(|(i, &a)| log_slope(bend(i), a)).sum()
    }
}

impl<S: Scalar> Flow<S> for Sylvester {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        let y = self.project(z);
        let a: Vec<S> = self.b.iter().enumerate().map(|(i, &b)| dot(&self.r_tilde[i], &y[i..]) + b).collect();
        let t: Vec<S> = a.iter().map(|a| a.tanh()).collect();
        let x: Vec<S> = z.iter().zip(self.lift(&t)).map(|(&z, moved)| z + moved).collect();
        Image::finite(x, self.log_det(&a))
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        let m = self.b.len();
        let (mut y, mut a) = (self.project(x), vec![S::from(0.0); m]);
        let mut t = a.clone();
        for i in (0..m).rev() {
            let (r, r_tilde) = (S::from(self.r[i][0]), S::from(self.r_tilde[i][0]));
            let target = y[i] - dot(&self.r[i][1..], &t[i + 1..]);
            let offset = dot(&self.r_tilde[i][1..], &y[i + 1..]) + self.b[i];
            let reach = (r * r).sqrt();
            y[i] = S::root(target - reach, target + reach, |y| {
                let a = r_tilde * y + offset;
                (y + r * a.tanh() - target, r * r_tilde * a.sech2() + 1.0)
            })?;
            a[i] = r_tilde * y[i] + offset;
            t[i] = a[i].tanh();
        }
        let z: Vec<S> = x.iter().zip(self.lift(&t)).map(|(&x, moved)| x - moved).collect();
        Image::finite(z, -self.log_det(&a))
    }
}

impl Layer for Sylvester {
    fn dim(&self) -> usize {
        self.reflections[0].len()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("sylvester.")
    }
    fn promises(&self) -> Promises {
        Promises::default().orientation(Orientation::Positive)
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "sylvester",
    formula: "x = z + Q R tanh(R̃ Qᵀ z + b), R_ii R̃_ii > −1",
    source: "van den Berg et al. 2018",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let m = d.div_ceil(2);
        let upper = |phase: f64| -> Vec<Vec<f64>> {
            let row = |i: usize| wave(m, phase + i as f64).into_iter().enumerate();
            (0..m).map(|i| row(i).map(|(j, x)| if j < i { 0.0 } else { x }).collect()).collect()
        };
        let reflections = [wave(d, 0.3), wave(d, 1.1)];
        Box::new(Sylvester::new(&reflections, &upper(0.2), &upper(0.4), &wave(m, 0.7)).expect("|R_ii R̃_ii| < 1"))
    }),
}];

/// From one direction to all of them. Not in dimension 1, where a reflection is −1 whatever its vector.
fn draw() -> impl Strategy<Value = Sylvester> {
    (2usize..=5, 1usize..=3)
        .prop_flat_map(|(d, k)| (1..=d, matrix(away_from_zero(0.125, 2.0), k, d)))
        .prop_flat_map(|(m, reflections)| {
            let square = || matrix(away_from_zero(0.125, 1.25), m, m);
            (Just(reflections), square(), square(), vector(short(), m))
        })
        .prop_map(|(reflections, mut r, mut r_tilde, b)| {
            for i in 0..b.len() {
                r[i][..i].fill(0.0);
                r_tilde[i][..i].fill(0.0);
                if r[i][i] * r_tilde[i][i] < -0.9375 {
                    r[i][i] = -r[i][i];
                }
            }
            Sylvester::new(&reflections, &r, &r_tilde, &b).expect("R_ii R̃_ii > −1")
        })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "sylvester", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let reflections = fields.required("reflections")?.matrix()?;
    let (r, r_tilde) = (fields.required("R")?.matrix()?, fields.required("R_tilde")?.matrix()?);
    let b = fields.required("b")?.numbers()?;
    Ok(Box::new(Sylvester::new(&reflections, &r, &r_tilde, &b).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_parameters_are_refused() {
        let v = || vec![vec![1.0, 2.0, -0.5]];
        let square = |below: f64, corner: f64| vec![vec![0.5, 0.25], vec![below, corner]];
        fn kind(v: &[Vec<f64>], r: &[Vec<f64>], r_tilde: &[Vec<f64>], b: &[f64]) -> Option<&'static str> {
            Sylvester::new(v, r, r_tilde, b).map_err(|e| e.kind()).err()
        }
        let fine = square(0.0, 2.0);
        assert_eq!(kind(&v(), &fine, &fine, &[0.0, 1.0]), None);
        assert_eq!(kind(&[], &fine, &fine, &[0.0, 1.0]), Some("DimMismatch"));
        assert_eq!(kind(&[vec![0.0; 3]], &fine, &fine, &[0.0, 1.0]), Some("BadParameter"));
        assert_eq!(kind(&v(), &square(0.5, 2.0), &fine, &[0.0, 1.0]), Some("BadParameter"));
        assert_eq!(kind(&v(), &square(0.0, -0.5), &fine, &[0.0, 1.0]), Some("BadParameter"));
        assert_eq!(kind(&v(), &fine, &fine, &[0.0]), Some("DimMismatch"));
        assert_eq!(kind(&v(), &fine, &fine, &[0.0; 4]), Some("DimMismatch"));
        assert_eq!(kind(&v(), &fine, &fine, &[f64::NAN, 0.0]), Some("NonFinite"));
    }
}
