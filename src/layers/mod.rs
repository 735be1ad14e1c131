//! The zoo: one layer, one file.

use crate::data::Format;
use crate::family::Family;

mod chain;
mod planar;

pub use chain::Chain;
pub use planar::Planar;

/// The families of the verdict matrix, in teaching order.
pub const ZOO: &[&[Family]] = &[planar::FAMILIES, chain::FAMILIES];

/// How each kind of layer is written as data.
pub const FORMATS: &[&[Format]] = &[planar::FORMATS, chain::FORMATS];
