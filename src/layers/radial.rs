//! Radial flow.

use proptest::prelude::*;

use super::planar::wave;
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, between, boxed, short, vector};
use crate::flow::{Flow, Image, Layer, expect_finite, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises};
use crate::scalar::Scalar;

/// The radial flow, which stretches or shrinks the distance from a centre.
///
/// - formula: `x = z + β h(r) (z − z0)`, `r = ‖z − z0‖`, `h(r) = 1/(α + r)`
/// - log-det: `(d − 1) ln(1 + β h(r)) + ln(1 + β h(r) + β h′(r) r)`, where the last sum is `1 + αβ h(r)²`
/// - inverse: `R = ‖x − z0‖ = r (1 + β h(r))` increases with `r`, which is the positive root of
///   `r² + (α + β − R) r − α R = 0`; then `z = z0 + (x − z0)(α + r)/(α + β + r)`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `z0 ∈ ℝᵈ`, `α > 0`, `β > −α`. At `β = −α` the Jacobian vanishes at `z0`. What is given is what is
///   used: no softplus is applied
/// - source: Rezende & Mohamed 2015 (arXiv:1505.05770), eq. 14 and appendix A.2 (the constraint)
/// - loses precision: as `β → −α` near `z0`. At `z = z0` the map has one derivative, `(1 + β/α) I`, and no second
#[derive(Clone, Debug)]
pub struct Radial {
    centre: Vec<Param>,
    alpha: Param,
    beta: Param,
}

impl Radial {
    /// `centre` is `z0`, of length `d ≥ 1`.
    ///
    /// # Errors
    /// `DimMismatch` for no coordinates; `NonFinite`; `BadParameter` unless `α > 0` and `β > −α`.
    pub fn new(centre: &[f64], alpha: f64, beta: f64) -> Result<Self, FlowError> {
        if centre.is_empty() {
            return Err(FlowError::DimMismatch { what: "z0".to_owned(), expected: 1, found: 0 });
        }
        finite("z0", centre)?;
        finite("alpha", &[alpha])?;
        finite("beta", &[beta])?;
        let bad =
            |name: &str, value, constraint| Err(FlowError::BadParameter { name: name.to_owned(), value, constraint });
        if alpha <= 0.0 {
            return bad("alpha", alpha, "alpha > 0");
        }
        if beta <= -alpha {
            return bad("beta", beta, "beta > −alpha");
        }
        Ok(Self { centre: params(centre.iter().copied()), alpha: alpha.into(), beta: beta.into() })
    }

    /// `point − z0` and its length.
    fn about_centre<S: Scalar>(&self, point: &[S]) -> Result<(Vec<S>, S), FlowError> {
        expect_point(point, self.centre.len())?;
        let away: Vec<S> = point.iter().zip(&self.centre).map(|(&p, &c)| p - c).collect();
        let square: S = away.iter().map(|&a| a * a).sum();
        expect_finite(square, format_args!("the squared distance from the centre"))?;
        // At the centre the length has no derivative, but what the map makes of it does: as if it were constant.
        let length = if square.prefers_below(f64::MIN_POSITIVE) { S::from(0.0) } else { square.sqrt() };
        Ok((away, length))
    }

    /// The log-det at distance `r`. For `β h < −½` the ratios of positive sums `(α + β + r)/(α + r)` and
    /// `(r² + 2αr + α(α + β))/(α + r)²` replace `1 + β h` and `1 + αβ h²`: only `α + β` cancels.
    fn log_det<S: Scalar>(&self, r: S) -> S {
        let (alpha, beta) = (S::from(self.alpha), S::from(self.beta));
        let h = (r + alpha).recip();
        let stretch = beta * h;
        let (tangential, radial) = if stretch.prefers_below(-0.5) {
            let sum = alpha + beta;
            (((sum + r) * h).ln(), ((r * (r + alpha * 2.0) + alpha * sum) * h * h).ln())
        } else {
            (stretch.ln_1p(), (stretch * alpha * h).ln_1p())
        };
        tangential * (self.centre.len() - 1) as f64 + radial
    }
}

