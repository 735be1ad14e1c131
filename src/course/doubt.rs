//! What else a formula may say than its arithmetic.

use super::budget::Budget;
use super::compare::{Miss, Outcome, compare};
use super::evaluate::{Evaluator, Reading};
use super::expr::{Expr, Join, Signed};
use super::features::{Features, literal};
use super::judge::{Around, Judged};
use super::number::Number;
use super::skip::{Skip, Why};
use super::token::Literal;

/// Whether the right side is right without its last factor, which may be a number of the equation, or the left side
/// with a sign inside its power.
pub(super) fn other_parse(
    left: &Expr,
    right: &Expr,
    around: &Around<'_>,
    features: &Features,
    budget: &Budget<'_>,
) -> Option<Judged> {
    let fits = |left: &Expr, right: &Expr| {
        let mut evaluator =
            Evaluator::new(around.names, Reading { base: around.base, ..Reading::default() }, false, budget);
        matches!(compare(&mut evaluator, left, right, around.relation), Ok(Outcome::Right(_)))
    };
    let ambiguous = |what: &str| Some(Judged::skipped(Skip::new(Why::Ambiguous, what)));
    if let Expr::Product(first, rest) = right
        && let Some(((Join::Implicit, Expr::Paren(_)), kept)) = rest.split_last()
    {
        let shorter = if kept.is_empty() { (**first).clone() } else { Expr::Product(first.clone(), kept.to_vec()) };
        if fits(left, &shorter) {
            return ambiguous("the number in brackets at the end may be the equation's");
        }
    }
    if let Expr::Factorial(inner) = right
        && fits(left, inner)
    {
        return ambiguous("the mark at the end may be of exclamation");
    }
    if features.negated_power && fits(&unsigned(left), &unsigned(right)) {
        return ambiguous("a minus sign before a power may belong to its base");
    }
    let is_binary = |d: &String| !d.is_empty() && d.bytes().all(|b| b == b'0' || b == b'1');
    if features.decimals == 0
        && !features.names
        && !features.integers.is_empty()
        && features.integers.iter().all(is_binary)
    {
        if features.integers.iter().all(|d| d.len() == 1) {
            return ambiguous("truth values or residues");
        }
        if fits(&binary(left), &binary(right)) {
            return ambiguous("equal as binary numerals");
        }
    }
    if features.integers.iter().filter(|d| d.len() > 1 && d.starts_with('0')).count() > 1 {
        return ambiguous("numerals with leading zeros");
    }
    None
}

/// Rebuilds the parts of a sum, product, quotient or bracket.
fn rebuild(expr: &Expr, change: &impl Fn(&Expr) -> Option<Expr>) -> Expr {
    if let Some(changed) = change(expr) {
        return changed;
    }
    let again = |e: &Expr| rebuild(e, change);
    match expr {
        Expr::Paren(a) => Expr::Paren(Box::new(again(a))),
        Expr::Sum(terms) => Expr::Sum(terms.iter().map(|(s, t)| (*s, again(t))).collect()),
        Expr::Product(first, rest) => {
            Expr::Product(Box::new(again(first)), rest.iter().map(|(j, e)| (*j, again(e))).collect())
        }
        Expr::Fraction(a, b) => Expr::Fraction(Box::new(again(a)), Box::new(again(b))),
        Expr::Power(a, b) => Expr::Power(Box::new(again(a)), b.clone()),
        other => other.clone(),
    }
}

/// With `-a^2` read as `(-a)^2`.
fn unsigned(expr: &Expr) -> Expr {
    rebuild(expr, &|e| match e {
        Expr::Sum(terms) if terms.iter().any(|(s, t)| *s == Signed::Minus && leading_power(t)) => {
            let even = |(s, t): &(Signed, Expr)| {
                let sign = if *s == Signed::Minus && leading_power(t) { Signed::Plus } else { *s };
                (sign, t.clone())
            };
            // Only the first term's sign can belong to its base.
            let mut all: Vec<_> = terms.clone();
            all[0] = even(&all[0]);
            Some(Expr::Sum(all))
        }
        _ => None,
    })
}

fn leading_power(expr: &Expr) -> bool {
    match expr {
        Expr::Power(..) => true,
        Expr::Product(first, _) => leading_power(first),
        _ => false,
    }
}

fn binary(expr: &Expr) -> Expr {
    rebuild(expr, &|e| match e {
        Expr::Number(literal) => {
            let value = i64::from_str_radix(&literal.digits, 2).ok()?;
            Some(Expr::Number(Literal { value: Number::integer(value), ..literal.clone() }))
        }
        _ => None,
    })
}

/// A convention by which the formula says something else than its arithmetic.
pub(super) fn convention(left: &Expr, right: &Expr, miss: &Miss, features: &Features) -> Option<&'static str> {
    let (of_left, of_right) = (Features::of(&[left]).integers, Features::of(&[right]).integers);
    let product = |e: &Expr| matches!(e.bare(), Expr::Product(_, rest) if rest.iter().any(|(j, _)| *j == Join::Times));
    // (3 × 2)(2 × 4) = (3 × 4)
    let [rows, columns] = of_right.as_slice() else { return fractions(left, miss).or_else(|| floating(right, miss)) };
    let same_ends = of_left.first() == Some(rows) && of_left.last() == Some(columns);
    if product(right) && same_ends && features.decimals == 0 && of_left.len() >= 4 {
        return Some("shapes of matrices");
    }
    fractions(left, miss).or_else(|| floating(right, miss))
}

/// `\left(\frac{2}{7}\right) = 1`, which may be a symbol of Legendre's.
fn fractions(left: &Expr, miss: &Miss) -> Option<&'static str> {
    let symbol = |e: &Expr| matches!(e, Expr::Paren(inner) if matches!(**inner, Expr::Fraction(..)));
    let all = match left {
        Expr::Product(first, rest) => symbol(first) && rest.iter().all(|(_, e)| symbol(e)),
        other => symbol(other),
    };
    let is_sign = miss.right.as_integer().is_some_and(|n| n.abs() <= 1);
    (all && is_sign).then_some("a fraction in brackets may be a quadratic residue symbol")
}

/// `0.1 + 0.2 = 0.30000000000000004`.
fn floating(right: &Expr, miss: &Miss) -> Option<&'static str> {
    let digits = literal(right).map_or(0, |l| l.digits.trim_start_matches('0').len());
    (digits >= 15 && miss.relative() < 1e-14).then_some("the digits of a floating-point number")
}
