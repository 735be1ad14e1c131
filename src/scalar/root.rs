//! Roots of increasing functions on plain numbers: Newton's method kept inside a bracket.

use crate::error::FlowError;

/// Newton and bisection steps allowed; bisection alone needs about 60 from any bracket of moderate size.
const STEPS: usize = 300;
/// Times a bracket may be widened; each widening is twice the last, so 60 of them reach any root that rounding can
/// have put outside.
const WIDENINGS: i32 = 60;

/// The root of an increasing `g` near `lo..hi`, to the last place that `g` resolves.
pub(super) fn bracketed(lo: f64, hi: f64, g: impl Fn(f64) -> (f64, f64)) -> Result<f64, FlowError> {
    let fail = |what: String| Err(FlowError::NotConverged { what });
    if !lo.is_finite() || !hi.is_finite() {
        return fail(format!("the bracket {lo:?}..{hi:?} is not finite"));
    }
    let (mut lo, mut hi) = if lo <= hi { (lo, hi) } else { (hi, lo) };
    let Some((below, above)) = bracket(&mut lo, &mut hi, &g) else {
        return fail(format!("no change of sign in {lo:?}..{hi:?}"));
    };
    if below == 0.0 {
        return Ok(lo);
    }
    if above == 0.0 {
        return Ok(hi);
    }
    // A secant through the ends starts well for nearly linear functions and is never outside the bracket.
    let mut at = (lo + (hi - lo) * (below / (below - above))).clamp(lo, hi);
    let mut last_width = hi - lo;
    for _ in 0..STEPS {
        let (value, slope) = g(at);
        if value.is_nan() {
            return fail(format!("the function is NaN at {at:?}"));
        }
        if value == 0.0 {
            return Ok(at);
        }
        if value < 0.0 {
            lo = at
        } else {
            hi = at
        }
        let newton = at - value / slope;
        let width = hi - lo;
        // A Newton step that leaves the bracket, or a bracket that shrinks too slowly, is replaced by a bisection.
        let next = if newton > lo && newton < hi && (newton - at).abs() < 0.75 * last_width {
            newton
        } else {
            f64::midpoint(lo, hi)
        };
        last_width = (next - at).abs();
        if next == at || next <= lo || next >= hi || width <= f64::EPSILON * at.abs() * 0.5 {
            return Ok(better(&g, at, next.clamp(lo, hi)));
        }
        if last_width <= f64::EPSILON * next.abs() {
            return Ok(better(&g, at, next));
        }
        at = next;
    }
    fail(format!("{STEPS} steps did not reach the last place in {lo:?}..{hi:?}"))
}

/// Of two neighbouring candidates the one with the smaller residual.
fn better(g: impl Fn(f64) -> (f64, f64), a: f64, b: f64) -> f64 {
    if g(b).0.abs() < g(a).0.abs() { b } else { a }
}

/// Widens until the values at the ends differ in sign; returns them.
fn bracket(lo: &mut f64, hi: &mut f64, g: &impl Fn(f64) -> (f64, f64)) -> Option<(f64, f64)> {
    let scale = lo.abs().max(hi.abs()).max(*hi - *lo).max(f64::MIN_POSITIVE);
    let mut widen = 4.0 * f64::EPSILON * scale;
    for _ in 0..WIDENINGS {
        let (below, above) = (g(*lo).0, g(*hi).0);
        if below.is_nan() || above.is_nan() {
            return None;
        }
        if below <= 0.0 && above >= 0.0 {
            return Some((below, above));
        }
        if below > 0.0 {
            *lo -= widen;
        } else {
            *hi += widen;
        }
        widen *= 2.0;
        if !lo.is_finite() || !hi.is_finite() {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_roots_of_flat_and_steep_functions() {
        let cubic = bracketed(-10.0, 10.0, |t| (t * t * t - 8.0, 3.0 * t * t)).unwrap();
        assert!((cubic - 2.0).abs() <= f64::EPSILON * 2.0);
        let flat = bracketed(-1.0, 1.0, |t| (t * t * t, 3.0 * t * t)).unwrap();
        assert!(flat.abs() < 1e-6, "{flat}");
        let steep = bracketed(0.0, 100.0, |t| (t.exp() - 1e30, t.exp())).unwrap();
        assert!((steep - 30.0 * 10f64.ln()).abs() < 1e-13);
        assert_eq!(bracketed(0.5, 0.5, |t| (t - 0.5, 1.0)).unwrap(), 0.5);
    }

    #[test]
    fn a_root_just_outside_is_found_and_a_missing_one_is_an_error() {
        let outside = bracketed(0.0, 1.0, |t| (t - 1.0 - 1e-12, 1.0)).unwrap();
        assert!((outside - 1.0 - 1e-12).abs() <= f64::EPSILON);
        for none in [|_| (1.0, 0.0), |_| (f64::NAN, 1.0)] {
            let result = bracketed(0.0, 1.0, none);
            assert!(matches!(result, Err(FlowError::NotConverged { .. })), "{result:?}");
        }
    }
}
