//! Maps that condition a layer: from some coordinates to the numbers that transform the others.

mod net;

use std::fmt;

pub use net::{Dense, Net};

use crate::scalar::Scalar;

/// A map `ℝⁿ → ℝᵐ` that conditions a layer, written once over the scalar like a layer.
///
/// A closure cannot be generic over `S`, hence the trait: `struct MyNet; impl Conditioner for MyNet { … }`.
/// Call it through [`Scalar::condition`], never directly, so that a number system can treat it as one step.
pub trait Conditioner: fmt::Debug + Send + Sync {
    /// The number of values it takes, if it is particular about that.
    fn inputs(&self) -> Option<usize>;
    /// The number of values it returns.
    fn outputs(&self) -> usize;
    /// The values at `x`.
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S>;
}
