//! What a check concludes.

use std::fmt;

use crate::evidence::PointKind;

/// The conclusion for one law and one layer or strategy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Verdict {
    /// The claim held wherever f64 can tell, and the sample could have shown otherwise.
    Holds(Held),
    /// The claim is false.
    Fails(Box<Counterexample>),
    /// f64 cannot tell.
    Undecided(String),
    /// The sample cannot tell a right layer from one with these slips.
    Vacuous(Vec<Slip>),
    /// The law would apply, but the layer lacks a capability.
    Skips(String),
    /// The law does not apply: a promise, the dimension or the kind of layer excludes it.
    DoesNotApply(String),
}

impl Verdict {
    /// One word for tables and machines.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Holds(_) => "holds",
            Self::Fails(_) => "fails",
            Self::Undecided(_) => "undecided",
            Self::Vacuous(_) => "vacuous",
            Self::Skips(_) => "skips",
            Self::DoesNotApply(_) => "n/a",
        }
    }

    /// Whether it lets a run end with exit code 0: everything but `Fails`, `Vacuous` and `Undecided`.
    pub fn is_acceptable(&self) -> bool {
        matches!(self, Self::Holds(_) | Self::Skips(_) | Self::DoesNotApply(_))
    }
}

/// How firmly a law held.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// The largest discrepancy as a fraction of its tolerance.
    pub residual: f64,
    /// What could still hide: the smallest and the median of |left − right| + tolerance over points.
    pub resolution: [f64; 2],
    /// Points, or layers, that agreed.
    pub agree: usize,
    /// Points where f64 cannot tell.
    pub blurred: usize,
    /// Slips that the sample excludes.
    pub excluded: Vec<Slip>,
    /// What was seen, for laws that look at a whole layer.
    pub note: Option<String>,
    /// Points at which the claim also agreed in 237 bits.
    pub precise: usize,
    /// What could still hide at those.
    pub precise_resolution: f64,
    /// What the law had to go by: forward mode, numerical differentiation, the other side's autodiff, values.
    pub evidence: &'static str,
}

/// A slip in the layer that a fair sample must be able to show.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Slip {
    /// The log-det's sign or factor: it is 0 all over the sample.
    Volume,
    /// The term of this coordinate.
    DroppedCoordinate(usize),
    /// Evaluation at another point: the log-det is the same all over the sample.
    StaleEvaluation,
    /// The absolute value: only one sign of det J was drawn, both were promised.
    LostAbs,
    /// An inverse that does nothing: the layer moves no point.
    IdleInverse,
    /// An arm of a comparison that no point entered: `file:line:column`, and whether the met outcome was `true`.
    UnmetBranch(String, bool),
    /// The strategy draws no d ≥ 3, or no odd d.
    Shape(&'static str),
}

impl fmt::Display for Slip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Volume => f.write_str(
                "a wrong sign or factor of the log-det would not show: log|det J| = 0 on the whole sample \
                 (declare `volume_preserving`, or draw scales away from 1)",
            ),
            Self::DroppedCoordinate(i) => write!(
                f,
                "a log-det without coordinate {i}'s term would not show (declare the row as passed through, or draw \
                 its scale away from 1)"
            ),
            Self::StaleEvaluation => f.write_str(
                "a log-det taken at another point would not show: it is the same everywhere (declare \
                 `constant_log_det`, or draw parameters that vary it)",
            ),
            Self::LostAbs => f.write_str(
                "a lost absolute value would not show: `Orientation::Either` is promised, one sign was drawn",
            ),
            Self::IdleInverse => {
                f.write_str("an inverse that returns its input would not show: forward moves no point")
            }
            Self::UnmetBranch(place, met) => {
                write!(f, "the comparison at {place} was always {met}: the other arm was never judged")
            }
            Self::Shape(what) => f.write_str(what),
        }
    }
}

/// Evidence that a claim is false.
#[derive(Clone, Debug)]
pub struct Counterexample {
    /// The layer, as its `Debug` prints it.
    pub layer: String,
    /// The point: `z`, or `x` for laws about the inverse. Absent for laws about a whole layer.
    pub point: Option<(&'static str, Vec<f64>)>,
    /// How the point was drawn.
    pub kind: PointKind,
    /// Which claim of several.
    pub place: String,
    /// Left side: name and value.
    pub left: Option<(&'static str, f64)>,
    /// Right side: name and value.
    pub right: Option<(&'static str, f64)>,
    /// How far apart, and how far rounding allows.
    pub apart: Option<(f64, f64)>,
    /// The violation in words, for claims that are not two numbers.
    pub violation: Option<String>,
    /// The likely cause, where one fits.
    pub diagnosis: Option<String>,
    /// Whether it was seen in 237 bits only: the formula is wrong, by less than f64 resolves.
    pub precise: bool,
    /// What the law had to go by, as in [`Held`].
    pub evidence: &'static str,
    /// Number of the failing case.
    pub case: usize,
}
