//! A quantity of a flow, by name: what a printed number of a chapter means.

use crate::data::{At, DataError, Fields, Value, flow, unknown};
use crate::eval::{Evaluation, case_precise};

use super::functions as f;
use super::number::{Number, Undefined};
use super::value::{determinant, matrix_power};

/// The quantities, for messages.
const KNOWN: [&str; 20] = [
    "x[i]",
    "inverse[i]",
    "logdet",
    "log_prob",
    "pdf",
    "pdf_ratio",
    "p_Z(z)",
    "p_Z(x)",
    "det",
    "jacobian[i][j]",
    "inverse_jacobian[i][j]",
    "jacobian_upper_max_abs",
    "preactivation",
    "activation_derivative",
    "w_dot_u",
    "log_abs_U[i]",
    "logdet_W",
    "pixels",
    "scale",
    "dim",
];

/// What is computed, of which flow, and where.
#[derive(Clone, Debug)]
pub(super) struct Quantity {
    name: String,
    /// `{ layer, params }`.
    flow: Value,
    /// `z`, `x`, `x_from_z` or `raw`, with its numbers.
    input: Option<(String, Value)>,
}

impl Quantity {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, DataError> {
        let flow = match fields.optional("flow") {
            Some(flow) => flow.value().clone(),
            None => table([
                ("layer", fields.required("layer")?.value().clone()),
                ("params", fields.required("params")?.value().clone()),
            ]),
        };
        let mut input = None;
        if let Some(at) = fields.optional("input") {
            let inside = at.fields()?;
            for key in ["z", "x", "x_from_z", "raw"] {
                if let Some(numbers) = inside.optional(key) {
                    numbers.numbers()?;
                    input = Some((key.to_owned(), numbers.value().clone()));
                }
            }
            inside.finish()?;
        }
        Ok(Self { name: fields.required("quantity")?.text()?.to_owned(), flow, input })
    }

    /// The value, in the precise number system.
    pub(super) fn compute(&self) -> Result<Number, DataError> {
        self.formula(&self.name.replace("|det J_f|", "abs(det)").replace("_dense", ""))
    }

    fn error(&self, kind: &'static str, message: impl Into<String>) -> DataError {
        DataError { path: self.name.clone(), kind, message: message.into() }
    }

    fn undefined(&self, value: Result<Number, Undefined>) -> Result<Number, DataError> {
        value.map_err(|_| self.error("OutOfRange", "it has no value there"))
    }

    /// `x[1] - 2`, `p_Z(z)*abs(det)`, `cosh(preactivation)`: arithmetic on quantities.
    fn formula(&self, name: &str) -> Result<Number, DataError> {
        type Both = fn(&Number, &Number) -> Result<Number, Undefined>;
        let name = name.trim();
        if let Some(number) = super::recompute::plain(name) {
            return Ok(number);
        }
        for (sign, apply) in [
            (" - ", Number::sub as Both),
            (" + ", Number::add as Both),
            ("*", Number::mul as Both),
            ("/", Number::div as Both),
        ] {
            if let Some((a, b)) = name.split_once(sign) {
                return self.undefined(apply(&self.formula(a)?, &self.formula(b)?));
            }
        }
        type One = fn(&Number) -> Result<Number, Undefined>;
        let abs: One = |n| Ok(n.abs());
        for (function, apply) in [
            ("cosh", f::cosh as One),
            ("abs", abs),
            ("exp", f::exp as One),
            ("log", f::ln as One),
            ("tanh", f::tanh as One),
        ] {
            let inside =
                name.strip_prefix(function).and_then(|r| r.strip_prefix('(')).and_then(|r| r.strip_suffix(')'));
            if let Some(inside) = inside {
                return self.undefined(apply(&self.formula(inside)?));
            }
        }
        self.one(name)
    }

