//! How large a polynomial may have to vanish for two different formulas to look alike.

/// Bounds on the degrees of a numerator and a denominator in the random residues.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Degree {
    top: f64,
    bottom: f64,
}

impl Degree {
    /// Of a constant.
    pub(crate) const CONSTANT: Self = Self { top: 0.0, bottom: 0.0 };
    /// Of one random residue.
    pub(crate) const SYMBOL: Self = Self { top: 1.0, bottom: 0.0 };

    pub(crate) fn add(self, o: Self) -> Self {
        Self { top: (self.top + o.bottom).max(o.top + self.bottom), bottom: self.bottom + o.bottom }
    }
    pub(crate) fn mul(self, o: Self) -> Self {
        Self { top: self.top + o.top, bottom: self.bottom + o.bottom }
    }
    pub(crate) fn div(self, o: Self) -> Self {
        Self { top: self.top + o.bottom, bottom: self.bottom + o.top }
    }
    /// Of a power with an exponent of either sign.
    pub(crate) fn pow(self, n: f64) -> Self {
        let (top, bottom) = if n < 0.0 { (self.bottom, self.top) } else { (self.top, self.bottom) };
        Self { top: top * n.abs(), bottom: bottom * n.abs() }
    }
    /// Of an `n`-th root, through its norm.
    pub(crate) fn root(self, n: f64) -> Self {
        let most = n * self.top.max(self.bottom);
        Self { top: most, bottom: most }
    }
    /// Of an entry among many with denominators of their own.
    pub(crate) fn total(self) -> f64 {
        self.top + self.bottom
    }
}
