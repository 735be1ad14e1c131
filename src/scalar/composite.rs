//! Stable f64 forms of the composites that flows live on. Each number system builds its rule on these.

use std::f64::consts::LN_2;

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

#[cfg(test)]
mod tests {
    use super::*;

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
