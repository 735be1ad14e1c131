//! The zoo: one layer, one file.

use crate::data::Format;
use crate::family::Family;

mod actnorm;
mod autoregressive;
mod batch_norm;
mod bernstein;
mod block_naf;
mod chain;
mod cholesky_factor;
mod conditional;
mod conjugate;
mod continuous;
mod conv1x1;
mod conv1x1_plu;
mod coordinates;
mod coupling;
mod dct;
mod diagonal_low_rank;
mod elementwise;
mod embed;
mod field;
mod haar;
mod householder;
mod interval;
mod inverse;
mod leaky_relu;
mod logistic_mixture;
mod lu_linear;
mod made;
pub mod mask;
mod masked;
mod multiscale;
mod ordered;
mod orthogonal_cayley;
mod orthogonal_exp;
mod permutation;
mod planar;
mod planar_leaky;
mod qr_linear;
mod radial;
mod rearrange;
mod residual;
mod rotation;
mod running_sum;
mod scalar_affine;
mod scale;
mod scaling;
mod shift;
mod sigmoidal;
mod signed_power;
mod simplex;
mod sinh_arcsinh;
mod skew;
mod spline;
mod stack;
mod sum_of_squares;
mod svd_linear;
mod sylvester;
mod tau;
mod transformer_coupling;
mod triangular;
mod umnn;

pub use actnorm::ActNorm;
pub use autoregressive::{Autoregressive, Convention};
pub use batch_norm::BatchNorm;
pub use bernstein::Bernstein;
pub use block_naf::BlockNaf;
pub use chain::Chain;
pub use cholesky_factor::CholeskyFactor;
pub use conditional::Conditional;
pub use conjugate::Conjugate;
pub use continuous::Continuous;
pub use conv1x1::Conv1x1;
pub use conv1x1_plu::Conv1x1Plu;
pub use coupling::Coupling;
pub use dct::Dct;
pub use diagonal_low_rank::DiagonalLowRank;
pub use elementwise::{Elementwise, Map};
pub use embed::Embed;
pub use haar::Haar;
pub use householder::Householder;
pub use interval::BoundedInterval;
pub use inverse::Inverse;
pub use leaky_relu::LeakyRelu;
pub use logistic_mixture::LogisticMixture;
pub use lu_linear::LuLinear;
pub use made::Made;
pub use masked::MaskedAutoregressive;
pub use multiscale::{Level, MultiScale, Split};
pub use ordered::Ordered;
pub use orthogonal_cayley::OrthogonalCayley;
pub use orthogonal_exp::OrthogonalExp;
pub use permutation::Permutation;
pub use planar::Planar;
pub use planar_leaky::PlanarLeaky;
pub use qr_linear::QrLinear;
pub use radial::Radial;
pub use residual::Residual;
pub use rotation::Rotation;
pub use running_sum::RunningSum;
pub use scalar_affine::ScalarAffine;
pub use scale::Scale;
pub use scaling::Scaling;
pub use shift::Shift;
pub use sigmoidal::Sigmoidal;
pub use signed_power::SignedPower;
pub use simplex::StickBreaking;
pub use sinh_arcsinh::SinhArcsinh;
pub use spline::{CircularSpline, Curve, Spline, SplineEnds, SplineKind, SplineTransformer};
pub use stack::Stack;
pub use sum_of_squares::SumOfSquares;
pub use svd_linear::SvdLinear;
pub use sylvester::Sylvester;
pub use tau::{Tau, Transformer};
pub use transformer_coupling::TransformerCoupling;
pub use triangular::Triangular;
pub use umnn::Integrated;

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
    masked::FAMILIES,
    sigmoidal::FAMILIES,
    umnn::FAMILIES,
    block_naf::FAMILIES,
    coupling::FAMILIES,
    spline::FAMILIES[0],
    spline::FAMILIES[1],
    spline::FAMILIES[2],
    transformer_coupling::FAMILIES,
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
    triangular::FAMILIES,
    lu_linear::FAMILIES,
    qr_linear::FAMILIES,
    svd_linear::FAMILIES,
    diagonal_low_rank::FAMILIES,
    running_sum::FAMILIES,
    householder::FAMILIES,
    orthogonal_exp::FAMILIES,
    orthogonal_cayley::FAMILIES,
    dct::FAMILIES,
    actnorm::FAMILIES,
    batch_norm::FAMILIES,
    rearrange::FAMILIES,
    haar::FAMILIES,
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
    block_naf::FORMATS,
    masked::FORMATS,
    coupling::FORMATS,
    spline::FORMATS,
    transformer_coupling::FORMATS,
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
    triangular::FORMATS,
    lu_linear::FORMATS,
    qr_linear::FORMATS,
    svd_linear::FORMATS,
    diagonal_low_rank::FORMATS,
    running_sum::FORMATS,
    householder::FORMATS,
    orthogonal_exp::FORMATS,
    orthogonal_cayley::FORMATS,
    dct::FORMATS,
    actnorm::FORMATS,
    batch_norm::FORMATS,
    rearrange::FORMATS,
    haar::FORMATS,
    chain::FORMATS,
    inverse::FORMATS,
    stack::FORMATS,
    embed::FORMATS,
    conjugate::FORMATS,
    conditional::FORMATS,
    multiscale::FORMATS,
];