    fn one(&self, name: &str) -> Result<Number, DataError> {
        let (word, indices) = name.split_once('[').unwrap_or((name, ""));
        let indices: Vec<usize> = indices.trim_end_matches(']').split("][").filter_map(|i| i.parse().ok()).collect();
        let at = |k: usize| indices.get(k).copied().unwrap_or_default();
        if let Some(value) = self.of_parameters(word, at(0)) {
            return value;
        }
        let all = self.evaluated()?;
        let missing = || self.error("DimMismatch", format!("there is no {name}"));
        let number = |text: Option<&String>| text.and_then(|t| certain(t)).ok_or_else(missing);
        let back = || self.at_data(&all.x);
        let rows = || -> Result<Vec<Vec<Number>>, DataError> {
            let rows = all.jacobian.as_ref().ok_or_else(missing)?;
            rows.iter().map(|row| row.iter().map(|e| number(Some(e))).collect()).collect()
        };
        let entry = |rows: &[Vec<Number>]| rows.get(at(0)).and_then(|r| r.get(at(1))).cloned().ok_or_else(missing);
        let exp = |n: Result<Number, DataError>| self.undefined(f::exp(&n?));
        match word {
            "x" => number(all.x.get(at(0))),
            "inverse" => number(back()?.z.get(at(0))),
            "logdet" | "log_det" => number(Some(&all.log_det)),
            "log_prob" => number(Some(&all.log_prob)),
            "log_prob_inverse_form" => number(Some(&back()?.log_prob)),
            "pdf" | "prob" => exp(number(Some(&all.log_prob))),
            "pdf_inverse_form" => exp(number(Some(&back()?.log_prob))),
            "pdf_ratio" => exp(number(Some(&all.log_det)).map(|n| n.neg())),
            "p_Z(z)" => self.base(&all.z),
            "p_Z(x)" => self.base(&all.x),
            "jacobian" => entry(&rows()?),
            "scale" | "scale_sup" => rows()?.get(1).and_then(|r| r.get(1)).cloned().ok_or_else(missing),
            "inverse_jacobian" => match matrix_power(&rows()?, -1) {
                Ok(super::value::Value::Matrix(rows)) => entry(&rows),
                _ => Err(missing()),
            },
            "jacobian_upper_max_abs" => {
                let rows = rows()?;
                let above = rows.iter().enumerate().flat_map(|(i, row)| row.iter().skip(i + 1)).map(Number::abs);
                let larger = |a: Number, b: Number| if a.compare(&b).is_some_and(|o| o.is_lt()) { b } else { a };
                Ok(above.fold(Number::zero(), larger))
            }
            "det" => self.undefined(determinant(&rows()?)),
            "dim_in" => Ok(Number::integer(all.z.len() as i64)),
            "dim" | "dim_out" => Ok(Number::integer(all.x.len() as i64)),
            _ => Err(self.error("UnknownName", unknown("quantity", word, KNOWN.into_iter()))),
        }
    }

    /// The base density.
    fn base(&self, point: &[String]) -> Result<Number, DataError> {
        let density = point.iter().try_fold(Number::one(), |product, z| {
            product.mul(&f::normal_density(&certain(z).ok_or(Undefined::Range)?)?)
        });
        self.undefined(density)
    }

    /// The flow at the point given, or at the image of it.
    fn evaluated(&self) -> Result<Evaluation<String>, DataError> {
        let (key, point) = match &self.input {
            Some((key, point)) => (key.as_str(), point.clone()),
            None => ("z", self.origin()?),
        };
        match key {
            "raw" => self.run("z", Value::List(vec![Value::Number(0.0), Value::Number(1.0)])),
            "x" => self.run("x", point),
            _ => self.run("z", point),
        }
    }

    fn at_data(&self, x: &[String]) -> Result<Evaluation<String>, DataError> {
        self.run("x", Value::List(x.iter().cloned().map(Value::Text).collect()))
    }

    fn run(&self, side: &str, point: Value) -> Result<Evaluation<String>, DataError> {
        let case = table([("id", Value::Text(String::new())), ("flow", self.written()?), (side, point)]);
        case_precise(&At::new(&case, "")).result
    }

