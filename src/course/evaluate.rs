//! Expressions to values, under a reading of what the text leaves open.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::budget::Budget;
use super::expr::{Expr, Function, Join, Signed};
use super::functions as f;
use super::number::{Number, Undefined};
use super::skip::{Skip, Why};
use super::token::Literal;
use super::value::{Value, determinant, product, same_shape, shape, trace};

/// How the text is read where it leaves something open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Reading {
    /// The base of a logarithm without one.
    pub(super) base: Base,
    /// Angles without a sign are in degrees.
    pub(super) degrees: bool,
    /// `%` is a unit, not a hundredth.
    pub(super) percent_is_unit: bool,
    /// `°` is a unit, not π/180.
    pub(super) degree_is_unit: bool,
    /// `2\frac{1}{2}` is a product.
    pub(super) mixed_is_product: bool,
    /// `±` takes its lower sign.
    pub(super) lower_sign: bool,
    /// In `1/2x` the divisor is `2x`.
    pub(super) tight: bool,
    /// In `6/2 \times 10^3` the divisor is `2`.
    pub(super) split: bool,
    /// Names stand for what their definition gives, not for the digits printed there.
    pub(super) exact_names: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Base {
    #[default]
    E,
    Ten,
    Two,
}

/// Terms of a sum or product.
const TERMS: i64 = 2000;

/// What names stand for.
pub(super) trait Names {
    /// The value of a name, as printed where it is defined, or as its definition gives it.
    fn value(&self, name: &str, exact: bool) -> Option<Value>;
}

pub(super) struct Evaluator<'n> {
    pub(super) names: &'n dyn Names,
    pub(super) reading: Reading,
    /// Decimals are taken to have been rounded in their last place.
    pub(super) loosen: bool,
    pub(super) budget: &'n Budget<'n>,
    locals: RefCell<Vec<(String, Value)>>,
    /// The names met.
    pub(super) used: RefCell<BTreeSet<String>>,
}

pub(super) type Evaluated = Result<Value, Skip>;

fn undefined(u: Undefined) -> Skip {
    match u {
        Undefined::Domain => Skip::new(Why::Undefined, "no value there"),
        Undefined::Range => Skip::new(Why::TooLarge, "a number out of range"),
    }
}

impl<'n> Evaluator<'n> {
    pub(super) fn new(names: &'n dyn Names, reading: Reading, loosen: bool, budget: &'n Budget<'n>) -> Self {
        Self { names, reading, loosen, budget, locals: RefCell::default(), used: RefCell::default() }
    }

