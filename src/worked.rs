//! The worked examples of the chapter, recomputed.
//!
//! Each number that the chapter prints is computed again by the layers here, compared with its exact value, and the
//! printed string is compared with the correctly rounded exact value. Verdicts are computed, never stored.

mod decimal;
mod operation;

use std::fmt;

use crate::data::{At, DataError, Fields, Value, flow, unknown};
use crate::document::{Syntax, parse};
use crate::error::FlowError;
use crate::eval::{Given, evaluate, tangents};
use crate::flow::Layer;
use crate::scalar::{Dual, System};
use nalgebra::DMatrix;
use operation::Operation;

/// The examples as data, one entry for each printed number.
const ENTRIES: &str = include_str!("../fixtures/worked_examples.toml");

/// Agreement of a recomputed number with its exact value, relative. All but the largest example take some tens of
/// rounded operations of condition below 10, which is 1e-14 at most; a wrong formula shows in the first few digits.
const AGREEMENT: f64 = 1e-12;

/// What is to be said about a printed number.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The exact value, correctly rounded.
    Right,
    /// Not the exact value correctly rounded, but what follows from an operand that had been rounded before.
    RoundedTwice,
    /// Not the exact value correctly rounded.
    Wrong,
    /// The operands as printed give another number than the one printed.
    WrongAsWritten,
    /// The chapter gives no number; this one is ours.
    Supplied,
    /// There is no such flow, and the layer says so.
    Refused,
    /// The number recomputed here is not the exact one: a fault of a layer or of the fixture, not of the chapter.
    Unconfirmed(String),
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Right => "right",
            Self::RoundedTwice => "rounded twice",
            Self::Wrong => "wrong",
            Self::WrongAsWritten => "wrong as written",
            Self::Supplied => "supplied",
            Self::Refused => "refused",
            Self::Unconfirmed(why) => return write!(f, "unconfirmed: {why}"),
        })
    }
}

/// One number of the chapter, judged.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// Stable name, as in `ex3.J12`.
    pub id: String,
    /// The part of the chapter.
    pub example: String,
    /// What is computed, in words.
    pub statement: String,
    /// What is computed, as a formula.
    pub quantity: String,
    /// The number as printed, if there is one.
    pub printed: Option<String>,
    /// The exact value to 40 digits, or the error that is the right answer.
    pub exact: String,
    /// The value recomputed here, or the error met.
    pub computed: Result<f64, String>,
    /// The verdict, as computed.
    pub verdict: Verdict,
    /// The verdict that the fixture expects.
    pub expected: String,
    operation: Option<Operation>,
}

impl Finding {
    /// Whether the verdict is the one expected.
    pub fn is_expected(&self) -> bool {
        self.verdict.to_string() == self.expected
    }
}

/// Recomputes and judges every worked example.
///
/// # Errors
/// Where the embedded fixture is not in its format; a test reads it.
pub fn examples() -> Result<Vec<Finding>, DataError> {
    judge(ENTRIES)
}

fn judge(text: &str) -> Result<Vec<Finding>, DataError> {
    let document = parse(text, Syntax::Toml).map_err(|e| DataError {
        path: e.path.clone(),
        kind: "Syntax",
        message: format!("{}:{}: {}", e.line, e.column, e.message),
    })?;
    let fields = At::new(&document, "").fields()?;
    let (flows, entries) = (fields.required("flows")?, fields.required("entry")?.list()?);
    fields.finish()?;
    let mut findings: Vec<Finding> = Vec::new();
    for entry in entries {
        let fields = entry.fields()?;
        let finding = entry_of(&fields, flows.value(), &findings)?;
        fields.finish()?;
        findings.push(finding);
    }
    Ok(findings)
}

