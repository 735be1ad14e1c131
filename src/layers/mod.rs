//! The zoo: one layer, one file.

use crate::data::Format;
use crate::family::Family;

mod chain;
mod coupling;
pub mod mask;
mod planar;
mod scale;

pub use chain::Chain;
pub use coupling::Coupling;
pub use planar::Planar;
pub use scale::Scale;

/// The families of the verdict matrix, in teaching order.
pub const ZOO: &[&[Family]] = &[coupling::FAMILIES, planar::FAMILIES, chain::FAMILIES];

/// How each kind of layer is written as data.
pub const FORMATS: &[&[Format]] = &[coupling::FORMATS, planar::FORMATS, chain::FORMATS];