    pub(super) fn value(&self, expr: &Expr) -> Evaluated {
        self.budget.step()?;
        match expr {
            Expr::Number(literal) => Ok(self.literal(literal)),
            Expr::Goes(literal) => {
                let unit = Number::decimal("5", literal.places + 1).ok_or_else(|| undefined(Undefined::Range))?;
                let middle = literal.value.add(&unit).map_err(undefined)?;
                Ok(Value::Scalar(middle.loosened(&unit)))
            }
            Expr::Pi => self.local("\\pi").map_or_else(|| Ok(Value::Scalar(f::pi())), Ok),
            Expr::Euler => match self.local("e") {
                Some(value) => Ok(value),
                None => Ok(Value::Scalar(f::e())),
            },
            Expr::Name(name) => self.name(name),
            Expr::Unit(_) => Ok(Value::Scalar(Number::one())),
            Expr::Paren(inner) => self.value(inner),
            Expr::Sum(terms) => self.sum(terms),
            Expr::Product(first, rest) => self.product(first, rest),
            Expr::Fraction(a, b) => self.scalar(a)?.div(&self.scalar(b)?).map(Value::Scalar).map_err(undefined),
            Expr::Mixed(whole, fraction) => {
                let (whole, fraction) = (self.scalar(whole)?, self.scalar(fraction)?);
                let value = if self.reading.mixed_is_product { whole.mul(&fraction) } else { whole.add(&fraction) };
                value.map(Value::Scalar).map_err(undefined)
            }
            Expr::Power(base, exponent) => self.power(base, exponent),
            Expr::Scientific(a, b) => self.scalar(a)?.mul(&self.scalar(b)?).map(Value::Scalar).map_err(undefined),
            Expr::Transpose(inner) => Ok(self.value(inner)?.transposed()),
            Expr::Factorial(n) => f::factorial(&self.scalar(n)?).map(Value::Scalar).map_err(undefined),
            Expr::Percent(n) => {
                let n = self.value(n)?;
                if self.reading.percent_is_unit { Ok(n) } else { self.scaled(&n, &Number::decimal("1", 2)) }
            }
            Expr::Degree(n) => {
                let n = self.value(n)?;
                if self.reading.degree_is_unit { Ok(n) } else { self.scaled(&n, &Some(degree()?)) }
            }
            Expr::Abs(inner) => match self.value(inner)? {
                Value::Scalar(n) => Ok(Value::Scalar(n.abs())),
                vector @ Value::Vector(_) => norm(&vector),
                Value::Matrix(rows) => determinant(&rows).map(Value::Scalar).map_err(undefined),
            },
            Expr::Norm(inner) => norm(&self.value(inner)?),
            Expr::Root(radicand, degree) => {
                let (x, n) = (self.scalar(radicand)?, self.scalar(degree)?);
                let n = n.as_integer().ok_or_else(|| Skip::new(Why::Notation, "the degree of a root"))?;
                f::root(&x, n).map(Value::Scalar).map_err(undefined)
            }
            Expr::Call(function, arguments) => self.call(*function, arguments),
            Expr::Log(base, argument) => {
                let x = self.scalar(argument)?;
                let base = match base {
                    Some(base) => self.scalar(base)?,
                    None => match self.reading.base {
                        Base::E => return f::ln(&x).map(Value::Scalar).map_err(undefined),
                        Base::Ten => Number::integer(10),
                        Base::Two => Number::integer(2),
                    },
                };
                f::log(&x, &base).map(Value::Scalar).map_err(undefined)
            }
            Expr::Tuple(all) => Ok(Value::Vector(all.iter().map(|a| self.scalar(a)).collect::<Result<_, _>>()?)),
            Expr::Matrix(rows) => {
                let row = |row: &Vec<Expr>| row.iter().map(|a| self.scalar(a)).collect::<Result<Vec<_>, _>>();
                Ok(Value::Matrix(rows.iter().map(row).collect::<Result<_, _>>()?))
            }
            Expr::Series { is_product, index, from, to, body } => self.series(*is_product, index, from, to, body),
            Expr::Integral { variable, from, to, body } => {
                let (from, to) = (self.scalar(from)?, self.scalar(to)?);
                let at = |x: Number| self.with(variable, x, |e| e.scalar(body));
                super::quadrature::integral(&from, &to, at).map(Value::Scalar)
            }
            Expr::Between { body, from, to } => self.between(body, from, to),
            Expr::Modulo(a, m) => f::modulo(&self.scalar(a)?, &self.scalar(m)?).map(Value::Scalar).map_err(undefined),
        }
    }

    fn literal(&self, literal: &Literal) -> Value {
        if self.loosen
            && literal.is_decimal
            && !literal.is_exact
            && let Some(half) = Number::decimal("5", literal.places + 1)
        {
            return Value::Scalar(literal.value.loosened(&half));
        }
        Value::Scalar(literal.value.clone())
    }

    fn local(&self, name: &str) -> Option<Value> {
        if let Some((_, value)) = self.locals.borrow().iter().rev().find(|(n, _)| n == name) {
            return Some(value.clone());
        }
        let value = self.names.value(name, self.reading.exact_names)?;
        self.used.borrow_mut().insert(name.to_owned());
        Some(value)
    }

    fn name(&self, name: &str) -> Evaluated {
        self.local(name).ok_or_else(|| Skip::new(Why::Symbolic, format!("`{name}` has no value here")))
    }

    fn with<T>(&self, name: &str, value: Number, then: impl FnOnce(&Self) -> T) -> T {
        self.locals.borrow_mut().push((name.to_owned(), Value::Scalar(value)));
        let result = then(self);
        self.locals.borrow_mut().pop();
        result
    }

    pub(super) fn scalar(&self, expr: &Expr) -> Result<Number, Skip> {
        match self.value(expr)? {
            Value::Scalar(n) => Ok(n),
            other => Err(shape(&other, "a number")),
        }
    }

    fn scaled(&self, value: &Value, by: &Option<Number>) -> Evaluated {
        let by = by.as_ref().ok_or_else(|| undefined(Undefined::Range))?;
        value.map(|n| n.mul(by)).map_err(undefined)
    }

