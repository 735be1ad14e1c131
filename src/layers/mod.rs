//! The zoo: one layer, one file.

use crate::data::Format;
use crate::family::Family;

mod autoregressive;
mod block_naf;
mod chain;
mod conditional;
mod conjugate;
mod continuous;
mod conv1x1;
mod conv1x1_plu;
mod coupling;
mod elementwise;
mod embed;
mod field;
mod inverse;
mod made;
pub mod mask;
mod multiscale;
mod permutation;
mod planar;
mod planar_leaky;
mod radial;
mod residual;
mod rotation;
mod scalar_affine;
mod scale;
mod sigmoidal;
mod stack;
mod sylvester;
mod tau;
mod umnn;

pub use autoregressive::{Autoregressive, Convention};
pub use block_naf::BlockNaf;
pub use chain::Chain;
pub use conditional::Conditional;
pub use conjugate::Conjugate;
pub use continuous::Continuous;
pub use conv1x1::Conv1x1;
pub use conv1x1_plu::Conv1x1Plu;
pub use coupling::Coupling;
pub use elementwise::{Elementwise, Map};
pub use embed::Embed;
pub use inverse::Inverse;
pub use made::{Made, MaskedAutoregressive};
pub use multiscale::{Level, MultiScale, Split};
pub use permutation::Permutation;
pub use planar::Planar;
pub use planar_leaky::PlanarLeaky;
pub use radial::Radial;
pub use residual::Residual;
pub use rotation::Rotation;
pub use scalar_affine::ScalarAffine;
pub use scale::Scale;
pub use sigmoidal::Sigmoidal;
pub use stack::Stack;
pub use sylvester::Sylvester;
pub use tau::{Tau, Transformer};
pub use umnn::Integrated;

/// The families of the verdict matrix, in teaching order.
pub const ZOO: &[&[Family]] = &[
    scalar_affine::FAMILIES,
    elementwise::FAMILIES,
    autoregressive::FAMILIES,
    made::FAMILIES,
    sigmoidal::FAMILIES,
    umnn::FAMILIES,
    block_naf::FAMILIES,
    coupling::FAMILIES,
    conv1x1::FAMILIES,
    conv1x1_plu::FAMILIES,
    planar::FAMILIES,
    planar_leaky::FAMILIES,
    radial::FAMILIES,
    sylvester::FAMILIES,
    residual::FAMILIES,
    continuous::FAMILIES,
    rotation::FAMILIES,
    permutation::FAMILIES,
    chain::FAMILIES,
    inverse::FAMILIES,
    stack::FAMILIES,
    embed::FAMILIES,
    conjugate::FAMILIES,
    conditional::FAMILIES,
    multiscale::FAMILIES,
];

/// How each kind of layer is written as data.
pub const FORMATS: &[&[Format]] = &[
    scalar_affine::FORMATS,
    elementwise::FORMATS,
    autoregressive::FORMATS,
    sigmoidal::FORMATS,
    umnn::FORMATS,
    block_naf::FORMATS,
    coupling::FORMATS,
    conv1x1::FORMATS,
    conv1x1_plu::FORMATS,
    planar::FORMATS,
    planar_leaky::FORMATS,
    radial::FORMATS,
    sylvester::FORMATS,
    residual::FORMATS,
    continuous::FORMATS,
    rotation::FORMATS,
    permutation::FORMATS,
    chain::FORMATS,
    inverse::FORMATS,
    stack::FORMATS,
    embed::FORMATS,
    conjugate::FORMATS,
    conditional::FORMATS,
    multiscale::FORMATS,
];
