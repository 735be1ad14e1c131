//! The verdict on one link of a chain.

use std::cell::Cell;

use super::budget::Budget;
use super::compare::{Miss, Outcome, compare, float};
use super::doubt::{convention, other_parse};
use super::evaluate::{Base, Evaluator, Names, Reading};
use super::expr::{Expr, Join};
use super::features::{Features, literal};
use super::number::Number;
use super::skip::{Skip, Why};
use super::token::Relation;
use super::units;
use super::value::Value;

/// What is to be said about a printed number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// Equal to the precision printed.
    Right,
    /// Off by at most one unit in the last place, or truncated.
    OffByOne,
    /// Right only from an operand that had been rounded before.
    RoundedTwice,
    /// No reading makes it right.
    Wrong,
    /// Nothing is said.
    NotChecked,
}

impl Verdict {
    /// Its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::OffByOne => "off-by-one",
            Self::RoundedTwice => "rounded-twice",
            Self::Wrong => "wrong",
            Self::NotChecked => "not-checked",
        }
    }
    /// Whether a reader should look at it.
    pub fn is_finding(self) -> bool {
        matches!(self, Self::OffByOne | Self::RoundedTwice | Self::Wrong)
    }
}

/// A verdict with its reasons.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) skip: Option<Skip>,
    pub(super) value: Option<Number>,
    /// The true value to the places printed.
    pub(super) digits: Option<String>,
    pub(super) reason: String,
    pub(super) reading: Reading,
    /// Which entry of a vector or matrix is meant.
    pub(super) entry: Option<usize>,
    /// The value rests on no name and on no guess.
    pub(super) is_arithmetic: bool,
}

impl Judged {
    pub(super) fn skipped(skip: Skip) -> Self {
        Self {
            verdict: Verdict::NotChecked,
            reason: skip.detail.clone(),
            skip: Some(skip),
            value: None,
            digits: None,
            reading: Reading::default(),
            entry: None,
            is_arithmetic: false,
        }
    }
}

/// What stands around a link.
pub(super) struct Around<'a> {
    pub(super) relation: Relation,
    pub(super) names: &'a dyn Names,
    /// The base that logarithms of this chapter have had.
    pub(super) base: Base,
    /// Steps of evaluation that the chapter has left.
    pub(super) steps: &'a Cell<usize>,
    /// A unit or percent sign after the formula.
    pub(super) unit_after: bool,
    /// Words beside it.
    pub(super) has_remark: bool,
    /// The left side is itself what the chain has come to.
    pub(super) follows: bool,
    /// Whether names were defined so near that they must mean the same here.
    pub(super) are_near: &'a dyn Fn(&[String]) -> bool,
    /// Whether residues are computed with nearby.
    pub(super) has_residues: &'a dyn Fn() -> bool,
    /// Why the text may not claim that the sides are equal.
    pub(super) not_claimed: &'a dyn Fn() -> Option<&'static str>,
}

pub(super) fn judge(left: &Expr, right: &Expr, around: &Around<'_>) -> Judged {
    let plain = lettered(right, around.names);
    let number = plain.as_ref().unwrap_or(right);
    let judged = judge_plain(left, number, around);
    if judged.skip.as_ref().is_some_and(|s| s.why == Why::Symbolic) {
        return with_units(left, number, around).unwrap_or(judged);
    }
    if plain.is_some() && judged.verdict.is_finding() {
        return Judged::skipped(Skip::new(Why::Units, "letters beside the number may be a unit or a name"));
    }
    judged
}

/// Letters as units, `\frac{20 m}{4 s} = 5 m/s`: said to be right where the numbers are, and else nothing.
fn with_units(left: &Expr, right: &Expr, around: &Around<'_>) -> Option<Judged> {
    struct Units<'a>(&'a dyn Names);
    impl Names for Units<'_> {
        fn value(&self, name: &str, exact: bool) -> Option<Value> {
            const LETTERS: [&str; 24] = [
                "m", "s", "k", "g", "N", "J", "W", "V", "A", "K", "L", "h", "P", "H", "z", "T", "M", "c", "l", "o",
                "i", "t", "\\Omega", "\\mu",
            ];
            let unit = || LETTERS.contains(&name).then(|| Value::Scalar(Number::one()));
            self.0.value(name, exact).or_else(unit)
        }
    }
    let mut beside = false;
    left.visit(&mut |e| {
        if let Expr::Product(first, rest) = e {
            let before = std::iter::once(&**first).chain(rest.iter().map(|(_, e)| e));
            beside |= before.zip(rest).any(|(a, (join, b))| {
                *join == Join::Implicit && matches!(a, Expr::Number(_)) && matches!(b, Expr::Name(_))
            });
        }
    });
    if !beside || literal(right).is_none() {
        return None;
    }
    let units = Units(around.names);
    Some(judge_plain(left, right, &Around { names: &units, ..*around })).filter(|j| j.verdict == Verdict::Right)
}

