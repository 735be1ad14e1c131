//! The numbers that a chapter's arithmetic is done in: exact rationals, and where those do not reach, a float of some
//! seventy digits with a bound on its error. The float is the one that [`Precise`](crate::scalar::Precise) is made of:
//! here it is also taken apart into powers of two and turned into rationals, which a scalar does not offer.

use std::cmp::Ordering;

use f256::f256 as Real;
use num_bigint::{BigInt, Sign};
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Numerator and denominator together stay below this many bits; larger ones become [`Number::Near`].
const EXACT_BITS: u64 = 4096;
/// Floats stay between `2^−LARGEST` and `2^LARGEST`: what is beyond takes long to print and means nothing in a course.
const LARGEST: u32 = 4100;
/// A decimal literal may move the point by this much.
const LARGEST_EXPONENT: i64 = 1000;

/// Why an expression has no number for a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Undefined {
    /// A division by zero, a logarithm of a negative number, and so on.
    Domain,
    /// Too large or too small.
    Range,
}

/// A number.
#[derive(Clone, Debug)]
pub(super) enum Number {
    /// Without error.
    Exact(BigRational),
    /// `|true − value| ≤ error`.
    Near { value: Real, error: Real },
}
use Number::{Exact, Near};

/// Relative error of one operation of [`Real`], with room to spare.
pub(super) fn roundoff() -> Real {
    Real::ONE.div_pow2(226)
}

impl Number {
    pub(super) fn zero() -> Self {
        Exact(BigRational::zero())
    }
    pub(super) fn one() -> Self {
        Exact(BigRational::one())
    }
    pub(super) fn integer(n: i64) -> Self {
        Exact(BigRational::from_integer(n.into()))
    }

    /// `digits · 10^(−places)`.
    pub(super) fn decimal(digits: &str, places: i64) -> Option<Self> {
        if digits.len() as i64 > LARGEST_EXPONENT || places.abs() > LARGEST_EXPONENT {
            return None;
        }
        Some(Exact(BigRational::from_integer(digits.parse().ok()?) * power_of_ten(-places)))
    }

    /// A value known only to within `error`.
    pub(super) fn loosened(&self, error: &Self) -> Self {
        let (value, own) = self.parts();
        let (e, e_error) = error.parts();
        Near { value, error: own + e + e_error }
    }

    pub(super) fn near(value: Real, error: Real) -> Result<Self, Undefined> {
        if value.is_nan() {
            return Err(Undefined::Domain);
        }
        let (large, small) = (Real::ONE.mul_pow2(LARGEST), Real::ONE.div_pow2(LARGEST));
        let fits = value.eq_zero() || (value.abs() < large && value.abs() > small);
        if fits && error < large { Ok(Near { value, error }) } else { Err(Undefined::Range) }
    }

    /// A value and a bound on its error.
    pub(super) fn parts(&self) -> (Real, Real) {
        match self {
            Exact(r) => {
                let value = real(r.numer()) / real(r.denom());
                (value, if r.is_zero() { Real::ZERO } else { value.abs() * roundoff() })
            }
            Near { value, error } => (*value, *error),
        }
    }

    /// The middle of what it can be, as a rational.
    pub(super) fn middle(&self) -> BigRational {
        match self {
            Exact(r) => r.clone(),
            Near { value, .. } => rational(*value),
        }
    }

    pub(super) fn as_integer(&self) -> Option<i64> {
        match self {
            Exact(r) if r.is_integer() => r.to_integer().to_i64(),
            _ => None,
        }
    }
    pub(super) fn is_integer(&self) -> bool {
        matches!(self, Exact(r) if r.is_integer())
    }
    pub(super) fn is_exact(&self) -> bool {
        matches!(self, Exact(_))
    }
    pub(super) fn is_zero(&self) -> bool {
        matches!(self, Exact(r) if r.is_zero())
    }

    /// The sign, where the error leaves no doubt.
    pub(super) fn sign(&self) -> Option<Ordering> {
        match self {
            Exact(r) => Some(r.cmp(&BigRational::zero())),
            Near { value, error } if *value > *error => Some(Ordering::Greater),
            Near { value, error } if -*value > *error => Some(Ordering::Less),
            Near { .. } => None,
        }
    }