    /// The flow; for a scale alone, a coupling that has it.
    fn written(&self) -> Result<Value, DataError> {
        let fields = At::new(&self.flow, "").fields()?;
        let (layer, params) = (fields.required("layer")?, fields.required("params")?);
        if layer.text()? != "scale_param" {
            return Ok(self.flow.clone());
        }
        let raw = match &self.input {
            Some((key, Value::List(raw))) if key == "raw" && raw.len() == 1 => raw[0].clone(),
            _ => return Err(self.error("MissingKey", "a scale needs one `raw`")),
        };
        let conditioner =
            table([("kind", Value::Text("const".to_owned())), ("value", Value::List(vec![raw, Value::Number(0.0)]))]);
        let index = |i: f64| Value::List(vec![Value::Number(i)]);
        let params =
            table([("a", index(0.0)), ("b", index(1.0)), ("scale", params.value().clone()), ("cond", conditioner)]);
        let coupling = table([("layer", Value::Text("coupling".to_owned())), ("params", params)]);
        flow(&At::new(&coupling, "").in_dim(2))?;
        Ok(coupling)
    }

    /// Where no point is given: the origin of a convolution's space.
    fn origin(&self) -> Result<Value, DataError> {
        let shape = self.parameter("shape").and_then(|at| at.indices().ok());
        let dim = shape.map(|s| s.iter().product::<usize>()).filter(|d| (1..1 << 20).contains(d));
        let dim = dim.ok_or_else(|| self.error("MissingKey", "no input is given"))?;
        Ok(Value::List(vec![Value::Number(0.0); dim]))
    }

    fn parameter(&self, key: &'static str) -> Option<At<'_>> {
        At::new(&self.flow, "").fields().ok()?.optional("params")?.fields().ok()?.optional(key)
    }

    /// Quantities that are read off the parameters.
    fn of_parameters(&self, word: &str, i: usize) -> Option<Result<Number, DataError>> {
        let vector = |key| self.parameter(key).and_then(|at| numbers(at.value()));
        let dot = |a: &[Number], b: &[Number]| {
            let product = |sum: Number, (a, b): (&Number, &Number)| sum.add(&a.mul(b)?);
            a.iter().zip(b).try_fold(Number::zero(), product).ok()
        };
        let preactivation = || {
            let b = self.parameter("b").and_then(|at| decimal(at.value()))?;
            dot(&vector("w")?, &numbers(&self.input.as_ref()?.1)?)?.add(&b).ok()
        };
        let shape = || self.parameter("shape").and_then(|at| at.indices().ok()).filter(|s| s.len() == 3);
        let log_diagonal = |i: usize| {
            let rows = self.parameter("U")?;
            f::ln(&numbers(rows.list().ok()?.get(i)?.value())?.get(i)?.abs()).ok()
        };
        let value = match word {
            "preactivation" => preactivation(),
            "activation_derivative" => preactivation().and_then(|a| f::cosh(&a).ok()?.powi(-2).ok()),
            "w_dot_u" => vector("w").zip(vector("u")).and_then(|(w, u)| dot(&w, &u)),
            "log_abs_U" => log_diagonal(i),
            "logdet_W" => {
                shape().and_then(|s| (0..s[0]).try_fold(Number::zero(), |sum, i| sum.add(&log_diagonal(i)?).ok()))
            }
            "pixels" => shape().map(|s| Number::integer((s[1] * s[2]) as i64)),
            _ => return None,
        };
        Some(value.ok_or_else(|| self.error("MissingKey", format!("the flow has no {word}"))))
    }
}

fn table<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Table(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn decimal(value: &Value) -> Option<Number> {
    match value {
        Value::Text(text) => super::recompute::plain(text),
        Value::Number(number) => super::recompute::plain(&number.to_string()),
        _ => None,
    }
}

fn numbers(value: &Value) -> Option<Vec<Number>> {
    match value {
        Value::List(all) => all.iter().map(decimal).collect(),
        _ => None,
    }
}

/// A number whose last digit may be off by one.
fn certain(text: &str) -> Option<Number> {
    let (digits, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let value = super::recompute::plain(digits)?.mul(&Number::integer(10).powi(exponent).ok()?).ok()?;
    if value.is_zero() || value.is_integer() && !text.contains('.') {
        return Some(value);
    }
    let places = digits.split_once('.').map_or(0, |(_, f)| f.len() as i64) - exponent;
    Some(value.loosened(&Number::decimal("1", places)?))
}
