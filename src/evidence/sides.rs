//! What a law hands over to be judged.

use super::Ground;
use crate::scalar::Bounded;

/// The two sides of a claim at a point, each with its own error bound.
#[derive(Clone, Debug)]
pub struct Sides<V = f64> {
    /// Which of several claims: a coordinate, an entry; empty where there is one.
    pub place: String,
    /// Name of the left side, as in the law's statement.
    pub left_name: &'static str,
    /// Its value.
    pub left: Bounded<V>,
    /// Name of the right side.
    pub right_name: &'static str,
    /// Its value.
    pub right: Bounded<V>,
    /// What could hide below the tolerance is acceptable up to this, relative to `max(1, |side|)`.
    pub resolution: f64,
}

impl<V: Ground> Sides<V> {
    pub(crate) fn new(left_name: &'static str, left: Bounded<V>, right_name: &'static str, right: Bounded<V>) -> Self {
        Self { place: String::new(), left_name, left, right_name, right, resolution: V::RESOLUTION }
    }
    pub(crate) fn at(self, place: impl Into<String>) -> Self {
        Self { place: place.into(), ..self }
    }
    pub(crate) fn resolution(self, resolution: f64) -> Self {
        Self { resolution, ..self }
    }
}

/// Why a law has no two sides at a point.
#[derive(Clone, Debug)]
pub enum Stop {
    /// It does not apply to this layer: a promise, a dimension, or its kind excludes it.
    DoesNotApply(String),
    /// It would apply, but the layer lacks a capability.
    Missing(String),
    /// f64 cannot tell here.
    Blurred(String),
    /// The claim is violated outright, without two numbers to compare.
    Violated(String),
}