    /// How it compares, where the error leaves no doubt.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        self.sub(other).ok()?.sign()
    }

    /// Whether the two may be the same number.
    pub(super) fn may_equal(&self, other: &Self) -> bool {
        self.sub(other).is_ok_and(|d| d.sign().is_none_or(|s| s == Ordering::Equal))
    }

    pub(super) fn neg(&self) -> Self {
        match self {
            Exact(r) => Exact(-r),
            Near { value, error } => Near { value: -*value, error: *error },
        }
    }
    pub(super) fn abs(&self) -> Self {
        match self {
            Exact(r) => Exact(r.abs()),
            Near { value, error } => Near { value: value.abs(), error: *error },
        }
    }
    pub(super) fn add(&self, other: &Self) -> Result<Self, Undefined> {
        self.combine(other, |a, b| a + b, |a, b| a + b, |(_, a), (_, b)| a + b)
    }
    pub(super) fn sub(&self, other: &Self) -> Result<Self, Undefined> {
        self.add(&other.neg())
    }
    pub(super) fn mul(&self, other: &Self) -> Result<Self, Undefined> {
        self.combine(other, |a, b| a * b, |a, b| a * b, |(v, a), (w, b)| v.abs() * b + w.abs() * a + a * b)
    }
    pub(super) fn div(&self, other: &Self) -> Result<Self, Undefined> {
        if other.sign().is_none_or(|s| s == Ordering::Equal) {
            return Err(Undefined::Domain);
        }
        self.combine(other, |a, b| a / b, |a, b| a / b, |(v, a), (w, b)| (a + (v / w).abs() * b) / (w.abs() - b))
    }

    fn combine(
        &self,
        other: &Self,
        exact: impl Fn(&BigRational, &BigRational) -> BigRational,
        near: impl Fn(Real, Real) -> Real,
        error: impl Fn((Real, Real), (Real, Real)) -> Real,
    ) -> Result<Self, Undefined> {
        if let (Exact(a), Exact(b)) = (self, other) {
            return Exact(exact(a, b)).bounded();
        }
        let (a, b) = (self.parts(), other.parts());
        let value = near(a.0, b.0);
        Self::near(value, error(a, b) + value.abs() * roundoff())
    }

    /// An exact number no longer than is sensible.
    pub(super) fn bounded(self) -> Result<Self, Undefined> {
        match &self {
            Exact(r) if r.numer().bits() + r.denom().bits() > EXACT_BITS => {
                let (value, error) = self.parts();
                Self::near(value, error)
            }
            _ => Ok(self),
        }
    }

    /// `self^n`.
    pub(super) fn powi(&self, n: i64) -> Result<Self, Undefined> {
        if n < 0 {
            return Self::one().div(&self.powi(n.checked_neg().ok_or(Undefined::Range)?)?);
        }
        let (mut result, mut base, mut n) = (Self::one(), self.clone(), n);
        while n > 0 {
            if n % 2 == 1 {
                result = result.mul(&base)?;
            }
            n /= 2;
            if n > 0 {
                base = base.mul(&base.clone())?;
            }
        }
        Ok(result)
    }

    /// The decimal with this many places (negative: zeros before the point), rounded half away from zero.
    pub(super) fn rounded(&self, places: i64) -> String {
        decimal_of(&self.middle(), places)
    }

    /// The first significant digits.
    pub(super) fn digits(&self, significant: i64) -> String {
        let r = self.middle();
        if r.is_zero() {
            return "0".to_owned();
        }
        let size = magnitude(&r);
        if !(-7..=18).contains(&size) {
            let mantissa = decimal_of(&(r * power_of_ten(-size)), significant - 1);
            return format!("{}e{size}", trimmed(&mantissa));
        }
        trimmed(&decimal_of(&r, (significant - 1 - size).max(0))).to_owned()
    }
}

/// A decimal without the zeros that say nothing.
pub(super) fn trimmed(decimal: &str) -> &str {
    if decimal.contains('.') { decimal.trim_end_matches('0').trim_end_matches('.') } else { decimal }
}

pub(super) fn power_of_ten(n: i64) -> BigRational {
    let power = BigInt::from(10).pow(n.unsigned_abs().min(100_000) as u32);
    if n < 0 { BigRational::new(BigInt::one(), power) } else { BigRational::from_integer(power) }
}

