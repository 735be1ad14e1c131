//! Flows written down as data: the values of a TOML or JSON document, read strictly.
//!
//! A number may be a number or a decimal string, which is rounded to f64 once and correctly. Unknown keys, missing
//! keys, wrong lengths, NaN and infinities are errors that name the path, never ignored.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;

use crate::conditioner::{Dense, Net};
use crate::error::FlowError;
use crate::flow::Layer;

mod number;

/// A value of a document, whatever its syntax.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// JSON's null, which stands for nothing here: it is an error wherever it is found.
    Null,
    /// A number.
    Number(f64),
    /// A string: a name, or a number in decimal notation.
    Text(String),
    /// A truth value.
    Truth(bool),
    /// A list.
    List(Vec<Value>),
    /// A table, in the order written.
    Table(Vec<(String, Value)>),
}

impl Value {
    fn is_a(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Number(_) => "a number",
            Self::Text(_) => "a string",
            Self::Truth(_) => "a truth value",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
        }
    }
}

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct DataError {
    /// The place, as in `params.layers[1].A`.
    pub path: String,
    /// The error's stable name: a [`FlowError::kind`], or one of the format's own.
    pub kind: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.path, self.message) }
    }
}
impl std::error::Error for DataError {}

/// A value at its path.
#[derive(Clone, Debug)]
pub struct At<'a> {
    value: &'a Value,
    path: String,
    dim: Option<usize>,
}

impl<'a> At<'a> {
    /// The root of a document; `path` is where it stands, often empty.
    pub fn new(value: &'a Value, path: impl Into<String>) -> Self {
        Self { value, path: path.into(), dim: None }
    }

    /// The same place, in a space of a known dimension: that of the point at which a flow is evaluated. It decides
    /// for layers whose parameters leave the dimension open.
    pub fn in_dim(self, dim: usize) -> Self {
        Self { dim: Some(dim), ..self }
    }

    fn inside(&self, value: &'a Value, path: String) -> Self {
        Self { value, path, dim: self.dim }
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The value itself.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// An error at this place.
    pub fn error(&self, kind: &'static str, message: impl Into<String>) -> DataError {
        DataError { path: self.path.clone(), kind, message: message.into() }
    }

    /// A layer's own refusal, at this place.
    pub fn refuse(&self, error: &FlowError) -> DataError {
        self.error(error.kind(), error.to_string())
    }

    fn expected(&self, what: &str) -> DataError {
        self.error("WrongType", format!("expected {what}, found {}", self.value.is_a()))
    }

    /// A non-negative integer: an index or a size.
    ///
    /// # Errors
    /// `WrongType`.
    pub fn index(&self) -> Result<usize, DataError> {
        let number = self.number()?;
        if number >= 0.0 && number.fract() == 0.0 && number < 2f64.powi(32) {
            Ok(number as usize)
        } else {
            Err(self.error("WrongType", format!("expected a non-negative integer, found {number:?}")))
        }
    }

    /// A name.
    ///
    /// # Errors
    /// `WrongType`.
    pub fn text(&self) -> Result<&'a str, DataError> {
        match self.value {
            Value::Text(text) => Ok(text),
            _ => Err(self.expected("a string")),
        }
    }