    fn sum(&self, terms: &[(Signed, Expr)]) -> Evaluated {
        let mut total: Option<Value> = None;
        for (sign, term) in terms {
            let value = self.value(term)?;
            let minus = match sign {
                Signed::Plus => false,
                Signed::Minus => true,
                Signed::Either => self.reading.lower_sign,
                Signed::Opposite => !self.reading.lower_sign,
            };
            let value = if minus { value.map(|n| Ok(n.neg())).map_err(undefined)? } else { value };
            total = Some(match total {
                None => value,
                Some(before) => same_shape(&before, &value, Number::add)?.map_err(undefined)?,
            });
        }
        total.ok_or_else(|| Skip::new(Why::Garbled, "an empty sum"))
    }

    fn product(&self, first: &Expr, rest: &[(Join, Expr)]) -> Evaluated {
        let mut total = self.value(first)?;
        let mut i = 0;
        while let Some((join, factor)) = rest.get(i) {
            i += 1;
            if let (Join::Over, Expr::Scientific(a, power), true) = (join, factor, self.reading.split) {
                let (a, power) = (self.scalar(a)?, self.scalar(power)?);
                total = total.map(|n| n.div(&a)?.mul(&power)).map_err(undefined)?;
                continue;
            }
            let mut value = self.value(factor)?;
            if *join == Join::Over {
                while self.reading.tight
                    && let Some((Join::Implicit, next)) = rest.get(i)
                {
                    value = product(&value, &self.value(next)?, Join::Implicit)?.map_err(undefined)?;
                    i += 1;
                }
                let Value::Scalar(divisor) = &value else { return Err(shape(&value, "a divisor")) };
                total = total.map(|n| n.div(divisor)).map_err(undefined)?;
            } else {
                total = product(&total, &value, *join)?.map_err(undefined)?;
            }
        }
        Ok(total)
    }

    fn power(&self, base: &Expr, exponent: &Expr) -> Evaluated {
        // e^x, not the rounded e to a power.
        if matches!(base.bare(), Expr::Euler) && self.local("e").is_none() {
            return f::exp(&self.scalar(exponent)?).map(Value::Scalar).map_err(undefined);
        }
        let (base, exponent) = (self.value(base)?, self.scalar(exponent)?);
        match base {
            Value::Scalar(base) => f::power(&base, &exponent).map(Value::Scalar).map_err(undefined),
            Value::Matrix(rows) => {
                let n = exponent.as_integer().filter(|n| (-1..=20).contains(n));
                let n = n.ok_or_else(|| Skip::new(Why::Notation, "a power of a matrix"))?;
                super::value::matrix_power(&rows, n)
            }
            vector => match exponent.as_integer() {
                Some(2) => product(&vector, &vector, Join::Dot)?.map_err(undefined),
                _ => Err(shape(&vector, "the base of a power")),
            },
        }
    }

    fn call(&self, function: Function, arguments: &[Expr]) -> Evaluated {
        use Function::*;
        if let (Det | Trace, [matrix]) = (function, arguments) {
            let Value::Matrix(rows) = self.value(matrix)? else {
                return Err(Skip::new(Why::Shape, "a matrix is expected"));
            };
            let value = if function == Det { determinant(&rows) } else { trace(&rows) };
            return value.map(Value::Scalar).map_err(undefined);
        }
        let numbers = arguments.iter().map(|a| self.scalar(a)).collect::<Result<Vec<_>, _>>()?;
        let fold = |f: fn(&Number, &Number) -> Result<Number, Undefined>| {
            let (first, rest) = numbers.split_first().ok_or(Undefined::Domain)?;
            rest.iter().try_fold(first.clone(), |a, b| f(&a, b))
        };
        fn largest(a: &Number, b: &Number) -> Result<Number, Undefined> {
            let order = a.compare(b).ok_or(Undefined::Domain)?;
            Ok(if order.is_lt() { b.clone() } else { a.clone() })
        }
        fn smallest(a: &Number, b: &Number) -> Result<Number, Undefined> {
            largest(&a.neg(), &b.neg()).map(|n| n.neg())
        }
        let value = match (function, numbers.as_slice()) {
            (Max, _) => fold(largest),
            (Min, _) => fold(smallest),
            (Gcd, _) => fold(f::gcd),
            (Lcm, _) => fold(f::lcm),
            (Binomial, [n, k]) => f::binomial(n, k),
            (_, [x]) => self.one(function, x, arguments.first()),
            _ => return Err(Skip::new(Why::Garbled, "the number of arguments")),
        };
        value.map(Value::Scalar).map_err(undefined)
    }

