//! Arithmetic modulo a safe prime of 62 bits.

use std::hash::{DefaultHasher, Hash, Hasher};

/// The integers modulo a prime `p = 2q + 1` with `q` prime and `p ≡ 3 (mod 4)`.
///
/// In such a field 2 has order at least `q`: all f64 constants are dyadic, and modulo a prime where 2 has a small order
/// (61 modulo 2⁶¹ − 1) a forgotten factor `2⁶¹` would go unseen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    p: u64,
    ring: Ring,
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
                return Self { p, ring: Ring::modulo(p) };
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
        self.ring.product(a, b)
    }
    /// `aⁿ`; for negative `n` of a non-zero `a`.
    pub(crate) fn pow(self, a: u64, n: i128) -> u64 {
        let exponent = n.rem_euclid(i128::from(self.p - 1));
        self.ring.power(a, u64::try_from(exponent).unwrap_or(0))
    }
    pub(crate) fn inverse(self, a: u64) -> Option<u64> {
        match a {
            0 => None,
            1 => Some(1),
            _ => Some(self.pow(a, -1)),
        }
    }
    /// A square root, if there is one; the other is its negative.
    pub(crate) fn sqrt(self, a: u64) -> Option<u64> {
        let root = self.ring.power(a, self.p.div_ceil(4));
        (self.mul(root, root) == a).then_some(root)
    }
    /// The cube root: there is exactly one, because 3 does not divide `p − 1 = 2q`.
    pub(crate) fn cbrt(self, a: u64) -> u64 {
        // 3k ≡ 1 (mod p − 1) for one of these.
        let order = u128::from(self.p - 1);
        let third = if order % 3 == 1 { (2 * order + 1) / 3 } else { (order + 1) / 3 };
        self.ring.power(a, u64::try_from(third).unwrap_or(0))
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
        let base = if exponent < 0 { self.p.div_ceil(2) } else { 2 };
        let scale = self.ring.power(base, u64::from(exponent.unsigned_abs()));
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

/// Products modulo an odd number below 2⁶³ without a division (Montgomery 1985), of numbers below it.
#[derive(Clone, Copy, Debug)]
struct Ring {
    n: u64,
    /// `−1/n` modulo 2⁶⁴.
    minus_inverse: u64,
    /// `2¹²⁸` modulo `n`.
    square: u64,
}

impl Ring {
    fn modulo(n: u64) -> Self {
        // Each Newton step doubles the number of right bits, of which n itself has three.
        let inverse = (0..5).fold(n, |x, _| x.wrapping_mul(2u64.wrapping_sub(n.wrapping_mul(x))));
        let wide = u128::MAX % u128::from(n) + 1;
        Self { n, minus_inverse: inverse.wrapping_neg(), square: low(wide % u128::from(n)) }
    }
    /// `x / 2⁶⁴` modulo `n`, for `x < 2⁶⁴ n`.
    fn reduced(self, x: u128) -> u64 {
        let k = low(x).wrapping_mul(self.minus_inverse);
        let quotient = low((x + u128::from(k) * u128::from(self.n)) >> 64);
        if quotient >= self.n { quotient - self.n } else { quotient }
    }
    fn times(self, a: u64, b: u64) -> u64 {
        self.reduced(u128::from(a) * u128::from(b))
    }
    fn product(self, a: u64, b: u64) -> u64 {
        self.times(self.times(a, b), self.square)
    }
    fn power(self, base: u64, mut exponent: u64) -> u64 {
        let (mut square, mut result) = (self.times(base, self.square), self.times(1, self.square));
        while exponent > 0 {
            if exponent & 1 == 1 {
                result = self.times(result, square);
            }
            square = self.times(square, square);
            exponent >>= 1;
        }
        self.reduced(u128::from(result))
    }
}

/// The low half.
#[expect(clippy::cast_possible_truncation, reason = "that is what it is for")]
fn low(x: u128) -> u64 {
    x as u64
}

/// Miller–Rabin with the first twelve primes, which decides every number below 3.1·10²³ (Sorenson & Webster 2015).
fn is_prime(n: u64) -> bool {
    let twos = (n - 1).trailing_zeros();
    let odd = (n - 1) >> twos;
    let ring = Ring::modulo(n);
    [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].iter().all(|&witness| {
        if n == witness {
            return true;
        }
        let mut x = ring.power(witness, odd);
        x == 1
            || (0..twos).any(|_| {
                let minus_one = x == n - 1;
                x = ring.product(x, x);
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
            let p = Field::from_seed(seed).modulus();
            assert!(p > 1 << 61 && p < 1 << 62 && p % 4 == 3 && is_prime(p) && is_prime(p / 2));
            // 2 has order q or 2q.
            let ring = Ring::modulo(p);
            assert!(ring.power(2, 61) != 1 && ring.power(2, p - 1) == 1);
        }
        assert_ne!(Field::from_seed(1).p, Field::from_seed(2).p);
        assert!(!is_prime((1 << 61) + 1) && is_prime((1 << 61) - 1));
    }

    #[test]
    fn products_are_those_of_long_division() {
        let mut x = 1_u64;
        for n in [3, 61, (1 << 61) - 1, Field::from_seed(5).modulus(), (1 << 62) + 1, (1 << 63) - 1] {
            let ring = Ring::modulo(n);
            for _ in 0..200 {
                x = digest(x);
                let (a, b) = (x % n, digest((x, 1)) % n);
                for (a, b) in [(a, b), (a, n - 1), (n - 1, n - 1), (0, b), (1, b)] {
                    assert_eq!(u128::from(ring.product(a, b)), u128::from(a) * u128::from(b) % u128::from(n));
                }
                assert_eq!(ring.power(a, 3), ring.product(a, ring.product(a, a)));
            }
        }
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
