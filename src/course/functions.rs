//! Functions of [`Number`]s.

use std::cmp::Ordering;

use f256::f256 as Real;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive};

use super::number::{Number, Undefined, roundoff};
use Number::Exact;

type Value = Result<Number, Undefined>;

pub(super) fn pi() -> Number {
    let value = f256::consts::PI;
    Number::Near { value, error: value * roundoff() }
}

pub(super) fn e() -> Number {
    let value = Real::ONE.exp();
    Number::Near { value, error: value * roundoff() }
}

/// A function monotone between the ends of what its argument can be, accurate to some units in its last place.
fn monotone(x: &Number, f: impl Fn(Real) -> Real) -> Value {
    let (value, error) = x.parts();
    let y = f(value);
    let spread =
        if error.eq_zero() { Real::ZERO } else { (f(value + error) - y).abs().max((f(value - error) - y).abs()) };
    if spread.is_nan() {
        return Err(Undefined::Domain);
    }
    Number::near(y, spread + y.abs() * roundoff() * Real::from(16u32))
}

/// A function whose slope is at most 1.
fn gentle(x: &Number, f: impl Fn(Real) -> Real) -> Value {
    let (value, error) = x.parts();
    if value.abs() > Real::ONE.mul_pow2(100) {
        return Err(Undefined::Range);
    }
    // The argument is reduced modulo π, which loses as many digits as it has before the point.
    let lost = (value.abs() + Real::ONE) * roundoff() * Real::from(16u32);
    Number::near(f(value), error + lost)
}

pub(super) fn exp(x: &Number) -> Value {
    if x.is_zero() {
        return Ok(Number::one());
    }
    if x.parts().0.abs() > Real::from(100_000u32) {
        return Err(Undefined::Range);
    }
    monotone(x, |v| v.exp())
}

pub(super) fn ln(x: &Number) -> Value {
    if x.sign() != Some(Ordering::Greater) {
        return Err(Undefined::Domain);
    }
    if matches!(x, Exact(r) if r.is_one()) {
        return Ok(Number::zero());
    }
    let (value, error) = x.parts();
    // Near 1 the result is small and its error is that of the argument.
    let y = value.ln();
    let slope = error / (value - error);
    Number::near(y, slope + (y.abs() + roundoff()) * roundoff() * Real::from(16u32))
}

/// `log_b x`, exactly where it is a small fraction.
pub(super) fn log(x: &Number, base: &Number) -> Value {
    let quotient = ln(x)?.div(&ln(base)?)?;
    if let (Exact(_), Exact(_)) = (x, base) {
        let (value, _) = quotient.parts();
        for denominator in 1..=6i64 {
            let scaled = value * Real::from(denominator);
            if let Ok(n) = i64::try_from(&scaled.round())
                && n.abs() < 2000
                && (scaled - scaled.round()).abs() < Real::ONE.div_pow2(200)
                && let (Ok(Exact(a)), Ok(Exact(b))) = (x.powi(denominator), base.powi(n))
                && a == b
            {
                return Number::integer(n).div(&Number::integer(denominator));
            }
        }
    }
    Ok(quotient)
}

pub(super) fn root(x: &Number, n: i64) -> Value {
    if !(2..=64).contains(&n) {
        return Err(Undefined::Domain);
    }
    match x.sign() {
        Some(Ordering::Equal) => return Ok(Number::zero()),
        Some(Ordering::Less) if n % 2 == 1 => return root(&x.neg(), n).map(|r| r.neg()),
        Some(Ordering::Less) => return Err(Undefined::Domain),
        _ => {}
    }
    if let Exact(r) = x {
        let take = |k: &BigInt| {
            let root = k.nth_root(n as u32);
            (root.pow(n as u32) == *k).then_some(root)
        };
        if let (Some(p), Some(q)) = (take(r.numer()), take(r.denom())) {
            return Ok(Exact(BigRational::new(p, q)));
        }
    }
    if n == 2 {
        return monotone(x, |v| v.max(Real::ZERO).sqrt());
    }
    exp(&ln(x)?.div(&Number::integer(n))?)
}

/// `x^y`.
pub(super) fn power(x: &Number, y: &Number) -> Value {
    if let Some(n) = y.as_integer() {
        if n == 0 {
            return Ok(Number::one());
        }
        if n.abs() <= 100_000 {
            return x.powi(n);
        }
    }
    if let Exact(y) = y
        && let (Some(p), Some(q)) = (y.numer().to_i64(), y.denom().to_i64())
        && (2..=64).contains(&q)
        && p.abs() <= 64
    {
        return root(x, q)?.powi(p);
    }
    match x.sign() {
        Some(Ordering::Greater) => exp(&ln(x)?.mul(y)?),
        Some(Ordering::Equal) if y.sign() == Some(Ordering::Greater) => Ok(Number::zero()),
        _ => Err(Undefined::Domain),
    }
}