    fn one(&self, function: Function, x: &Number, written: Option<&Expr>) -> Result<Number, Undefined> {
        use Function::*;
        let has_sign = written.is_some_and(|w| {
            let mut has = false;
            w.visit(&mut |e| has |= matches!(e, Expr::Degree(_) | Expr::Pi));
            has
        });
        let turned;
        let x = if function.takes_angle() && !has_sign && self.reading.degrees {
            turned = x.mul(&f::pi().div(&Number::integer(180))?)?;
            &turned
        } else {
            x
        };
        let over = |n: Result<Number, Undefined>| Number::one().div(&n?);
        let y = match function {
            Sin => f::sin(x),
            Cos => f::cos(x),
            Tan => f::tan(x),
            Cot => over(f::tan(x)),
            Sec => over(f::cos(x)),
            Csc => over(f::sin(x)),
            Asin => f::asin(x),
            Acos => f::acos(x),
            Atan => f::atan(x),
            Sinh => f::sinh(x),
            Cosh => f::cosh(x),
            Tanh => f::tanh(x),
            Sech => over(f::cosh(x)),
            Csch => over(f::sinh(x)),
            Coth => over(f::tanh(x)),
            Asinh => f::asinh(x),
            Acosh => f::acosh(x),
            Atanh => f::atanh(x),
            Exp => f::exp(x),
            Ln => f::ln(x),
            Sqrt => f::root(x, 2),
            Floor => f::floor(x),
            Ceil => f::floor(&x.neg()).map(|n| n.neg()),
            Erf => f::erf(x),
            Normal => f::normal(x),
            NormalDensity => f::normal_density(x),
            NormalQuantile => f::normal_quantile(x),
            Gamma => f::gamma(x),
            Sigmoid => f::sigmoid(x),
            Relu => Ok(if x.sign().is_some_and(|s| s.is_lt()) { Number::zero() } else { x.clone() }),
            Softplus => f::ln(&Number::one().add(&f::exp(x)?)?),
            Max | Min | Gcd | Lcm | Binomial | Det | Trace => Err(Undefined::Domain),
        }?;
        if function.gives_angle() && self.reading.degrees {
            return y.mul(&Number::integer(180).div(&f::pi())?);
        }
        Ok(y)
    }

    fn series(&self, is_product: bool, index: &str, from: &Expr, to: &Expr, body: &Expr) -> Evaluated {
        let bound = |e: &Expr| self.scalar(e)?.as_integer().ok_or_else(|| Skip::new(Why::Notation, "a bound of a sum"));
        let (from, to) = (bound(from)?, bound(to)?);
        if to.saturating_sub(from) > TERMS {
            return Err(Skip::new(Why::TooLarge, format!("more than {TERMS} terms")));
        }
        let mut total = if is_product { Number::one() } else { Number::zero() };
        for i in from..=to {
            let term = self.with(index, Number::integer(i), |e| e.scalar(body))?;
            total = if is_product { total.mul(&term) } else { total.add(&term) }.map_err(undefined)?;
        }
        Ok(Value::Scalar(total))
    }

    fn between(&self, body: &Expr, from: &Expr, to: &Expr) -> Evaluated {
        let mut free = BTreeSet::new();
        body.visit(&mut |e| {
            if let Expr::Name(name) = e {
                free.insert(name.clone());
            }
        });
        let mut free = free.into_iter();
        let (Some(variable), None) = (free.next(), free.next()) else {
            return Err(Skip::new(Why::Symbolic, "a bracket between bounds without one variable"));
        };
        let at = |e: &Expr| self.with(&variable, self.scalar(e)?, |s| s.scalar(body));
        at(to)?.sub(&at(from)?).map(Value::Scalar).map_err(undefined)
    }
}

fn norm(value: &Value) -> Evaluated {
    let Value::Vector(all) = value.flat() else { return Err(shape(value, "a vector")) };
    let squares = all.iter().try_fold(Number::zero(), |sum, n| sum.add(&n.mul(n)?));
    squares.and_then(|s| f::root(&s, 2)).map(Value::Scalar).map_err(undefined)
}

pub(super) fn degree() -> Result<Number, Skip> {
    f::pi().div(&Number::integer(180)).map_err(undefined)
}
