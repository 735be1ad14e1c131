//! Statements of a chapter, each with an experiment that is run through the layers.

use crate::data::{At, DataError};
use crate::error::FlowError;

use super::experiments::{EXPERIMENTS, Run};
use super::facts::{optional_index, optional_text};

/// A statement of the chapter.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) id: String,
    pub(super) line: Option<usize>,
    pub(super) quote: String,
    /// The experiment's name; where it is told in words, the claim's own name is tried.
    experiment: Option<String>,
    quantity: String,
    /// What the facts say the run gives, and how far the last digit written lets that be off.
    value: Option<(f64, f64)>,
}

/// What an experiment says about a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The run contradicts the statement.
    Refuted,
    /// The statement needs a condition that it does not name.
    Qualified,
    /// The run agrees with the statement.
    Supported,
    /// The run gives another value than the facts: a fault of the facts or of a layer.
    Unconfirmed,
    /// There is no such experiment.
    NotRun,
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Self::Refuted => "refuted",
            Self::Qualified => "qualified",
            Self::Supported => "supported",
            Self::Unconfirmed => "unconfirmed",
            Self::NotRun => "not run",
        }
    }
}

/// A claim, tried.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// The claim's name.
    pub id: String,
    /// Its line in the chapter.
    pub line: usize,
    /// What the chapter says.
    pub quote: String,
    /// What is measured.
    pub quantity: String,
    /// What the run gives.
    pub value: Option<f64>,
    /// The run's account of itself.
    pub witness: String,
    /// What that says about the claim.
    pub standing: Standing,
}

impl Claim {
    pub(super) fn read(at: &At<'_>) -> Result<Self, DataError> {
        let fields = at.fields()?;
        for ignored in ["verdict", "closed_form", "note"] {
            fields.optional(ignored);
        }
        let claim = Self {
            id: fields.required("id")?.text()?.to_owned(),
            line: optional_index(&fields, "line")?,
            quote: fields.required("quote")?.text()?.to_owned(),
            experiment: optional_text(&fields, "experiment")?,
            quantity: optional_text(&fields, "quantity")?.unwrap_or_default(),
            value: fields.optional("value").map(|v| Ok((v.number()?, half_a_place(&v)))).transpose()?,
        };
        fields.finish()?;
        Ok(claim)
    }

    /// Runs the experiment of a claim that stands on a line.
    pub(super) fn tried(&self, line: usize) -> Outcome {
        let named = |name: &str| EXPERIMENTS.iter().find(|(n, ..)| *n == name);
        let own = self.id.strip_prefix("claim.").unwrap_or(&self.id);
        let found = self.experiment.as_deref().and_then(named).or_else(|| named(own));
        let outcome = |value, witness, standing| Outcome {
            id: self.id.clone(),
            line,
            quote: self.quote.clone(),
            quantity: self.quantity.clone(),
            value,
            witness,
            standing,
        };
        let Some((_, if_contradicted, run)) = found else {
            return outcome(None, "no experiment of this name".to_owned(), Standing::NotRun);
        };
        match run() {
            Err(e) => outcome(None, e.to_string(), Standing::Unconfirmed),
            Ok(Run { value, witness, contradicts }) => {
                let agrees =
                    self.value.is_none_or(|(v, half)| (value - v).abs() <= half + QUADRATURE * v.abs().max(1.0));
                let standing = match (agrees, contradicts) {
                    (false, _) => Standing::Unconfirmed,
                    (true, true) => *if_contradicted,
                    (true, false) => Standing::Supported,
                };
                outcome(Some(value), witness, standing)
            }
        }
    }
}

/// What integrals in f64 are good for here.
const QUADRATURE: f64 = 1e-9;

/// Half a unit in the last place that is written after a decimal point; an integer is exact.
fn half_a_place(value: &At<'_>) -> f64 {
    let places = value.text().ok().and_then(|text| Some(text.split_once('.')?.1.len() as f64));
    places.map_or(0.0, |places| 0.5 * 10.0_f64.powf(-places))
}

/// The claims as aligned columns.
pub fn table(outcomes: &[Outcome]) -> String {
    let mut rows = vec![["line", "claim", "quantity", "value", "standing", "witness"].map(str::to_owned)];
    for o in outcomes {
        let quote: String = o.quote.chars().take(48).collect();
        let quote = if o.quote.chars().count() > 48 { format!("{}…", quote.trim_end()) } else { quote };
        // As many digits as an f64 quadrature is good for.
        let value = o.value.map_or("—".to_owned(), |v| {
            let rounded = format!("{v:.9e}").parse::<f64>().unwrap_or(v);
            rounded.to_string()
        });
        let standing = o.standing.word().to_owned();
        rows.push([o.line.to_string(), quote, o.quantity.clone(), value, standing, o.witness.clone()]);
    }
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..6).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &w)| format!("{cell:w$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// What an experiment returns.
pub(super) type Tried = Result<Run, FlowError>;
