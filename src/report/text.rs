//! The human report: what needs attention first, then the counts.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use super::{Claim, Report};
use crate::check::{Counterexample, Slip, Verdict};
use crate::laws::{self, FORWARD_MODE, VALUES};

/// The verdict matrix: families down, laws across by number.
pub fn matrix(report: &Report) -> String {
    let mut text = String::new();
    let width = report.rows.iter().map(|r| r.name.chars().count()).max().unwrap_or(0).max(8);
    let names: Vec<&str> =
        report.rows.first().map(|r| r.verdicts.iter().map(|(l, _)| *l).collect()).unwrap_or_default();
    for (i, name) in names.iter().enumerate() {
        let statement = laws::find(name).map_or("", |law| law.statement);
        let _ = writeln!(text, "  {:>2}  {name:<36}  {statement}", i + 1);
    }
    let _ = write!(text, "\n{:width$}", "");
    for i in 1..=names.len() {
        let _ = write!(text, " {i:>2}");
    }
    text.push('\n');
    for row in &report.rows {
        let _ = write!(text, "{:width$}", row.name);
        for (_, verdict) in &row.verdicts {
            let _ = write!(text, "  {}", symbol(verdict));
        }
        text.push('\n');
    }
    let _ = writeln!(text, "\n{LEGEND}");
    text
}

/// What the symbols of verdicts mean.
pub(super) const LEGEND: &str = "✓ holds  ✗ fails  ? undecided  ∅ vacuous  – skips (no capability)  · does not apply";

/// The symbol of a verdict.
pub(super) fn symbol(verdict: &Verdict) -> char {
    match verdict {
        Verdict::Holds(_) => '✓',
        Verdict::Fails(_) => '✗',
        Verdict::Undecided(_) => '?',
        Verdict::Vacuous(_) => '∅',
        Verdict::Skips(_) => '–',
        Verdict::DoesNotApply(_) => '·',
    }
}

/// Slips on one line.
pub(super) fn words(slips: &[Slip]) -> String {
    slips.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// On what a verdict rests, on one line.
pub(super) fn summary(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Holds(held) => {
            let mut parts = vec![format!("{} agree", held.agree)];
            if held.blurred > 0 {
                parts.push(format!("{} blurred", held.blurred));
            }
            if held.resolution[1] > 0.0 {
                let [min, median] = held.resolution;
                parts.push(format!("at most {:.2} of what rounding allows", held.residual));
                parts.push(format!("{min:.0e} could hide, {median:.0e} at the median"));
            }
            if held.precise > 0 {
                parts.push(format!(
                    "{} also in 237 bits, where {:.0e} could hide",
                    held.precise, held.precise_resolution
                ));
            }
            if is_of_black_box(held.evidence) {
                parts.push(format!("by {}", held.evidence));
            }
            parts.extend(held.note.clone());
            parts.join("; ")
        }
        Verdict::Fails(found) => cause(found),
        Verdict::Vacuous(slips) => words(slips),
        Verdict::Undecided(why) | Verdict::Skips(why) | Verdict::DoesNotApply(why) => why.clone(),
    }
}

/// A failure on one line.
fn cause(found: &Counterexample) -> String {
    let apart = found.apart.map(|(apart, allowed)| format!("apart by {apart:.1e}, allowed {allowed:.1e}"));
    let words = found.diagnosis.clone().or(found.violation.clone());
    words.into_iter().chain(apart).collect::<Vec<_>>().join("; ")
}

/// What there is to say of a verdict that is not as it should be; nothing of others.
pub(super) fn attention(row: &str, law: &str, verdict: &Verdict, seed: u64) -> String {
    match verdict {
        Verdict::Fails(found) => counterexample(row, law, found, seed),
        Verdict::Vacuous(slips) => {
            let slips: String = slips.iter().map(|slip| format!("  - {slip}\n")).collect();
            format!("VACUOUS  {row} / {law}\n\n  this sample cannot tell a right layer from a wrong one:\n{slips}")
        }
        Verdict::Undecided(why) => format!("UNDECIDED  {row} / {law}\n\n  {why}\n"),
        Verdict::Holds(_) | Verdict::Skips(_) | Verdict::DoesNotApply(_) => String::new(),
    }
}

/// Everything that is not as it should be, and one line of counts.
pub(super) fn report(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    for (row, law, verdict) in report.verdicts() {
        let text = attention(row, law, verdict, report.seed);
        if !text.is_empty() {
            writeln!(f, "{text}")?;
        }
    }
    held(f, report)?;
    writeln!(f, "{}", counts(report))?;
    skips(f, report)?;
    claims(f, report)
}

