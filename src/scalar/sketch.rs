//! A recording in which large steps are whole.

use std::ops::Range;
use std::sync::Arc;

use super::Graph;

/// A map of one coordinate that branched: its own nodes, and where it lies among the rest.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Which map.
    pub identity: u64,
    /// Its nodes.
    pub nodes: Range<u32>,
    /// Its comparisons and preferences, by number.
    pub comparisons: Range<usize>,
    pub preferences: Range<usize>,
    /// What it was given.
    pub inputs: Vec<u32>,
    /// The image and the log of the slope: nodes that follow its own and return two of them.
    pub outputs: [u32; 2],
}

/// A dot product with parameters that was recorded whole: its node is written as a constant.
#[derive(Clone, Debug)]
pub(crate) struct Dot {
    pub node: u32,
    pub weights: Vec<f64>,
    pub arguments: Arc<[u32]>,
}

/// A recording in which dot products with parameters are one node each: what a large formula is compiled from. No other
/// number system evaluates it.
#[derive(Clone, Debug)]
pub(crate) struct Sketch {
    pub graph: Graph,
    /// By node.
    pub dots: Vec<Dot>,
    /// The ends of the bracket, for every root by its number.
    pub brackets: Vec<(u32, [u32; 2])>,
    /// Nodes, written as constants, that are the larger of two.
    pub larger: Vec<(u32, [u32; 2])>,
    /// In order.
    pub cases: Vec<Case>,
}
