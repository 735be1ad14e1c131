//! What names stand for in a section.

use std::collections::HashMap;

use super::evaluate::Names;
use super::expr::Expr;
use super::number::Number;
use super::value::Value;

#[derive(Debug)]
struct Definition {
    printed: Value,
    exact: Value,
    /// Defined again, and differently.
    is_ambiguous: bool,
}

/// The definitions of one section.
#[derive(Debug, Default)]
pub(super) struct Section {
    definitions: HashMap<String, Definition>,
}

/// Names in one section, at most: a hostile file defines no more.
const MOST: usize = 2000;

impl Section {
    /// Takes `name = …` down, or `(x_1, x_2) = (…)`.
    pub(super) fn define(&mut self, left: &Expr, exact: &Value, printed: &Value) {
        match (left.bare(), exact, printed) {
            (Expr::Name(name), _, _) => self.one(name, exact.clone(), printed.clone()),
            (Expr::Tuple(names), Value::Vector(exact), Value::Vector(printed)) => {
                for ((name, exact), printed) in names.iter().zip(exact).zip(printed) {
                    if let Expr::Name(name) = name {
                        self.one(name, Value::Scalar(exact.clone()), Value::Scalar(printed.clone()));
                    }
                }
            }
            _ => {}
        }
    }

    fn one(&mut self, name: &str, exact: Value, printed: Value) {
        if let Some(before) = self.definitions.get_mut(name) {
            before.is_ambiguous |= !same(&before.printed, &printed) && !same(&before.exact, &exact);
        } else if self.definitions.len() < MOST {
            self.definitions.insert(name.to_owned(), Definition { printed, exact, is_ambiguous: false });
        }
    }
}

fn same(a: &Value, b: &Value) -> bool {
    let (a, b) = (a.entries(), b.entries());
    a.len() == b.len() && a.iter().zip(b).all(|(a, b): (&&Number, &Number)| a.may_equal(b))
}

impl Names for Section {
    fn value(&self, name: &str, exact: bool) -> Option<Value> {
        let found = self.definitions.get(name).filter(|d| !d.is_ambiguous)?;
        Some(if exact { found.exact.clone() } else { found.printed.clone() })
    }
}
