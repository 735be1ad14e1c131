//! A chapter against its facts: every number recomputed, every quote found, every claim tried.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::budget::Budget;
use super::chapter::Link;
use super::claims::Outcome as ClaimOutcome;
use super::evaluate::{Evaluator, Reading};
use super::facts::{Facts, Item};
use super::judge::Verdict;
use super::lex::{Span, lex};
use super::names::Section;
use super::number::Number;
use super::numeral;
use super::parse::parse;
use super::report::Chapter;
use super::skip::Why;
use super::source::Lines;
use super::token::Comma;

/// Significant digits that facts are given in.
const DIGITS: i64 = 40;
/// A fact agrees with the layers where they share so many digits: the last ones may have been rounded otherwise.
const AGREEMENT: i64 = 36;

/// What came of a chapter's facts.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Recomputed {
    /// Printed numbers recomputed.
    pub printed: usize,
    /// Formulas whose witness agrees.
    pub witnessed: usize,
    /// Items that were not recomputed, with the reason.
    pub skipped: Vec<(String, String)>,
    /// The claims, tried.
    pub claims: Vec<ClaimOutcome>,
    /// What `--bless` would write: for each item by its id, its line and its exact value.
    pub(super) blessed: Vec<(String, Option<usize>, Option<String>)>,
}

impl Facts {
    /// Recomputes a chapter's numbers, adds what is found to its links, and takes accepted findings away.
    pub fn check(&self, chapter: &mut Chapter) -> Recomputed {
        let mut result = Recomputed::default();
        let mut links = Vec::new();
        for item in &self.items {
            links.extend(self.item(item, &chapter.text, &mut result));
        }
        for claim in &self.claims {
            match find(&chapter.text, claim.line, &claim.quote) {
                Ok(place) => {
                    let line = Lines::new(&chapter.text).position(place).0;
                    result.claims.push(claim.tried(line));
                }
                Err(near) => links.push(drift(&claim.id, &claim.quote, &near, &chapter.text)),
            }
        }
        for accept in &self.accepts {
            let on_line = |l: &Link, lines: Option<usize>| lines.is_none_or(|n| n == l.line);
            let quoted = accept.quote.as_ref().map(|q| find(&chapter.text, accept.line, q));
            let at_quote = |l: &Link| match &quoted {
                None => true,
                Some(Ok(start)) => (*start..start + accept.quote.as_ref().map_or(0, String::len)).contains(&l.place.0),
                Some(Err(_)) => false,
            };
            let all = chapter.links.iter_mut().chain(&mut links);
            let mut used = false;
            for link in all.filter(|l| l.verdict.is_finding() && l.printed == accept.printed) {
                if at_quote(link) && (quoted.is_some() || on_line(link, accept.line)) {
                    used = true;
                    link.reason = format!("accepted: {}", accept.reason);
                    (link.verdict, link.why) = (Verdict::NotChecked, Some(Why::Accepted));
                }
            }
            if !used {
                links.push(Link {
                    line: accept.line.unwrap_or(1),
                    column: 1,
                    printed: accept.printed.clone(),
                    value: None,
                    digits: None,
                    verdict: Verdict::Wrong,
                    why: None,
                    reason: "the facts accept a finding that is no longer there".to_owned(),
                    place: (0, 0),
                });
            }
        }
        chapter.links.extend(links);
        chapter.links.sort_by_key(|l| (l.line, l.column));
        result
    }

    fn item(&self, item: &Item, text: &str, result: &mut Recomputed) -> Option<Link> {
        let place = match find(text, item.line, &item.quote) {
            Ok(place) => place,
            Err(near) => return Some(drift(&item.id, &item.quote, &near, text)),
        };
        let (line, _) = Lines::new(text).position(place);
        let computed = match item.quantity.compute() {
            Ok(value) => value,
            Err(e) => {
                result.skipped.push((item.id.clone(), e.to_string()));
                return None;
            }
        };
        let exact = item.exact.as_deref().and_then(plain);
        let agrees = exact.as_ref().is_none_or(|e| agree(&computed, e, item.exact.as_deref().unwrap_or_default()));
        let moved = item.line.is_some_and(|l| l != line).then_some(line);
        let digits = (!agrees).then(|| computed.digits(DIGITS));
        if moved.is_some() || digits.is_some() {
            result.blessed.push((item.id.clone(), moved, digits));
        }
        let mut link = located(item, text, place);
        if !agrees {
            link.verdict = Verdict::Wrong;
            link.value = Some(computed.digits(12));
            link.digits = Some(computed.digits(DIGITS));
            link.reason = format!(
                "{}: the layers give {}, the facts say {}; --bless writes it there",
                item.id,
                computed.digits(20),
                item.exact.as_deref().unwrap_or_default()
            );
            return Some(link);
        }
        let Some(printed) = &item.printed else {
            result.witnessed += 1;
            return None;
        };
        result.printed += 1;
        self.judge(item, printed, &computed, link)
    }

