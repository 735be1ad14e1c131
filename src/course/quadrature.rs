//! Integrals over finite intervals, by the double exponential rule (Takahasi and Mori 1974): the substitution
//! `x = tanh(½π sinh t)` lets the integrand vanish so fast that the trapezoidal rule converges exponentially.

use f256::f256 as Real;

use super::number::Number;
use super::skip::{Skip, Why};

/// The integral, with the difference of the two finest rules for its error.
pub(super) fn integral(
    from: &Number,
    to: &Number,
    at: impl Fn(Number) -> Result<Number, Skip>,
) -> Result<Number, Skip> {
    let ((a, _), (b, _)) = (from.parts(), to.parts());
    let (middle, half) = ((a + b).div2(), (b - a).div2());
    let half_pi = f256::consts::PI.div2();
    let term = |k: i32, steps: i32| -> Result<Real, Skip> {
        let t = Real::from(k) / Real::from(steps);
        let (up, down) = (t.exp(), (-t).exp());
        let inner = half_pi * (up - down).div2();
        let growth = (inner.exp() + (-inner).exp()).div2();
        let weight = half_pi * (up + down).div2() / (growth * growth);
        let x = Real::ONE - Real::TWO / (inner.mul2().exp() + Real::ONE);
        match at(Number::near(middle + half * x, Real::ZERO).map_err(|_| singular())?) {
            Ok(value) => Ok(value.parts().0 * weight),
            // Where the weight is next to nothing a pole at the end does no harm.
            Err(_) if weight < Real::ONE.div_pow2(90) => Ok(Real::ZERO),
            Err(skip) => Err(skip),
        }
    };
    let rule = |steps: i32| -> Result<Real, Skip> {
        let sum = (-4 * steps..=4 * steps).try_fold(Real::ZERO, |sum, k| Ok::<_, Skip>(sum + term(k, steps)?))?;
        Ok(sum * half / Real::from(steps))
    };
    let (coarse, fine) = (rule(5)?, rule(10)?);
    let error = (fine - coarse).abs() + fine.abs() * Real::ONE.div_pow2(80);
    if error > (fine.abs() + Real::ONE) * Real::from(1e-9) {
        return Err(Skip::new(Why::TooClose, "an integral that does not converge fast"));
    }
    Number::near(fine, error).map_err(|_| singular())
}

fn singular() -> Skip {
    Skip::new(Why::Undefined, "an integral without a value")
}