/// `2.4\ \Omega`, `5 m`: a numeral beside letters without a value, which may be a unit; the numeral.
fn lettered(right: &Expr, names: &dyn Names) -> Option<Expr> {
    let Expr::Product(first, rest) = right else { return None };
    literal(first)?;
    let is_letter = |e: &Expr| match e {
        Expr::Name(name) => names.value(name, false).is_none(),
        Expr::Power(base, _) => matches!(&**base, Expr::Name(name) if names.value(name, false).is_none()),
        _ => false,
    };
    let all = rest.iter().all(|(join, e)| matches!(join, Join::Implicit | Join::Over) && is_letter(e));
    (all && rest.first().is_some_and(|(join, _)| *join == Join::Implicit)).then(|| (**first).clone())
}

fn judge_plain(left: &Expr, right: &Expr, around: &Around<'_>) -> Judged {
    let features = Features::of(&[left, right]);
    let budget = Budget::of_link(around.steps);
    let mut best: Option<(f64, Miss, Reading)> = None;
    let mut first_skip = None;
    let digits = literal(right).map_or(9, |l| l.digits.trim_start_matches('0').len());
    for reading in features.readings(around.base) {
        let mut evaluator = Evaluator::new(around.names, reading, false, &budget);
        match compare(&mut evaluator, left, right, around.relation) {
            // Another base than the chapter's must fit more than one digit.
            Ok(Outcome::Right(value)) if reading.base == around.base || value.is_exact() || digits >= 2 => {
                return right_by(value, right, &features, reading);
            }
            Ok(Outcome::Right(_)) => {}
            Ok(Outcome::Miss(miss)) => {
                let distance = miss.relative();
                if best.as_ref().is_none_or(|(d, ..)| distance < *d) {
                    best = Some((distance, miss, reading));
                }
            }
            Err(skip) => first_skip = first_skip.or(Some(skip)),
        }
    }
    match (best, first_skip) {
        (Some((_, miss, reading)), None) => {
            if let Some(reading) = other_parse(left, right, around, &features, &budget) {
                return reading;
            }
            missed(left, right, miss, reading, &features, around)
        }
        (_, Some(skip)) => Judged::skipped(skip),
        (None, None) => Judged::skipped(Skip::new(Why::Garbled, "nothing to compare")),
    }
}

fn right_by(value: Number, right: &Expr, features: &Features, reading: Reading) -> Judged {
    let mut reason = "equal to the precision printed".to_owned();
    if features.has_logarithm() && reading.base != Base::E {
        reason = format!("with logarithms to base {}", if reading.base == Base::Ten { 10 } else { 2 });
    }
    let digits = literal(right).map(|l| value.rounded(l.places));
    Judged {
        verdict: Verdict::Right,
        skip: None,
        value: Some(value),
        digits,
        reason,
        reading,
        entry: None,
        is_arithmetic: !features.names && !features.guess,
    }
}