fn entry_of(fields: &Fields<'_>, flows: &Value, earlier: &[Finding]) -> Result<Finding, DataError> {
    let text = |key| fields.required(key)?.text().map(str::to_owned);
    let (kind, id, printed) = (fields.required("kind")?, text("id")?, fields.optional("printed"));
    let printed = printed.map(|p| p.text().map(str::to_owned)).transpose()?;
    let mut finding = Finding {
        id,
        example: text("example")?,
        statement: text("statement")?,
        quantity: String::new(),
        printed,
        exact: String::new(),
        computed: Err("not computed".to_owned()),
        verdict: Verdict::Supplied,
        expected: text("verdict")?,
        operation: None,
    };
    match kind.text()? {
        "value" => {
            let quantity = Quantity::read(fields, flows)?;
            finding.computed = quantity.compute().map_err(|e| e.to_string());
            finding.quantity = quantity.name;
        }
        "arithmetic" => {
            let operation = Operation::read(&fields.required("operation")?)?;
            (finding.quantity, finding.computed) = (operation.to_string(), Ok(operation.value()));
            finding.operation = Some(operation);
        }
        "refusal" => {
            let quantity = Quantity::read(fields, flows)?;
            finding.computed = quantity.compute().map_err(|e| e.kind.to_owned());
            finding.quantity = quantity.name;
            finding.exact = text("error")?;
            finding.verdict = match &finding.computed {
                Err(kind) if *kind == finding.exact => Verdict::Refused,
                other => Verdict::Unconfirmed(format!("{other:?}, expected {}", finding.exact)),
            };
            return Ok(finding);
        }
        other => {
            let known = ["value", "arithmetic", "refusal"];
            return Err(kind.error("UnknownName", unknown("kind of entry", other, known.into_iter())));
        }
    }
    let exact = fields.required("exact")?;
    finding.exact = exact.text()?.to_owned();
    let right = exact.number()?;
    let rounded = match &finding.printed {
        None => None,
        Some(printed) => {
            let places = fields.required("decimals")?;
            if places.index()? != decimal::places(printed) {
                return Err(places.error("WrongType", format!("{printed} has {} decimals", decimal::places(printed))));
            }
            let rounded = decimal::rounded(&finding.exact, places.index()?);
            Some(rounded.ok_or_else(|| exact.error("WrongType", "expected a plain decimal"))?)
        }
    };
    let cause = fields.optional("because").map(|b| b.fields().and_then(|f| cause(&f, earlier))).transpose()?;
    finding.verdict = match (&finding.computed, &finding.printed) {
        (Err(e), _) => Verdict::Unconfirmed(e.clone()),
        (Ok(computed), _) if !agree(*computed, right) => Verdict::Unconfirmed(format!("computed {computed:?}")),
        (_, None) => Verdict::Supplied,
        (_, Some(_)) if finding.printed == rounded => Verdict::Right,
        (_, Some(_)) if finding.operation.is_some() => Verdict::WrongAsWritten,
        (_, Some(printed)) if cause.is_some_and(|c| c.explains(printed)) => Verdict::RoundedTwice,
        _ => Verdict::Wrong,
    };
    Ok(finding)
}

/// An exact 0 must come out as 0.
fn agree(computed: f64, exact: f64) -> bool {
    (computed - exact).abs() <= AGREEMENT * exact.abs()
}

/// How a printed number can have come about: by an operation on a number printed before.
struct Cause<'a> {
    operation: &'a Finding,
    operand: &'a Finding,
}

fn cause<'a>(fields: &Fields<'_>, earlier: &'a [Finding]) -> Result<Cause<'a>, DataError> {
    let find = |key| {
        let (at, known) = (fields.required(key)?, earlier.iter().map(|f| f.id.as_str()));
        let name = at.text()?;
        let found = earlier.iter().find(|f| f.id == name);
        found.ok_or_else(|| at.error("UnknownName", unknown("earlier entry", name, known)))
    };
    Ok(Cause { operation: find("operation")?, operand: find("operand")? })
}

impl Cause<'_> {
    /// The operation is right, gives this number, and one of its operands is a printed number that is not exact.
    fn explains(&self, printed: &str) -> bool {
        let Some(operand) = &self.operand.printed else { return false };
        let inexact = operand.parse() != self.operand.exact.parse::<f64>();
        let used = self.operation.operation.as_ref().is_some_and(|o| o.uses(operand));
        let gives = self.operation.printed.as_deref() == Some(printed) && self.operation.verdict == Verdict::Right;
        inexact && used && gives
    }
}

/// A quantity of a flow at a point: `x[0]`, `inverse[1]`, `log_det`, `log_prob`, `prob`, `jacobian[0][1]`,
/// `inverse_jacobian[0][0]` or `det`, less a constant.
struct Quantity {
    name: String,
    layer: Result<Box<dyn Layer>, DataError>,
    point: Vec<f64>,
    /// The point goes through the flow first, and the quantity is taken at its image.
    of_image: bool,
    word: &'static str,
    indices: Vec<usize>,
    minus: f64,
}

const WORDS: [&str; 8] = ["x", "inverse", "log_det", "log_prob", "prob", "jacobian", "inverse_jacobian", "det"];

