//! What the words around a formula say about it.

use super::markdown::Formula;
use super::units;

/// What follows a formula outside of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct After {
    pub(super) percent: bool,
    pub(super) unit: bool,
    /// An operator, so that the formula goes on in plain text.
    pub(super) operator: bool,
}

fn clipped(text: &str, from: usize, length: usize) -> &str {
    let end = (from..=(from + length).min(text.len())).rev().find(|e| text.is_char_boundary(*e)).unwrap_or(from);
    &text[from..end]
}
fn clipped_before(text: &str, to: usize, length: usize) -> &str {
    let start = (to.saturating_sub(length)..=to).find(|s| text.is_char_boundary(*s)).unwrap_or(to);
    &text[start..to]
}

pub(super) fn after(text: &str, formula: &Formula) -> After {
    let rest = clipped(text, formula.outer.1, 40);
    let line = rest.split('\n').next().unwrap_or_default();
    let near = line.trim_start_matches([' ', '*', '_', '\u{a0}']);
    let word: String = near.chars().take_while(|c| c.is_alphabetic() || "/°²³%".contains(*c)).collect();
    let lower = word.to_lowercase();
    let percent =
        near.starts_with('%') || near.starts_with(r"\%") || lower == "percent" || near.starts_with("per cent");
    let multiple = ["million", "millions", "billion", "thousand", "trillion", "hundred", "dozen", "percentage"];
    let unit = percent || multiple.contains(&lower.as_str()) || units::is_unit(&word) || near.starts_with('°');
    let operator = near.starts_with(['×', '÷', '+', '·', '^', '±']) || line.starts_with(|c: char| c.is_ascii_digit());
    After { percent, unit, operator }
}

/// Whether plain text before a formula is part of it.
pub(super) fn continues_before(text: &str, formula: &Formula) -> bool {
    let before = clipped_before(text, formula.outer.0, 20);
    let line = before.rsplit('\n').next().unwrap_or_default().trim_end();
    let is_bullet = line.trim_start().len() == 1;
    line.ends_with(['×', '÷', '+', '·', '^', '±']) && !is_bullet
}

/// Why the text does not claim what the formula says.
pub(super) fn not_claimed(text: &str, formula: &Formula) -> Option<&'static str> {
    let (start, end) = formula.outer;
    let after = clipped(text, end, 160);
    let after = after.split('\n').next().unwrap_or_default();
    let before = clipped_before(text, start, 300);
    let own_line = before.rsplit('\n').next().unwrap_or_default();
    let alone = own_line.trim_matches([' ', '\t', '>', '-', '*']).is_empty();
    let line_before = || before.lines().rev().map(str::trim).find(|l| !l.is_empty()).unwrap_or_default();
    let before = if alone { line_before() } else { own_line };
    let ends = [". ", "! ", "? ", "; "];
    let own_start = ends.iter().filter_map(|e| before.rfind(e)).max().map_or(0, |i| i + 2);
    let own_end = ends.iter().filter_map(|e| after.find(e)).min().unwrap_or(after.len());
    let around = format!("{} {}", &before[own_start..], &after[..own_end]).to_lowercase();
    const DENIALS: [&str; 29] = [
        "wrong",
        "incorrect",
        "mistake",
        "not correct",
        "misconception",
        "contradiction",
        "no solution",
        "fallac",
        "instead of",
        "not true",
        "untrue",
        "is false",
        "erroneous",
        "absurd",
        "not equal",
        "✗",
        "❌",
        "✘",
        "✖",
        "impossible",
        "nonsense",
        "invalid",
        "flawed",
        "bogus",
        "would be",
        "not valid",
        "inconsistent",
        "are not",
        "never equal",
    ];
    if DENIALS.iter().any(|d| around.contains(d)) {
        return Some("the words around it call something wrong");
    }
    let sentence = after.find(['.', '?', '!']).map(|i| &after[i..]);
    if sentence.is_some_and(|s| s.starts_with('?')) {
        return Some("a question");
    }
    let option = own_line.trim_start_matches([' ', '\t', '>', '-', '*', '+', '(', '[', '_']);
    let mut letters = option.chars();
    if matches!(letters.next(), Some('A'..='E')) && matches!(letters.next(), Some(')' | '.' | ':' | ']')) {
        return Some("one of several answers to choose from");
    }
    None
}

/// Whether two places are in one paragraph that neither sets nor solves an equation.
pub(super) fn is_near(text: &str, from: usize, to: usize) -> bool {
    let Some(between) = text.get(from..to).filter(|b| b.len() < 400) else { return false };
    let paragraph = format!("{}{between}{}", clipped_before(text, from, 80), clipped(text, to, 80)).to_lowercase();
    let solves = ["solve", "find", "root", "equation", "suppose", "unknown", "satisf", "if "];
    !between.contains("\n\n") && !between.contains("\n\r\n") && !solves.iter().any(|s| paragraph.contains(s))
}

/// Whether residues are computed with around here, among which 3 + 5 may be 1.
pub(super) fn has_residues(text: &str, formula: &Formula) -> bool {
    let (start, end) = formula.outer;
    let around =
        [clipped_before(text, start, 600), clipped(text, start, end - start), clipped(text, end, 200)].concat();
    let marks =
        ["\\mathbb{Z}_", "\\mathbb{F}_", "\\mathbb{Z}/", "\\Z_", "\\pmod", "\\bmod", "\\mod", "modulo", " mod ", "GF("];
    marks.iter().any(|m| around.contains(m))
}
