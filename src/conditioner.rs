//! Maps that condition a layer: from some coordinates to the numbers that transform the others.

mod net;

use std::fmt;

pub use net::{Dense, Net};

use crate::error::FlowError;
use crate::scalar::{KEY, Scalar};

/// A map `ℝⁿ → ℝᵐ` that conditions a layer, written once over the scalar like a layer.
///
/// A closure cannot be generic over `S`, hence the trait: `struct MyNet; impl Conditioner for MyNet { … }`.
/// Call it through [`Scalar::condition`], never directly, so that a number system can treat it as one step.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a conditioner",
    note = "a closure computes in one number system only: write `impl Conditioner for MyNet`, whose `call` is generic, \
            or take a `Net`"
)]
pub trait Conditioner: fmt::Debug + Send + Sync {
    /// The number of values it takes, if it is particular about that.
    fn inputs(&self) -> Option<usize>;
    /// The number of values it returns.
    fn outputs(&self) -> usize;
    /// The values at `x`.
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S>;
    /// Whether it is known to return the same values for every input: layers then promise more.
    fn is_constant(&self) -> bool {
        self.inputs() == Some(0)
    }
}

/// Checks at construction that a conditioner takes and returns what a layer needs; `name` is for the message.
pub(crate) fn expect_arity<C: Conditioner>(
    conditioner: &C,
    name: fmt::Arguments<'_>,
    inputs: usize,
    outputs: usize,
) -> Result<(), FlowError> {
    let bad =
        |side: &str, expected, found| Err(FlowError::BadArity { what: format!("{name}, {side}"), expected, found });
    match conditioner.inputs() {
        Some(found) if found != inputs => bad("inputs", inputs, found),
        _ if conditioner.outputs() != outputs => bad("outputs", outputs, conditioner.outputs()),
        _ => Ok(()),
    }
}

/// What a conditioner returns, checked: as many values as the layer needs, all finite.
pub(crate) fn condition<S: Scalar, C: Conditioner>(
    conditioner: &C,
    name: fmt::Arguments<'_>,
    x: &[S],
    outputs: usize,
) -> Result<Vec<S>, FlowError> {
    let values = S::condition(conditioner, x);
    if values.len() != outputs {
        let what = format!("{name}, outputs");
        return Err(FlowError::BadArity { what, expected: outputs, found: values.len() });
    }
    match values.iter().map(|v| v.primal(KEY)).enumerate().find(|(_, v)| !v.is_finite()) {
        None => Ok(values),
        Some((i, value)) => Err(FlowError::NonFinite { what: format!("{name}, output {i}"), value }),
    }
}
