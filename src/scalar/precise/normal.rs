//! The standard normal distribution.

use ::f256::{consts, f256};

use super::Precise;

impl Precise {
    /// The density `φ(x) = e^(−x²/2)/√(2π)`.
    pub fn normal_pdf(self) -> Self {
        let square = self.0 * self.0;
        if square.is_infinite() {
            return Self(f256::ZERO);
        }
        // What rounding took from x² would be multiplied by x²: it goes back in to first order.
        let lost = self.0.mul_add(self.0, -square);
        let half = f256::from(0.5);
        Self((-square * half).exp() * (f256::ONE - lost * half) / consts::TAU.sqrt())
    }

    /// The distribution function `Φ(x)`, to full relative accuracy in the left tail.
    pub fn normal_cdf(self) -> Self {
        let (half, two) = (Self::from(0.5), Self::from(2.0));
        if self > two {
            Self::one() - self.upper_tail()
        } else if self < -two {
            (-self).upper_tail()
        } else {
            half + self.normal_pdf() * self.odd_series()
        }
    }

    /// `Σ x^(2k+1)/(1·3·5⋯(2k+1))`, which times φ is `Φ(x) − ½` (Abramowitz & Stegun 26.2.11).
    fn odd_series(self) -> Self {
        let negligible = f256::from(2.0_f64.powi(-240));
        let (square, mut term, mut sum, mut odd) = (self.0 * self.0, self.0, self.0, 1.0);
        while term.abs() > sum.abs() * negligible {
            odd += 2.0;
            term = term * square / f256::from(odd);
            sum += term;
        }
        Self(sum)
    }

    /// `1 − Φ(x) = φ(x)/(x + 1/(x + 2/(x + 3/(x + …))))` for x ≥ 2 (Abramowitz & Stegun 26.2.14), from the inside out.
    fn upper_tail(self) -> Self {
        // The k-th convergent is off by about e^(−2x√k) relative; the last digit settles a little before this many.
        let x = self.to_f64();
        let terms = (8000.0 / (x * x)).ceil() as u32 + 40;
        let fraction = (1..=terms).rev().fold(self.0, |inner, k| self.0 + f256::from(k) / inner);
        Self(self.normal_pdf().0 / fraction)
    }
}