/// Whether a law had less to go by than a layer gives it: then the report says what.
fn is_of_black_box(evidence: &str) -> bool {
    !["", FORWARD_MODE, VALUES].contains(&evidence)
}

/// Which laws a black box meets, each with its resolution and what it had to go by.
fn held(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let mut of = "";
    for (row, law, verdict) in report.verdicts() {
        let Verdict::Holds(held) = verdict else { continue };
        if !is_of_black_box(held.evidence) {
            continue;
        }
        if of != row {
            writeln!(f, "{row} is a black box; it holds to a resolution, below which a slip could hide:")?;
            of = row;
        }
        let resolution = if held.resolution[1] > 0.0 { format!("{:.0e}", held.resolution[1]) } else { String::new() };
        writeln!(f, "  {law:<30} {resolution:>6}  {}", held.evidence)?;
    }
    if of.is_empty() { Ok(()) } else { writeln!(f) }
}

/// Why laws were skipped, a line for each row and reason.
fn skips(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let mut laws_by_reason: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (row, law, verdict) in report.verdicts() {
        if let Verdict::Skips(why) = verdict {
            laws_by_reason.entry((row, why)).or_default().push(law);
        }
    }
    laws_by_reason.iter().try_for_each(|((row, why), laws)| writeln!(f, "{row}, {why}: {}", laws.join(", ")))
}

/// What the rows are thereby shown to be: the weaker claims by name.
fn claims(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let of = |claim: Claim| -> Vec<&str> {
        report.rows.iter().filter(|row| row.claim() == Some(claim)).map(|row| row.name.as_str()).collect()
    };
    let named = of(Claim::Named).len();
    if named > 0 {
        writeln!(f, "the flow that the name says, by known values: {named} of {}", report.rows.len())?;
    }
    for (claim, says) in [
        (Claim::Flow, "a flow, but nothing says which (no known values)"),
        (Claim::LogDet, "the log-det that is stated, but bijectivity is undecided (no inverse)"),
    ] {
        let names = of(claim);
        if !names.is_empty() {
            writeln!(f, "{says}: {}", names.join(", "))?;
        }
    }
    Ok(())
}

/// `41 hold · 1 fails · 6 skip`.
pub(super) fn counts(report: &Report) -> String {
    let count = |word: &str| report.verdicts().filter(|(_, _, v)| v.word() == word).count();
    let parts = [
        ("holds", "hold"),
        ("fails", "fail"),
        ("vacuous", "vacuous"),
        ("undecided", "undecided"),
        ("skips", "skip"),
        ("n/a", "do not apply"),
    ];
    let shown: Vec<String> = parts
        .iter()
        .map(|(word, plural)| (count(word), plural))
        .filter(|(n, plural)| *n > 0 || **plural == "hold" || **plural == "fail")
        .map(|(n, plural)| format!("{n} {plural}"))
        .collect();
    shown.join(" · ")
}

/// One failure, as a block.
pub fn counterexample(row: &str, law: &str, found: &Counterexample, seed: u64) -> String {
    let mut text = String::new();
    let known = laws::find(law);
    let _ = writeln!(text, "FAILS  {row} / {law}\n");
    if let Some(law) = known {
        let _ = writeln!(text, "  law        {}", law.statement);
    }
    let _ = writeln!(text, "  layer      {}", found.layer);
    if let Some((name, point)) = &found.point {
        let _ = writeln!(text, "  at         {name} = {point:?}");
    }
    if !found.place.is_empty() {
        let _ = writeln!(text, "  where      {}", found.place);
    }
    if let (Some((left, a)), Some((right, b))) = (found.left, found.right) {
        let width = left.chars().count().max(right.chars().count());
        let _ = writeln!(text, "\n  {left:width$}   {a:?}");
        let _ = writeln!(text, "  {right:width$}   {b:?}");
    }
    if let Some((apart, allowed)) = found.apart {
        let bits = if found.precise { ", in 237 bits: the formula is wrong by less than f64 resolves" } else { "" };
        let _ = writeln!(text, "  apart by {apart:.1e}, allowed {allowed:.1e}{bits}");
    }
    if let Some(violation) = &found.violation {
        let _ = writeln!(text, "\n  {violation}");
    }
    if let Some(diagnosis) = &found.diagnosis {
        let _ = writeln!(text, "\n  diagnosis  {diagnosis}");
    }
    if is_of_black_box(found.evidence) {
        let _ = writeln!(text, "\n  evidence   {}", found.evidence);
    }
    if let Some(law) = known {
        let _ = writeln!(text, "\n  source     {}", law.source);
    }
    let _ = writeln!(text, "  again      seed {seed}, case {}", found.case);
    text
}
