//! Arithmetic modulo a safe prime of 62 bits.

use std::hash::{DefaultHasher, Hash, Hasher};

/// The integers modulo a prime `p = 2q + 1` with `q` prime and `p ≡ 3 (mod 4)`.
///
/// In such a field 2 has order at least `q`: all f64 constants are dyadic, and modulo a prime where 2 has a small order
/// (61 modulo 2⁶¹ − 1) a forgotten factor `2⁶¹` would go unseen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    p: u64,
}

/// A deterministic number that nobody can choose beforehand, from whatever decides it.
pub(crate) fn digest(of: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

const SMALL: [u64; 24] = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97];

impl Field {
    /// The first safe prime at or after a place between 2⁶¹ and 2⁶² that the seed decides.
    pub(crate) fn from_seed(seed: u64) -> Self {
        let start = (1 << 61) + (digest((seed, "prime")) >> 3);
        // q ≡ 5 (mod 6) is necessary for q and 2q + 1 to be prime; then p ≡ 3 (mod 4).
        let mut q = start / 2 / 6 * 6 + 5;
        loop {
            let p = 2 * q + 1;
            if SMALL.iter().all(|s| !q.is_multiple_of(*s) && !p.is_multiple_of(*s)) && is_prime(q) && is_prime(p) {
                return Self { p };
            }
            q += 6;
        }
    }

    pub(crate) fn modulus(self) -> u64 {
        self.p
    }
    pub(crate) fn add(self, a: u64, b: u64) -> u64 {
        let sum = a + b;
        if sum >= self.p { sum - self.p } else { sum }
    }
    pub(crate) fn neg(self, a: u64) -> u64 {
        if a == 0 { 0 } else { self.p - a }
    }
    pub(crate) fn sub(self, a: u64, b: u64) -> u64 {
        self.add(a, self.neg(b))
    }
    pub(crate) fn mul(self, a: u64, b: u64) -> u64 {
        product(a, b, self.p)
    }
    /// `aⁿ`; for negative `n` of a non-zero `a`.
    pub(crate) fn pow(self, a: u64, n: i128) -> u64 {
        let exponent = n.rem_euclid(i128::from(self.p - 1));
        power(a, u64::try_from(exponent).unwrap_or(0), self.p)
    }
    pub(crate) fn inverse(self, a: u64) -> Option<u64> {
        (a != 0).then(|| self.pow(a, -1))
    }
    /// A square root, if there is one; the other is its negative.
    pub(crate) fn sqrt(self, a: u64) -> Option<u64> {
        let root = power(a, self.p.div_ceil(4), self.p);
        (self.mul(root, root) == a).then_some(root)
    }
    /// The cube root: there is exactly one, because 3 does not divide `p − 1 = 2q`.
    pub(crate) fn cbrt(self, a: u64) -> u64 {
        // 3k ≡ 1 (mod p − 1) for one of these.
        let order = u128::from(self.p - 1);
        let third = if order % 3 == 1 { (2 * order + 1) / 3 } else { (order + 1) / 3 };
        power(a, u64::try_from(third).unwrap_or(0), self.p)
    }
    /// The residue of a rational number.
    pub(crate) fn rational(self, numerator: i128, denominator: i128) -> Option<u64> {
        let p = i128::from(self.p);
        let residue = |x: i128| u64::try_from(x.rem_euclid(p)).unwrap_or(0);
        Some(self.mul(residue(numerator), self.inverse(residue(denominator))?))
    }
    /// The residue of a float, which is a dyadic rational.
    pub(crate) fn float(self, x: f64) -> Option<u64> {
        let (mantissa, exponent) = dyadic(x)?;
        let scale = self.pow(2, i128::from(exponent));
        Some(self.mul(self.rational(i128::from(mantissa), 1)?, scale))
    }

