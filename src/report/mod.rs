//! What a run found: rows of verdicts, as text, as JSON, as JUnit's XML, or as a page.

use std::fmt;

use crate::check::Verdict;
use crate::laws;

mod html;
#[cfg(feature = "cli")]
mod json;
mod junit;
mod markup;
mod picture;
mod text;

pub use html::html;
#[cfg(feature = "cli")]
pub use json::json;
pub use junit::junit;
pub use picture::Pictures;
pub use text::{counterexample, matrix};

/// One family or layer under all laws asked.
#[derive(Clone, Debug)]
pub struct Row {
    /// The family's name.
    pub name: String,
    /// Law by law.
    pub verdicts: Vec<(&'static str, Verdict)>,
}

/// The verdicts of a run.
#[derive(Clone, Debug)]
#[must_use = "a report that nobody reads proves nothing: print it, or assert `report.is_acceptable()`"]
pub struct Report {
    /// Row by row.
    pub rows: Vec<Row>,
    /// Seed of the run.
    pub seed: u64,
    /// Cases drawn for each row.
    pub cases: usize,
    /// Laws whose verdict may be `undecided`.
    pub may_be_undecided: Vec<&'static str>,
}

/// What a row's verdicts together say of it. Nothing where a law does not stand, or was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The flow that its name says, as far as its known values reach.
    Named,
    /// A flow; no known value says which.
    Flow,
    /// A map with the log-det that it states; without an inverse nobody says that it is a bijection.
    LogDet,
}

impl Row {
    /// The strongest claim that these verdicts carry.
    pub fn claim(&self) -> Option<Claim> {
        let says = |law: &str| self.verdicts.iter().find(|(name, _)| *name == law).map(|(_, verdict)| verdict);
        if self.verdicts.len() < laws::all().count() || !self.verdicts.iter().all(|(_, v)| v.is_acceptable()) {
            return None;
        }
        match (says("inverse-undoes-forward")?, says("matches-known-values")?) {
            (Verdict::Holds(_), Verdict::Holds(_)) => Some(Claim::Named),
            (Verdict::Holds(_), _) => Some(Claim::Flow),
            _ => matches!(says("log-det-is-jacobian")?, Verdict::Holds(_)).then_some(Claim::LogDet),
        }
    }
}

impl Report {
    /// Whether nothing fails, is vacuous, or is undecided where that is not allowed.
    pub fn is_acceptable(&self) -> bool {
        self.verdicts().all(|(_, law, verdict)| self.accepts(law, verdict))
    }

    /// Whether a verdict on this law leaves the run acceptable.
    pub fn accepts(&self, law: &str, verdict: &Verdict) -> bool {
        verdict.is_acceptable() || (matches!(verdict, Verdict::Undecided(_)) && self.may_be_undecided.contains(&law))
    }

    /// Every row's name, law and verdict.
    pub fn verdicts(&self) -> impl Iterator<Item = (&str, &'static str, &Verdict)> {
        self.rows.iter().flat_map(|row| row.verdicts.iter().map(|(law, verdict)| (row.name.as_str(), *law, verdict)))
    }

    /// The verdict of one law in the first row, for tests of a single layer.
    pub fn verdict(&self, law: &str) -> Option<&Verdict> {
        self.verdicts().find(|(_, name, _)| *name == law).map(|(_, _, verdict)| verdict)
    }

    /// The names of the laws that fail.
    pub fn failures(&self) -> Vec<&'static str> {
        self.verdicts().filter(|(_, _, v)| matches!(v, Verdict::Fails(_))).map(|(_, law, _)| law).collect()
    }

    /// Adds another run's rows.
    pub fn extend(&mut self, other: Self) {
        self.rows.extend(other.rows);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::report(f, self)
    }
}
