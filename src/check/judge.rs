//! The only tolerances. Each is derived by running error analysis; none is a constant of a layer or a law.

use crate::evidence::{Ground, Sides};

/// Pays for rounding in the error bounds themselves.
const SAFETY: f64 = 2.0;

/// The outcome for one pair of sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outcome {
    /// `|a − b| ≤ T`, and what could still hide is below the resolution asked.
    Agrees,
    /// `|a − b| > T`, or a side is no number: a theorem about rounding, one point suffices.
    Fails,
    /// f64 cannot tell here.
    Blurred,
}

/// A pair of sides, judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub outcome: Outcome,
    pub apart: f64,
    pub allowed: f64,
}

/// `T = 2(e_a + e_b)`; nothing else widens it.
///
/// A tolerance may excuse a discrepancy; it never certifies agreement: where `|a − b| + T` exceeds the resolution,
/// relative to `max(1, |side|)`, the pair is blurred. Where no better resolution than `coarseness` is to be had, that one
/// is asked.
pub(super) fn judge<V: Ground>(sides: &Sides<V>, coarseness: f64) -> Judged {
    let (a, b) = (sides.left, sides.right);
    let allowed = SAFETY * (a.error() + b.error());
    let apart = (a.value() - b.value()).to_f64().abs();
    let (left, right) = (a.value().to_f64(), b.value().to_f64());
    if !left.is_finite() || !right.is_finite() {
        // A side that is NaN or infinite is an answer only if its bound says that nothing is known.
        let outcome = if allowed.is_infinite() { Outcome::Blurred } else { Outcome::Fails };
        return Judged { outcome, apart: f64::INFINITY, allowed };
    }
    let size = left.abs().max(right.abs()).max(1.0);
    let outcome = if apart > allowed {
        Outcome::Fails
    } else if apart + allowed <= sides.resolution.max(coarseness) * size {
        Outcome::Agrees
    } else {
        Outcome::Blurred
    };
    Judged { outcome, apart, allowed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::ball;

    fn outcome(a: (f64, f64), b: (f64, f64)) -> Outcome {
        judge(&Sides::new("a", ball(a.0, a.1), "b", ball(b.0, b.1)), 0.0).outcome
    }

    #[test]
    fn a_discrepancy_beyond_the_bounds_fails_and_a_wide_bound_certifies_nothing() {
        assert_eq!(outcome((1.0, 1e-15), (1.0 + 1e-14, 1e-15)), Outcome::Fails);
        assert_eq!(outcome((1.0, 1e-14), (1.0 + 1e-14, 1e-15)), Outcome::Agrees);
        assert_eq!(outcome((1.0, 1e-3), (1.0, 0.0)), Outcome::Blurred);
        assert_eq!(outcome((1.0, f64::INFINITY), (7.0, 0.0)), Outcome::Blurred);
    }

    #[test]
    fn resolution_is_relative_above_one() {
        assert_eq!(outcome((1e6, 1e-4), (1e6, 0.0)), Outcome::Agrees);
        assert_eq!(outcome((1.0, 1e-8), (1.0, 0.0)), Outcome::Blurred);
    }
}
