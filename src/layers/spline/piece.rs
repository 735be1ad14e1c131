//! What joins two neighbouring knots.

use crate::error::FlowError;
use crate::promises::Promises;
use crate::scalar::Scalar;

/// The increasing function that joins two neighbouring knots `(x₀, y₀)` and `(x₁, y₁)`.
///
/// With `w = x₁ − x₀`, `h = y₁ − y₀`, `s = h/w`, slopes `δ₀` and `δ₁` at the knots, `ξ = (z − x₀)/w` and `η = 1 − ξ`.
/// In the inverse `t = (x − y₀)/h` and `u = 1 − t`. All slopes and all inverses but the cubic's are sums of positive
/// terms, one difference of two of them excepted, so that nothing cancels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SplineKind {
    /// `y₀ + hξ`, with slope `s`. Kinks at the knots.
    Linear,
    /// `y₀ + ½wξ(δ₀(1 + η) + δ₁ξ)`, with slope `δ₀η + δ₁ξ`; `h = ½w(δ₀ + δ₁)`. Inverse: with `r = √(δ₀²u + δ₁²t)`,
    /// which is the slope there, `ξ = (δ₀ + δ₁)t/(δ₀ + r)`.
    Quadratic,
    /// `y₀ + hξ²(ξ + 3η) + wξη(δ₀η − δ₁ξ)`, with slope `δ₀η² + δ₁ξ² + 2ξη(3s − δ₀ − δ₁)`. Inverse by root finding.
    Cubic,
    /// `y₀ + h(sξ² + δ₀ξη)/D`, `D = s(ξ² + η²) + (δ₀ + δ₁)ξη`, with slope `(s/D)²(δ₁ξ² + 2sξη + δ₀η²)`. Inverse: the
    /// quadratic equation for `ξ/η` has the discriminant `r² = β² + 4s²tu`, `β = δ₀u − δ₁t`, and one positive root:
    /// `ξ/η = 2st/(r + β) = (r − β)/(2su)`.
    RationalQuadratic,
}

impl SplineKind {
    /// Every kind, with its name in data and the name of a transformer of this kind.
    pub(super) const ALL: [(Self, &str, &str); 4] = [
        (Self::Linear, "linear", "linear_spline"),
        (Self::Quadratic, "quadratic", "quadratic_spline"),
        (Self::Cubic, "cubic", "cubic_spline"),
        (Self::RationalQuadratic, "rational_quadratic", "rational_quadratic_spline"),
    ];

    /// Its names, as in [`ALL`](Self::ALL).
    pub(super) fn names(self) -> Option<(&'static str, &'static str)> {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map(|&(_, name, transformer)| (name, transformer))
    }

    /// What a curve of such pieces promises of its smoothness.
    pub(super) fn smoothness(self, promises: Promises) -> Promises {
        if self == Self::Linear { promises.kinked() } else { promises.once_differentiable() }
    }
}

/// Knots along one axis, with the steps between them. Steps are kept: a narrow one is not the difference of two rounded
/// knots.
#[derive(Clone, Debug)]
pub(super) struct Axis<S> {
    pub(super) knots: Vec<S>,
    pub(super) steps: Vec<S>,
}

impl<S: Scalar> Axis<S> {
    pub(super) fn through(knots: Vec<S>) -> Self {
        let steps = knots.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Self { knots, steps }
    }
    pub(super) fn from(start: S, steps: Vec<S>) -> Self {
        let mut sum = start;
        let mut knots = vec![start];
        knots.extend(steps.iter().map(|&step| {
            sum += step;
            sum
        }));
        Self { knots, steps }
    }
    /// The shares of bin `k` to the left and to the right of a point in it.
    fn shares(&self, k: usize, at: S) -> (S, S) {
        ((at - self.knots[k]) / self.steps[k], (self.knots[k + 1] - at) / self.steps[k])
    }
}

/// The slopes of the chords.
pub(super) fn chords<S: Scalar>(x: &Axis<S>, y: &Axis<S>) -> Vec<S> {
    x.steps.iter().zip(&y.steps).map(|(&width, &height)| height / width).collect()
}

/// A bin between two axes, with the slopes at its two knots.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bin<'a, S> {
    pub(super) k: usize,
    pub(super) x: &'a Axis<S>,
    pub(super) y: &'a Axis<S>,
    pub(super) slope: [S; 2],
}

