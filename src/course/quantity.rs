//! A quantity of a flow, by name: what a printed number of a chapter means.

use nalgebra::DMatrix;

use crate::data::{At, DataError, Fields, Value, flow, unknown};
use crate::error::FlowError;
use crate::eval::{Given, evaluate, jacobian, tangents};
use crate::flow::Layer;
use crate::scalar::{Dual, System};

/// The quantities, for messages.
const KNOWN: [&str; 21] = [
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
    "mass",
];

/// What is computed, of which flow, and where.
#[derive(Clone, Debug)]
pub(super) struct Quantity {
    name: String,
    /// `{ layer, params }`.
    flow: Value,
    /// `z`, `x`, `x_from_z` or `raw`, with its numbers.
    input: Option<(String, Vec<f64>)>,
}

impl Quantity {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, DataError> {
        let table = |layer: &At<'_>, params: &At<'_>| {
            Value::Table(vec![
                ("layer".to_owned(), layer.value().clone()),
                ("params".to_owned(), params.value().clone()),
            ])
        };
        let flow = match fields.optional("flow") {
            Some(flow) => flow.value().clone(),
            None => table(&fields.required("layer")?, &fields.required("params")?),
        };
        let input = match fields.optional("input") {
            None => None,
            Some(input) => {
                let fields = input.fields()?;
                let keys = ["z", "x", "x_from_z", "raw"];
                let mut given = None;
                for key in keys {
                    if let Some(at) = fields.optional(key) {
                        given = Some((key.to_owned(), at.numbers()?));
                    }
                }
                fields.finish()?;
                given
            }
        };
        Ok(Self { name: fields.required("quantity")?.text()?.to_owned(), flow, input })
    }

    /// The value in f64, right to some units in the twelfth digit.
    pub(super) fn compute(&self) -> Result<f64, DataError> {
        // `x[1] - 2` and `dim_out - dim_in`: a difference; `a*b` and `a/b`; functions of one quantity.
        let name = self.name.replace("|det J_f|", "abs(det)").replace("_dense", "");
        self.formula(&name)
    }

    fn formula(&self, name: &str) -> Result<f64, DataError> {
        let name = name.trim();
        if let Ok(number) = name.parse::<f64>() {
            return Ok(number);
        }
        for (sign, apply) in [
            (" - ", (|a, b| a - b) as fn(f64, f64) -> f64),
            (" + ", |a, b| a + b),
            ("*", |a, b| a * b),
            ("/", |a, b| a / b),
        ] {
            if let Some((a, b)) = name.split_once(sign) {
                return Ok(apply(self.formula(a)?, self.formula(b)?));
            }
        }
        let functions: [(&str, fn(f64) -> f64); 5] =
            [("cosh", f64::cosh), ("abs", f64::abs), ("exp", f64::exp), ("log", f64::ln), ("tanh", f64::tanh)];
        for (function, apply) in functions {
            if let Some(inside) =
                name.strip_prefix(function).and_then(|r| r.strip_prefix('(')).and_then(|r| r.strip_suffix(')'))
            {
                return Ok(apply(self.formula(inside)?));
            }
        }
        self.one(name)
    }

    fn one(&self, name: &str) -> Result<f64, DataError> {
        let (word, indices) = name.split_once('[').unwrap_or((name, ""));
        let indices: Vec<usize> = indices.trim_end_matches(']').split("][").filter_map(|i| i.parse().ok()).collect();
        let at = |k: usize| indices.get(k).copied().unwrap_or_default();
        if let Some(value) = self.of_parameters(word, at(0)) {
            return value;
        }
        let (layer, point) = self.layer()?;
        let refused = |e: FlowError| self.error(e.kind(), e.to_string());
        let missing = || self.error("DimMismatch", format!("there is no {name}"));
        let entry = |rows: &[Vec<f64>]| rows.get(at(0)).and_then(|r| r.get(at(1))).copied().ok_or_else(missing);
        let given = self.given(&*layer, point).map_err(refused)?;
        if let (Given::Base(z), "logdet" | "log_det" | "dim_in" | "dim_out") = (&given, word) {
            let image = f64::view(&*layer).forward(z).map_err(refused)?;
            return Ok(match word {
                "dim_in" => z.len() as f64,
                "dim_out" => image.point.len() as f64,
                _ => image.log_det,
            });
        }
        let all = evaluate(&*layer, &given).map_err(refused)?;
        let base =
            |z: &[f64]| -0.5 * z.iter().map(|z| z * z).sum::<f64>() - 0.5 * z.len() as f64 * std::f64::consts::TAU.ln();
        let rows = || jacobian(&*layer, &all.z).map_err(refused);
        Ok(match word {
            "x" => *all.x.get(at(0)).ok_or_else(missing)?,
            "inverse" => *f64::view(&*layer).inverse(&all.x).map_err(refused)?.point.get(at(0)).ok_or_else(missing)?,
            "logdet" | "log_det" => all.log_det,
            "log_prob" => all.log_prob,
            "log_prob_inverse_form" | "pdf_inverse_form" => {
                let back = f64::view(&*layer).inverse(&all.x).map_err(refused)?;
                let log = base(&back.point) + back.log_det;
                if word.starts_with("pdf") { log.exp() } else { log }
            }
            "pdf" | "prob" => all.log_prob.exp(),
            "pdf_ratio" => (-all.log_det).exp(),
            "p_Z(z)" => base(&all.z).exp(),
            "p_Z(x)" => base(&all.x).exp(),
            "jacobian" => entry(&rows()?)?,
            "inverse_jacobian" => entry(&tangents(&all.x, |x| Dual::view(&*layer).inverse(x)).map_err(refused)?)?,
            "jacobian_upper_max_abs" => {
                let rows = rows()?;
                let above = rows.iter().enumerate().flat_map(|(i, row)| row.iter().skip(i + 1));
                above.fold(0.0, |largest: f64, entry| largest.max(entry.abs()))
            }
            "det" => {
                let rows = rows()?;
                let exact = rows.iter().enumerate().map(|(i, row)| row[i]).product::<f64>();
                let is_triangular = rows.iter().enumerate().all(|(i, row)| row[i + 1..].iter().all(|e| *e == 0.0));
                if is_triangular {
                    exact
                } else {
                    DMatrix::from_fn(rows.len(), rows.len(), |i, j| rows[i][j]).determinant()
                }
            }
            "scale" | "scale_sup" => entry(&[vec![rows()?[1][1]]])?,
            _ => return Err(self.error("UnknownName", unknown("quantity", word, KNOWN.into_iter()))),
        })
    }