    /// The members of a list, each at its path.
    ///
    /// # Errors
    /// `WrongType`.
    pub fn list(&self) -> Result<Vec<At<'a>>, DataError> {
        match self.value {
            Value::List(all) => {
                Ok(all.iter().enumerate().map(|(i, v)| self.inside(v, format!("{}[{i}]", self.path))).collect())
            }
            _ => Err(self.expected("a list")),
        }
    }

    /// A list of finite numbers.
    ///
    /// # Errors
    /// As [`At::number`].
    pub fn numbers(&self) -> Result<Vec<f64>, DataError> {
        self.list()?.iter().map(At::number).collect()
    }

    /// A list of indices.
    ///
    /// # Errors
    /// As [`At::index`].
    pub fn indices(&self) -> Result<Vec<usize>, DataError> {
        self.list()?.iter().map(At::index).collect()
    }

    /// A list of rows of finite numbers. Lengths are the layer's to check.
    ///
    /// # Errors
    /// As [`At::number`].
    pub fn matrix(&self) -> Result<Vec<Vec<f64>>, DataError> {
        self.list()?.iter().map(At::numbers).collect()
    }

    /// The table here, whose keys must all be asked for: see [`Fields::finish`].
    ///
    /// # Errors
    /// `WrongType`.
    pub fn fields(&self) -> Result<Fields<'a>, DataError> {
        match self.value {
            Value::Table(entries) => Ok(Fields { at: self.clone(), entries, asked: RefCell::default() }),
            _ => Err(self.expected("a table")),
        }
    }
}

