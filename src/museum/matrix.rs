//! The kill matrix: exhibits down, laws and the peers' recipes across.

use std::fmt::Write;

use super::{Exhibit, RECIPES};
use crate::check::{Check, Verdict};
use crate::laws;

/// One exhibit under all laws and recipes.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The exhibit.
    pub exhibit: &'static Exhibit,
    /// Law by law, on the exposing fixture: the word of the verdict.
    pub laws: Vec<(&'static str, &'static str)>,
    /// Recipe by recipe: whether it fails the exposing fixture and, where there is one, the fixture that hides the slip.
    pub recipes: Vec<(&'static str, bool, Option<bool>)>,
}

impl Seen {
    fn of(exhibit: &'static Exhibit) -> Self {
        let broken = (exhibit.broken)();
        let hiding = exhibit.degenerate.map(|fixture| fixture());
        // Its own laws look at a layer of their own first: one that remembers is as it was made only once.
        let (own, report) = (exhibit.report(), Check::new().run(&*broken));
        let first = |law| own.verdict(law).or_else(|| report.verdict(law)).map_or("", Verdict::word);
        Self {
            exhibit,
            laws: report.verdicts().map(|(_, law, _)| (law, first(law))).collect(),
            recipes: RECIPES
                .iter()
                .map(|r| (r.name, !r.passes(&*broken), hiding.as_ref().map(|layer| !r.passes(&**layer))))
                .collect(),
        }
    }

    /// The laws that fail.
    pub fn killers(&self) -> Vec<&'static str> {
        self.laws.iter().filter(|(_, word)| *word == "fails").map(|(law, _)| *law).collect()
    }

    /// The word of one law's verdict.
    pub fn word(&self, law: &str) -> Option<&'static str> {
        self.laws.iter().find(|(name, _)| *name == law).map(|(_, word)| *word)
    }

    fn symbol(&self, law: &str, word: &str) -> &'static str {
        match word {
            "fails" if self.exhibit.caught_by.contains(&law) => "●",
            "fails" => "×",
            "vacuous" => "∅",
            "undecided" => "?",
            "holds" => "·",
            _ => " ",
        }
    }
}

/// The kill matrix.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// Exhibit by exhibit.
    pub rows: Vec<Seen>,
}

const LEGEND: &str = "● fails and is named by the exhibit   × fails too   · holds   ∅ vacuous   ? undecided   \
                      blank: skips or does not apply";
const RECIPES_LEGEND: &str =
    "× the recipe fails the fixture   · it passes   second place: the fixture that hides the slip";

impl Matrix {
    /// Judges these exhibits, on every core.
    pub fn of(exhibits: &'static [Exhibit]) -> Self {
        let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let next = std::sync::atomic::AtomicUsize::new(0);
        let work = || {
            let take = || exhibits.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
            std::iter::from_fn(take).map(Seen::of).collect::<Vec<_>>()
        };
        let mut rows: Vec<Seen> = std::thread::scope(|scope| {
            let started: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            started.into_iter().flat_map(|one| one.join().expect("an exhibit does not panic")).collect()
        });
        let place = |seen: &Seen| exhibits.iter().position(|e| e.id == seen.exhibit.id);
        rows.sort_by_key(place);
        Self { rows }
    }

    fn cells(&self) -> impl Iterator<Item = (&Seen, Vec<&'static str>, Vec<String>)> {
        self.rows.iter().map(|seen| {
            let laws = seen.laws.iter().map(|(law, word)| seen.symbol(law, word)).collect();
            let mark = |fails: bool| if fails { "×" } else { "·" };
            let recipe =
                |&(_, fails, hiding): &(_, bool, Option<bool>)| format!("{}{}", mark(fails), hiding.map_or(" ", mark));
            (seen, laws, seen.recipes.iter().map(recipe).collect())
        })
    }

