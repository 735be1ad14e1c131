//! Arithmetic as it stands in a text, on the operands as printed: `["+", ["*", "1.649", "3"], "2"]`.

use std::fmt;

use crate::data::{At, DataError, Value, unknown};

/// A number, or an operation on operations.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// A number as printed.
    Number(String),
    /// A function of one argument.
    Function(&'static str, Box<Operation>),
    /// An operator between two or more operands.
    Operator(&'static str, Vec<Operation>),
}

const FUNCTIONS: [&str; 3] = ["exp", "log", "cosh"];
const OPERATORS: [&str; 5] = ["+", "-", "*", "/", "^"];

impl Operation {
    pub(super) fn read(at: &At<'_>) -> Result<Self, DataError> {
        if let Value::Text(number) = at.value() {
            at.number()?;
            return Ok(Self::Number(number.clone()));
        }
        let list = at.list()?;
        let (head, operands) = list.split_first().ok_or_else(|| at.error("WrongType", "an operation needs a name"))?;
        let name = head.text()?;
        let mut operands = operands.iter().map(Self::read).collect::<Result<Vec<_>, _>>()?;
        if let (Some(function), [_]) = (FUNCTIONS.into_iter().find(|f| *f == name), operands.as_slice()) {
            return Ok(Self::Function(function, Box::new(operands.remove(0))));
        }
        match OPERATORS.into_iter().find(|o| *o == name) {
            Some(operator) if operands.len() >= 2 => Ok(Self::Operator(operator, operands)),
            _ => {
                let known = FUNCTIONS.into_iter().chain(OPERATORS);
                Err(head.error("UnknownName", unknown("operation of that many operands", name, known)))
            }
        }
    }

    /// The value, in f64.
    pub(super) fn value(&self) -> f64 {
        match self {
            Self::Number(number) => number.parse().unwrap_or(f64::NAN),
            Self::Function(name, of) => match *name {
                "exp" => of.value().exp(),
                "log" => of.value().ln(),
                _ => of.value().cosh(),
            },
            Self::Operator(name, operands) => {
                let combine = |a: f64, b: f64| match *name {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    "/" => a / b,
                    _ => a.powf(b),
                };
                operands.iter().map(Self::value).reduce(combine).unwrap_or(f64::NAN)
            }
        }
    }

    /// Whether a number stands in it as printed.
    pub(super) fn uses(&self, printed: &str) -> bool {
        match self {
            Self::Number(number) => number == printed,
            Self::Function(_, of) => of.uses(printed),
            Self::Operator(_, operands) => operands.iter().any(|o| o.uses(printed)),
        }
    }

    fn strength(&self) -> usize {
        match self {
            Self::Operator("+" | "-", _) => 0,
            Self::Operator("*" | "/", _) => 1,
            Self::Operator(..) => 2,
            Self::Number(number) if number.starts_with('-') => 0,
            _ => 3,
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => f.write_str(number),
            Self::Function(name, of) => write!(f, "{name}({of})"),
            Self::Operator(name, operands) => {
                let between = match *name {
                    "+" => " + ",
                    "-" => " - ",
                    "*" => "·",
                    other => other,
                };
                for (i, operand) in operands.iter().enumerate() {
                    if i > 0 {
                        f.write_str(between)?;
                    }
                    // On the left of its operator an operand of the same strength needs no parentheses.
                    let weaker = operand.strength() < self.strength() + usize::from(i > 0 || *name == "^");
                    if weaker { write!(f, "({operand})")? } else { write!(f, "{operand}")? }
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Syntax, parse};

    fn read(text: &str) -> Result<Operation, DataError> {
        Operation::read(&At::new(&parse(text, Syntax::Json).unwrap(), "operation"))
    }

    #[test]
    fn is_evaluated_and_written_as_it_stands_in_a_text() {
        for (text, written, value) in [
            (r#"["+", ["*", "1.649", "3"], "2"]"#, "1.649·3 + 2", 6.947),
            (r#"["^", ["/", "1", "1.1276"], "2"]"#, "(1/1.1276)^2", 0.786_483_952_392_679_2),
            (r#"["*", "1024", "-0.2231"]"#, "1024·(-0.2231)", -228.4544),
            (r#"["-", "0.6931", "0.6931", "0.2231"]"#, "0.6931 - 0.6931 - 0.2231", -0.2231),
            (r#"["-", "3", ["-", "2", "1"]]"#, "3 - (2 - 1)", 2.0),
            (r#"["cosh", "-0.5"]"#, "cosh(-0.5)", 1.127_625_965_206_380_8),
            (r#"["log", ["exp", "0.5"]]"#, "log(exp(0.5))", 0.5),
        ] {
            let operation = read(text).unwrap();
            assert_eq!(operation.to_string(), written);
            assert!((operation.value() - value).abs() < 1e-13, "{written} = {}", operation.value());
        }
        assert!(read(r#"["*", "2", ["exp", "0.5"]]"#).unwrap().uses("0.5"));
    }

    #[test]
    fn nonsense_is_refused_at_its_path() {
        for (text, path) in [
            (r#"["log", "1", "2"]"#, "operation[0]"),
            (r#"["+", "1"]"#, "operation[0]"),
            (r#"["+", "1", "x"]"#, "operation[2]"),
            ("[]", "operation"),
        ] {
            assert_eq!(read(text).unwrap_err().path, path, "{text}");
        }
    }
}
