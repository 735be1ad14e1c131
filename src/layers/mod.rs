//! The zoo: one layer, one file.

use crate::data::Format;
use crate::family::Family;

mod autoregressive;
mod chain;
mod conv1x1;
mod conv1x1_plu;
mod coupling;
mod elementwise;
mod made;
pub mod mask;
mod multiscale;
mod permutation;
mod planar;
mod rotation;
mod scalar_affine;
mod scale;
mod spline;
mod tau;
mod transformer_coupling;

pub use autoregressive::{Autoregressive, Convention};
pub use chain::Chain;
pub use conv1x1::Conv1x1;
pub use conv1x1_plu::Conv1x1Plu;
pub use coupling::Coupling;
pub use elementwise::{Elementwise, Map};
pub use made::{Made, MaskedAutoregressive};
pub use multiscale::{Level, MultiScale, Split};
pub use permutation::Permutation;
pub use planar::Planar;
pub use rotation::Rotation;
pub use scalar_affine::ScalarAffine;
pub use scale::Scale;
pub use spline::{CircularSpline, Curve, Spline, SplineEnds, SplineKind, SplineTransformer};
pub use tau::{Tau, Transformer};
pub use transformer_coupling::TransformerCoupling;

/// The families of the verdict matrix, in teaching order.
pub const ZOO: &[&[Family]] = &[
    scalar_affine::FAMILIES,
    elementwise::FAMILIES,
    autoregressive::FAMILIES,
    made::FAMILIES,
    coupling::FAMILIES,
    spline::FAMILIES[0],
    spline::FAMILIES[1],
    spline::FAMILIES[2],
    transformer_coupling::FAMILIES,
    conv1x1::FAMILIES,
    conv1x1_plu::FAMILIES,
    planar::FAMILIES,
    rotation::FAMILIES,
    permutation::FAMILIES,
    chain::FAMILIES,
    multiscale::FAMILIES,
];

/// How each kind of layer is written as data.
pub const FORMATS: &[&[Format]] = &[
    scalar_affine::FORMATS,
    elementwise::FORMATS,
    autoregressive::FORMATS,
    coupling::FORMATS,
    spline::FORMATS,
    transformer_coupling::FORMATS,
    conv1x1::FORMATS,
    conv1x1_plu::FORMATS,
    planar::FORMATS,
    rotation::FORMATS,
    permutation::FORMATS,
    chain::FORMATS,
    multiscale::FORMATS,
];
