//! Decimal text, read and written with one rounding.

use std::fmt;
use std::str::FromStr;

use ::f256::f256;

use super::Precise;

/// Text that is no decimal number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsePreciseError(String);

impl fmt::Display for ParsePreciseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a decimal number", self.0)
    }
}
impl std::error::Error for ParsePreciseError {}

/// What `f64` accepts, rounded to nearest.
impl FromStr for Precise {
    type Err = ParsePreciseError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let value: f256 = text.parse().map_err(|_| ParsePreciseError(text.to_owned()))?;
        // f256 drops the sign of a zero.
        Ok(Self(if value.eq_zero() && text.starts_with('-') { f256::NEG_ZERO } else { value }))
    }
}

/// Nine decimal digits a limb, the least significant first.
struct Limbs(Vec<u64>);

impl Limbs {
    const BASE: u64 = 1_000_000_000;

    /// `self ← self · factor + carry`, both below 2³³.
    fn multiply_add(&mut self, factor: u64, mut carry: u64) {
        for limb in &mut self.0 {
            let product = *limb * factor + carry;
            *limb = product % Self::BASE;
            carry = product / Self::BASE;
        }
        while carry > 0 {
            self.0.push(carry % Self::BASE);
            carry /= Self::BASE;
        }
    }

    fn multiply_power(&mut self, base: u64, exponent: u32) {
        let stride = if base == 2 { 32 } else { 13 };
        for _ in 0..exponent / stride {
            self.multiply_add(base.pow(stride), 0);
        }
        self.multiply_add(base.pow(exponent % stride), 0);
    }

    fn digits(&self) -> String {
        let all: String = self.0.iter().rev().map(|limb| format!("{limb:09}")).collect();
        all.trim_start_matches('0').to_owned()
    }
}

impl Precise {
    /// `n ≥ 1` significant digits of the exact binary value, rounded half to even: plain where the point falls among
    /// or near the digits, otherwise `d.ddd…e±x`. `0`, `inf` and `NaN` as f64 writes them.
    pub fn to_digits(self, n: usize) -> String {
        let sign = if self.0.is_sign_negative() && !self.is_nan() { "-" } else { "" };
        let Some((digits, exponent)) = self.decimal(n.max(1)) else {
            return if self.is_finite() { format!("{sign}0") } else { self.to_f64().to_string() };
        };
        let point = usize::try_from(exponent).map(|e| e + 1);
        match point {
            Ok(point) if point == digits.len() => format!("{sign}{digits}"),
            Ok(point) if point < digits.len() => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
            Err(_) if exponent > -7 => format!("{sign}0.{}{digits}", "0".repeat(exponent.unsigned_abs() as usize - 1)),
            _ if digits.len() == 1 => format!("{sign}{digits}e{exponent}"),
            _ => format!("{sign}{}.{}e{exponent}", &digits[..1], &digits[1..]),
        }
    }

    /// `n` digits and the power of ten of the first.
    fn decimal(self, n: usize) -> Option<(String, i32)> {
        let (exponent, high, low) = self.parts()?;
        // |self| = m · 2^twos; a negative power of two is a power of five below a power of ten.
        let (mut limbs, twos) = (Limbs(Vec::new()), exponent - 236);
        for word in [high, low] {
            for shift in [96, 64, 32, 0] {
                limbs.multiply_add(1 << 32, (word >> shift & u128::from(u32::MAX)) as u64);
            }
        }
        limbs.multiply_power(if twos < 0 { 5 } else { 2 }, twos.unsigned_abs());
        let exact = limbs.digits();
        let mut power = i32::try_from(exact.len()).ok()? - 1 + twos.min(0);
        let mut kept = exact.as_bytes()[..n.min(exact.len())].to_vec();
        if let Some((first, after)) = exact.as_bytes()[kept.len()..].split_first() {
            let tie = *first == b'5' && after.iter().all(|&b| b == b'0');
            let up = if tie { kept.last().is_some_and(|d| d % 2 == 1) } else { *first >= b'5' };
            if up {
                let nines = kept.iter().rev().take_while(|&&d| d == b'9').count();
                let last = n - nines;
                kept[last..].fill(b'0');
                if last == 0 {
                    kept[0] = b'1';
                    power += 1;
                } else {
                    kept[last - 1] += 1;
                }
            }
        }
        kept.resize(n, b'0');
        Some((kept.into_iter().map(char::from).collect(), power))
    }
}