    fn error(&self, kind: &'static str, message: String) -> DataError {
        DataError { path: self.name.clone(), kind, message }
    }

    /// The layer, and the point given for it; for a scale alone, a coupling that has it.
    fn layer(&self) -> Result<(Box<dyn Layer>, Vec<f64>), DataError> {
        let (kind, point) = match &self.input {
            Some((kind, point)) => (kind.as_str(), point.clone()),
            None => ("z", self.origin()?),
        };
        let at = At::new(&self.flow, "");
        let fields = at.fields()?;
        if fields.required("layer")?.text()? != "scale_param" {
            return Ok((flow(&At::new(&self.flow, "").in_dim(point.len()))?, point));
        }
        let scale = fields.required("params")?.value().clone();
        let raw = (kind == "raw").then(|| point.first().copied()).flatten();
        let raw = raw.ok_or_else(|| self.error("MissingKey", "a scale needs `raw`".to_owned()))?;
        let text = |s: &str| Value::Text(s.to_owned());
        let value = Value::List(vec![Value::Number(raw), Value::Number(0.0)]);
        let conditioner = Value::Table(vec![("kind".to_owned(), text("const")), ("value".to_owned(), value)]);
        let index = |i: f64| Value::List(vec![Value::Number(i)]);
        let params = Value::Table(vec![
            ("a".to_owned(), index(0.0)),
            ("b".to_owned(), index(1.0)),
            ("scale".to_owned(), scale),
            ("cond".to_owned(), conditioner),
        ]);
        let coupling = Value::Table(vec![("layer".to_owned(), text("coupling")), ("params".to_owned(), params)]);
        Ok((flow(&At::new(&coupling, "").in_dim(2))?, vec![0.0, 1.0]))
    }

    /// Where no point is given: the origin of a convolution's space.
    fn origin(&self) -> Result<Vec<f64>, DataError> {
        let shape = self.parameter("shape").and_then(|at| at.indices().ok());
        let dim = shape.map(|s| s.iter().product::<usize>()).filter(|d| (1..1 << 20).contains(d));
        dim.map(|d| vec![0.0; d]).ok_or_else(|| self.error("MissingKey", "no input is given".to_owned()))
    }

    fn given(&self, layer: &dyn Layer, point: Vec<f64>) -> Result<Given, FlowError> {
        Ok(match self.input.as_ref().map(|(key, _)| key.as_str()) {
            Some("x") => Given::Data(point),
            Some("x_from_z") => Given::Data(f64::view(layer).forward(&point)?.point),
            _ => Given::Base(point),
        })
    }

    fn parameter(&self, key: &'static str) -> Option<At<'_>> {
        At::new(&self.flow, "").fields().ok()?.optional("params")?.fields().ok()?.optional(key)
    }

    /// Quantities that are read off the parameters.
    fn of_parameters(&self, word: &str, i: usize) -> Option<Result<f64, DataError>> {
        let numbers = |key| self.parameter(key).and_then(|at| at.numbers().ok());
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let preactivation = || {
            let b = self.parameter("b").and_then(|at| at.number().ok())?;
            Some(dot(&numbers("w")?, &self.input.as_ref()?.1) + b)
        };
        let shape = || self.parameter("shape").and_then(|at| at.indices().ok()).filter(|s| s.len() == 3);
        let diagonal = |i: usize| self.parameter("U")?.matrix().ok()?.get(i)?.get(i).copied();
        let value = match word {
            "preactivation" => preactivation(),
            "activation_derivative" => preactivation().map(|a| 1.0 / (a.cosh() * a.cosh())),
            "w_dot_u" => numbers("w").zip(numbers("u")).map(|(w, u)| dot(&w, &u)),
            "log_abs_U" => diagonal(i).map(|u| u.abs().ln()),
            "logdet_W" => shape().and_then(|s| (0..s[0]).map(|i| Some(diagonal(i)?.abs().ln())).sum()),
            "pixels" => shape().map(|s| (s[1] * s[2]) as f64),
            _ => return None,
        };
        Some(value.ok_or_else(|| self.error("MissingKey", format!("the flow has no {word}"))))
    }
}
