//! What of two expressions can be read in more ways than one.

use super::evaluate::{Base, Reading};
use super::expr::{Expr, Join, Signed};
use super::token::Literal;

#[derive(Clone, Debug, Default)]
pub(super) struct Features {
    logarithm: bool,
    angle: bool,
    percent: bool,
    degree: bool,
    mixed: bool,
    either: bool,
    over_product: bool,
    scientific: bool,
    letters_e: i32,
    free: Vec<String>,
    bound: Vec<String>,
    pub(super) names: bool,
    /// A letter that may be a name: e on its own, π or another before a bracket.
    pub(super) guess: bool,
    pub(super) units: Vec<String>,
    /// Negation before a power, `-2^2`.
    pub(super) negated_power: bool,
    /// The digits of every integer.
    pub(super) integers: Vec<String>,
    pub(super) decimals: usize,
}

/// Readings of one link, at most.
const MOST: usize = 72;

impl Features {
    pub(super) fn of(sides: &[&Expr]) -> Self {
        let mut found = Self::default();
        for side in sides {
            side.visit(&mut |e| found.add(e));
        }
        found.guess |= found.letters_e > 0;
        found.free.retain(|name| !found.bound.contains(name));
        found.names = !found.free.is_empty();
        found
    }

    fn add(&mut self, expr: &Expr) {
        match expr {
            Expr::Number(literal) if literal.is_decimal => self.decimals += 1,
            Expr::Number(literal) => self.integers.push(literal.digits.clone()),
            Expr::Goes(_) => self.decimals += 1,
            Expr::Log(None, _) => self.logarithm = true,
            Expr::Percent(_) => self.percent = true,
            Expr::Scientific(..) => self.scientific = true,
            Expr::Degree(_) => self.degree = true,
            Expr::Mixed(..) => self.mixed = true,
            Expr::Name(name) => self.free.push(name.clone()),
            Expr::Series { index, .. } => self.bound.push(index.clone()),
            Expr::Integral { variable, .. } => self.bound.push(variable.clone()),
            // Its one name is bound; with more it has no value.
            Expr::Between { body, .. } => body.visit(&mut |e| {
                if let Expr::Name(name) = e {
                    self.bound.push(name.clone());
                }
            }),
            Expr::Unit(unit) => self.units.push(unit.clone()),
            Expr::Euler => self.letters_e += 1,
            // The base of a natural power is no name; it will be visited as a part.
            Expr::Power(base, _) if matches!(base.bare(), Expr::Euler) => self.letters_e -= 1,
            Expr::Call(function, _) => {
                self.angle |= function.takes_angle() || function.gives_angle();
                self.guess |= function.is_a_guess() && !matches!(function, super::expr::Function::Det);
            }
            Expr::Sum(terms) => {
                self.either |= terms.iter().any(|(s, _)| matches!(s, Signed::Either | Signed::Opposite));
                self.negated_power |= terms
                    .iter()
                    .any(|(s, t)| *s == Signed::Minus && matches!(t, Expr::Power(..)) || leads_with_power(*s, t));
            }
            Expr::Product(first, rest) => {
                self.over_product |= rest.windows(2).any(|w| w[0].0 == Join::Over && w[1].0 == Join::Implicit);
                let before = std::iter::once(&**first).chain(rest.iter().map(|(_, e)| e));
                self.guess |= before.zip(rest).any(|(a, (join, b))| {
                    *join == Join::Implicit && matches!(a, Expr::Pi) && matches!(b, Expr::Paren(_) | Expr::Tuple(_))
                });
            }
            _ => {}
        }
    }

    /// The readings, the one meant most often first.
    pub(super) fn readings(&self, preferred: Base) -> Vec<Reading> {
        let first = Reading { base: preferred, ..Reading::default() };
        let mut all = vec![first];
        let mut vary = |present: bool, change: fn(&mut Reading)| {
            if present && all.len() <= MOST / 2 {
                let more: Vec<Reading> = all
                    .iter()
                    .map(|r| {
                        let mut r = *r;
                        change(&mut r);
                        r
                    })
                    .collect();
                all.extend(more);
            }
        };
        vary(self.names, |r| r.exact_names = true);
        vary(self.percent, |r| r.percent_is_unit = true);
        vary(self.degree, |r| r.degree_is_unit = true);
        vary(self.either, |r| r.lower_sign = true);
        vary(self.angle, |r| r.degrees = true);
        vary(self.over_product, |r| r.tight = true);
        vary(self.scientific, |r| r.split = true);
        vary(self.mixed, |r| r.mixed_is_product = true);
        // With a name in it, a second base would fit too much.
        if self.logarithm && !self.names && all.len() <= MOST / 3 {
            let others = [Base::E, Base::Ten, Base::Two].into_iter().filter(|b| *b != preferred);
            let more: Vec<Reading> =
                others.flat_map(|base| all.iter().map(move |r| Reading { base, ..*r }).collect::<Vec<_>>()).collect();
            all.extend(more);
        }
        all
    }

    /// The names that are not bound by a sum or integral.
    pub(super) fn free(&self) -> &[String] {
        &self.free
    }

    pub(super) fn has_logarithm(&self) -> bool {
        self.logarithm
    }
}

fn leads_with_power(sign: Signed, term: &Expr) -> bool {
    sign == Signed::Minus && matches!(term, Expr::Product(first, _) if matches!(**first, Expr::Power(..)))
}

/// The numeral that a side is, with its sign, unit, percent sign or power of ten.
pub(super) fn literal(expr: &Expr) -> Option<&Literal> {
    match expr {
        Expr::Paren(inner) | Expr::Percent(inner) | Expr::Degree(inner) => literal(inner),
        Expr::Number(l) if !l.is_exact => Some(l),
        Expr::Goes(l) => Some(l),
        Expr::Sum(terms) => match terms.as_slice() {
            [(_, term)] => literal(term),
            _ => None,
        },
        Expr::Product(first, rest) => {
            let scales = |(join, e): &(Join, Expr)| is_unit(e) || *join != Join::Over && is_power_of_ten(e);
            rest.iter().all(scales).then(|| literal(first))?
        }
        _ => None,
    }
}

fn is_unit(expr: &Expr) -> bool {
    match expr {
        Expr::Unit(_) => true,
        Expr::Paren(inner) | Expr::Power(inner, _) => is_unit(inner),
        Expr::Fraction(a, b) => is_unit(a) && is_unit(b),
        Expr::Product(first, rest) => is_unit(first) && rest.iter().all(|(_, e)| is_unit(e)),
        _ => false,
    }
}

fn is_power_of_ten(expr: &Expr) -> bool {
    matches!(expr, Expr::Power(base, exponent)
        if matches!(base.bare(), Expr::Number(l) if l.value.as_integer() == Some(10)) && literal(exponent).is_some())
}