/// The exponent of the leading decimal digit.
pub(super) fn magnitude(r: &BigRational) -> i64 {
    if r.is_zero() {
        return 0;
    }
    let bits = r.numer().bits() as f64 - r.denom().bits() as f64;
    let mut size = (bits * std::f64::consts::LOG10_2).floor() as i64 - 1;
    while r.abs() >= power_of_ten(size + 1) {
        size += 1;
    }
    size
}

fn decimal_of(r: &BigRational, places: i64) -> String {
    let scaled = (r.abs() * power_of_ten(places)).round().to_integer();
    let negative = r.is_negative() && !scaled.is_zero();
    let mut digits = scaled.to_string();
    if places <= 0 {
        if !scaled.is_zero() {
            digits.extend(std::iter::repeat_n('0', places.unsigned_abs() as usize));
        }
    } else {
        let places = places as usize;
        if digits.len() <= places {
            digits.insert_str(0, &"0".repeat(places + 1 - digits.len()));
        }
        digits.insert(digits.len() - places, '.');
    }
    if negative { format!("-{digits}") } else { digits }
}

/// To within one part in 2²³⁰.
fn real(n: &BigInt) -> Real {
    let shift = n.bits().saturating_sub(240);
    let top = n.magnitude() >> shift;
    let low = (&top & &((num_bigint::BigUint::one() << 120u32) - 1u32)).to_u128().unwrap_or_default();
    let high = (&top >> 120u32).to_u128().unwrap_or_default();
    let value = (Real::from(high).mul_pow2(120) + Real::from(low)).mul_pow2(shift.min(500_000) as u32);
    if n.sign() == Sign::Minus { -value } else { value }
}

/// Exactly, for a finite float.
fn rational(value: Real) -> BigRational {
    if value.eq_zero() || !value.is_finite() {
        return BigRational::zero();
    }
    let (mut rest, mut scale) = (value.abs(), 0i64);
    // Into [2¹²⁷, 2¹²⁸) in steps of powers of two, all of them exact.
    for step in [1u32 << 17, 1 << 16, 1 << 14, 1 << 12, 1 << 10, 256, 64, 16, 4, 1] {
        let (large, small) = (Real::ONE.mul_pow2(128), Real::ONE.mul_pow2(127));
        while rest >= large && rest.div_pow2(step) >= small {
            (rest, scale) = (rest.div_pow2(step), scale + i64::from(step));
        }
        while rest < small && rest.mul_pow2(step) < large {
            (rest, scale) = (rest.mul_pow2(step), scale - i64::from(step));
        }
    }
    let high = u128::try_from(&rest.trunc()).unwrap_or_default();
    let low = u128::try_from(&rest.fract().mul_pow2(120).trunc()).unwrap_or_default();
    let integer = (BigInt::from(high) << 120u32) + BigInt::from(low);
    let power = BigInt::one() << (scale - 120).unsigned_abs();
    let magnitude =
        if scale < 120 { BigRational::new(integer, power) } else { BigRational::from_integer(integer * power) };
    if value.is_sign_negative() { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_and_rationals_are_the_same_numbers() {
        for (n, d) in [(1, 3), (-22, 7), (1, 1_i64 << 40), (i64::MAX, 3), (0, 1)] {
            let exact = BigRational::new(n.into(), d.into());
            let (value, _) = Exact(exact.clone()).parts();
            let error = (rational(value) - &exact).abs();
            assert!(error <= exact.abs() * BigRational::new(1.into(), BigInt::one() << 220u32), "{n}/{d}");
        }
        let large = Number::integer(7).powi(1459).unwrap();
        assert!(!large.is_exact());
        assert_eq!(large.digits(12), "9.95497974679e1232");
        assert_eq!(Number::integer(7).powi(3000).unwrap_err(), Undefined::Range);
    }

    #[test]
    fn decimals_are_rounded_half_away_from_zero() {
        for (digits, places, to, right) in [
            ("1572895465931854820", 18, 4, "1.5729"),
            ("-2231435", 7, 4, "-0.2231"),
            ("9996", 3, 2, "10.00"),
            ("25", 1, 0, "3"),
            ("1024", 0, -2, "1000"),
            ("-1", 5, 3, "0.000"),
        ] {
            assert_eq!(Number::decimal(digits, places).unwrap().rounded(to), right);
        }
    }
}
