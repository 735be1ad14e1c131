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
    /// Where, in bytes of the chapter.
    place: usize,
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
    pub(super) fn define(&mut self, left: &Expr, exact: &Value, printed: &Value, place: usize) {
        match (left.bare(), exact, printed) {
            (Expr::Name(name), _, _) => self.one(name, exact.clone(), printed.clone(), place),
            (Expr::Tuple(names), Value::Vector(exact), Value::Vector(printed)) => {
                for ((name, exact), printed) in names.iter().zip(exact).zip(printed) {
                    if let Expr::Name(name) = name {
                        self.one(name, Value::Scalar(exact.clone()), Value::Scalar(printed.clone()), place);
                    }
                }
            }
            _ => {}
        }
    }

    /// Where a name was defined.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.definitions.get(name).map(|d| d.place)
    }

    fn one(&mut self, name: &str, exact: Value, printed: Value, place: usize) {
        if let Some(before) = self.definitions.get_mut(name) {
            before.is_ambiguous |= !same(&before.printed, &printed) && !same(&before.exact, &exact);
        } else if self.definitions.len() < MOST {
            self.definitions.insert(name.to_owned(), Definition { printed, exact, is_ambiguous: false, place });
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