    fn judge(&self, item: &Item, printed: &str, exact: &Number, mut link: Link) -> Option<Link> {
        let value = plain(printed)?;
        let places = printed.split_once('.').map_or(0, |(_, f)| f.len() as i64);
        let unit = Number::decimal("1", places)?;
        let distance = exact.sub(&value).and_then(|d| d.abs().div(&unit)).ok()?;
        let half = Number::decimal("5", 1)?;
        link.value = Some(exact.digits(12));
        link.digits = Some(exact.rounded(places));
        link.reason = format!("{}: equal to the precision printed", item.id);
        match distance.compare(&half) {
            Some(Ordering::Less | Ordering::Equal) => link.verdict = Verdict::Right,
            None => {
                link.reason = format!("{}: half-way between two printed values", item.id);
                link.why = Some(Why::TooClose);
            }
            Some(Ordering::Greater) => match self.cause(item, &value, exact) {
                Some(cause) => {
                    link.verdict = Verdict::RoundedTwice;
                    link.reason =
                        format!("{}: right only from {cause}; the exact value is {}", item.id, exact.digits(12));
                }
                None => {
                    let by_one = distance.compare(&Number::one()) != Some(Ordering::Greater);
                    link.verdict = if by_one { Verdict::OffByOne } else { Verdict::Wrong };
                    link.reason = format!("{}: the exact value is {}", item.id, exact.digits(12));
                }
            },
        }
        Some(link)
    }

    /// The operation on an operand that had been rounded which gives the printed number.
    fn cause(&self, item: &Item, printed: &Number, exact: &Number) -> Option<String> {
        let shown = item.shown.as_ref().filter(|shown| evaluated(shown).is_some_and(|v| v.may_equal(printed)));
        if let Some(shown) = shown {
            return Some(format!("{shown}, whose operands are rounded"));
        }
        // A small multiple of another number of the facts that had been rounded.
        self.items.iter().filter(|other| other.id != item.id).find_map(|other| {
            let (rounded, full) = (plain(other.printed.as_ref()?)?, plain(other.exact.as_ref()?)?);
            let times = exact.div(&full).ok()?;
            let factor = (1..=12)
                .map(Number::integer)
                .find(|n| times.sub(n).is_ok_and(|d| super::compare::float(&d).abs() < 1e-12))?;
            let follows = rounded.mul(&factor).ok()?.may_equal(printed) && !rounded.may_equal(&full);
            follows.then(|| {
                format!("{} times {}, which is rounded", factor.digits(3), other.printed.clone().unwrap_or_default())
            })
        })
    }
}

/// Whether two numbers share the digits that facts are given in, or all that are written if these are twelve at least.
fn agree(computed: &Number, exact: &Number, written: &str) -> bool {
    let Ok(apart) = computed.sub(exact).map(|d| d.abs()) else { return false };
    let significant = written.bytes().filter(u8::is_ascii_digit).count();
    let places = written.split_once('.').map_or(0, |(_, f)| f.len() as i64);
    let allowed = if (12..AGREEMENT as usize).contains(&significant) {
        Number::one().mul(&Number::decimal("1", places).unwrap_or_else(Number::zero))
    } else {
        Number::integer(10).powi(-AGREEMENT).and_then(|t| t.mul(&computed.abs().add(&Number::one())?))
    };
    allowed.is_ok_and(|a| apart.compare(&a) != Some(Ordering::Greater))
}

/// A plain decimal with its sign.
pub(super) fn plain(text: &str) -> Option<Number> {
    let digits = text.trim().strip_prefix('-').unwrap_or(text.trim());
    let read = numeral::read(digits, Comma::Separates).filter(|n| n.length == digits.len())?;
    Some(if text.trim().starts_with('-') { read.literal.value.neg() } else { read.literal.value })
}

fn evaluated(expression: &str) -> Option<Number> {
    let span = Span { start: 0, end: expression.len(), is_doubled: false, is_quoted: false };
    let (tokens, _) = lex(expression, span, Comma::Thousands);
    let (names, chapter) = (Section::default(), Budget::of_chapter());
    let budget = Budget::of_link(&chapter);
    let expr = parse(expression, &tokens).ok()?;
    Evaluator::new(&names, Reading::default(), false, &budget).scalar(&expr).ok()
}

