//! Planar flow.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, short, vector};
use crate::flow::{Flow, Image, Layer, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, lit, params};
use crate::promises::{Orientation, Promises};
use crate::scalar::{Scalar, dot};

/// The planar flow, which stretches along one direction as a function of one projection.
///
/// - formula: `x = z + u tanh(w·z + b)`
/// - log-det: `ln(1 + (w·u) sech²(w·z + b))`, by the matrix determinant lemma
/// - inverse: no closed form. With `α = w·z` solve `α + (w·u) tanh(α + b) = w·x`, which is strictly increasing for
///   `w·u > −1`; then `z = x − u tanh(α + b)`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `u, w ∈ ℝᵈ`, `b ∈ ℝ`, with `w·u > −1`. At `w·u = −1` the map is a homeomorphism whose Jacobian is
///   singular on the hyperplane `w·z = −b`, so it is refused as not a diffeomorphism
/// - source: Rezende & Mohamed 2015 (arXiv:1505.05770), eqs. 10–12 and appendix A.1 (the constraint). Their
///   reparameterisation of `u` is not applied: what is given is what is used
/// - loses precision: as `w·u → −1` near the hyperplane `w·z = −b`, where the determinant tends to 0. The log-det
///   then loses as many digits as `1 + w·u` has leading zeros, and the inverse is as ill-conditioned as the map
#[derive(Clone, Debug)]
pub struct Planar {
    u: Vec<Param>,
    w: Vec<Param>,
    b: Param,
}

impl Planar {
    /// `u` and `w` of length `d ≥ 1`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`, and `NotInvertible` unless `w·u > −1`, decided on the exact dot product.
    pub fn new(u: &[f64], w: &[f64], b: f64) -> Result<Self, FlowError> {
        expect_planar(u, w, b)?;
        Ok(Self { u: params(u.iter().copied()), w: params(w.iter().copied()), b: b.into() })
    }

    fn wu<S: Scalar>(&self) -> S {
        self.w.iter().zip(&self.u).map(|(w, &u)| w * S::from(u)).sum()
    }
}

/// `ln(1 + c sech² a)` for `c > −1`. For `c` near −1 and `a` near 0 the sum `(1 + c) + |c| tanh² a`, which has no
/// cancellation but that in `1 + c`, replaces it.
pub(super) fn log_slope<S: Scalar>(c: S, a: S) -> S {
    let sech2 = a.sech2();
    if c.prefers_below(-0.5) && (lit(0.5) - sech2).prefers_below(0.0) {
        let t = a.tanh();
        (c + 1.0 - c * t * t).ln()
    } else {
        (c * sech2).ln_1p()
    }
}

/// Refuses the parameters of a planar flow that cannot be one: `u` and `w` of one length `d ≥ 1`, `w·u > −1`.
pub(super) fn expect_planar(u: &[f64], w: &[f64], b: f64) -> Result<(), FlowError> {
    if u.is_empty() {
        return Err(FlowError::DimMismatch { what: "u".to_owned(), expected: 1, found: 0 });
    }
    if w.len() != u.len() {
        return Err(FlowError::DimMismatch { what: "w".to_owned(), expected: u.len(), found: w.len() });
    }
    finite("u", u)?;
    finite("w", w)?;
    finite("b", &[b])?;
    let wu: f64 = w.iter().zip(u).map(|(w, u)| w * u).sum();
    if !wu.is_finite() {
        return Err(FlowError::NonFinite { what: "w·u".to_owned(), value: wu });
    }
    if exceeds_minus_one(w, u) { Ok(()) } else { Err(FlowError::NotInvertible { wu }) }
}

/// Whether `w·u > −1`, with the dot product summed without rounding error in any case that matters: each product is
/// split into a rounded part and its exact error, and the parts are summed with a compensation.
fn exceeds_minus_one(w: &[f64], u: &[f64]) -> bool {
    let (mut sum, mut compensation) = (1.0f64, 0.0f64);
    let mut add = |term: f64| {
        let next = sum + term;
        let back = next - sum;
        compensation += (sum - (next - back)) + (term - back);
        sum = next;
    };
    for (&w, &u) in w.iter().zip(u) {
        let product = w * u;
        add(product);
        add(w.mul_add(u, -product));
    }
    sum + compensation > 0.0
}

impl<S: Scalar> Flow<S> for Planar {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.u.len())?;
        let a = dot(&self.w, z) + self.b;
        let t = a.tanh();
        let x: Vec<S> = z.iter().zip(&self.u).map(|(&z, u)| z + u * t).collect();
        Image::finite(x, log_slope(self.wu(), a))
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.u.len())?;
        let (wu, wx) = (self.wu::<S>(), dot(&self.w, x));
        // |w·u| either way, written without the kink of an absolute value.
        let reach = (wu * wu).sqrt();
        let alpha = S::root(wx - reach, wx + reach, |alpha| {
            let a = alpha + self.b;
            (alpha + wu * a.tanh() - wx, wu * a.sech2() + 1.0)
        })?;
        let a = alpha + self.b;
        let t = a.tanh();
        let z: Vec<S> = x.iter().zip(&self.u).map(|(&x, u)| x - u * t).collect();
        Image::finite(z, -log_slope(wu, a))
    }
}

impl Layer for Planar {
    fn dim(&self) -> usize {
        self.u.len()
    }
    fn promises(&self) -> Promises {
        Promises::default().orientation(Orientation::Positive)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("planar.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "planar",
    formula: "x = z + u tanh(w·z + b), w·u > −1",
    source: "Rezende & Mohamed 2015, eq. 10",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(Planar::new(&wave(d, 0.3), &wave(d, 0.5), 0.25).expect("w·u > 0"))),
}];

/// `d` numbers without a pattern, none 0, of length at most 1.
pub(super) fn wave(d: usize, phase: f64) -> Vec<f64> {
    (0..d).map(|i| (i as f64 + phase).sin() / (d as f64).sqrt()).collect()
}

/// Both signs of `w·u`.
fn draw() -> impl Strategy<Value = Planar> {
    draw_parameters().prop_map(|(u, w, b)| Planar::new(&u, &w, b).expect("w·u > −1"))
}

/// `u`, `w` and `b`. Where the draw breaks the constraint, `u` is shortened until it holds.
pub(super) fn draw_parameters() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, f64)> {
    (1usize..=5)
        .prop_flat_map(|d| (vector(away_from_zero(0.125, 2.0), d), vector(away_from_zero(0.125, 2.0), d), short()))
        .prop_map(|(mut u, w, b)| {
            let wu: f64 = w.iter().zip(&u).map(|(w, u)| w * u).sum();
            if wu <= -0.9375 {
                // Halving by powers of two keeps the numbers short.
                let shorten = (-0.9375 / wu).log2().floor().exp2();
                u.iter_mut().for_each(|u| *u *= shorten);
            }
            (u, w, b)
        })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "planar", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (u, w) = (fields.required("u")?.numbers()?, fields.required("w")?.numbers()?);
    let b = fields.required("b")?.number()?;
    Ok(Box::new(Planar::new(&u, &w, b).map_err(|e| fields.at().refuse(&e))?))
}
