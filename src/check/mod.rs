//! Draws layers and points, evaluates each law's sides, judges, shrinks what fails.

use std::collections::BTreeMap;

use crate::evidence::{AsSubject, Sides, Site, Stop, Subject};
use crate::family::{Drawn, Family};
use crate::flow::Layer;
use crate::laws::{self, Evidence, Law};
use crate::report::{Report, Row};

mod diagnose;
mod judge;
mod known;
mod links;
mod look;
mod run;
mod sample;
mod suspects;
mod vacuity;
mod verdict;

pub(crate) use look::{Seen, at_point, judged};
pub(crate) use run::sites;
pub(crate) use sample::{Case, Source, drawn_cases};
pub use verdict::{Counterexample, Held, Slip, Verdict};

/// Seed of every run that names no other.
pub const SEED: u64 = 20_260_101;
/// Cases of every run that names no other: layers drawn, with three points each.
pub const CASES: usize = 60;
/// How many times as many layers are drawn where the first sample could not tell.
const RICHER: usize = 4;

/// Settings of a check.
#[derive(Clone, Debug)]
pub struct Check {
    cases: usize,
    seed: u64,
    laws: Vec<&'static Law>,
    may_be_undecided: Vec<&'static str>,
}

impl Default for Check {
    fn default() -> Self {
        Self { cases: CASES, seed: SEED, laws: laws::all().collect(), may_be_undecided: Vec::new() }
    }
}

impl Check {
    /// The default settings: every law, 60 cases, the fixed seed.
    pub fn new() -> Self {
        Self::default()
    }
    /// Layers to draw, with three points each (for a fixed layer: triples of points). At least 1. Where a strategy's sample
    /// leaves a law undecided or vacuous, that law is asked again of four times as many.
    pub fn cases(self, cases: usize) -> Self {
        Self { cases: cases.max(1), ..self }
    }
    /// Seed of all draws.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }
    /// Judges these laws only.
    pub fn laws(self, laws: impl IntoIterator<Item = &'static Law>) -> Self {
        Self { laws: laws.into_iter().collect(), ..self }
    }
    /// Accepts these laws' verdict `undecided`, which is no pass otherwise.
    pub fn may_be_undecided(self, laws: impl IntoIterator<Item = &'static Law>) -> Self {
        Self { may_be_undecided: laws.into_iter().map(|law| law.name).collect(), ..self }
    }

    /// A report of this check that holds no row yet.
    pub fn empty_report(&self) -> Report {
        let may_be_undecided = self.may_be_undecided.clone();
        Report { rows: Vec::new(), seed: self.seed, cases: self.cases, may_be_undecided }
    }

    /// Judges one subject.
    pub fn run(&self, subject: &(impl AsSubject + ?Sized)) -> Report {
        let subject = subject.as_subject();
        self.report(subject.title(), &Source::Fixed(subject.clone()), None)
    }

    /// Judges a strategy of layers.
    pub fn run_strategy(&self, name: &str, layers: Drawn) -> Report {
        self.report(name, &Source::Drawn(layers), None)
    }

    /// Judges a family of the zoo.
    pub fn run_family(&self, family: &Family) -> Report {
        self.report(family.name, &Source::Drawn((family.draw)()), family.at_dim)
    }

    fn report(&self, name: &str, source: &Source<'_>, at_dim: Option<fn(usize) -> Box<dyn Layer>>) -> Report {
        let mut verdicts = self.verdicts(source, at_dim);
        let is_poor =
            |(_, verdict): &&(&'static str, Verdict)| matches!(verdict, Verdict::Vacuous(_) | Verdict::Undecided(_));
        let poor: Vec<&'static Law> =
            verdicts.iter().filter(is_poor).filter_map(|(name, _)| laws::find(name)).collect();
        // Of a strategy more can be drawn before it is said that nothing can be told.
        if !poor.is_empty() && matches!(source, Source::Drawn(_)) {
            let richer = Self { cases: self.cases.saturating_mul(RICHER), laws: poor, ..self.clone() };
            for (law, verdict) in richer.verdicts(source, at_dim) {
                verdicts.iter_mut().filter(|(name, _)| *name == law).for_each(|(_, old)| *old = verdict.clone());
            }
        }
        Report { rows: vec![Row { name: name.to_owned(), verdicts }], ..self.empty_report() }
    }

    /// What each law says of one sample.
    fn verdicts(
        &self,
        source: &Source<'_>,
        at_dim: Option<fn(usize) -> Box<dyn Layer>>,
    ) -> Vec<(&'static str, Verdict)> {
        let cases = drawn_cases(source, self.cases, self.seed);
        let subjects: Vec<Subject<'_>> = cases.iter().filter_map(|case| run::subject_of(case, source)).collect();
        let run = run::Run::new(source, self.seed, &cases, &subjects, at_dim);
        // A layer that keeps something from its first call must be asked for it before any other law has called it.
        let first = self.laws.iter().find(|law| law.name == laws::ASKED_FIRST).map(|law| (law.name, run.verdict(law)));
        let verdict = |law: &&'static Law| match &first {
            Some((name, verdict)) if *name == law.name => verdict.clone(),
            _ => run.verdict(law),
        };
        self.laws.iter().map(|law| (law.name, verdict(law))).collect()
    }
}

/// Checks a subject against every law that applies. The whole harness behind one call.
pub fn check(subject: &(impl AsSubject + ?Sized)) -> Report {
    Check::new().run(subject)
}
