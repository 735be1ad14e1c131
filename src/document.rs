//! The text of a JSON or TOML document as a [`Value`].

use std::cell::RefCell;
use std::fmt;
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::data::Value;

/// How a document is written. Both carry the same keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Syntax {
    /// JSON.
    Json,
    /// TOML.
    Toml,
}

impl Syntax {
    /// By the extension of a file's name: TOML for `.toml`, JSON for anything else.
    pub fn of(file: &Path) -> Self {
        if file.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) { Self::Toml } else { Self::Json }
    }
}

/// Where the text stops being a document, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// 1-based line.
    pub line: usize,
    /// 1-based column.
    pub column: usize,
    /// The value being read there, as in `cases[1].z`; empty at the top.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, path, message } = self;
        write!(f, "{line}:{column}: {message}")?;
        if path.is_empty() { Ok(()) } else { write!(f, " (at {path})") }
    }
}
impl std::error::Error for SyntaxError {}

/// Reads a document. Numbers are rounded to f64 once and correctly; a key that JSON gives twice is kept twice, for [`Fields::finish`](crate::data::Fields::finish) to refuse.
///
/// # Errors
/// [`SyntaxError`] for text that is no document of this syntax, or a number too large for f64.
pub fn parse(text: &str, syntax: Syntax) -> Result<Value, SyntaxError> {
    let path = RefCell::new(String::new());
    let fault = |(line, column), message| SyntaxError { line, column, path: path.borrow().clone(), message };
    let reader = Reader { path: &path };
    match syntax {
        Syntax::Json => {
            let mut source = serde_json::Deserializer::from_str(text);
            let value = reader.deserialize(&mut source).and_then(|value| source.end().map(|()| value));
            value.map_err(|e| {
                let (message, place) = (e.to_string(), format!(" at line {} column {}", e.line(), e.column()));
                fault((e.line(), e.column()), message.strip_suffix(&place).unwrap_or(&message).to_owned())
            })
        }
        Syntax::Toml => {
            let parsed = toml::Deserializer::parse(text).and_then(|source| reader.deserialize(source));
            parsed.map_err(|e| fault(position(text, e.span().map_or(0, |s| s.start)), e.message().to_owned()))
        }
    }
}

/// 1-based line and column of a byte.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    (before.matches('\n').count() + 1, before[line..].chars().count() + 1)
}

/// Reads one value; `path` holds its place, and keeps the place of a failure.
#[derive(Clone, Copy)]
struct Reader<'p> {
    path: &'p RefCell<String>,
}

impl Reader<'_> {
    /// Reads inside a step of the path, which stays there if that fails.
    fn within<T, E>(self, step: fmt::Arguments<'_>, read: impl FnOnce(Self) -> Result<T, E>) -> Result<T, E> {
        use fmt::Write;
        let before = self.path.borrow().len();
        self.path.borrow_mut().write_fmt(step).ok();
        let value = read(self)?;
        self.path.borrow_mut().truncate(before);
        Ok(value)
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, a string, a list or a table")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Truth(v))
    }
    fn visit_i64<E: Error>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Number(v as f64))
    }
    fn visit_u64<E: Error>(self, v: u64) -> Result<Value, E> {
        Ok(Value::Number(v as f64))
    }
    fn visit_f64<E: Error>(self, v: f64) -> Result<Value, E> {
        Ok(Value::Number(v))
    }
    fn visit_str<E: Error>(self, v: &str) -> Result<Value, E> {
        Ok(Value::Text(v.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(value) = self.within(format_args!("[{}]", all.len()), |inner| list.next_element_seed(inner))? {
            all.push(value);
        }
        Ok(Value::List(all))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = table.next_key::<String>()? {
            if key == TOML_DATE {
                return Err(A::Error::custom("a date stands for nothing here"));
            }
            let dot = if self.path.borrow().is_empty() { "" } else { "." };
            let value = self.within(format_args!("{dot}{key}"), |inner| table.next_value_seed(inner))?;
            entries.push((key, value));
        }
        Ok(Value::Table(entries))
    }
}

/// The key under which the toml crate hands over a date.
const TOML_DATE: &str = "$__toml_private_datetime";

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: Vec<(&str, Value)>) -> Value {
        Value::Table(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
    }

    #[test]
    fn both_syntaxes_give_the_same_value() {
        let numbers = Value::List(vec![Value::Number(1.0), Value::Number(-0.25), Value::Text("0.1".to_owned())]);
        let expected = table(vec![("a", numbers), ("b", table(vec![("yes", Value::Truth(true))]))]);
        assert_eq!(parse(r#"{"a": [1, -0.25, "0.1"], "b": {"yes": true}}"#, Syntax::Json).unwrap(), expected);
        assert_eq!(parse("a = [1, -0.25, \"0.1\"]\nb = { yes = true }", Syntax::Toml).unwrap(), expected);
    }

    #[test]
    fn numbers_are_rounded_once_and_correctly() {
        // Halfway cases and long decimals, on which a quick parser is off by one place.
        for text in ["9007199254740993", "8.533e+68", "1.7976931348623157e308", "4.9406564584124654e-324", "-0.0"] {
            let right: f64 = text.parse().unwrap();
            let Value::List(all) = parse(&format!("[{text}]"), Syntax::Json).unwrap() else { panic!("a list") };
            assert!(matches!(all[0], Value::Number(x) if x.to_bits() == right.to_bits()), "{text}: {all:?}");
        }
    }

    #[test]
    fn a_repeated_key_and_null_are_kept_for_the_reader_to_refuse() {
        let twice = parse(r#"{"z": null, "z": 2}"#, Syntax::Json).unwrap();
        assert_eq!(twice, table(vec![("z", Value::Null), ("z", Value::Number(2.0))]));
    }

    #[test]
    fn a_fault_has_a_line_a_column_and_a_path() {
        let fault = |text, syntax| parse(text, syntax).unwrap_err();
        let json = fault("{\"cases\": [\n  {\"z\": [1, NaN]}]}", Syntax::Json);
        assert_eq!((json.line, json.path.as_str()), (2, "cases[0].z[1]"), "{json}");
        let large = fault("{\"cases\": [{\"z\": [1e400]}]}", Syntax::Json);
        assert_eq!((large.line, large.path.as_str()), (1, "cases[0].z[0]"), "{large}");
        assert_eq!(fault("{} x", Syntax::Json).column, 4);
        let toml = fault("a = 1\nb = = 2", Syntax::Toml);
        assert_eq!((toml.line, toml.column), (2, 5), "{toml}");
        let date = fault("[[cases]]\nz = [1979-05-27]", Syntax::Toml);
        assert_eq!((date.line, date.path.as_str()), (2, "cases[0].z[0]"), "{date}");
        let deep = fault(&"[".repeat(100_000), Syntax::Json);
        assert!(deep.message.contains("recursion"), "{deep}");
        assert!(parse(&format!("a = {}", "[".repeat(100_000)), Syntax::Toml).is_err());
    }
}
