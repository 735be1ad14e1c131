//! What can go wrong, as a value: at construction or at a point.

use std::fmt;

use crate::promises::Interval;

/// Why a layer could not be built, or could not be evaluated at a point.
///
/// Every variant says what, where, and what would be right. [`FlowError::kind`] is the stable name for machines.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum FlowError {
    /// A vector, matrix or tensor has the wrong length.
    DimMismatch {
        /// What has the wrong length.
        what: String,
        /// The length that would be right.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// NaN or an infinity where a finite number is needed.
    NonFinite {
        /// Which number.
        what: String,
        /// The number found.
        value: f64,
    },
    /// A coordinate lies outside the set on which the map is defined.
    OutsideDomain {
        /// 0-based index of the coordinate.
        coordinate: usize,
        /// Its value.
        value: f64,
        /// The set it should lie in.
        domain: Interval,
    },
    /// Layers whose domains do not fit together.
    DomainMismatch {
        /// Which, and what would fit.
        what: String,
    },
    /// The exact result exists, but it over- or underflows this number system.
    OutOfRange {
        /// Which result.
        what: String,
    },
    /// The layer offers no inverse.
    NoInverse,
    /// An iteration found no root: the bracket holds none, or the steps ran out.
    NotConverged {
        /// Which equation.
        what: String,
    },
    /// The Jacobian is singular at this point: the map is no diffeomorphism there.
    Singular {
        /// Where and why.
        what: String,
    },
    /// A scale is zero or has vanished.
    SingularScale {
        /// 0-based index of the coordinate that it scales.
        index: usize,
    },
    /// A matrix is singular, exactly or to the precision of f64.
    SingularMatrix {
        /// 0-based index of the first vanishing pivot or diagonal entry.
        index: usize,
        /// What was found.
        why: String,
    },
    /// Parameters for which the map cannot be a diffeomorphism.
    NotInvertible {
        /// `w·u`, which must exceed −1.
        wu: f64,
    },
    /// A scalar map is not strictly monotone.
    NotMonotone {
        /// Which map, and where.
        what: String,
    },
    /// Index lists that do not partition `0..d`.
    InvalidMask {
        /// What is wrong, and what would be right.
        why: String,
    },
    /// An index list that is not a permutation of `0..d`.
    InvalidPermutation {
        /// What is wrong.
        why: String,
    },
    /// Bounds that do not satisfy `0 < min < max < ∞`.
    BadBounds {
        /// Lower bound given.
        min: f64,
        /// Upper bound given.
        max: f64,
    },
    /// A parameter breaks its constraint.
    BadParameter {
        /// Its name.
        name: String,
        /// Its value.
        value: f64,
        /// The constraint.
        constraint: &'static str,
    },
    /// A conditioner takes or returns the wrong number of values.
    BadArity {
        /// Which conditioner, and which side of it.
        what: String,
        /// The number that would be right.
        expected: usize,
        /// The number found.
        found: usize,
    },
    /// A mean over no rows.
    EmptyDataset,
    /// What a black box said when it refused a point.
    Foreign {
        /// In its own words.
        what: String,
    },
    /// An error of one layer of a chain.
    InLayer {
        /// 0-based index of the layer.
        index: usize,
        /// Its error.
        source: Box<FlowError>,
    },
    /// An error of one row of a dataset.
    InRow {
        /// 0-based index of the row.
        row: usize,
        /// Its error.
        source: Box<FlowError>,
    },
}

impl FlowError {
    /// The variant's name, stable for machines; for a chain or a dataset, that of the inner error.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::DimMismatch { .. } => "DimMismatch",
            Self::NonFinite { .. } => "NonFinite",
            Self::OutsideDomain { .. } => "OutsideDomain",
            Self::DomainMismatch { .. } => "DomainMismatch",
            Self::OutOfRange { .. } => "OutOfRange",
            Self::NoInverse => "NoInverse",
            Self::NotConverged { .. } => "NotConverged",
            Self::Singular { .. } => "Singular",
            Self::SingularScale { .. } => "SingularScale",
            Self::SingularMatrix { .. } => "SingularMatrix",
            Self::NotInvertible { .. } => "NotInvertible",
            Self::NotMonotone { .. } => "NotMonotone",
            Self::InvalidMask { .. } => "InvalidMask",
            Self::InvalidPermutation { .. } => "InvalidPermutation",
            Self::BadBounds { .. } => "BadBounds",
            Self::BadParameter { .. } => "BadParameter",
            Self::BadArity { .. } => "BadArity",
            Self::EmptyDataset => "EmptyDataset",
            Self::Foreign { .. } => "Foreign",
            Self::InLayer { source, .. } | Self::InRow { source, .. } => source.kind(),
        }
    }

    /// The error itself, without the layer or row it happened in.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::InLayer { source, .. } | Self::InRow { source, .. } => source.innermost(),
            other => other,
        }
    }
}

impl fmt::Display for FlowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DimMismatch { what, expected, found } => {
                write!(f, "{what} has length {found}, expected {expected}")
            }
            Self::NonFinite { what, value } => write!(f, "{what} is {value}, expected a finite number"),
            Self::OutsideDomain { coordinate, value, domain } => {
                write!(f, "coordinate {coordinate} is {value:?}, outside {domain}")
            }
            Self::DomainMismatch { what } => write!(f, "domains do not fit: {what}"),
            Self::OutOfRange { what } => write!(f, "{what} over- or underflows this number system"),
            Self::NoInverse => write!(f, "the layer offers no inverse"),
            Self::NotConverged { what } => write!(f, "no root found: {what}"),
            Self::Singular { what } => write!(f, "the Jacobian is singular: {what}"),
            Self::SingularScale { index } => {
                write!(f, "the scale of coordinate {index} is zero, expected a non-zero scale")
            }
            Self::SingularMatrix { index, why } => write!(f, "the matrix is singular at index {index}: {why}"),
            Self::NotInvertible { wu } => {
                write!(f, "w·u = {wu:?}, expected w·u > −1 (otherwise the map is no diffeomorphism)")
            }
            Self::NotMonotone { what } => write!(f, "not strictly monotone: {what}"),
            Self::InvalidMask { why } => write!(f, "invalid mask: {why}"),
            Self::InvalidPermutation { why } => write!(f, "not a permutation: {why}"),
            Self::BadBounds { min, max } => {
                write!(f, "bounds min = {min:?}, max = {max:?}, expected 0 < min < max < ∞")
            }
            Self::BadParameter { name, value, constraint } => {
                write!(f, "{name} = {value:?}, expected {constraint}")
            }
            Self::BadArity { what, expected, found } => write!(f, "{what}: {found} values, expected {expected}"),
            Self::EmptyDataset => write!(f, "the dataset has no rows, so it has no mean"),
            Self::Foreign { what } => f.write_str(what),
            Self::InLayer { index, source } => write!(f, "layer {index}: {source}"),
            Self::InRow { row, source } => write!(f, "row {row}: {source}"),
        }
    }
}

impl std::error::Error for FlowError {}
