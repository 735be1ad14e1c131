//! **pushforward** decides whether a normalizing-flow layer is what it claims to be: an invertible map with the right
//! volume change.

pub mod conditioner;
pub mod data;
#[cfg(feature = "cli")]
pub mod document;
pub mod error;
pub mod eval;
pub mod family;
pub mod flow;
pub mod layers;
pub mod linalg;
pub mod param;
pub mod promises;
pub mod scalar;
#[cfg(feature = "cli")]
pub mod worked;

pub use conditioner::{Conditioner, Net};
pub use error::FlowError;
pub use flow::{Flow, Image, Layer, expect_point};
pub use layers::Chain;
pub use param::{Lit, Param, lit, params};
pub use promises::{Domain, Interval, LogDetCost, Orientation, Promises, Structure};
pub use scalar::{Scalar, dot};

pub use proptest;