impl Quantity {
    fn read(fields: &Fields<'_>, flows: &Value) -> Result<Self, DataError> {
        let (point, of_image) = match (fields.optional("z"), fields.optional("x_of")) {
            (Some(z), None) => (points(&z)?, false),
            (None, Some(x)) => (points(&x)?, true),
            _ => return Err(fields.at().error("MissingKey", "give either z or x_of")),
        };
        let Value::Table(named) = flows else { return Err(fields.at().error("WrongType", "flows is no table")) };
        let at = fields.required("flow")?;
        let name = at.text()?;
        let unheard = || at.error("UnknownName", unknown("flow", name, named.iter().map(|(k, _)| k.as_str())));
        let written = named.iter().find(|(k, _)| k == name).map(|(_, v)| v).ok_or_else(unheard)?;
        let (at, minus) = (fields.required("quantity")?, fields.optional("minus"));
        let (word, indices) = at.text()?.split_once('[').unwrap_or((at.text()?, ""));
        let indices = indices.trim_end_matches(']').split("][").filter(|i| !i.is_empty());
        let indices = indices.map(|i| i.parse().map_err(|_| at.error("WrongType", "an index is no number")));
        let unheard = || at.error("UnknownName", unknown("quantity", word, WORDS.into_iter()));
        let less = minus.as_ref().map_or(Ok(String::new()), |m| m.text().map(|m| format!(" - {m}")))?;
        Ok(Self {
            name: format!("{}{less}", at.text()?),
            layer: flow(&At::new(written, "").in_dim(point.len())),
            point,
            of_image,
            word: WORDS.into_iter().find(|w| *w == word).ok_or_else(unheard)?,
            indices: indices.collect::<Result<_, _>>()?,
            minus: minus.map_or(Ok(0.0), |m| m.number())?,
        })
    }

    fn compute(&self) -> Result<f64, DataError> {
        let layer = self.layer.as_deref().map_err(DataError::clone)?;
        let value = self.at(layer).map_err(|e| DataError {
            path: self.name.clone(),
            kind: e.kind(),
            message: e.to_string(),
        })?;
        Ok(value - self.minus)
    }

    fn at(&self, layer: &dyn Layer) -> Result<f64, FlowError> {
        let point = self.point.clone();
        let given =
            if self.of_image { Given::Data(f64::view(layer).forward(&point)?.point) } else { Given::Base(point) };
        let at = evaluate(layer, &given)?;
        let dim = at.z.len();
        let index = |k: usize| self.indices.get(k).copied().unwrap_or_default();
        let one = |all: &[f64], k| all.get(index(k)).copied();
        let entry = |rows: &[Vec<f64>]| rows.get(index(0)).and_then(|row| one(row, 1));
        let jacobian = at.jacobian.as_deref().unwrap_or_default();
        let value = match self.word {
            "x" => one(&at.x, 0),
            "inverse" => one(&f64::view(layer).inverse(&at.x)?.point, 0),
            "log_det" => Some(at.log_det),
            "log_prob" => Some(at.log_prob),
            "prob" => Some(at.log_prob.exp()),
            "jacobian" => entry(jacobian),
            "inverse_jacobian" => entry(&tangents(&at.x, |x| Dual::view(layer).inverse(x))?),
            _ => at.jacobian.as_ref().map(|j| DMatrix::from_fn(dim, dim, |i, k| j[i][k]).determinant()),
        };
        value.ok_or_else(|| FlowError::DimMismatch { what: self.name.clone(), expected: dim, found: 0 })
    }
}

/// Numbers, or one number repeated: `{ every = "0.5", dim = 3072 }`.
fn points(at: &At<'_>) -> Result<Vec<f64>, DataError> {
    if matches!(at.value(), Value::List(_)) {
        return at.numbers();
    }
    let fields = at.fields()?;
    let point = vec![fields.required("every")?.number()?; fields.required("dim")?.index()?];
    fields.finish()?;
    Ok(point)
}

/// The findings as aligned columns.
pub fn table(findings: &[Finding]) -> String {
    let mut rows = vec![["example", "quantity", "printed", "exact", "computed", "verdict"].map(str::to_owned)];
    let mut last = "";
    for f in findings {
        let computed = match &f.computed {
            // As many digits as have been compared.
            Ok(value) => format!("{value:.11e}").parse().map_or(String::new(), |v: f64| v.to_string()),
            Err(kind) if f.verdict == Verdict::Refused => kind.clone(),
            Err(_) => "—".to_owned(),
        };
        let example = if f.example == last { String::new() } else { f.example.clone() };
        last = &f.example;
        let printed = f.printed.clone().unwrap_or_else(|| "—".to_owned());
        rows.push([
            example,
            f.quantity.clone(),
            printed,
            decimal::shortened(&f.exact),
            computed,
            f.verdict.to_string(),
        ]);
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

#[cfg(test)]
mod tests;