    /// The determinant, by elimination.
    pub(crate) fn determinant(self, mut rows: Vec<Vec<u64>>) -> u64 {
        let n = rows.len();
        let mut det = 1;
        for k in 0..n {
            let Some(pivot) = (k..n).find(|&i| rows[i][k] != 0) else { return 0 };
            if pivot != k {
                rows.swap(pivot, k);
                det = self.neg(det);
            }
            det = self.mul(det, rows[k][k]);
            let inverse = self.inverse(rows[k][k]).unwrap_or(0);
            let (done, open) = rows.split_at_mut(k + 1);
            let above = &done[k];
            for row in open.iter_mut().filter(|row| row[k] != 0) {
                let factor = self.neg(self.mul(row[k], inverse));
                for (entry, &top) in row.iter_mut().zip(above).skip(k) {
                    *entry = self.add(*entry, self.mul(factor, top));
                }
            }
        }
        det
    }
}

/// `x = mantissa · 2^exponent` with an odd mantissa (or 0), for finite `x`.
pub(super) fn dyadic(x: f64) -> Option<(i64, i32)> {
    if !x.is_finite() {
        return None;
    }
    if x == 0.0 {
        return Some((0, 0));
    }
    let bits = x.to_bits();
    let biased = i32::try_from(bits >> 52 & 0x7ff).ok()?;
    let fraction = i64::try_from(bits & ((1 << 52) - 1)).ok()?;
    let (mantissa, exponent) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
    let twos = mantissa.trailing_zeros();
    let odd = mantissa >> twos;
    Some((if x < 0.0 { -odd } else { odd }, exponent + i32::try_from(twos).ok()?))
}

fn product(a: u64, b: u64, modulus: u64) -> u64 {
    u64::try_from(u128::from(a) * u128::from(b) % u128::from(modulus)).unwrap_or(0)
}

fn power(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let mut result = 1;
    base %= modulus;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = product(result, base, modulus);
        }
        base = product(base, base, modulus);
        exponent >>= 1;
    }
    result
}

/// Miller–Rabin with the first twelve primes, which decides every number below 3.3·10²⁴ (Sorenson & Webster 2015).
fn is_prime(n: u64) -> bool {
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].iter().all(|&witness| {
        if n == witness {
            return true;
        }
        let mut x = power(witness, odd, n);
        x == 1
            || (0..twos).any(|_| {
                let minus_one = x == n - 1;
                x = product(x, x, n);
                minus_one
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prime_is_safe_and_follows_the_seed() {
        for seed in 0..4 {
            let Field { p } = Field::from_seed(seed);
            assert!(p > 1 << 61 && p < 1 << 62 && p % 4 == 3 && is_prime(p) && is_prime(p / 2));
            // 2 has order q or 2q.
            assert!(power(2, 61, p) != 1 && power(2, p - 1, p) == 1);
        }
        assert_ne!(Field::from_seed(1).p, Field::from_seed(2).p);
        assert!(!is_prime((1 << 61) + 1) && is_prime((1 << 61) - 1));
    }

    #[test]
    fn floats_are_exact() {
        let f = Field::from_seed(7);
        let third = f.rational(1, 3).unwrap();
        assert_eq!(f.mul(third, 3), 1);
        assert_eq!(f.float(-0.375).unwrap(), f.rational(-3, 8).unwrap());
        assert_eq!(f.float(5e-324).unwrap(), f.pow(2, -1074));
        assert_ne!(f.float(0.1).unwrap(), f.rational(1, 10).unwrap());
        assert!(f.float(f64::NAN).is_none());
    }

    #[test]
    fn determinants_and_roots() {
        let f = Field::from_seed(3);
        let m = vec![vec![0, 2, 1], vec![3, 1, 0], vec![1, 1, 4]];
        assert_eq!(f.determinant(m), f.neg(22));
        let root = f.sqrt(9).unwrap();
        assert!(root == 3 || root == f.neg(3));
        for seed in 0..8 {
            let f = Field::from_seed(seed);
            assert_eq!(f.cbrt(f.neg(27)), f.neg(3));
        }
        assert!(f.sqrt(f.neg(9)).is_none(), "−1 is no square modulo p ≡ 3 (mod 4)");
    }
}