/// A table being read. Every key present must be asked for before [`Fields::finish`].
#[derive(Debug)]
pub struct Fields<'a> {
    at: At<'a>,
    entries: &'a [(String, Value)],
    asked: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Fields<'a> {
    /// The place of the table itself.
    pub fn at(&self) -> &At<'a> {
        &self.at
    }

    /// The value of a key that may be missing.
    pub fn optional(&self, key: &'static str) -> Option<At<'a>> {
        self.asked.borrow_mut().insert(key);
        self.entries.iter().find(|(k, _)| k == key).map(|(_, v)| self.at.inside(v, self.at.path_of(key)))
    }

    /// The dimension of the point at which the flow is evaluated, for a layer whose parameters leave it open.
    ///
    /// # Errors
    /// `MissingKey` where the flow stands alone.
    pub fn dim(&self) -> Result<usize, DataError> {
        self.at.dim.ok_or_else(|| self.at.error("MissingKey", "nothing here says the dimension: give a point with it"))
    }

    /// The value of a key that must be there.
    ///
    /// # Errors
    /// `MissingKey`.
    pub fn required(&self, key: &'static str) -> Result<At<'a>, DataError> {
        self.optional(key).ok_or_else(|| {
            let present: Vec<&str> = self.entries.iter().map(|(k, _)| k.as_str()).collect();
            let near = nearest(key, present.iter().copied()).map(|n| format!(" (is `{n}` meant?)")).unwrap_or_default();
            let message = format!("key `{key}` is missing{near}; found: {}", list_or_none(&present));
            self.error_at(key, "MissingKey", message)
        })
    }

    fn error_at(&self, key: &str, kind: &'static str, message: String) -> DataError {
        DataError { path: self.at.path_of(key), kind, message }
    }

    /// A layer's own refusal, at the key with whose name it begins, and at the table where it names none.
    pub fn refuse(&self, error: &FlowError) -> DataError {
        let culprit = match error {
            FlowError::DimMismatch { what, .. } | FlowError::NonFinite { what, .. } => what,
            FlowError::BadParameter { name, .. } => name,
            FlowError::SingularMatrix { why, .. } => why,
            _ => "",
        };
        let name = culprit.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        match self.entries.iter().find(|(key, _)| key == name) {
            Some((key, value)) => self.at.inside(value, self.at.path_of(key)).refuse(error),
            None => self.at.refuse(error),
        }
    }

    /// Refuses a table that holds a key nobody asked for.
    ///
    /// # Errors
    /// `UnknownKey`, naming the nearest right one; `DuplicateKey`.
    pub fn finish(self) -> Result<(), DataError> {
        let asked = self.asked.take();
        for (i, (key, _)) in self.entries.iter().enumerate() {
            if !asked.contains(key.as_str()) {
                let message = unknown("key", key, asked.iter().copied());
                return Err(self.error_at(key, "UnknownKey", message));
            }
            if self.entries[..i].iter().any(|(k, _)| k == key) {
                return Err(self.error_at(key, "DuplicateKey", format!("key `{key}` is given twice")));
            }
        }
        Ok(())
    }
}

fn list_or_none(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// `unknown WHAT `name`; did you mean `nearest`? (known: …)`
pub fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> String {
    let known: Vec<&str> = known.collect();
    let near = nearest(name, known.iter().copied()).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
    format!("unknown {what} `{name}`{near} (known: {})", list_or_none(&known))
}

/// The known name nearest to a misspelt one, if any is near.
pub fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let lower = name.to_lowercase();
    known
        .map(|k| (strsim::damerau_levenshtein(&lower, &k.to_lowercase()), k))
        .min()
        .filter(|&(distance, k)| distance <= k.len().max(name.len()) / 2)
        .map(|(_, k)| k)
}

/// A conditioner: `{ kind = "const", value }`, `{ kind = "affine", A, c }` or
/// `{ kind = "mlp", activation = "tanh", layers = [{ A, c }, …] }`, for a given number of inputs.
///
/// # Errors
/// [`DataError`] with the path.
pub fn conditioner(at: &At<'_>, inputs: usize) -> Result<Net, DataError> {
    let fields = at.fields()?;
    let kind = fields.required("kind")?;
    let net = match kind.text()? {
        "const" => {
            let value = fields.required("value")?;
            Net::constant(&value.numbers()?).map_err(|e| value.refuse(&e))?
        }
        "affine" => {
            let (a, c) = (fields.required("A")?, fields.required("c")?);
            Net::affine(inputs, &a.matrix()?, &c.numbers()?).map_err(|e| at.refuse(&e))?
        }
        "mlp" => {
            let activation = fields.required("activation")?;
            if activation.text()? != "tanh" {
                return Err(
                    activation.error("UnknownName", unknown("activation", activation.text()?, ["tanh"].into_iter()))
                );
            }
            let mut width = inputs;
            let mut maps = Vec::new();
            for layer in fields.required("layers")?.list()? {
                let fields = layer.fields()?;
                let (a, c) = (fields.required("A")?.matrix()?, fields.required("c")?.numbers()?);
                fields.finish()?;
                maps.push(Dense::new(width, &a, &c).map_err(|e| layer.refuse(&e))?);
                width = c.len();
            }
            Net::mlp(maps).map_err(|e| at.refuse(&e))?
        }
        other => {
            return Err(
                kind.error("UnknownName", unknown("conditioner", other, ["const", "affine", "mlp"].into_iter()))
            );
        }
    };
    fields.finish()?;
    Ok(net)
}

/// A flow: `{ layer = "planar", params = { … } }`.
///
/// # Errors
/// [`DataError`] with the path.
pub fn flow(at: &At<'_>) -> Result<Box<dyn Layer>, DataError> {
    flow_within(at, 0)
}

/// Compositions may nest this deep.
const DEPTH: usize = 64;

pub(crate) fn flow_within(at: &At<'_>, depth: usize) -> Result<Box<dyn Layer>, DataError> {
    if depth > DEPTH {
        return Err(at.error("TooDeep", format!("flows nest more than {DEPTH} deep")));
    }
    let fields = at.fields()?;
    let name = fields.required("layer")?;
    let params = fields.required("params")?;
    fields.finish()?;
    let known = crate::layers::FORMATS;
    let Some(format) = known.iter().copied().flatten().find(|f| f.name == name.text().unwrap_or_default()) else {
        let names = known.iter().copied().flatten().map(|f| f.name);
        return Err(name.error("UnknownLayer", unknown("layer", name.text()?, names)));
    };
    let fields = params.fields()?;
    let layer = (format.read)(&fields, depth)?;
    fields.finish()?;
    Ok(layer)
}

type Read = fn(&Fields<'_>, usize) -> Result<Box<dyn Layer>, DataError>;

/// How one kind of layer is written as data.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name in the key `layer`.
    pub name: &'static str,
    /// Reads `params`; the depth is passed on to [`flow_within`](crate::data) by layers that hold layers.
    pub(crate) read: Read,
}
