//! A chapter, from its text to the verdicts on its links.

use std::cell::Cell;

use super::budget::Budget;
use super::compare::{Outcome, compare};
use super::context::{self, After};
use super::evaluate::{Base, Evaluator};
use super::expr::Expr;
use super::features::literal;
use super::judge::{Around, Judged, Verdict, judge};
use super::lex::{Commas, lex};
use super::markdown::{Formula, formulas};
use super::names::Section;
use super::parse::parse;
use super::skip::{Skip, Why};
use super::source::Lines;
use super::statement::{Gap, Splitter, Statement};
use super::token::{Comma, Kind, Relation, Token};

/// One equality between two neighbouring members of a chain.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Link {
    /// 1-based line of the printed number.
    pub line: usize,
    /// 1-based column, in characters.
    pub column: usize,
    /// The number, or the expression, on the right-hand side, as it stands in the chapter.
    pub printed: String,
    /// The value of the left-hand side, to twelve digits.
    pub value: Option<String>,
    /// That value to the places printed.
    pub digits: Option<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is not checked.
    pub why: Option<Why>,
    /// One line of reason.
    pub reason: String,
    /// Where the number stands, in bytes of the text.
    pub(crate) place: (usize, usize),
}

/// Links of one chapter, at most; a longer one is read in parts.
const MOST_LINKS: usize = 200_000;
/// A number that is right as written is held against its chain's beginning only where it misses that by so many units
/// in its last place: a miss by half a unit is what rounding an operand costs, and nobody's error.
const ROUNDED_TWICE: f64 = 0.75;
/// Tokens of one side, at most.
const LONGEST_SIDE: usize = 2000;

/// The links of a text, in order, with their verdicts.
pub fn links(text: &str) -> Vec<Link> {
    let mut reader = Reader::new(text);
    let (all, too_long) = formulas(text);
    reader.comma = convention(text, &all);
    let mut splitter = Splitter::default();
    for (i, formula) in all.iter().enumerate() {
        let (tokens, commas) = lex(text, formula.span, reader.comma);
        let before = i.checked_sub(1).and_then(|k| all.get(k));
        splitter.read(&tokens, gap(text, before, formula));
        reader.formulas.push((*formula, commas, tokens.last().map_or(0, |t| t.end)));
        for statement in splitter.take() {
            reader.statement(&statement);
        }
    }
    for statement in splitter.finish() {
        reader.statement(&statement);
    }
    for _ in 0..too_long {
        reader.too_long();
    }
    reader.finish()
}

/// What stands between two formulas.
fn gap(text: &str, before: Option<&Formula>, formula: &Formula) -> Gap {
    let Some(before) = before.filter(|b| b.section == formula.section) else { return Gap::Wide };
    let between = text.get(before.outer.1..formula.outer.0).unwrap_or_default();
    let is_display = |f: &Formula| text[f.outer.0..].starts_with("$$") || text[f.outer.0..].starts_with(r"\[");
    if between.len() < 80 && !between.contains(char::is_alphanumeric) && !between.contains(['|', ':', ';', '#']) {
        Gap::None
    } else if between.len() < 200 && is_display(before) && is_display(formula) {
        Gap::Words
    } else {
        Gap::Wide
    }
}

struct Reader<'t> {
    text: &'t str,
    comma: Comma,
    /// With what is ambiguous in it, and where its last token ends.
    formulas: Vec<(Formula, Commas, usize)>,
    section: (usize, Section),
    /// How often a logarithm had each base.
    bases: [usize; 3],
    /// Steps of evaluation left.
    steps: Cell<usize>,
    links: Vec<Link>,
}

