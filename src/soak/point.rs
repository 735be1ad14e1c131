//! The points of a soak: each from the seed and its number alone.

use crate::flow::Layer;
use crate::promises::Domain;

/// Half the width of the cube that points are drawn from, before the domain takes them in.
const REACH: f64 = 3.0;

#[derive(Clone, Debug)]
pub(super) struct Points {
    seed: u64,
    dim: usize,
    /// Absent for all of ℝᵈ.
    domain: Option<Domain>,
}

impl Points {
    pub(super) fn new(layer: &dyn Layer, seed: u64) -> Self {
        let domain = layer.promises().domain;
        Self { seed, dim: layer.dim(), domain: (domain != Domain::Reals).then_some(domain) }
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// Uniform in the cube, then taken into the domain.
    pub(super) fn at(&self, index: u64) -> Vec<f64> {
        let mut stream = mixed(self.seed ^ mixed(index));
        let reals: Vec<f64> = (0..self.dim)
            .map(|_| {
                stream = stream.wrapping_add(STEP);
                let unit = (mixed(stream) >> 11) as f64 * (1.0 / (1u64 << 53) as f64);
                (unit - 0.5) * (2.0 * REACH)
            })
            .collect();
        self.domain.as_ref().map_or(reals.clone(), |domain| domain.point(&reals))
    }

    /// Whether a point is in a sample of one in so many.
    pub(super) fn is_sampled(&self, index: u64, period: u64) -> bool {
        mixed(mixed(index).wrapping_add(self.seed)).is_multiple_of(period)
    }
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finalizer of SplitMix64 (Steele, Lea & Flood 2014).
fn mixed(x: u64) -> u64 {
    let x = x.wrapping_add(STEP);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
