//! The zoo: one layer, one file.

use crate::data::Format;
use crate::family::Family;

mod autoregressive;
mod chain;
mod coupling;
mod made;
pub mod mask;
mod planar;
mod scale;
mod tau;

pub use autoregressive::{Autoregressive, Convention};
pub use chain::Chain;
pub use coupling::Coupling;
pub use made::{Made, MaskedAutoregressive};
pub use planar::Planar;
pub use scale::Scale;
pub use tau::{Tau, Transformer};

/// The families of the verdict matrix, in teaching order.
pub const ZOO: &[&[Family]] =
    &[coupling::FAMILIES, autoregressive::FAMILIES, made::FAMILIES, planar::FAMILIES, chain::FAMILIES];

/// How each kind of layer is written as data.
pub const FORMATS: &[&[Format]] = &[coupling::FORMATS, autoregressive::FORMATS, planar::FORMATS, chain::FORMATS];