impl<S: Scalar> Bin<'_, S> {
    /// The image of `z`, and `ln` of the slope there.
    pub(super) fn forward(&self, kind: SplineKind, z: S) -> (S, S) {
        let (xi, eta) = self.x.shares(self.k, z);
        let [d0, d1] = self.slope;
        // A piece looks alike from both of its knots; from the nearer one nothing cancels.
        let image = if (xi - eta).prefers_below(0.0) {
            self.y.knots[self.k] + self.rise(kind, [xi, eta], [d0, d1])
        } else {
            self.y.knots[self.k + 1] - self.rise(kind, [eta, xi], [d1, d0])
        };
        (image, self.log_slope(kind, xi, eta))
    }

    /// How far a piece has risen from the knot of slope `d0`, at a share `xi` of the way to the one of slope `d1`.
    fn rise(&self, kind: SplineKind, [xi, eta]: [S; 2], [d0, d1]: [S; 2]) -> S {
        let (width, height) = (self.x.steps[self.k], self.y.steps[self.k]);
        match kind {
            SplineKind::Linear => height * xi,
            SplineKind::Quadratic => width * xi * (d0 * (eta + 1.0) + d1 * xi) * 0.5,
            SplineKind::Cubic => height * xi * xi * (xi + eta * 3.0) + width * xi * eta * (d0 * eta - d1 * xi),
            SplineKind::RationalQuadratic => {
                height * (self.chord() * xi * xi + d0 * xi * eta) / self.denominator(xi, eta)
            }
        }
    }

    /// The point whose image is `x`, and `ln` of the inverse's slope there.
    pub(super) fn inverse(&self, kind: SplineKind, x: S) -> Result<(S, S), FlowError> {
        let (t, u) = self.y.shares(self.k, x);
        let s = self.chord();
        let [d0, d1] = self.slope;
        let (xi, eta) = match kind {
            SplineKind::Linear => (t, u),
            SplineKind::Quadratic => {
                let r = (d0 * d0 * u + d1 * d1 * t).sqrt();
                ((d0 + d1) * t / (d0 + r), (d0 + d1) * u / (d1 + r))
            }
            SplineKind::Cubic => {
                let (a, b) = (d0 / s, d1 / s);
                let xi = S::root(S::from(0.0), S::from(1.0), |xi| {
                    let eta = -xi + 1.0;
                    let rise = xi * xi * (xi + eta * 3.0) + xi * eta * (a * eta - b * xi);
                    (rise - t, cubic_slope(a, b, S::from(1.0), xi, eta))
                })?;
                (xi, -xi + 1.0)
            }
            SplineKind::RationalQuadratic => {
                // Only the ratios of the three slopes matter, and as parts of one they cannot overflow.
                let whole = d0 + d1 + s;
                let [d0, d1, s] = [d0, d1, s].map(|slope| slope / whole);
                let beta = d0 * u - d1 * t;
                let r = (beta * beta + s * s * t * u * 4.0).sqrt();
                // ξ : η as p : q, in the form in which r and β do not cancel.
                let (p, q) = if beta.prefers_below(0.0) { (r - beta, s * u * 2.0) } else { (s * t * 2.0, r + beta) };
                (p / (p + q), q / (p + q))
            }
        };
        let width = self.x.steps[self.k];
        let z = if (xi - eta).prefers_below(0.0) {
            self.x.knots[self.k] + width * xi
        } else {
            self.x.knots[self.k + 1] - width * eta
        };
        Ok((z, -self.log_slope(kind, xi, eta)))
    }

    fn chord(&self) -> S {
        self.y.steps[self.k] / self.x.steps[self.k]
    }

    fn log_slope(&self, kind: SplineKind, xi: S, eta: S) -> S {
        let s = self.chord();
        let [d0, d1] = self.slope;
        match kind {
            SplineKind::Linear => s.ln(),
            SplineKind::Quadratic => (d0 * eta + d1 * xi).ln(),
            SplineKind::Cubic => cubic_slope(d0, d1, s, xi, eta).ln(),
            SplineKind::RationalQuadratic => {
                let numerator = d1 * xi * xi + s * xi * eta * 2.0 + d0 * eta * eta;
                (s / self.denominator(xi, eta)).ln() * 2.0 + numerator.ln()
            }
        }
    }

    /// `D` of a rational-quadratic piece, between `min(s, δ)` and `max(s, δ)` up to a factor of 2.
    fn denominator(&self, xi: S, eta: S) -> S {
        self.chord() * (xi * xi + eta * eta) + (self.slope[0] + self.slope[1]) * xi * eta
    }
}

fn cubic_slope<S: Scalar>(d0: S, d1: S, s: S, xi: S, eta: S) -> S {
    d0 * eta * eta + d1 * xi * xi + xi * eta * (s * 3.0 - d0 - d1) * 2.0
}

/// The slopes at the inner knots by Steffen's method, between the two given at the ends: `2 min(s₋, s₊, ½p)`, with the
/// chords `s₋`, `s₊` on both sides and the slope `p` of the parabola through the three knots.
pub(super) fn steffen<S: Scalar>(x: &Axis<S>, y: &Axis<S>, ends: [S; 2]) -> Vec<S> {
    let mut slopes = vec![ends[0]];
    for (width, chord) in x.steps.windows(2).zip(chords(x, y).windows(2)) {
        let parabola = (chord[0] * width[1] + chord[1] * width[0]) / (width[0] + width[1]);
        let smaller = chord[0].select(chord[1], || chord[0], || chord[1]) * 2.0;
        slopes.push(parabola.select(smaller, || parabola, || smaller));
    }
    slopes.push(ends[1]);
    slopes
}

/// The ordinates of a quadratic curve from the first one and the slopes: each bin rises by its width times the mean of
/// its two slopes.
pub(super) fn integrated<S: Scalar>(x: &Axis<S>, start: S, slope: &[S]) -> Axis<S> {
    let rises = x.steps.iter().zip(slope.windows(2)).map(|(&width, slope)| width * (slope[0] + slope[1]) * 0.5);
    Axis::from(start, rises.collect())
}
