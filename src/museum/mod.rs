//! The museum: bugs that real projects shipped, each written again as one layer and held to the laws.
//!
//! An [`Exhibit`] is one file in `tests/broken/`. It names the laws that must catch it; where the project's own tests
//! passed on a fixture that could not have failed, it holds that fixture too, and the verdict there must not be `Holds`.

use crate::check::{Check, Verdict};
use crate::flow::Layer;
use crate::laws::{self, Law};
use crate::report::Report;

#[path = "../../tests/broken/mod.rs"]
mod broken;
mod left_out;
mod matrix;
mod recipes;

pub use left_out::LEFT_OUT;
pub use matrix::{Matrix, Seen};
pub use recipes::{RECIPES, Recipe};

/// Makes a layer: a fixture.
pub type Fixture = fn() -> Box<dyn Layer>;

/// A bug that a real project shipped.
#[derive(Clone, Copy, Debug)]
pub struct Exhibit {
    /// Stable name: the kind of slip and a number.
    pub id: &'static str,
    /// The slip, in one sentence.
    pub slip: &'static str,
    /// Where it was: repository, then `issue #n`, `pull #n`, `commit …` or `snapshot …`. Empty for a slip that no report
    /// is known of, planted so that every law has something to catch.
    pub reference: &'static str,
    /// Why the project's own tests passed; empty where that is not known.
    pub missed_because: &'static str,
    /// Names of the laws that must catch it. The first is the one that it is credited to.
    pub caught_by: &'static [&'static str],
    /// What the report must say of the cause; empty where no single cause can be told from the numbers.
    pub diagnosis: &'static str,
    /// The layer with the slip, on a fixture that exposes it.
    pub broken: Fixture,
    /// The same layer on a fixture that hides it.
    pub degenerate: Option<Fixture>,
}

/// Every exhibit, by class.
pub fn all() -> &'static [Exhibit] {
    broken::ALL
}

/// The exhibit of this id; underscores may stand for hyphens.
pub fn find(id: &str) -> Option<&'static Exhibit> {
    let id = id.replace('_', "-");
    all().iter().find(|exhibit| exhibit.id == id)
}

impl Exhibit {
    /// Whether a real project shipped it.
    pub fn is_real(&self) -> bool {
        !self.reference.is_empty()
    }

    /// The address of the report or the code; empty for a planted slip.
    pub fn url(&self) -> String {
        if !self.is_real() {
            return String::new();
        }
        let (repository, place) = self.reference.split_once(' ').unwrap_or((self.reference, ""));
        let place = match place.split_once(' ') {
            Some(("issue", n)) => format!("/issues/{}", n.trim_start_matches('#')),
            Some(("pull", n)) => format!("/pull/{}", n.trim_start_matches('#')),
            Some(("commit", hash)) => format!("/commit/{hash}"),
            Some(("snapshot", hash)) => format!("/tree/{hash}"),
            _ => String::new(),
        };
        format!("https://github.com/{repository}{place}")
    }

    /// The laws that must catch it.
    ///
    /// # Panics
    /// If a name is misspelt, which a test excludes.
    pub fn laws(&self) -> Vec<&'static Law> {
        self.caught_by.iter().map(|name| laws::find(name).expect("a law of this name")).collect()
    }

    /// The report on the exposing fixture, under the laws that must catch it.
    pub fn report(&self) -> Report {
        self.named(Check::new().laws(self.laws()).run(&*(self.broken)()))
    }

    /// The report on the fixture that hides it.
    pub fn degenerate_report(&self) -> Option<Report> {
        self.degenerate.map(|fixture| self.named(Check::new().laws(self.laws()).run(&*fixture())))
    }

    fn named(&self, mut report: Report) -> Report {
        report.rows.iter_mut().for_each(|row| row.name = self.id.to_owned());
        report
    }

    /// The report on the exposing fixture under every law.
    pub fn full_report(&self) -> Report {
        self.named(Check::new().run(&*(self.broken)()))
    }

    /// What stands in the story: slip, reference, why it was missed, and both reports.
    pub fn story(&self) -> String {
        let origin = if self.is_real() { format!("{} ({})", self.reference, self.url()) } else { "planted".to_owned() };
        let mut text = format!("{}: {}\n\n  {origin}\n", self.id, self.slip);
        if !self.missed_because.is_empty() {
            text += &format!("  missed because {}\n", self.missed_because);
        }
        text += &format!("  caught by {}\n\n{}", self.caught_by.join(", "), self.report());
        if let Some(report) = self.degenerate_report() {
            text += &format!("\nOn the fixture that hides it:\n\n{report}");
        }
        // Files of exhibits as seen from the root, not from the module that pulls them in.
        text.replace("src/museum/../../", "")
    }
}

/// A failing law's words on the cause: its diagnosis, else the violation, else which claim of several.
pub fn cause(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Fails(found) => found.diagnosis.as_deref().or(found.violation.as_deref()).or(Some(&found.place)),
        _ => None,
    }
}