/// The verdict where no reading makes it right, or why there is none.
fn missed(left: &Expr, right: &Expr, miss: Miss, reading: Reading, features: &Features, around: &Around<'_>) -> Judged {
    let skip = |why, detail: &str| Judged { value: Some(miss.left.clone()), ..Judged::skipped(Skip::new(why, detail)) };
    if let Some(detail) = (around.not_claimed)() {
        return skip(Why::NotClaimed, detail);
    }
    let (relative, printed) = (miss.relative(), literal(right));
    let significant = printed.map_or(0, |l| l.digits.trim_start_matches('0').len());
    let is_near_miss = relative < 0.02 && significant >= 3;
    if features.names && (printed.is_none() || !is_near_miss && !(around.are_near)(features.free())) {
        return skip(Why::Ambiguous, "it rests on a name that may have another value here");
    }
    if features.guess && relative > 0.02 {
        return skip(Why::Ambiguous, "it rests on a letter that may name something else");
    }
    let is_label = features.units.iter().any(|u| !units::is_unit(u));
    if literal(left).is_some() && !around.follows && is_label {
        return skip(Why::NotClaimed, "words beside a number");
    }
    if literal(left).is_some()
        && printed.is_some()
        && !around.follows
        && !(relative < 0.02 && miss.units.is_some_and(|u| u < 10.0))
    {
        return skip(Why::NotClaimed, "two numbers, and no arithmetic between them");
    }
    if let Some(detail) = convention(left, right, &miss, features) {
        return skip(Why::Ambiguous, detail);
    }
    if miss.left.is_exact() && miss.right.is_integer() && features.decimals == 0 && (around.has_residues)() {
        return skip(Why::Ambiguous, "residues");
    }
    let has_units = !features.units.is_empty() || around.unit_after;
    if (has_units || around.has_remark) && units::is_conversion(miss.ratio()) {
        return skip(Why::Units, "the sides differ by a factor between units");
    }
    let (of_left, of_right) = (Features::of(&[left]).units, Features::of(&[right]).units);
    // A product of several units is in another unit than any of them.
    let is_derived = of_left.len() > 1 && matches!(left.bare(), Expr::Product(..) | Expr::Fraction(..));
    if !of_left.is_empty() && !of_right.is_empty() && of_left != of_right && relative > 0.2 && !is_derived {
        return skip(Why::Units, "the sides are in different units");
    }
    let is_whole = printed.is_some_and(|l| !l.is_decimal) && miss.places == 0;
    if is_whole && !miss.left.is_integer() && miss.units.is_some_and(|u| u < 1.0) {
        return skip(Why::Ambiguous, "a whole number, perhaps rounded up or down on purpose");
    }
    if printed.is_none() && around.relation == Relation::About && Features::of(&[right]).decimals == 0 {
        return skip(Why::Ambiguous, "nothing says how near is meant");
    }
    if printed.is_none() && relative < 0.05 {
        return skip(Why::Ambiguous, "nothing says how near is meant");
    }
    verdict(miss, reading, features, printed.is_some())
}

fn verdict(miss: Miss, reading: Reading, features: &Features, is_printed: bool) -> Judged {
    let integers = miss.left.is_integer() && miss.right.is_integer();
    let units = miss.units.unwrap_or(f64::INFINITY);
    let by_one = units <= 1.0 + 1e-9 && !integers && miss.relative() < 0.1;
    let digits = if is_printed && miss.units.is_some() {
        // In the scale in which the number is printed.
        let scale = unit_scale(&miss);
        scale.and_then(|s| miss.left.div(&s).ok()).unwrap_or_else(|| miss.left.clone()).rounded(miss.places)
    } else {
        miss.left.digits(12)
    };
    let truncated = by_one && float(&miss.right).abs() < float(&miss.left).abs();
    let mut reason = if !is_printed {
        format!("the left side is {}, the right side {}", miss.left.digits(12), miss.right.digits(12))
    } else if truncated && units < 1.0 {
        format!("the left side is {}: truncated, not rounded", miss.left.digits(12))
    } else if by_one {
        format!("the left side is {}: off in the last place", miss.left.digits(12))
    } else {
        format!("the left side is {}", miss.left.digits(12))
    };
    if features.has_logarithm() && reading.base != Base::E {
        reason.push_str(if reading.base == Base::Ten {
            ", with logarithms to base 10"
        } else {
            ", with logarithms to base 2"
        });
    }
    Judged {
        verdict: if by_one { Verdict::OffByOne } else { Verdict::Wrong },
        skip: None,
        entry: miss.entry,
        value: Some(miss.left),
        digits: Some(digits),
        reason,
        reading,
        is_arithmetic: !features.names && !features.guess,
    }
}

/// What the printed numeral is multiplied with, by a percent sign or a power of ten: `distance / (units · 10^−places)`.
fn unit_scale(miss: &Miss) -> Option<Number> {
    let distance = float(&miss.left.sub(&miss.right).ok()?.abs());
    let scale = distance / (miss.units? * 10f64.powi(-(miss.places as i32)));
    let power = scale.log10().round();
    let is_power = (scale / 10f64.powf(power) - 1.0).abs() < 1e-6;
    is_power.then(|| Number::decimal("1", -(power as i64)))?
}
