//! Signed power of every coordinate.

use proptest::prelude::*;

use super::coordinates::{each, expect_dim, expect_positive};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, between, boxed};
use crate::flow::{Flow, Image, Layer, expect_factor, expect_member, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Domain, Promises, Structure};
use crate::scalar::Scalar;

/// The signed power.
///
/// - formula: `x_i = sign(z_i) |z_i|^{p_i}`
/// - log-det: `Σ ln p_i + (p_i − 1) ln|z_i|`
/// - inverse: `z_i = sign(x_i) |x_i|^{1/p_i}`
/// - domain → codomain: (ℝ∖{0})ᵈ → (ℝ∖{0})ᵈ. The map extends to 0 as a homeomorphism, but the slope is 0 or infinite
///   there, so a coordinate 0 is `Singular`
/// - parameters: exponents `p_i > 0`
/// - source: definition
/// - loses precision: the relative error of a power grows with `p |ln|z||`; powers that over- or underflow are `OutOfRange`
#[derive(Clone, Debug)]
pub struct SignedPower {
    p: Vec<Param>,
}

impl SignedPower {
    /// `p` of length `d ≥ 1`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite`; `BadParameter` unless every exponent is positive.
    pub fn new(p: &[f64]) -> Result<Self, FlowError> {
        expect_dim(p.len())?;
        finite("p", p)?;
        expect_positive(|i| format!("p[{i}]"), p)?;
        Ok(Self { p: params(p.iter().copied()) })
    }

    /// The number of the sign of `like` with this logarithm of its absolute value.
    fn with_sign<S: Scalar>(log: S, like: S, i: usize) -> Result<S, FlowError> {
        let size = log.exp();
        expect_factor(size, i)?;
        Ok(like.select(0.0, || -size, || size))
    }

    fn log_slope<S: Scalar>(&self, i: usize, log_z: S) -> S {
        let p = S::from(self.p[i]);
        p.ln() + (p - 1.0) * log_z
    }
}

impl<S: Scalar> Flow<S> for SignedPower {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.p.len())?;
        expect_member(z, &Domain::NonZero)?;
        each(z, self.p.len(), |i, z| {
            let log = z.ln_abs();
            Ok((Self::with_sign(log * self.p[i], z, i)?, self.log_slope(i, log)))
        })
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.p.len())?;
        expect_member(x, &Domain::NonZero)?;
        each(x, self.p.len(), |i, x| {
            let log = x.ln_abs() / self.p[i];
            Ok((Self::with_sign(log, x, i)?, -self.log_slope(i, log)))
        })
    }
}

impl Layer for SignedPower {
    fn dim(&self) -> usize {
        self.p.len()
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default().domain(Domain::NonZero).codomain(Domain::NonZero);
        promises.structure(Structure::Diagonal).increasing()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("signed_power.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "signed_power",
    formula: "x = sign(z) |z|ᵖ, p > 0, z ≠ 0",
    source: "definition",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(SignedPower::new(&vec![1.5; d]).expect("positive"))),
}];

/// Exponents on either side of 1 and away from it, whole and broken.
fn draw() -> impl Strategy<Value = SignedPower> {
    let p = || prop_oneof![between(0.25, 0.75), between(1.25, 3.0)];
    (1usize..=5)
        .prop_flat_map(move |d| proptest::collection::vec(p(), d))
        .prop_map(|p| SignedPower::new(&p).expect("positive"))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "signed_power", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let p = fields.required("p")?;
    Ok(Box::new(SignedPower::new(&p.numbers()?).map_err(|e| p.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_sign_and_refuses_zero() {
        let cube = SignedPower::new(&[3.0, 3.0]).unwrap();
        let image = cube.forward(&[-2.0, 0.5]).unwrap();
        assert!((image.point[0] + 8.0).abs() < 1e-14 && (image.point[1] - 0.125).abs() < 1e-16);
        assert!((image.log_det - 2.0 * 3f64.ln()).abs() < 1e-15);
        assert_eq!(cube.forward(&[1.0, 0.0]).unwrap_err().kind(), "Singular");
        assert_eq!(cube.inverse(&[-0.0, 1.0]).unwrap_err().kind(), "Singular");
        assert_eq!(cube.forward(&[1e-200, 1.0]).unwrap_err().kind(), "OutOfRange");
        assert_eq!(SignedPower::new(&[-1.0]).unwrap_err().kind(), "BadParameter");
    }
}
