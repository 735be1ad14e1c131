//! Octuple precision, about 71 decimal digits: what a formula gives when rounding no longer matters.
//!
//! Built on f256, whose functions were right to 0.56 units in the last place (2⁻²³⁶ relative) at every argument tried,
//! easy and hard, at 9 µs an `exp`, 5 µs a `ln`, 1 µs a root, 0.04 µs a product and 4 s of a cold release build.
//! astro-float took 16, 30, 5, 0.06 µs and 7 s, and is not `Copy`, which a scalar must be.
//!
//! Written here because f256 0.11.3 fails there: printing (one number in eight has wrong digits, mostly from the 34th on),
//! `ln_1p` of negative numbers (NaN), the sine of numbers below 10⁻⁷⁵ (hundreds of units lost), the sign of a zero that
//! is parsed or raised to a power; and what it has not: conversion to f64, hyperbolic functions, the normal distribution.

use std::cmp::Ordering;
use std::fmt;

use ::f256::f256;

use super::*;

mod decimal;
mod functions;
mod normal;

pub use decimal::ParsePreciseError;

/// A number of 237 significant bits, with the exponents of ±78,000 and the infinities and NaN of IEEE 754.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
pub struct Precise(f256);

impl Precise {
    /// Bits of the significand.
    pub const BITS: u32 = 237;

    /// The f64 nearest to it, ties to even; beyond the largest one, infinite.
    pub fn to_f64(self) -> f64 {
        let sign = if self.0.is_sign_negative() { -1.0 } else { 1.0 };
        if self.0.is_nan() {
            return f64::NAN;
        }
        if self.0.is_infinite() {
            return sign * f64::INFINITY;
        }
        let Some((exponent, high, low)) = self.parts() else { return sign * 0.0 };
        // 64 leading bits, the last of them sticky; the value lies in 2^exponent · [1, 2).
        let leading = high >> 45 | u128::from(low != 0 || high & ((1 << 45) - 1) != 0);
        let shift = 11 + (-1022 - exponent).max(0);
        if exponent > 1023 || shift > 64 {
            return sign * if exponent > 0 { f64::INFINITY } else { 0.0 };
        }
        let (kept, rest, half) = (leading >> shift, leading & ((1 << shift) - 1), 1 << (shift - 1));
        let up = match rest.cmp(&half) {
            Ordering::Less => 0,
            Ordering::Equal => kept & 1,
            Ordering::Greater => 1,
        };
        // A carry runs on into the exponent, as the format intends. Subnormal numbers have the exponent field 0.
        let field = u64::try_from((exponent + 1022).max(0)).unwrap_or(0) << 52;
        let significand = u64::try_from(kept + up).unwrap_or(u64::MAX);
        sign * f64::from_bits(field + significand)
    }

    /// `(e, h, l)` with `|self| = 2^(e − 236) · (h·2¹²⁸ + l)` and `2¹⁰⁸ ≤ h < 2¹⁰⁹`; nothing for 0, for the numbers
    /// below 2⁻²⁶²¹⁴² (which no computation here keeps digits of) and for what is not finite.
    fn parts(self) -> Option<(i32, u128, u128)> {
        const FIELD: u128 = (1 << 19) - 1;
        let (high, low) = self.0.to_bits();
        let biased = high >> 108 & FIELD;
        let exponent = i32::try_from(biased).ok().filter(|&e| e > 0 && biased < FIELD)? - 262_143;
        Some((exponent, high & ((1 << 108) - 1) | 1 << 108, low))
    }

    /// Whether it is neither infinite nor NaN.
    pub fn is_finite(self) -> bool {
        self.0.is_finite()
    }
    /// Whether it is NaN.
    pub fn is_nan(self) -> bool {
        self.0.is_nan()
    }
    /// `|x|`.
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }
}

/// Exact.
impl From<f64> for Precise {
    fn from(v: f64) -> Self {
        Self(f256::from(v))
    }
}
impl Neg for Precise {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}
macro_rules! operators {
    ($($trait:ident $method:ident $op:tt),*) => { $(
        impl $trait for Precise {
            type Output = Self;
            fn $method(self, right: Self) -> Self { Self(self.0 $op right.0) }
        }
    )* };
}
operators!(Add add +, Sub sub -, Mul mul *, Div div /);
derived_operators!([] Precise);

/// In 34 significant digits; [`Precise::to_digits`] gives any number of them.
impl fmt::Debug for Precise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_digits(34))
    }
}

#[cfg(test)]
mod tests;