/// Whether decimals are written with a comma in this chapter.
fn convention(text: &str, all: &[Formula]) -> Comma {
    let (mut commas, mut dots) = (0usize, 0usize);
    for formula in all {
        let bytes = &text.as_bytes()[formula.span.start..formula.span.end];
        let digits_at = |i: usize| bytes[i.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
        for (i, pair) in bytes.windows(2).enumerate() {
            if !pair[0].is_ascii_digit() {
                continue;
            }
            let separator = if bytes[i + 1..].starts_with(b"{,}") { 3 } else { 1 };
            let after = digits_at(i + 1 + separator);
            dots += usize::from(pair[1] == b'.' && after > 0);
            commas += usize::from((pair[1] == b',' || separator == 3) && ![0, 3].contains(&after));
        }
    }
    if commas >= 2 && commas > dots { Comma::Decimal } else { Comma::Thousands }
}

/// A side of a link: its expression, or why there is none.
type Side = Result<Expr, Skip>;

impl<'t> Reader<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            comma: Comma::Thousands,
            formulas: Vec::new(),
            section: (0, Section::default()),
            bases: [0; 3],
            steps: Budget::of_chapter(),
            links: Vec::new(),
        }
    }

    fn side(&self, tokens: &[Token]) -> Side {
        if tokens.len() > LONGEST_SIDE {
            return Err(Skip::new(Why::TooLarge, "a very long side"));
        }
        if tokens.is_empty() {
            return Err(Skip::new(Why::Garbled, "a side is missing"));
        }
        parse(self.text, tokens)
    }

    fn formula_at(&self, place: usize) -> Option<&(Formula, Commas, usize)> {
        let after = self.formulas.partition_point(|(f, ..)| f.span.start <= place);
        self.formulas.get(after.checked_sub(1)?)
    }

    fn base(&self) -> Base {
        let most = self.bases[1].max(self.bases[2]);
        if most <= self.bases[0] {
            Base::E
        } else if self.bases[1] == most {
            Base::Ten
        } else {
            Base::Two
        }
    }

    fn statement(&mut self, statement: &Statement) {
        if statement.relations.is_empty() || self.links.len() > MOST_LINKS {
            return;
        }
        let section = self.formula_at(statement.relations[0].1).map_or(0, |(f, ..)| f.section);
        if section != self.section.0 {
            self.section = (section, Section::default());
        }
        let empty = Vec::new();
        let members: Vec<&Vec<Token>> =
            (0..=statement.relations.len()).map(|i| statement.members.get(i).unwrap_or(&empty)).collect();
        let sides: Vec<Side> = members.iter().map(|m| self.side(m)).collect();
        let mut judged: Vec<Option<Judged>> = Vec::new();
        for i in 0..statement.relations.len() {
            if statement.relations[i].0 == Relation::Other {
                judged.push(None);
                continue;
            }
            let follows = judged.last().is_some_and(|j| j.as_ref().is_some_and(|j| j.verdict == Verdict::Right));
            let mut one = self.judge(statement, i, &sides, follows);
            if one.verdict != Verdict::Right {
                one = self.other_commas(statement.relations[i].1).unwrap_or(one);
            }
            if one.verdict == Verdict::Right {
                self.bases[one.reading.base as usize] += 1;
            }
            judged.push(Some(one));
        }
        self.look_back(statement, &sides, &mut judged);
        for (i, one) in judged.into_iter().enumerate() {
            if let Some(one) = one {
                self.record(one, statement.relations[i].1, members[i + 1], sides[i + 1].as_ref().ok());
            }
        }
        self.define(statement, &sides);
    }

    fn judge(&self, statement: &Statement, i: usize, sides: &[Side], follows: bool) -> Judged {
        let (left, right) = match (&sides[i], &sides[i + 1]) {
            (Ok(left), Ok(right)) => (left, right),
            (Err(skip), _) | (_, Err(skip)) => return Judged::skipped(skip.clone()),
        };
        if i == 0 && matches!(left.bare(), Expr::Name(_)) {
            return Judged::skipped(Skip::new(Why::Symbolic, "a name is given its value"));
        }
        if statement.is_modular {
            return Judged::skipped(Skip::new(Why::Notation, "a congruence"));
        }
        let (relation, place) = statement.relations[i];
        let Some((formula, _, last)) = self.formula_at(place) else {
            return Judged::skipped(Skip::new(Why::Garbled, "nowhere"));
        };
        let ends_here = statement.members.get(i + 1).and_then(|m| m.last()).is_some_and(|t| t.end == *last);
        let begins_here = i == 0 && statement.members[0].first().is_some_and(|t| t.start < formula.span.start + 4);
        let after = if ends_here { context::after(self.text, formula) } else { After::default() };
        if after.operator || begins_here && context::continues_before(self.text, formula) {
            return Judged::skipped(Skip::new(Why::NotClaimed, "the formula goes on outside of its delimiters"));
        }
        let wrapped;
        let right = if after.percent && !matches!(right, Expr::Percent(_)) {
            wrapped = Expr::Percent(Box::new(right.clone()));
            &wrapped
        } else {
            right
        };
        let around = Around {
            relation,
            names: &self.section.1,
            base: self.base(),
            steps: &self.steps,
            unit_after: after.unit,
            has_remark: statement.remark_after == Some(i + 1),
            follows,
            are_near: &|names| {
                let near = |name: &String| {
                    let defined = self.section.1.place(name)?;
                    Some(
                        context::is_near(self.text, defined, place)
                            && !name.starts_with(['x', 'y', 'z', 'X', 'Y', 'Z']),
                    )
                };
                names.iter().all(|name| near(name).unwrap_or(false))
            },
            has_residues: &|| context::has_residues(self.text, formula),
            not_claimed: &|| {
                let loose = statement.loose.contains(&i).then_some("words stand between the sides");
                loose.or_else(|| context::not_claimed(self.text, formula))
            },
        };
        judge(left, right, &around)
    }

    /// A link that other conventions for commas make right.
    fn other_commas(&self, relation: usize) -> Option<Judged> {
        let (formula, commas, _) = self.formula_at(relation)?;
        if !(commas.between_digits || commas.dot_before_three && self.comma == Comma::Decimal) {
            return None;
        }
        for comma in [Comma::Thousands, Comma::Decimal, Comma::DecimalWithDots, Comma::Separates] {
            if comma == self.comma {
                continue;
            }
            let (tokens, _) = lex(self.text, formula.span, comma);
            let mut splitter = Splitter::default();
            splitter.read(&tokens, Gap::Wide);
            for statement in splitter.finish() {
                let Some(i) = statement.relations.iter().position(|(_, place)| *place == relation) else { continue };
                let sides: Vec<Side> = statement.members.iter().map(|m| self.side(m)).collect();
                if sides.len() > i + 1 {
                    let one = self.judge(&statement, i, &sides, false);
                    if one.verdict == Verdict::Right {
                        return Some(one);
                    }
                }
            }
        }
        None
    }

    /// Compares a printed number with what its chain began with: it may be right from there only, or only from a
    /// member rounded on the way.
    fn look_back(&self, statement: &Statement, sides: &[Side], judged: &mut [Option<Judged>]) {
        for i in 1..judged.len() {
            let Some(one) = &judged[i] else { continue };
            let is_open = one.verdict == Verdict::Right || one.verdict.is_finding();
            let Ok(right) = &sides[i + 1] else { continue };
            let printed = literal(right).is_some_and(|l| l.is_decimal);
            if !is_open || !one.is_arithmetic || !printed {
                continue;
            }
            let sound = |j: &Option<Judged>| j.as_ref().is_some_and(|j| j.verdict == Verdict::Right && j.is_arithmetic);
            let Some(head) = (0..i).rev().take_while(|&j| sound(&judged[j])).last() else { continue };
            let Ok(start) = &sides[head] else { continue };
            let budget = Budget::of_link(&self.steps);
            let mut evaluator = Evaluator::new(&self.section.1, one.reading, false, &budget);
            let from_head = compare(&mut evaluator, start, right, statement.relations[i].0);
            let (was_right, before) = (one.verdict == Verdict::Right, one.value.clone());
            let source = source_of(self.text, &statement.members[head]);
            match (from_head, &mut judged[i]) {
                (Ok(Outcome::Miss(miss)), Some(one))
                    if was_right && miss.units.is_some_and(|u| (ROUNDED_TWICE..20.0).contains(&u)) =>
                {
                    if before.is_some_and(|b| b.may_equal(&miss.left)) {
                        continue;
                    }
                    let digits = miss.left.rounded(miss.places);
                    let rounded = source_of(self.text, &statement.members[i]);
                    one.reason = format!(
                        "right from the rounded {rounded}; from {source} = {} it is {digits}",
                        miss.left.digits(12)
                    );
                    (one.verdict, one.value, one.digits) = (Verdict::RoundedTwice, Some(miss.left), Some(digits));
                }
                (Ok(Outcome::Right(_)), Some(one)) if !was_right => {
                    one.reason = format!("{}; right only from the unrounded {source}", one.reason);
                }
                _ => {}
            }
        }
    }

    fn record(&mut self, one: Judged, relation: usize, member: &[Token], right: Option<&Expr>) {
        let whole = (member.first().map_or(relation, |t| t.start), member.last().map_or(relation + 1, |t| t.end));
        let numbers: Vec<usize> = (0..member.len()).filter(|&k| matches!(member[k].kind, Kind::Number(_))).collect();
        let is_literal = right.is_some_and(|r| literal(r).is_some());
        let number = match one.entry {
            Some(entry) => numbers.get(entry).copied(),
            None if is_literal => numbers.first().copied(),
            None => None,
        };
        let place = match number {
            Some(k) => {
                let signed = k > 0 && matches!(member[k - 1].kind, Kind::Minus | Kind::PlusMinus);
                (if signed { member[k - 1].start } else { member[k].start }, member[k].end)
            }
            None => whole,
        };
        self.links.push(Link {
            line: 0,
            column: 0,
            printed: one_line(self.text.get(place.0..place.1).unwrap_or_default()),
            value: one.value.as_ref().map(|v| v.digits(12)),
            digits: one.digits,
            verdict: one.verdict,
            why: one.skip.as_ref().map(|s| s.why),
            reason: one.reason,
            place,
        });
    }

    fn define(&mut self, statement: &Statement, sides: &[Side]) {
        let Ok(name) = &sides[0] else { return };
        let equal = statement.relations.iter().all(|(r, _)| *r != Relation::Other);
        if statement.is_modular || !equal || !matches!(name.bare(), Expr::Name(_) | Expr::Tuple(_)) {
            return;
        }
        let budget = Budget::of_link(&self.steps);
        let reading = super::evaluate::Reading { exact_names: true, ..Default::default() };
        let evaluator = Evaluator::new(&self.section.1, reading, false, &budget);
        let mut values = sides[1..].iter().filter_map(|s| s.as_ref().ok()).filter_map(|e| evaluator.value(e).ok());
        if let Some(exact) = values.next() {
            let printed = values.last().unwrap_or_else(|| exact.clone());
            self.section.1.define(name, &exact.flat(), &printed.flat(), statement.relations[0].1);
        }
    }

    fn too_long(&mut self) {
        let mut one = Judged::skipped(Skip::new(Why::TooLarge, "a formula too long to be read"));
        one.verdict = Verdict::NotChecked;
        self.record(one, 0, &[], None);
    }

    fn finish(mut self) -> Vec<Link> {
        self.links.sort_by_key(|l| l.place);
        let mut lines = Lines::new(self.text);
        for link in &mut self.links {
            (link.line, link.column) = lines.position(link.place.0);
        }
        self.links
    }
}

/// The source of a member on one line.
fn source_of(text: &str, member: &[Token]) -> String {
    let (Some(first), Some(last)) = (member.first(), member.last()) else { return String::new() };
    one_line(text.get(first.start..last.end).unwrap_or_default())
}

/// At most 200 characters, with single spaces.
fn one_line(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > 200 {
        line = line.chars().take(199).chain(['…']).collect();
    }
    line
}