pub(super) fn sin(x: &Number) -> Value {
    if x.is_zero() { Ok(Number::zero()) } else { gentle(x, |v| v.sin()) }
}
pub(super) fn cos(x: &Number) -> Value {
    if x.is_zero() { Ok(Number::one()) } else { gentle(x, |v| v.cos()) }
}
pub(super) fn tan(x: &Number) -> Value {
    sin(x)?.div(&cos(x)?)
}

/// Arguments that miss the interval [−1, 1] by rounding only are taken to be its ends.
fn unit(x: &Number, f: impl Fn(Real) -> Real) -> Value {
    let (value, error) = x.parts();
    if value.abs() > Real::ONE + error {
        return Err(Undefined::Domain);
    }
    monotone(x, |v| f(v.clamp(Real::NEG_ONE, Real::ONE)))
}
pub(super) fn asin(x: &Number) -> Value {
    unit(x, |v| v.asin())
}
pub(super) fn acos(x: &Number) -> Value {
    unit(x, |v| v.acos())
}
pub(super) fn atan(x: &Number) -> Value {
    monotone(x, |v| v.atan())
}

fn halves(x: &Number, sign: i64) -> Value {
    let up = exp(x)?;
    up.add(&Number::one().div(&up)?.mul(&Number::integer(sign))?)?.div(&Number::integer(2))
}
pub(super) fn sinh(x: &Number) -> Value {
    halves(x, -1)
}
pub(super) fn cosh(x: &Number) -> Value {
    halves(x, 1)
}
pub(super) fn tanh(x: &Number) -> Value {
    if x.parts().0.abs() > Real::from(10_000u32) {
        return Err(Undefined::Range);
    }
    monotone(x, |v| Real::ONE - Real::TWO / ((v.mul2()).exp() + Real::ONE))
}
pub(super) fn asinh(x: &Number) -> Value {
    monotone(x, |v| (v.abs() + (v * v + Real::ONE).sqrt()).ln().copysign(v))
}
pub(super) fn acosh(x: &Number) -> Value {
    monotone(x, |v| (v + (v * v - Real::ONE).sqrt()).ln())
}
pub(super) fn atanh(x: &Number) -> Value {
    monotone(x, |v| ((Real::ONE + v) / (Real::ONE - v)).ln() / Real::TWO)
}
pub(super) fn sigmoid(x: &Number) -> Value {
    Number::one().div(&Number::one().add(&exp(&x.neg())?)?)
}

/// The standard normal density.
fn density(v: Real) -> Real {
    (-(v * v) / Real::TWO).exp() / f256::consts::TAU.sqrt()
}

/// The standard normal distribution function: `½ + φ(x) Σ x^(2k+1) / (2k+1)!!`, whose terms all have one sign.
fn distribution(v: Real) -> Real {
    if v.abs() > Real::from(20u32) {
        return if v > Real::ZERO { Real::ONE } else { Real::ZERO };
    }
    let (mut term, mut sum, mut k) = (v, v, 1u32);
    while term.abs() > sum.abs() * roundoff() && k < 4000 {
        k += 2;
        term = term * v * v / Real::from(k);
        sum += term;
    }
    Real::ONE.div2() + density(v) * sum
}

pub(super) fn normal(x: &Number) -> Value {
    let (value, error) = x.parts();
    Number::near(distribution(value), error + Real::ONE.div_pow2(190))
}
pub(super) fn normal_density(x: &Number) -> Value {
    let (value, error) = x.parts();
    Number::near(density(value), error + Real::ONE.div_pow2(190))
}
pub(super) fn erf(x: &Number) -> Value {
    let root = root(&Number::integer(2), 2)?;
    let two = Number::integer(2);
    normal(&x.mul(&root)?)?.mul(&two)?.sub(&Number::one())
}

/// The inverse of [`normal`], by Newton's method from the middle.
pub(super) fn normal_quantile(p: &Number) -> Value {
    let (p, error) = p.parts();
    if p <= Real::from(1e-12) || p >= Real::ONE - Real::from(1e-12) {
        return Err(Undefined::Domain);
    }
    let mut x = Real::ZERO;
    for _ in 0..60 {
        let step = ((distribution(x) - p) / density(x)).clamp(Real::NEG_ONE, Real::ONE);
        x -= step;
        if step.abs() < Real::ONE.div_pow2(150) {
            let slope = density(x);
            return Number::near(x, error / slope + Real::ONE.div_pow2(140));
        }
    }
    Err(Undefined::Range)
}

pub(super) fn floor(x: &Number) -> Value {
    match x {
        Exact(r) => Ok(Exact(r.floor())),
        Number::Near { value, error } => {
            let (low, high) = ((*value - *error).floor(), (*value + *error).floor());
            if low == high { Ok(Exact(Number::near(low, Real::ZERO)?.middle())) } else { Err(Undefined::Domain) }
        }
    }
}

