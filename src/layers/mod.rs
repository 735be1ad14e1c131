//! The zoo: one layer, one file.

use crate::data::Format;
use crate::family::Family;

mod autoregressive;
mod bernstein;
mod chain;
mod cholesky_factor;
mod conv1x1;
mod conv1x1_plu;
mod coordinates;
mod coupling;
mod elementwise;
mod interval;
mod leaky_relu;
mod logistic_mixture;
mod made;
pub mod mask;
mod multiscale;
mod ordered;
mod permutation;
mod planar;
mod rotation;
mod scalar_affine;
mod scale;
mod scaling;
mod shift;
mod signed_power;
mod simplex;
mod sinh_arcsinh;
mod sum_of_squares;
mod tau;

pub use autoregressive::{Autoregressive, Convention};
pub use bernstein::Bernstein;
pub use chain::Chain;
pub use cholesky_factor::CholeskyFactor;
pub use conv1x1::Conv1x1;
pub use conv1x1_plu::Conv1x1Plu;
pub use coupling::Coupling;
pub use elementwise::{Elementwise, Map};
pub use interval::BoundedInterval;
pub use leaky_relu::LeakyRelu;
pub use logistic_mixture::LogisticMixture;
pub use made::{Made, MaskedAutoregressive};
pub use multiscale::{Level, MultiScale, Split};
pub use ordered::Ordered;
pub use permutation::Permutation;
pub use planar::Planar;
pub use rotation::Rotation;
pub use scalar_affine::ScalarAffine;
pub use scale::Scale;
pub use scaling::Scaling;
pub use shift::Shift;
pub use signed_power::SignedPower;
pub use simplex::StickBreaking;
pub use sinh_arcsinh::SinhArcsinh;
pub use sum_of_squares::SumOfSquares;
pub use tau::{Tau, Transformer};

/// The families of the verdict matrix, in teaching order.
pub const ZOO: &[&[Family]] = &[
    scalar_affine::FAMILIES,
    elementwise::FAMILIES,
    shift::FAMILIES,
    scaling::FAMILIES,
    leaky_relu::FAMILIES,
    sinh_arcsinh::FAMILIES,
    signed_power::FAMILIES,
    interval::FAMILIES,
    bernstein::FAMILIES,
    logistic_mixture::FAMILIES,
    sum_of_squares::FAMILIES,
    ordered::FAMILIES,
    simplex::FAMILIES,
    cholesky_factor::FAMILIES,
    autoregressive::FAMILIES,
    made::FAMILIES,
    coupling::FAMILIES,
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
    shift::FORMATS,
    scaling::FORMATS,
    leaky_relu::FORMATS,
    sinh_arcsinh::FORMATS,
    signed_power::FORMATS,
    interval::FORMATS,
    bernstein::FORMATS,
    logistic_mixture::FORMATS,
    sum_of_squares::FORMATS,
    ordered::FORMATS,
    simplex::FORMATS,
    cholesky_factor::FORMATS,
    autoregressive::FORMATS,
    coupling::FORMATS,
    conv1x1::FORMATS,
    conv1x1_plu::FORMATS,
    planar::FORMATS,
    rotation::FORMATS,
    permutation::FORMATS,
    chain::FORMATS,
    multiscale::FORMATS,
];
