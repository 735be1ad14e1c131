//! A whole curve in one number system: knots, pieces between them, and what lies beyond.

use super::piece::{Axis, Bin, SplineKind, chords};
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
    pub(super) x: Axis<S>,
    pub(super) y: Axis<S>,
    pub(super) slope: Vec<S>,
}

/// Where a value lies.
enum Part {
    Bin(usize),
    /// Beyond the end knot of this index.
    Tail(usize),
}

impl<S: Scalar> Knots<S> {
    /// With no slopes but those of its chords.
    pub(super) fn linear(beyond: Beyond, x: Axis<S>, y: Axis<S>) -> Self {
        let mut slope = chords(&x, &y);
        slope.extend(slope.last().copied());
        Self { kind: SplineKind::Linear, beyond, x, y, slope }
    }

    fn part(&self, axis: &Axis<S>, value: S) -> Part {
        let at = &axis.knots;
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

    fn bin(&self, k: usize) -> Bin<'_, S> {
        Bin { k, x: &self.x, y: &self.y, slope: [self.slope[k], self.slope[k + 1]] }
    }

    /// The image of `z`, and `ln` of the slope there.
    pub(super) fn forward(&self, z: S) -> (S, S) {
        match self.part(&self.x, z) {
            Part::Bin(k) => self.bin(k).forward(self.kind, z),
            Part::Tail(_) if self.beyond == Beyond::Identity => (z, S::from(0.0)),
            Part::Tail(k) => (self.y.knots[k] + self.slope[k] * (z - self.x.knots[k]), self.slope[k].ln()),
        }
    }

    /// The point whose image is `x`, and `ln` of the inverse's slope there.
    pub(super) fn inverse(&self, x: S) -> Result<(S, S), FlowError> {
        match self.part(&self.y, x) {
            Part::Bin(k) => self.bin(k).inverse(self.kind, x),
            Part::Tail(_) if self.beyond == Beyond::Identity => Ok((x, S::from(0.0))),
            Part::Tail(k) => Ok((self.x.knots[k] + (x - self.y.knots[k]) / self.slope[k], -self.slope[k].ln())),
        }
    }
}
