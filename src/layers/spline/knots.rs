//! A whole curve in one number system: knots, pieces between them, and what lies beyond.

use super::piece::{Bin, SplineKind};
use crate::error::FlowError;
use crate::scalar::Scalar;

/// What continues a curve beyond its end knots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beyond {
    /// Nothing: the caller has refused points outside.
    Nothing,
    /// A line with the slope at the end knot.
    EndSlope,
    /// The identity.
    Identity,
}

/// At least two knots, with the slope at each; of a linear curve the slopes of the end bins stand at the ends.
#[derive(Clone, Debug)]
pub(super) struct Knots<S> {
    pub(super) kind: SplineKind,
    pub(super) beyond: Beyond,
    pub(super) x: Vec<S>,
    pub(super) y: Vec<S>,
    pub(super) slope: Vec<S>,
}

/// Where a value lies.
enum Part {
    Bin(usize),
    /// Beyond the end knot of this index.
    Tail(usize),
}

impl<S: Scalar> Knots<S> {
    fn part(&self, at: &[S], value: S) -> Part {
        let last = at.len() - 1;
        let has_tails = self.beyond != Beyond::Nothing;
        if has_tails && value.is_below(at[0]) {
            Part::Tail(0)
        } else if has_tails && !value.is_below(at[last]) {
            Part::Tail(last)
        } else {
            Part::Bin(value.bin(&at[1..last]))
        }
    }

    fn bin(&self, k: usize) -> Bin<S> {
        let pair = |of: &[S]| [of[k], of[k + 1]];
        Bin { x: pair(&self.x), y: pair(&self.y), slope: pair(&self.slope) }
    }

    /// The image of `z`, and `ln` of the slope there.
    pub(super) fn forward(&self, z: S) -> (S, S) {
        match self.part(&self.x, z) {
            Part::Bin(k) => self.bin(k).forward(self.kind, z),
            Part::Tail(_) if self.beyond == Beyond::Identity => (z, S::from(0.0)),
            Part::Tail(k) => (self.y[k] + self.slope[k] * (z - self.x[k]), self.slope[k].ln()),
        }
    }

    /// The point whose image is `x`, and `ln` of the inverse's slope there.
    pub(super) fn inverse(&self, x: S) -> Result<(S, S), FlowError> {
        match self.part(&self.y, x) {
            Part::Bin(k) => self.bin(k).inverse(self.kind, x),
            Part::Tail(_) if self.beyond == Beyond::Identity => Ok((x, S::from(0.0))),
            Part::Tail(k) => Ok((self.x[k] + (x - self.y[k]) / self.slope[k], -self.slope[k].ln())),
        }
    }
}

/// The slopes of a linear curve's bins, the last one twice.
pub(super) fn chords<S: Scalar>(x: &[S], y: &[S]) -> Vec<S> {
    let mut slopes: Vec<S> =
        x.windows(2).zip(y.windows(2)).map(|(x, y)| super::piece::chord([x[0], x[1]], [y[0], y[1]])).collect();
    slopes.extend(slopes.last().copied());
    slopes
}

/// The ordinates of a quadratic curve from the first one and the slopes: each bin rises by its width times the mean of
/// its two slopes.
pub(super) fn integrated<S: Scalar>(x: &[S], start: S, slope: &[S]) -> Vec<S> {
    let mut y = vec![start];
    let mut sum = start;
    for (x, slope) in x.windows(2).zip(slope.windows(2)) {
        sum += (x[1] - x[0]) * (slope[0] + slope[1]) * 0.5;
        y.push(sum);
    }
    y
}
