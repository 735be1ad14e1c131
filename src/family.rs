//! A family of layers: what a row of the verdict matrix is drawn from.

use std::fmt;

use proptest::prelude::*;

use crate::flow::Layer;

mod nets;
pub(crate) use nets::{affine_net, constant_net, signed_net, signed_wave_net, tanh_net, wave_net};

/// A strategy for boxed layers.
pub type Drawn = BoxedStrategy<Box<dyn Layer>>;

/// One family of layers of the zoo.
#[derive(Clone, Copy)]
pub struct Family {
    /// Stable name: a row of the matrix, an argument of the command.
    pub name: &'static str,
    /// The map, on one line.
    pub formula: &'static str,
    /// Paper and equation.
    pub source: &'static str,
    /// Draws members, parameters away from special values.
    pub draw: fn() -> Drawn,
    /// A member of dimension `d`, for laws about growth with the dimension; `None` where the dimension is fixed.
    pub at_dim: Option<fn(usize) -> Box<dyn Layer>>,
}

impl Family {
    /// Members as drawn from a seed.
    pub fn members(&self, seed: u64, count: usize) -> impl Iterator<Item = Box<dyn Layer>> {
        let source = crate::check::Source::Drawn((self.draw)());
        crate::check::drawn_cases(&source, count, seed).into_iter().filter_map(|(layer, _)| layer)
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Family").field("name", &self.name).field("formula", &self.formula).finish_non_exhaustive()
    }
}

/// Boxes the layers of a strategy.
pub(crate) fn boxed<L: Layer + 'static>(layers: impl Strategy<Value = L> + 'static) -> Drawn {
    layers.prop_map(|layer| Box::new(layer) as Box<dyn Layer>).boxed()
}

/// A number `k/16` in `−4..4`: exact in binary, short in decimal, and it shrinks towards 0.
pub fn short() -> impl Strategy<Value = f64> + Clone {
    (-64i32..=64).prop_map(|k| f64::from(k) / 16.0)
}

/// A number of either sign, `|·|` in `lo..hi` by steps of 1/16: away from 0 and from whatever lies below `lo`.
pub fn away_from_zero(lo: f64, hi: f64) -> impl Strategy<Value = f64> + Clone {
    let steps = ((hi - lo) * 16.0).round().max(0.0) as u32;
    (any::<bool>(), 0..=steps).prop_map(move |(negative, k)| {
        let size = lo + f64::from(k) / 16.0;
        if negative { -size } else { size }
    })
}

/// A number in `lo..=hi` by steps of 1/16.
pub fn between(lo: f64, hi: f64) -> impl Strategy<Value = f64> + Clone {
    let steps = ((hi - lo) * 16.0).round().max(0.0) as u32;
    (0..=steps).prop_map(move |k| lo + f64::from(k) / 16.0)
}

/// A vector of `n` numbers.
pub fn vector(of: impl Strategy<Value = f64> + Clone, n: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    proptest::collection::vec(of, n)
}

/// `m` rows of `n` numbers.
pub fn matrix(
    of: impl Strategy<Value = f64> + Clone,
    m: usize,
    n: usize,
) -> impl Strategy<Value = Vec<Vec<f64>>> + Clone {
    proptest::collection::vec(proptest::collection::vec(of, n), m)
}

/// A permutation of `0..n`.
pub fn permutation(n: usize) -> impl Strategy<Value = Vec<usize>> + Clone {
    Just((0..n).collect::<Vec<usize>>()).prop_shuffle()
}