/// A link at the printed number inside the quote, or at the quote.
fn located(item: &Item, text: &str, place: usize) -> Link {
    let (mut start, mut end) = (place, place + item.quote.len());
    if let Some(printed) = &item.printed {
        let alone = |i: usize| {
            let touches = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '.');
            let after = item.quote[i + printed.len()..].chars().next();
            !touches(item.quote[..i].chars().next_back()) && !after.is_some_and(|c| c.is_ascii_digit())
        };
        if let Some((i, _)) = item.quote.match_indices(printed.as_str()).filter(|(i, _)| alone(*i)).last() {
            (start, end) = (place + i, place + i + printed.len());
        }
    }
    let (line, column) = Lines::new(text).position(start);
    Link {
        line,
        column,
        printed: item.printed.clone().unwrap_or_else(|| item.quote.clone()),
        value: None,
        digits: None,
        verdict: Verdict::NotChecked,
        why: None,
        reason: String::new(),
        place: (start, end),
    }
}

/// Where a quote stands: on its line, or anywhere. Where it does not: the line most like it.
fn find(text: &str, line: Option<usize>, quote: &str) -> Result<usize, (usize, String)> {
    let mut at = 0;
    if let Some(wanted) = line {
        for (i, one) in text.split_inclusive('\n').enumerate() {
            if i + 1 == wanted
                && let Some(n) = one.find(quote)
            {
                return Ok(at + n);
            }
            at += one.len();
        }
    }
    if let Some(place) = text.find(quote).filter(|_| !quote.is_empty()) {
        return Ok(place);
    }
    let triples = |s: &str| {
        let all: Vec<char> = s.chars().collect();
        all.windows(3).map(|w| [w[0], w[1], w[2]]).collect::<HashSet<_>>()
    };
    let wanted = triples(quote);
    let shared = |line: &str| triples(line).intersection(&wanted).count();
    let best = text.lines().enumerate().max_by_key(|(i, l)| (shared(l), usize::MAX - i));
    Err(best.map_or((1, String::new()), |(i, l)| (i + 1, l.trim().chars().take(120).collect())))
}

fn drift(id: &str, quote: &str, near: &(usize, String), text: &str) -> Link {
    let start = text.split_inclusive('\n').take(near.0 - 1).map(str::len).sum();
    Link {
        line: near.0,
        column: 1,
        printed: quote.chars().take(80).collect(),
        value: None,
        digits: None,
        verdict: Verdict::Wrong,
        why: None,
        reason: format!(
            "{id}: the facts quote what is no longer in the chapter; the nearest line is {}: {}",
            near.0, near.1
        ),
        place: (start, start),
    }
}

/// The text of a facts file with the lines and exact values of a recomputation; comments and order stay.
///
/// # Errors
/// A message where the file is written in a way that cannot be edited line by line.
pub fn blessed(facts: &str, results: &[&Recomputed]) -> Result<String, String> {
    let mut out = String::new();
    let mut current: Option<&(String, Option<usize>, Option<String>)> = None;
    let id_of = |line: &str| {
        let rest = line.trim_start().strip_prefix("id")?.trim_start().strip_prefix('=')?.trim();
        Some(rest.trim_matches(['"', '\'']).to_owned())
    };
    let mut replaced = 0;
    for line in facts.split_inclusive('\n') {
        if line.trim_start().starts_with('[') && line.trim_end().ends_with(']') && !line.contains('=') {
            current = None;
        }
        if let Some(id) = id_of(line) {
            current = results.iter().flat_map(|r| &r.blessed).find(|(wanted, ..)| *wanted == id);
        }
        let key = line.split('=').next().unwrap_or_default().trim();
        let end = if line.ends_with('\n') { "\n" } else { "" };
        match (current, key) {
            (Some((_, Some(number), _)), "line") => {
                out.push_str(&format!("line = {number}{end}"));
                replaced += 1;
            }
            (Some((_, _, Some(digits))), "exact") => {
                out.push_str(&format!("exact = \"{digits}\"{end}"));
                replaced += 1;
            }
            _ => out.push_str(line),
        }
    }
    let wanted: usize = results
        .iter()
        .flat_map(|r| &r.blessed)
        .map(|(_, l, d)| usize::from(l.is_some()) + usize::from(d.is_some()))
        .sum();
    if replaced != wanted {
        return Err(format!("{} of {wanted} values stand on no line of their own after their id", wanted - replaced));
    }
    Facts::read(&out).map(|_| out).map_err(|e| e.to_string())
}
