//! **pushforward** decides whether a normalizing-flow layer is what it claims to be: an invertible map with the right
//! volume change.

pub mod blackbox;
pub mod check;
pub mod conditioner;
#[cfg(feature = "cli")]
pub mod course;
pub mod data;
pub mod density;
pub mod derive;
pub mod digits;
#[cfg(feature = "cli")]
pub mod document;
pub mod error;
pub mod estimate;
pub mod eval;
pub mod evidence;
mod exact;
pub mod family;
pub mod flow;
pub mod known;
pub mod laws;
pub mod layers;
pub mod linalg;
mod macros;
#[cfg(feature = "cli")]
pub mod museum;
pub mod param;
pub mod promises;
pub mod prove;
mod random;
pub mod report;
pub mod scalar;
pub mod soak;
pub mod vae;
#[cfg(feature = "cli")]
pub mod worked;

pub use blackbox::BlackBox;
pub use check::{Check, Verdict, check};
pub use conditioner::{Conditioner, Net};
pub use error::FlowError;
pub use estimate::{Estimate, Estimator};
pub use eval::Given;
pub use flow::{Flow, Image, Layer, expect_point};
pub use known::KnownValue;
pub use layers::Chain;
pub use param::{Lit, Param, lit, params};
pub use promises::{Block, Domain, Face, Interval, LogDetCost, Orientation, Promises, Structure};
pub use scalar::{Scalar, dot};

pub use proptest;

/// What the macros need; not part of the interface.
#[doc(hidden)]
pub mod __private {
    pub use crate::macros::{Failed, drawn, is_law, run};
}
