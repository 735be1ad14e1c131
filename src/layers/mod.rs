//! The zoo: one layer, one file.

use crate::data::Format;
use crate::family::Family;

mod chain;
mod conv1x1;
mod conv1x1_plu;
mod elementwise;
mod permutation;
mod planar;
mod rotation;
mod scalar_affine;

pub use chain::Chain;
pub use conv1x1::Conv1x1;
pub use conv1x1_plu::Conv1x1Plu;
pub use elementwise::{Elementwise, Map};
pub use permutation::Permutation;
pub use planar::Planar;
pub use rotation::Rotation;
pub use scalar_affine::ScalarAffine;

/// The families of the verdict matrix, in teaching order.
pub const ZOO: &[&[Family]] = &[
    scalar_affine::FAMILIES,
    elementwise::FAMILIES,
    rotation::FAMILIES,
    permutation::FAMILIES,
    conv1x1::FAMILIES,
    conv1x1_plu::FAMILIES,
    planar::FAMILIES,
    chain::FAMILIES,
];

/// How each kind of layer is written as data.
pub const FORMATS: &[&[Format]] = &[
    scalar_affine::FORMATS,
    elementwise::FORMATS,
    rotation::FORMATS,
    permutation::FORMATS,
    conv1x1::FORMATS,
    conv1x1_plu::FORMATS,
    planar::FORMATS,
    chain::FORMATS,
];
