//! Numerals: separators of thousands, decimal points and commas, repeating decimals, exponents.

use super::lex::Commas;
use super::number::Number;
use super::token::{Comma, Literal};

/// A numeral at the start of a text.
pub(super) struct Numeral {
    pub(super) literal: Literal,
    pub(super) length: usize,
    pub(super) commas: Commas,
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// Three digits and no fourth.
fn is_group(text: &str) -> bool {
    digits(text) == 3
}

/// Ways to write a space or comma between thousands, other than the bare comma.
const SPACES: [&str; 12] =
    [r"\,", r"{\,}", r"\;", "~", r"\ ", r"\:", "\u{2009}", "\u{202f}", "\u{a0}", " ", "'", r"\\,"];

/// Reads the numeral that a text begins with. `None` for a digit group that is no numeral, such as a version.
pub(super) fn read(text: &str, comma: Comma) -> Option<Numeral> {
    let mut commas = Commas::default();
    let first = digits(text);
    let mut whole = text[..first].to_owned();
    let mut at = first;
    let may_group = (1..=3).contains(&first) && !(text.starts_with('0'));
    // Whole groups of three.
    if may_group {
        let mut used = None;
        loop {
            let rest = &text[at..];
            let comma_here = rest.starts_with(',') && is_group(&rest[1..]);
            let braced = rest.starts_with("{,}") && is_group(&rest[3..]);
            let dot = rest.starts_with('.') && is_group(&rest[1..]);
            let separator = match comma {
                Comma::Thousands if comma_here => ",",
                Comma::Thousands | Comma::Separates if braced => "{,}",
                Comma::DecimalWithDots if dot => ".",
                _ => match SPACES.iter().find(|s| rest.starts_with(**s)) {
                    Some(space) if is_group(&rest[space.len()..]) => space,
                    _ => break,
                },
            };
            commas.between_digits |= matches!(separator, "," | "{,}");
            if used.is_some_and(|u| u != separator) {
                break;
            }
            used = Some(separator);
            whole.push_str(&rest[separator.len()..separator.len() + 3]);
            at += separator.len() + 3;
        }
    }
    let rest = &text[at..];
    let has_digit_after = |n: usize| rest[n..].starts_with(|c: char| c.is_ascii_digit());
    let bare = rest.starts_with(',') && has_digit_after(1);
    let braced = rest.starts_with("{,}") && has_digit_after(3);
    commas.between_digits |= bare || braced;
    commas.dot_before_three |= rest.starts_with('.') && is_group(&rest[1..]);
    let decimal = matches!(comma, Comma::Decimal | Comma::DecimalWithDots);
    let point = if rest.starts_with('.') && (has_digit_after(1) || repeats(&rest[1..]).is_some()) {
        1
    } else if rest.starts_with("{.}") && has_digit_after(3) {
        3
    } else if braced || bare && decimal {
        if braced { 3 } else { 1 }
    } else {
        0
    };
    let mut fraction = String::new();
    if point > 0 {
        at += point;
        let n = digits(&text[at..]);
        fraction.push_str(&text[at..at + n]);
        at += n;
        // Groups of three after the point.
        let mut group = n;
        while group == 3 {
            let rest = &text[at..];
            let Some(space) = SPACES[..6].iter().find(|s| rest.starts_with(**s)) else { break };
            group = digits(&rest[space.len()..]);
            if !(1..=3).contains(&group) {
                break;
            }
            fraction.push_str(&rest[space.len()..space.len() + group]);
            at += space.len() + group;
        }
        if let Some((period, length)) = repeats(&text[at..]) {
            return repeating(&whole, &fraction, period, at + length, commas);
        }
        if text[at..].starts_with('.') && digits(text.get(at + 1..)?) > 0 {
            return None;
        }
    }
    let mut places = fraction.len() as i64;
    at += exponent(&text[at..], &mut places);
    let all = format!("{whole}{fraction}");
    let value = Number::decimal(if all.is_empty() { "0" } else { &all }, places)?;
    let is_decimal = point > 0;
    let zeros = if is_decimal { 0 } else { (whole.len() - whole.trim_end_matches('0').len()) as i64 };
    let literal = Literal { value, places, is_decimal, zeros, is_exact: false, digits: all };
    Some(Numeral { literal, length: at, commas })
}

/// `e-5` after a numeral; moves the last place by it.
fn exponent(text: &str, places: &mut i64) -> usize {
    let Some(rest) = text.strip_prefix(['e', 'E']) else { return 0 };
    let unsigned = rest.strip_prefix(['-', '+']).unwrap_or(rest);
    let n = digits(unsigned);
    let tail = &unsigned[n..];
    if !(1..=3).contains(&n) || tail.starts_with(['^', '.', '_']) {
        return 0;
    }
    let size: i64 = unsigned[..n].parse().unwrap_or(0);
    *places -= if rest.starts_with('-') { -size } else { size };
    1 + (rest.len() - unsigned.len()) + n
}

/// `\overline{142857}` here: the digits and the length.
fn repeats(text: &str) -> Option<(&str, usize)> {
    for mark in [r"\overline{", r"\bar{", r"\dot{", r"\overline ", r"\bar "] {
        if let Some(rest) = text.strip_prefix(mark) {
            let n = digits(rest);
            let closed = !mark.ends_with('{') || rest[n..].starts_with('}');
            return (n > 0 && n < 30 && closed)
                .then(|| (&rest[..n], mark.len() + n + usize::from(mark.ends_with('{'))));
        }
    }
    None
}

fn repeating(whole: &str, fraction: &str, period: &str, length: usize, commas: Commas) -> Option<Numeral> {
    let places = fraction.len() as i64;
    let head = Number::decimal(&format!("{whole}{fraction}"), places)?;
    let nines = Number::decimal(&"9".repeat(period.len()), 0)?;
    let tail = Number::decimal(period, places)?.div(&nines).ok()?;
    let value = head.add(&tail).ok()?;
    let literal = Literal { value, places: 0, is_decimal: true, zeros: 0, is_exact: true, digits: String::new() };
    Some(Numeral { literal, length, commas })
}

/// `½` and its like.
pub(super) fn fraction(c: char) -> Option<(i64, i64)> {
    Some(match c {
        '½' => (1, 2),
        '⅓' => (1, 3),
        '⅔' => (2, 3),
        '¼' => (1, 4),
        '¾' => (3, 4),
        '⅕' => (1, 5),
        '⅖' => (2, 5),
        '⅗' => (3, 5),
        '⅘' => (4, 5),
        '⅙' => (1, 6),
        '⅚' => (5, 6),
        '⅛' => (1, 8),
        '⅜' => (3, 8),
        '⅝' => (5, 8),
        '⅞' => (7, 8),
        _ => return None,
    })
}

pub(super) fn quotient(numerator: i64, denominator: i64) -> Literal {
    let value = Number::integer(numerator).div(&Number::integer(denominator)).unwrap_or_else(|_| Number::zero());
    Literal { value, places: 0, is_decimal: false, zeros: 0, is_exact: true, digits: String::new() }
}

/// `²` and its like, as it would stand on the line.
pub(super) fn superscript(c: char) -> Option<char> {
    Some(match c {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        '⁹' => '9',
        '⁻' => '-',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(text: &str, comma: Comma) -> Option<(String, usize)> {
        read(text, comma).map(|n| (n.literal.value.digits(20), n.length))
    }

    #[test]
    fn separators_in_every_style() {
        for text in ["1234567", "1,234,567", "1{,}234{,}567", r"1\,234\,567", "1~234~567", "1 234 567"] {
            assert_eq!(reads(text, Comma::Thousands), Some(("1234567".to_owned(), text.len())), "{text}");
        }
        assert_eq!(reads("1.234,5", Comma::DecimalWithDots), Some(("1234.5".to_owned(), 7)));
        assert_eq!(reads("1.234", Comma::Decimal), Some(("1.234".to_owned(), 5)));
        assert_eq!(reads("3,14", Comma::Decimal), Some(("3.14".to_owned(), 4)));
        assert_eq!(reads("3{,}14", Comma::Thousands), Some(("3.14".to_owned(), 6)));
        // Two numbers.
        assert_eq!(reads("3,14", Comma::Thousands), Some(("3".to_owned(), 1)));
        assert_eq!(reads("1,2345", Comma::Thousands), Some(("1".to_owned(), 1)));
        assert_eq!(reads("0,125", Comma::Thousands), Some(("0".to_owned(), 1)));
        assert_eq!(reads("1,234", Comma::Separates), Some(("1".to_owned(), 1)));
    }

    #[test]
    fn decimals_exponents_and_periods() {
        assert_eq!(reads(".5x", Comma::Thousands), Some(("0.5".to_owned(), 2)));
        assert_eq!(reads("1.5e-3", Comma::Thousands), Some(("0.0015".to_owned(), 6)));
        assert_eq!(reads("2e^3", Comma::Thousands), Some(("2".to_owned(), 1)));
        assert_eq!(reads(r"0.1\overline{6}", Comma::Thousands), Some(("0.16666666666666666667".to_owned(), 15)));
        assert_eq!(reads(r"3.141\,592", Comma::Thousands), Some(("3.141592".to_owned(), 10)));
        assert_eq!(reads("5.", Comma::Thousands), Some(("5".to_owned(), 1)));
        assert_eq!(reads("1.2.3", Comma::Thousands), None);
        assert_eq!(read("12300", Comma::Thousands).unwrap().literal.zeros, 2);
    }
}
