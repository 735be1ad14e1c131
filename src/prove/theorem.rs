//! What was proved, and how much it says.

use std::collections::BTreeSet;
use std::fmt;

use super::Known;
use super::path::Paths;
use crate::evidence::Stop;

/// How far one law of one layer or family is a theorem.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Proof {
    /// An identity on every formula, with both answers to every question met after all that can lead to it.
    Proved,
    /// An identity on every formula looked into; this was not met or not looked into.
    OnPaths(Vec<String>),
    /// An identity for one choice of square roots, or given that a solved equation has one root only.
    UpToBranch,
    /// Equal in every field tried, but the degrees are too large for that to prove it.
    Tested,
    /// Not proved, and why: which does not say that it is false.
    Not(String),
    /// False: f64 contradicts it, or the layer runs another program than the one recorded.
    Refuted(String),
    /// The law does not apply.
    DoesNotApply(String),
}

impl Proof {
    /// One word for machines.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Proved => "proved",
            Self::OnPaths(_) => "proved-on-paths",
            Self::UpToBranch => "up-to-branch",
            Self::Tested => "tested-exactly",
            Self::Not(_) => "not-proved",
            Self::Refuted(_) => "false",
            Self::DoesNotApply(_) => "n/a",
        }
    }
}

/// One law, and the statement proved.
#[derive(Clone, Debug)]
pub struct Theorem {
    /// The law.
    pub law: &'static str,
    /// Dimensions met.
    pub dims: BTreeSet<usize>,
    /// Different formulas met: shapes, branches, choices of form.
    pub formulas: usize,
    /// Of these, proved.
    pub proved: usize,
    /// log₁₀ of a bound on the probability that any of the proofs is wrong.
    pub log10_failure: f64,
    /// Every conditioner was treated as any function of its inputs.
    pub any_conditioner: bool,
    pub(super) paths: Paths,
    /// More formulas were met than are looked into.
    pub(super) more: bool,
    /// A parameter takes part that `Debug` does not show.
    pub(super) hidden: bool,
    /// One parameter stands at two places: what is proved is proved of equal values there.
    pub(super) tied: bool,
    guessed: bool,
    signed: bool,
    up_to_roots: bool,
    degree: bool,
    not: Option<String>,
    refuted: Option<String>,
    excluded: Option<String>,
}

impl Theorem {
    pub(super) fn new(law: &'static str) -> Self {
        Self {
            law,
            dims: BTreeSet::new(),
            formulas: 0,
            proved: 0,
            log10_failure: f64::NEG_INFINITY,
            any_conditioner: false,
            paths: Paths::default(),
            more: false,
            hidden: false,
            tied: false,
            guessed: false,
            signed: false,
            up_to_roots: false,
            degree: false,
            not: None,
            refuted: None,
            excluded: None,
        }
    }
    pub(super) fn is_settled(&self) -> bool {
        self.not.is_some() || self.refuted.is_some()
    }
    pub(super) fn refute(&mut self, dim: usize, why: String) {
        self.dims.insert(dim);
        self.formulas += 1;
        self.refuted.get_or_insert(why);
    }
    pub(super) fn does_not_apply(&mut self, why: &str) {
        self.excluded.get_or_insert_with(|| why.to_owned());
    }
    pub(super) fn too_large(&mut self) {
        self.formulas += 1;
        self.degree = true;
    }
    /// A point where the formula could not be recorded.
    pub(super) fn not_here(&mut self, stop: Stop) {
        match stop {
            Stop::Missing(why) | Stop::DoesNotApply(why) => self.does_not_apply(&why),
            Stop::Blurred(_) => {}
            Stop::Violated(why) => {
                self.refuted.get_or_insert(why);
            }
        }
    }
    pub(super) fn add(&mut self, dim: usize, known: Known, conditioned: bool) {
        self.dims.insert(dim);
        self.formulas += 1;
        match known {
            Known::Proved { log10_failure, guessed, any_conditioner, signed } => {
                self.signed |= signed;
                let first = self.proved == 0;
                self.proved += 1;
                self.guessed |= guessed;
                // Probabilities of failure add up.
                let (a, b) = (self.log10_failure.max(log10_failure), self.log10_failure.min(log10_failure));
                self.log10_failure = a + (10f64.powf(b - a)).ln_1p() / std::f64::consts::LN_10;
                self.any_conditioner = conditioned && any_conditioner && (first || self.any_conditioner);
            }
            Known::UpToRoots => self.up_to_roots = true,
            Known::Degree => self.degree = true,
            Known::Not(why) => {
                self.not.get_or_insert(why);
            }
        }
    }

    /// The verdict over all formulas met: the weakest of them.
    pub fn proof(&self) -> Proof {
        if let Some(why) = &self.refuted {
            return Proof::Refuted(why.clone());
        }
        if let Some(why) = &self.not {
            return Proof::Not(why.clone());
        }
        if self.formulas == 0 {
            let why = self.excluded.clone();
            return why
                .map_or_else(|| Proof::Not("no formula could be confirmed in f64".to_owned()), Proof::DoesNotApply);
        }
        if self.degree {
            return Proof::Tested;
        }
        if self.up_to_roots || self.guessed {
            return Proof::UpToBranch;
        }
        let mut unmet = self.paths.unmet();
        if self.more {
            unmet.push(format!("more formulas than these {} were met", self.formulas));
        }
        if self.hidden {
            unmet.push("a parameter that `Debug` does not show: it may stand at two places".to_owned());
        }
        if self.signed {
            unmet.push("a logarithm, a root or a modulus is of a number whose sign holds at the points met".to_owned());
        }
        if self.tied {
            unmet.push("one parameter stands at two places: proved for equal values there".to_owned());
        }
        if unmet.is_empty() { Proof::Proved } else { Proof::OnPaths(unmet) }
    }
}

impl fmt::Display for Theorem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims: Vec<String> = self.dims.iter().map(ToString::to_string).collect();
        let conditioner = if self.any_conditioner { ", any conditioner" } else { "" };
        let statement = format!(
            "d = {}: all inputs, all parameters{conditioner}, on {} of {} formulas",
            dims.join(", "),
            self.proved,
            self.formulas
        );
        let failure = format!("wrong with probability below 1e{:.0}", self.log10_failure.ceil());
        match self.proof() {
            Proof::Proved => write!(f, "proved — {statement}; {failure}"),
            Proof::OnPaths(unmet) => write!(f, "proved on paths — {statement}; {failure}; {}", unmet.join("; ")),
            Proof::UpToBranch if self.up_to_roots => {
                write!(f, "up to branch — {statement}: for one choice of square roots")
            }
            Proof::UpToBranch => write!(f, "up to branch — {statement}: given that each equation has one root only"),
            Proof::Tested => write!(f, "tested exactly — {statement}: degrees too large to bound the failure"),
            Proof::Not(why) => write!(f, "not proved — {why}"),
            Proof::Refuted(why) => write!(f, "false — {why}"),
            Proof::DoesNotApply(why) => write!(f, "does not apply — {why}"),
        }
    }
}