impl<S: Scalar> Flow<S> for Radial {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let (away, r) = self.about_centre(z)?;
        let stretch = self.beta / (r + self.alpha);
        let x: Vec<S> = z.iter().zip(&away).map(|(&z, &a)| z + stretch * a).collect();
        Image::finite(x, self.log_det(r))
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        let (away, length) = self.about_centre(x)?;
        let sum = self.alpha + S::from(self.beta);
        let b = sum - length;
        let product = self.alpha * length;
        let root = (b * b + product * 4.0).sqrt();
        let r = if b.prefers_below(0.0) { (root - b) * 0.5 } else { product * 2.0 / (root + b) };
        let shrink = (r + self.alpha) / (r + sum);
        let z: Vec<S> = away.iter().zip(&self.centre).map(|(&a, &c)| a * shrink + c).collect();
        Image::finite(z, -self.log_det(r))
    }
}

impl Layer for Radial {
    fn dim(&self) -> usize {
        self.centre.len()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("radial.")
    }
    fn promises(&self) -> Promises {
        Promises::default().orientation(Orientation::Positive)
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "radial",
    formula: "x = z + β (z − z0)/(α + ‖z − z0‖), α > 0, β > −α",
    source: "Rezende & Mohamed 2015, eq. 14",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(Radial::new(&wave(d, 0.3), 1.25, 0.75).expect("α > 0, β > −α"))),
}];

/// Both signs of `β`. The centre lies between the points of a grid of sixteenths, so that no drawn point is at it.
fn draw() -> impl Strategy<Value = Radial> {
    let shrinking = between(0.125, 0.9375).prop_map(|share| -share);
    (1usize..=5)
        .prop_flat_map(|d| vector(short().prop_map(|c| c + 0.03125), d))
        .prop_flat_map(move |centre| {
            (Just(centre), between(0.25, 2.0), prop_oneof![shrinking.clone(), between(0.125, 3.0)])
        })
        .prop_map(|(centre, alpha, share)| {
            let beta = if share < 0.0 { share * alpha } else { share };
            Radial::new(&centre, alpha, beta).expect("α > 0, β > −α")
        })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "radial", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let centre = fields.required("z0")?.numbers()?;
    let (alpha, beta) = (fields.required("alpha")?.number()?, fields.required("beta")?.number()?);
    Ok(Box::new(Radial::new(&centre, alpha, beta).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Dual, Tangents};

    #[test]
    fn at_the_centre_the_derivative_is_that_of_a_scaling() {
        let layer = Radial::new(&[0.5, -0.25, 1.0], 2.0, -0.5).unwrap();
        let z: Vec<Dual> = [0.5, -0.25, 1.0].iter().enumerate().map(|(i, &z)| Dual::variable(z, Some(i))).collect();
        for inverse in [false, true] {
            let image = if inverse { layer.inverse(&z) } else { layer.forward(&z) }.unwrap();
            let (slope, sign): (f64, f64) = if inverse { (4.0 / 3.0, -1.0) } else { (0.75, 1.0) };
            for (i, x) in image.point.iter().enumerate() {
                for j in 0..3 {
                    assert!((x.tangent(j) - if i == j { slope } else { 0.0 }).abs() < 1e-15);
                }
            }
            let log_det = image.log_det.primal(crate::scalar::KEY);
            assert!((log_det - sign * 3.0 * 0.75f64.ln()).abs() < 1e-15);
        }
    }

    #[test]
    fn refusals() {
        let kind = |alpha, beta| Radial::new(&[0.0], alpha, beta).map_err(|e| e.kind()).err();
        assert_eq!(kind(1.0, -0.9999), None);
        for (alpha, beta) in [(0.0, 1.0), (-1.0, 2.0), (1.0, -1.0), (1.0, -2.0)] {
            assert_eq!(kind(alpha, beta), Some("BadParameter"));
        }
        assert_eq!(kind(1.0, f64::NAN), Some("NonFinite"));
        assert_eq!(Radial::new(&[], 1.0, 1.0).unwrap_err().kind(), "DimMismatch");
    }
}
