//! Sums of monomials with rational coefficients: the form in which the argument of an exponential is taken apart.

use std::collections::BTreeMap;

/// Terms beyond which a sum is left whole; what is left whole is a symbol of its own, which is sound.
const TERMS: usize = 64;

/// A fraction in lowest terms with a positive denominator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rational {
    pub top: i128,
    pub bottom: i128,
}

impl Rational {
    pub(crate) const ONE: Self = Self { top: 1, bottom: 1 };

    /// `None` where numbers grow beyond what is kept.
    fn new(top: i128, bottom: i128) -> Option<Self> {
        let divisor = gcd(top.unsigned_abs(), bottom.unsigned_abs());
        let divisor = i128::try_from(divisor).ok()?.max(1) * bottom.signum();
        let small = |x: i128| x.unsigned_abs() < 1 << 100;
        let (top, bottom) = (top / divisor, bottom / divisor);
        (bottom != 0 && small(top) && small(bottom)).then_some(Self { top, bottom })
    }
    /// A float of moderate size, exactly.
    pub(crate) fn float(x: f64) -> Option<Self> {
        let (mantissa, exponent) = super::field::dyadic(x)?;
        let scale = 1i128.checked_shl(exponent.unsigned_abs()).filter(|_| exponent.abs() < 90)?;
        if exponent < 0 {
            Self::new(mantissa.into(), scale)
        } else {
            Self::new(i128::from(mantissa).checked_mul(scale)?, 1)
        }
    }
    pub(crate) fn whole(n: i128) -> Self {
        Self { top: n, bottom: 1 }
    }
    pub(crate) fn add(self, o: Self) -> Option<Self> {
        let a = self.top.checked_mul(o.bottom)?;
        let b = o.top.checked_mul(self.bottom)?;
        Self::new(a.checked_add(b)?, self.bottom.checked_mul(o.bottom)?)
    }
    pub(crate) fn mul(self, o: Self) -> Option<Self> {
        Self::new(self.top.checked_mul(o.top)?, self.bottom.checked_mul(o.bottom)?)
    }
    pub(crate) fn recip(self) -> Option<Self> {
        Self::new(self.bottom, self.top).filter(|_| self.top != 0)
    }
    /// `n` times it, where that is an integer.
    pub(crate) fn times(self, n: i128) -> Option<i128> {
        let product = self.top.checked_mul(n)?;
        (product % self.bottom == 0).then(|| product / self.bottom)
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A product of atoms, each named by its residue, with their powers. The empty product is 1.
pub(crate) type Monomial = BTreeMap<u64, u32>;

/// `Σ c·m`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Form(pub BTreeMap<Vec<(u64, u32)>, Rational>);

impl Form {
    pub(crate) fn constant(c: Rational) -> Self {
        let mut form = Self::default();
        if c.top != 0 {
            form.0.insert(Vec::new(), c);
        }
        form
    }
    pub(crate) fn atom(residue: u64) -> Self {
        Self(BTreeMap::from([(vec![(residue, 1)], Rational::ONE)]))
    }
    /// `self + c·o`, unless it has too many terms.
    pub(crate) fn plus(&self, c: Rational, o: &Self) -> Option<Self> {
        let mut sum = self.clone();
        for (monomial, &coefficient) in &o.0 {
            let add = coefficient.mul(c)?;
            let new = match sum.0.get(monomial) {
                Some(old) => old.add(add)?,
                None => add,
            };
            if new.top == 0 {
                sum.0.remove(monomial);
            } else {
                sum.0.insert(monomial.clone(), new);
            }
        }
        (sum.0.len() <= TERMS).then_some(sum)
    }
    /// The product, multiplied out, unless it has too many terms.
    pub(crate) fn times(&self, o: &Self) -> Option<Self> {
        if self.0.len() * o.0.len() > TERMS {
            return None;
        }
        let mut product = Self::default();
        for (a, &x) in &self.0 {
            for (b, &y) in &o.0 {
                let mut powers = Monomial::from_iter(a.iter().copied());
                for &(atom, power) in b {
                    *powers.entry(atom).or_default() += power;
                }
                let term = Self(BTreeMap::from([(powers.into_iter().collect(), x.mul(y)?)]));
                product = product.plus(Rational::ONE, &term)?;
            }
        }
        Some(product)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_factored_and_an_expanded_form_agree() {
        let (a, b) = (Form::atom(5), Form::atom(7));
        let half = Rational::float(0.5).unwrap();
        let sum = a.plus(half, &b).unwrap();
        let square = sum.times(&sum).unwrap();
        let expanded = a
            .times(&a)
            .unwrap()
            .plus(Rational::ONE, &a.times(&b).unwrap())
            .unwrap()
            .plus(Rational::float(0.25).unwrap(), &b.times(&b).unwrap())
            .unwrap();
        assert_eq!(square, expanded);
        assert_eq!(sum.plus(Rational::whole(-1), &sum).unwrap(), Form::default());
    }

    #[test]
    fn fractions_are_exact_or_given_up() {
        assert_eq!(Rational::float(-0.375), Some(Rational { top: -3, bottom: 8 }));
        assert_eq!(Rational::float(1e-300), None);
        assert_eq!(Rational::float(0.5).unwrap().times(12), Some(6));
        assert_eq!(Rational::float(0.1).unwrap().times(12), None);
    }
}