pub(super) fn factorial(n: &Number) -> Value {
    let n = n.as_integer().filter(|n| (0..=400).contains(n)).ok_or(Undefined::Domain)?;
    (2..=n).try_fold(Number::one(), |product, k| product.mul(&Number::integer(k)))
}

pub(super) fn binomial(n: &Number, k: &Number) -> Value {
    let (n, k) = (n.as_integer().ok_or(Undefined::Domain)?, k.as_integer().ok_or(Undefined::Domain)?);
    if !(0..=100_000).contains(&n) || k < 0 || k > n {
        return Err(Undefined::Domain);
    }
    let k = k.min(n - k);
    if k > 2000 {
        return Err(Undefined::Range);
    }
    (0..k).try_fold(Number::one(), |product, i| product.mul(&Number::integer(n - i))?.div(&Number::integer(i + 1)))
}

/// `Γ` at integers and halves of integers.
pub(super) fn gamma(x: &Number) -> Value {
    if let Some(n) = x.as_integer() {
        return factorial(&Number::integer(n.checked_sub(1).ok_or(Undefined::Range)?));
    }
    let twice = x.mul(&Number::integer(2))?.as_integer().filter(|t| (1..400).contains(t)).ok_or(Undefined::Domain)?;
    let half = Number::one().div(&Number::integer(2))?;
    (0..(twice - 1) / 2).try_fold(root(&pi(), 2)?, |product, k| product.mul(&Number::integer(k).add(&half)?))
}

pub(super) fn gcd(a: &Number, b: &Number) -> Value {
    let (mut a, mut b) = (integer(a)?, integer(b)?);
    while b != BigInt::ZERO {
        (a, b) = (b.clone(), a % b);
    }
    Ok(Exact(BigRational::from_integer(a.abs())))
}

pub(super) fn lcm(a: &Number, b: &Number) -> Value {
    a.mul(b)?.abs().div(&gcd(a, b)?)
}

/// The remainder in `0..|m|`.
pub(super) fn modulo(a: &Number, m: &Number) -> Value {
    let quotient = floor(&a.div(&m.abs())?)?;
    a.sub(&quotient.mul(&m.abs())?)
}

fn integer(n: &Number) -> Result<BigInt, Undefined> {
    match n {
        Exact(r) if r.is_integer() => Ok(r.to_integer()),
        _ => Err(Undefined::Domain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_to_thirty_digits() {
        let n = |digits: &str, places| Number::decimal(digits, places).unwrap();
        for (value, right) in [
            (exp(&n("5", 1)), "1.64872127070012814684865078781"),
            (ln(&n("2", 0)), "0.693147180559945309417232121458"),
            (tanh(&n("-5", 1)), "-0.462117157260009758502318483644"),
            (cosh(&n("-5", 1)), "1.12762596520638078522622516140"),
            (normal(&n("196", 2)), "0.975002104851779565863"),
            (normal_quantile(&n("975", 3)), "1.95996398454005423552"),
            (erf(&n("1", 0)), "0.842700792949714869341220635083"),
            (gamma(&n("25", 1)), "1.32934038817913702047362561251"),
            (tan(&n("1", 0)), "1.55740772465490223050697480746"),
            (atan(&n("1", 0)), "0.785398163397448309615660845820"),
            (power(&n("2", 0), &n("1", 1)), "1.07177346253629316421300632502"),
            (asinh(&n("-1", 0)), "-0.881373587019543025232609324980"),
        ] {
            let places = right.split_once('.').unwrap().1.len() as i64;
            assert_eq!(value.unwrap().rounded(places), right);
        }
    }

    #[test]
    fn exact_where_the_answer_is() {
        let n = Number::integer;
        let exact = |value: Value| match value.unwrap() {
            Exact(r) => r.to_string(),
            near => panic!("{near:?}"),
        };
        assert_eq!(exact(root(&n(-27), 3)), "-3");
        assert_eq!(exact(power(&n(8), &n(2).div(&n(3)).unwrap())), "4");
        assert_eq!(exact(log(&n(8), &n(4))), "3/2");
        assert_eq!(exact(log(&n(1000), &n(10))), "3");
        assert_eq!(exact(binomial(&n(52), &n(5))), "2598960");
        assert_eq!(exact(gcd(&n(-12), &n(18))), "6");
        assert_eq!(exact(modulo(&n(-7), &n(3))), "2");
        assert_eq!(exact(factorial(&n(5))), "120");
        for undefined in [ln(&n(0)), root(&n(-4), 2), n(1).div(&n(0)), factorial(&n(-1)), asin(&n(2))] {
            assert_eq!(undefined.unwrap_err(), Undefined::Domain);
        }
    }
}
