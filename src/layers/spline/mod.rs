//! Splines: increasing curves made of pieces between knots.

mod circular;
mod curve;
mod draw;
mod elementwise;
mod knots;
mod piece;
mod transformer;

pub use circular::CircularSpline;
pub use curve::Curve;
pub use elementwise::{Spline, SplineEnds};
pub use piece::SplineKind;
pub use transformer::SplineTransformer;

use crate::data::Format;
use crate::family::Family;
pub(super) use draw::{nets, transformers};
pub(super) use transformer::{generic as generic_transformer, read as read_transformer};

pub(super) const FAMILIES: [&[Family]; 3] = [elementwise::FAMILIES, circular::FAMILIES, transformer::FAMILIES];

pub(super) const FORMATS: &[Format] =
    &[Format { name: "spline", read: elementwise::read }, Format { name: "circular_spline", read: circular::read }];
