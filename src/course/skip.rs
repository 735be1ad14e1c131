//! Why a link is not checked.

use std::fmt;

/// The kinds of reason, by which links that are not checked are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// A side holds a name that has no value here.
    Symbolic,
    /// A side holds a notation that is not read.
    Notation,
    /// A side is not a formula: unbalanced brackets, an operator without an operand.
    Garbled,
    /// Something is left out with dots.
    Ellipsis,
    /// A side has no value: a division by zero, a logarithm of a negative number.
    Undefined,
    /// The sides are of different shapes, or a shape does not fit an operation.
    Shape,
    /// Readings differ, and which one is meant is not said.
    Ambiguous,
    /// The sides differ by units.
    Units,
    /// The text does not claim that the sides are equal.
    NotClaimed,
    /// The value is too near the middle between two printed ones.
    TooClose,
    /// Too long, too deep or too large.
    TooLarge,
    /// A finding that the facts accept.
    Accepted,
}

impl Why {
    /// A stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Symbolic => "symbolic",
            Self::Notation => "notation",
            Self::Garbled => "garbled",
            Self::Ellipsis => "ellipsis",
            Self::Undefined => "undefined",
            Self::Shape => "shape",
            Self::Ambiguous => "ambiguous",
            Self::Units => "units",
            Self::NotClaimed => "not-claimed",
            Self::TooClose => "too-close",
            Self::TooLarge => "too-large",
            Self::Accepted => "accepted",
        }
    }
}

/// A reason with its detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    /// The kind of reason.
    pub why: Why,
    /// In words.
    pub detail: String,
}

impl Skip {
    pub(super) fn new(why: Why, detail: impl Into<String>) -> Self {
        Self { why, detail: detail.into() }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.why.name(), self.detail)
    }
}
