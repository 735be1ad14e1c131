//! Two sides of an equation under one reading.

use std::cmp::Ordering;

use super::evaluate::Evaluator;
use super::expr::Expr;
use super::features::literal;
use super::number::{Number, Undefined};
use super::skip::{Skip, Why};
use super::token::{Literal, Relation};
use super::value::{Value, shape};

/// How the sides of an equation compare.
#[derive(Clone, Debug)]
pub(super) enum Outcome {
    Right(Number),
    Miss(Miss),
}

#[derive(Clone, Debug)]
pub(super) struct Miss {
    /// The value of the left side.
    pub(super) left: Number,
    pub(super) right: Number,
    /// The distance in units of the last printed place; `None` where no number is printed.
    pub(super) units: Option<f64>,
    pub(super) places: i64,
    /// Which entry of a vector or matrix.
    pub(super) entry: Option<usize>,
}

impl Miss {
    /// The distance as a part of the true value.
    pub(super) fn relative(&self) -> f64 {
        let (l, r) = (float(&self.left), float(&self.right));
        ((r - l) / l.abs().max(f64::MIN_POSITIVE)).abs()
    }
    pub(super) fn ratio(&self) -> f64 {
        float(&self.right) / float(&self.left)
    }
}

pub(super) fn float(n: &Number) -> f64 {
    n.digits(17).parse().unwrap_or(f64::NAN)
}

fn undefined(_: Undefined) -> Skip {
    Skip::new(Why::TooLarge, "a number out of range")
}

/// Compares under the evaluator's reading.
pub(super) fn compare(e: &mut Evaluator<'_>, left: &Expr, right: &Expr, relation: Relation) -> Result<Outcome, Skip> {
    let entries: Vec<&Expr> = match right.bare() {
        Expr::Tuple(all) => all.iter().collect(),
        Expr::Matrix(rows) => rows.iter().flatten().collect(),
        _ => return single(e, left, right, relation),
    };
    let value = e.value(left)?;
    let wanted = e.value(right)?;
    super::value::same_shape(&value, &wanted, |a, _| Ok(a.clone()))?.map_err(undefined)?;
    let mut outcome = None;
    for (i, (number, entry)) in value.entries().into_iter().zip(entries).enumerate() {
        match number_against(e, number.clone(), None, entry, relation)? {
            Outcome::Miss(miss) => return Ok(Outcome::Miss(Miss { entry: Some(i), ..miss })),
            right => outcome = outcome.or(Some(right)),
        }
    }
    outcome.ok_or_else(|| Skip::new(Why::Shape, "an empty vector"))
}

fn single(e: &mut Evaluator<'_>, left: &Expr, right: &Expr, relation: Relation) -> Result<Outcome, Skip> {
    match (e.value(left)?, right) {
        (Value::Scalar(number), _) => number_against(e, number, Some(left), right, relation),
        // A vector or matrix against an expression, entry by entry.
        (value, right) => {
            e.loosen = true;
            let loose = e.value(right);
            let looser = e.value(left);
            e.loosen = false;
            let (loose, looser) = (loose?, looser?);
            if matches!(loose, Value::Scalar(_)) {
                return Err(shape(&value, "a number"));
            }
            super::value::same_shape(&looser, &loose, |a, _| Ok(a.clone()))?.map_err(undefined)?;
            let pairs = looser.entries().into_iter().zip(loose.entries()).enumerate();
            for (i, (a, b)) in pairs {
                if !a.may_equal(b) {
                    let (left, right) = (a.clone(), b.clone());
                    return Ok(Outcome::Miss(Miss { left, right, units: None, places: 0, entry: Some(i) }));
                }
            }
            let first = value.entries().first().map(|n| (*n).clone());
            first.map(Outcome::Right).ok_or_else(|| Skip::new(Why::Shape, "an empty vector"))
        }
    }
}