    /// For people: aligned columns.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (i, law) in laws::all().enumerate() {
            let _ = writeln!(text, "  {:>2}  {}", i + 1, law.name);
        }
        for (recipe, letter) in RECIPES.iter().zip('A'..) {
            let _ = writeln!(text, "   {letter}  {:<10} {}", recipe.name, recipe.asks);
        }
        let width = self.rows.iter().map(|r| r.exhibit.id.len()).max().unwrap_or(0);
        let _ = write!(text, "\n{:width$}", "");
        (1..=laws::all().count()).for_each(|i| text += &format!(" {i:>2}"));
        text += "  ";
        RECIPES.iter().zip('A'..).for_each(|(_, letter)| text += &format!(" {letter} "));
        text.push('\n');
        for (seen, laws, recipes) in self.cells() {
            let _ = write!(text, "{:width$}", seen.exhibit.id);
            laws.iter().for_each(|cell| text += &format!("  {cell}"));
            text += "  ";
            recipes.iter().for_each(|cell| text += &format!(" {cell}"));
            text = text.trim_end().to_owned();
            text.push('\n');
        }
        let _ = writeln!(text, "\n{LEGEND}\n{RECIPES_LEGEND}");
        let _ = writeln!(text, "\n{}", self.counts());
        text
    }

    /// How many each side catches.
    pub fn counts(&self) -> String {
        let n = self.rows.len();
        let caught = self.rows.iter().filter(|seen| !seen.killers().is_empty()).count();
        let real = self.rows.iter().filter(|seen| seen.exhibit.is_real()).count();
        let mut text = format!("the laws catch {caught} of {n}, of which real projects shipped {real}");
        for (k, recipe) in RECIPES.iter().enumerate() {
            let caught = self.rows.iter().filter(|seen| seen.recipes[k].1).count();
            let hidden: Vec<bool> = self.rows.iter().filter_map(|seen| seen.recipes[k].2).collect();
            let shown = hidden.iter().filter(|fails| **fails).count();
            text += &format!("\n{:<10} {caught:>3} of {n}, and {shown} of the {} hidden", recipe.name, hidden.len());
        }
        text
    }

    /// For the docs: Markdown tables.
    pub fn markdown(&self) -> String {
        let mut text = String::from(
            "# The museum of broken layers\n\nGenerated by `pushforward museum --markdown`; a test keeps it true. Each \
             row is a bug that a real project\nshipped, written again in `tests/broken/`, or (`own-…`) a slip planted \
             so that every law has something to\ncatch.\n",
        );
        text += "\n## The slips\n\n| exhibit | slip | where | credited to |\n|---|---|---|---|\n";
        for seen in &self.rows {
            let e = seen.exhibit;
            let credited = e.caught_by.first().copied().unwrap_or_default();
            let origin = if e.is_real() { format!("[{}]({})", e.reference, e.url()) } else { "planted".to_owned() };
            let _ = writeln!(text, "| {} | {} | {origin} | {credited} |", e.id, e.slip);
        }
        let _ = writeln!(text, "\n## Who catches what\n\n```text\n{}```", self.text());
        text += "\n## Known bugs left out\n\n| id | what it was | why it is no layer |\n|---|---|---|\n";
        for (id, what, why) in super::LEFT_OUT {
            let _ = writeln!(text, "| {id} | {what} | {why} |");
        }
        text
    }

    /// For machines: one JSON object.
    pub fn json(&self) -> String {
        use serde_json::{Map, Value, json};
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|seen| {
                let e = seen.exhibit;
                let laws: Map<String, Value> = seen.laws.iter().map(|(l, w)| ((*l).to_owned(), json!(w))).collect();
                let recipes: Map<String, Value> = seen
                    .recipes
                    .iter()
                    .map(|(name, fails, hiding)| ((*name).to_owned(), json!({"fails": fails, "fails_hiding": hiding})))
                    .collect();
                json!({"id": e.id, "slip": e.slip, "reference": e.reference, "url": e.url(),
                       "missed_because": e.missed_because, "caught_by": e.caught_by, "laws": laws, "recipes": recipes})
            })
            .collect();
        let left_out: Vec<Value> =
            super::LEFT_OUT.iter().map(|(id, what, why)| json!({"id": id, "what": what, "why": why})).collect();
        json!({"exhibits": rows, "left_out": left_out}).to_string()
    }
}
