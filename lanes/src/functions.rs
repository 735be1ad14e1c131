//! Elementary functions without branches, so that loops over them become vector code.
//!
//! Each is right to 2 units in the last place on its stated range (tested by the crate that uses them, against 237 bits);
//! outside, [`map`] calls the function of the standard library.

use std::f64::consts::{LOG2_E, SQRT_2};

use crate::Fma;

/// 1.5 · 2⁵²: a sum with it rounds to an integer, which its low bits then hold.
const MAGIC: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts, the first with trailing zeros.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// `(2ⁿ, expm1 r)` with `x = n ln 2 + r`, `|r| ≤ ½ ln 2`, for `|x| ≤ 708`.
#[inline(always)]
fn reduced<F: Fma>(x: f64) -> (f64, f64) {
    let shifted = F::fma(x, LOG2_E, MAGIC);
    let n = shifted - MAGIC;
    let r = F::fma(n, -LN_2_LOW, F::fma(n, -LN_2_HIGH, x));
    let power = f64::from_bits(shifted.to_bits().wrapping_add(1023) << 52);
    // Taylor's series to r¹³: the rest is below 2⁻⁵⁷ of the sum. In halves, to shorten the chain.
    let s = r * r;
    let high = F::fma(
        s,
        F::fma(
            s,
            F::fma(r, 1.0 / 6_227_020_800.0, 1.0 / 479_001_600.0),
            F::fma(r, 1.0 / 39_916_800.0, 1.0 / 3_628_800.0),
        ),
        F::fma(r, 1.0 / 362_880.0, 1.0 / 40_320.0),
    );
    let low = F::fma(
        s,
        F::fma(s, F::fma(r, 1.0 / 5040.0, 1.0 / 720.0), F::fma(r, 1.0 / 120.0, 1.0 / 24.0)),
        F::fma(r, 1.0 / 6.0, 0.5),
    );
    let fourth = s * s;
    let tail = F::fma(fourth * s, high, low);
    (power, F::fma(s, tail, r))
}

/// `eˣ` for `|x| ≤ 708`.
#[inline(always)]
pub(crate) fn exp<F: Fma>(x: f64) -> f64 {
    let (power, p) = reduced::<F>(x);
    F::fma(power, p, power)
}

/// `tanh x` for every x.
#[inline(always)]
pub(crate) fn tanh<F: Fma>(x: f64) -> f64 {
    // From 22 on the nearest f64 is 1.
    let size = x.abs();
    let twice = if size < 22.0 { 2.0 * size } else { 44.0 };
    let (power, p) = reduced::<F>(twice);
    let e = F::fma(power, p, power - 1.0);
    let t = (e / (e + 2.0)).copysign(x);
    if x.is_nan() { x } else { t }
}

/// `1/(1 + e⁻ˣ)` for `|x| ≤ 708`.
#[inline(always)]
pub(crate) fn sigmoid<F: Fma>(x: f64) -> f64 {
    let e = exp::<F>(-x.abs());
    (if x < 0.0 { e } else { 1.0 }) / (1.0 + e)
}

/// `sech² x` for `|x| ≤ 354`.
#[inline(always)]
pub(crate) fn sech2<F: Fma>(x: f64) -> f64 {
    let e = exp::<F>(-2.0 * x.abs());
    4.0 * e / ((1.0 + e) * (1.0 + e))
}

/// `ln x` for normal `x > 0`: `2 artanh s` with `s = (m − 1)/(m + 1)`, `x = 2ᵏ m`, `√½ ≤ m < √2`.
#[inline(always)]
pub(crate) fn ln<F: Fma>(x: f64) -> f64 {
    const HIDDEN: u64 = 0x000f_ffff_ffff_ffff;
    let bits = x.to_bits();
    let mantissa = f64::from_bits((bits & HIDDEN) | 1.0f64.to_bits());
    let is_large = mantissa >= SQRT_2;
    let m = if is_large { 0.5 * mantissa } else { mantissa };
    // The exponent as a float, without a conversion of integers: its bits below those of 2⁵².
    let exponent = f64::from_bits((bits >> 52) | 4_503_599_627_370_496.0f64.to_bits()) - 4_503_599_627_370_496.0;
    let k = exponent - if is_large { 1022.0 } else { 1023.0 };
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    // The minimax coefficients for artanh on this interval that fdlibm (Sun 1993, e_log.c) publishes.
    let w = z * z;
    let even = w * F::fma(w, F::fma(w, 0.153_138_376_992_093_73, 0.222_221_984_321_497_84), 0.399_999_999_994_094_2);
    let odd = F::fma(w, 0.147_981_986_051_165_86, 0.181_835_721_616_180_5);
    let odd = z * F::fma(w, F::fma(w, odd, 0.285_714_287_436_623_9), 0.666_666_666_666_673_5);
    let r = odd + even;
    let half = 0.5 * f * f;
    k * LN_2_HIGH - ((half - F::fma(s, half + r, k * LN_2_LOW)) - f)
}

/// `ln(1 + x)` for `x ≥ −½`, finite: what rounding `1 + x` lost goes back in to first order.
#[inline(always)]
pub(crate) fn ln_1p<F: Fma>(x: f64) -> f64 {
    let u = 1.0 + x;
    // The two parts of the exact sum, whichever of the summands is the larger.
    let back = u - 1.0;
    let lost = (1.0 - (u - back)) + (x - back);
    ln::<F>(u) + lost / u
}

/// `ln(1 + eˣ)` for `|x| ≤ 708`.
#[inline(always)]
pub(crate) fn softplus<F: Fma>(x: f64) -> f64 {
    (if x > 0.0 { x } else { 0.0 }) + ln_1p::<F>(exp::<F>(-x.abs()))
}

/// Applies a function where its range allows, and another elsewhere.
#[inline(always)]
pub(crate) fn map(
    x: &[f64],
    y: &mut [f64],
    inside: impl Fn(f64) -> bool,
    f: impl Fn(f64) -> f64,
    elsewhere: impl Fn(f64) -> f64,
) {
    let mut all = true;
    for (y, &x) in y.iter_mut().zip(x) {
        *y = f(x);
    }
    for &x in x {
        all &= inside(x);
    }
    if !all {
        for (y, &x) in y.iter_mut().zip(x) {
            if !inside(x) {
                *y = elsewhere(x);
            }
        }
    }
}