fn number_against(
    e: &mut Evaluator<'_>,
    left: Number,
    written: Option<&Expr>,
    right: &Expr,
    relation: Relation,
) -> Result<Outcome, Skip> {
    match literal(right) {
        Some(printed) => {
            let value = e.scalar(right)?;
            // A number said again with more digits: 0.67 = 66.7 %.
            if let (Some(before), Some(written)) = (written.and_then(literal), written)
                && before.is_decimal
            {
                e.loosen = true;
                let loose = e.scalar(written);
                e.loosen = false;
                if printed.is_decimal && loose?.may_equal(&value) {
                    return Ok(Outcome::Right(left));
                }
            }
            against_printed(left, value, printed, right, relation)
        }
        None => {
            let exact = e.scalar(right)?;
            e.loosen = true;
            let loose = e.scalar(right);
            let looser = written.map(|w| e.scalar(w)).transpose();
            e.loosen = false;
            let (loose, looser) = (loose?, looser?);
            let looser = looser.as_ref().unwrap_or(&left);
            let rounded = matches!(loose, Number::Near { .. }) && exact.is_exact();
            let about = relation == Relation::About && !rounded && near(&left, &exact, 0.01);
            if left.may_equal(&loose) || looser.may_equal(&loose) || about {
                return Ok(Outcome::Right(left));
            }
            Ok(Outcome::Miss(Miss { left, right: exact, units: None, places: 0, entry: None }))
        }
    }
}

fn near(a: &Number, b: &Number, part: f64) -> bool {
    let (a, b) = (float(a), float(b));
    (a - b).abs() <= part * a.abs().max(b.abs())
}

/// A number against a printed numeral: equal to half a unit in the last place.
fn against_printed(
    left: Number,
    value: Number,
    printed: &Literal,
    right: &Expr,
    relation: Relation,
) -> Result<Outcome, Skip> {
    let one = Number::decimal("1", printed.places).ok_or_else(|| undefined(Undefined::Range))?;
    // Percent signs and powers of ten scale the unit as they scale the number.
    let scale =
        if printed.value.is_zero() { Number::one() } else { value.div(&printed.value).map_err(undefined)?.abs() };
    let unit = one.mul(&scale).map_err(undefined)?;
    if matches!(right.bare(), Expr::Goes(_)) {
        // The digits printed are the first ones.
        let beyond = left.abs().sub(&printed.value).map_err(undefined)?;
        let half = unit.div(&Number::integer(2)).map_err(undefined)?;
        let fits = beyond.compare(&unit) == Some(Ordering::Less) && beyond.compare(&half.neg()) != Some(Ordering::Less);
        if fits {
            return Ok(Outcome::Right(left));
        }
    }
    // What is shown beside a percentage or an angle in degrees is in its unit.
    let is_scaled = matches!(right.bare(), Expr::Percent(_) | Expr::Degree(_));
    let shown = |n: &Number| if is_scaled { n.div(&scale).map_err(undefined) } else { Ok(n.clone()) };
    let two = Number::integer(2);
    let within = |unit: &Number| -> Result<Option<Ordering>, Skip> {
        let half = unit.div(&two).map_err(undefined)?;
        Ok(left.sub(&value).map_err(undefined)?.abs().compare(&half))
    };
    match within(&unit)? {
        Some(Ordering::Less | Ordering::Equal) => return Ok(Outcome::Right(shown(&left)?)),
        None => return Err(Skip::new(Why::TooClose, "half-way between two printed values")),
        Some(Ordering::Greater) => {}
    }
    // Zeros at the end of an integer may only hold the place.
    let significant = printed.digits.trim_end_matches('0').len();
    let holds = relation == Relation::About || printed.zeros >= 2 && significant >= 2;
    if holds && !printed.is_decimal {
        let mut coarse = unit.clone();
        for _ in 0..printed.zeros.min(30) {
            coarse = coarse.mul(&Number::integer(10)).map_err(undefined)?;
        }
        if within(&coarse)?.is_some_and(|o| o != Ordering::Greater) {
            return Ok(Outcome::Right(left));
        }
    }
    let distance = left.sub(&value).and_then(|d| d.abs().div(&unit)).map_err(undefined)?;
    let places = printed.places;
    let (left, right) = (shown(&left)?, shown(&value)?);
    Ok(Outcome::Miss(Miss { units: Some(float(&distance)), left, right, places, entry: None }))
}
