//! Stable f64 forms of the composites that flows live on. Each number system builds its rule on these.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2};

/// `1/(1 + e⁻ˣ)` without overflow.
pub(super) fn sigmoid(x: f64) -> f64 {
    let e = (-x.abs()).exp();
    if x < 0.0 { e / (1.0 + e) } else { 1.0 / (1.0 + e) }
}

/// `ln(1 + eˣ)` without overflow; for `x < 0` to full relative accuracy.
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// `sech² x = 4e^(−2|x|) / (1 + e^(−2|x|))²`.
pub(super) fn sech2(x: f64) -> f64 {
    let e = (-2.0 * x.abs()).exp();
    4.0 * e / ((1.0 + e) * (1.0 + e))
}

/// `ln cosh x`: `½ ln(1 + sinh² x)` near 0, where it is `x²/2`; `|x| + ln(1 + e^(−2|x|)) − ln 2` elsewhere.
pub(super) fn ln_cosh(x: f64) -> f64 {
    if x.abs() < 1.0 {
        let sinh = x.sinh();
        0.5 * (sinh * sinh).ln_1p()
    } else {
        x.abs() + ((-2.0 * x.abs()).exp().ln_1p() - LN_2)
    }
}

/// `arsinh x`, odd, accurate near 0 and without overflow.
pub(super) fn asinh(x: f64) -> f64 {
    x.asinh()
}

/// Derivative of `arsinh`: `1/√(1 + x²)` without overflow.
pub(super) fn asinh_slope(x: f64) -> f64 {
    1.0 / x.hypot(1.0)
}

/// Derivative of `arctan`: `1/(1 + x²)` without overflow; to 4 units in the last place.
#[cfg_attr(not(test), expect(dead_code, reason = "for the number systems to build their rules on"))]
pub(super) fn atan_slope(x: f64) -> f64 {
    let cos = 1.0 / x.hypot(1.0);
    cos * cos
}

/// `1/√(2π)`.
const FRAC_1_SQRT_TAU: f64 = 0.398_942_280_401_432_7;

/// The standard normal distribution function `Φ(x) = erfc(−x/√2)/2`, to full relative accuracy in the left tail.
///
/// `erfc` would multiply the rounding of its argument by x²; so that rounding, from the exact quotient, goes back in to
/// first order: `erfc′(t) = −2e^(−t²)/√π`. To 4 units in the last place.
pub(super) fn normal_cdf(x: f64) -> f64 {
    // What FRAC_1_SQRT_2 leaves of 1/√2.
    const REST: f64 = -4.833_646_656_726_457e-17;
    if x.abs() > 40.0 {
        return if x < 0.0 { 0.0 } else { 1.0 };
    }
    let t = -x * FRAC_1_SQRT_2;
    let lost = (-x).mul_add(FRAC_1_SQRT_2, -t) - x * REST;
    0.5 * libm::erfc(t) - normal_pdf(x) * std::f64::consts::SQRT_2 * lost
}

/// Derivative of [`normal_cdf`]: `φ(x) = e^(−x²/2)/√(2π)`, the rounding of x² put back in to first order. To
/// 4 units in the last place.
pub(super) fn normal_pdf(x: f64) -> f64 {
    if x.abs() > 40.0 {
        return 0.0;
    }
    let square = x * x;
    let lost = x.mul_add(x, -square);
    FRAC_1_SQRT_TAU * (-0.5 * square).exp() * (1.0 - 0.5 * lost)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Number, Precise};

    /// The largest error over `points`, in units in the last place of the precise value.
    fn ulps(points: impl Iterator<Item = f64>, f: fn(f64) -> f64, exact: fn(Precise) -> Precise) -> f64 {
        let error = |x: f64| {
            let exact = exact(Precise::from(x));
            let nearest = exact.to_f64().abs();
            let ulp = nearest.next_up() - nearest;
            (Precise::from(f(x)) - exact).to_f64().abs() / ulp
        };
        points.map(error).fold(0.0, |worst, e| if e > worst || e.is_nan() { e } else { worst })
    }

    /// Steps that do not repeat a pattern of trailing bits.
    fn grid(low: f64, high: f64) -> impl Iterator<Item = f64> {
        (0..4000).map(move |i| low + (high - low) * (f64::from(i) * 0.618_033_988_749_894_9).fract())
    }

    /// `Bounded` charges 8 units in the last place (16u) for composites and 2 (4u) for library functions.
    #[test]
    fn normal_distribution_and_arctangent_are_right_to_the_ulps_charged() {
        let powers = || grid(-60.0, 60.0).map(f64::exp2);
        for (what, worst, allowed) in [
            ("Φ, left tail", ulps(grid(-37.5, -5.0), normal_cdf, Precise::normal_cdf), 4.0),
            ("Φ, middle", ulps(grid(-5.0, 5.0), normal_cdf, Precise::normal_cdf), 4.0),
            ("Φ near 0", ulps(powers().map(|x| -1.0 / x), normal_cdf, Precise::normal_cdf), 4.0),
            ("φ", ulps(grid(-37.0, 37.0), normal_pdf, Precise::normal_pdf), 4.0),
            ("arctan", ulps(grid(-3.0, 3.0).chain(powers()), f64::atan, Precise::atan), 1.0),
            ("arctan′", ulps(powers(), atan_slope, |x| Precise::from(1.0) / (Precise::from(1.0) + x * x)), 4.0),
        ] {
            println!("{what}: {worst:.2} ulp");
            assert!(worst <= allowed, "{what}: {worst} ulp");
        }
        for x in grid(-38.6, -37.5) {
            let off = (Precise::from(normal_cdf(x)) - Precise::from(x).normal_cdf()).to_f64();
            assert!(off.abs() <= 4.0 * f64::from_bits(1), "Φ({x}) is off by {off:e}, subnormal");
        }
        assert_eq!((normal_cdf(f64::NEG_INFINITY), normal_cdf(f64::INFINITY), normal_cdf(0.0)), (0.0, 1.0, 0.5));
        assert!(normal_cdf(f64::NAN).is_nan() && normal_pdf(f64::NAN).is_nan());
        assert_eq!((normal_pdf(f64::INFINITY), atan_slope(f64::INFINITY)), (0.0, 0.0));
    }

    /// 40-digit references, computed with mpmath.
    #[test]
    fn agree_with_references_to_two_ulps_or_so() {
        let close = |a: f64, b: f64| assert!((a - b).abs() <= 4.0 * f64::EPSILON * b.abs(), "{a} vs {b}");
        close(sigmoid(-800.0), 0.0);
        close(sigmoid(-40.0), 4.248_354_255_291_589e-18);
        close(softplus(-40.0), 4.248_354_255_291_589e-18);
        close(softplus(800.0), 800.0);
        close(sech2(20.0), 1.699_341_702_116_635_6e-17);
        close(sech2(-0.5), 0.786_447_732_965_927_4);
        close(ln_cosh(1e-5), 4.999_999_999_916_667e-11);
        close(ln_cosh(0.5), 0.120_114_506_958_277_53);
        close(ln_cosh(-800.0), 799.306_852_819_440_1);
        close(asinh(1e-10), 1e-10);
        close(asinh(-3.0), -1.818_446_459_232_066_8);
        close(asinh_slope(1e200), 1e-200);
    }
}
