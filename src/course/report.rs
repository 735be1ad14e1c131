//! The findings as text, like a compiler's, and a summary.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::chapter::Link;
use super::judge::Verdict;

/// A chapter with its links.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Chapter {
    /// Its file's name, as given.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Its links, in order.
    pub links: Vec<Link>,
}

impl Chapter {
    /// Reads a chapter's text and judges its links.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { name: name.into(), links: super::chapter::links(&text), text }
    }

    /// The links at which a reader should look.
    pub fn findings(&self) -> impl Iterator<Item = &Link> {
        self.links.iter().filter(|l| l.verdict.is_finding())
    }

    /// The findings as text.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for link in self.findings() {
            finding(&mut text, self, link);
        }
        text
    }
}

/// Characters of the source line shown on either side of a number.
const SHOWN: usize = 70;

/// One finding: place, source line, caret, what is printed and what is true.
fn finding(out: &mut String, chapter: &Chapter, link: &Link) {
    let Link { line, column, printed, verdict, reason, .. } = link;
    let title = match verdict {
        Verdict::OffByOne => "off by one in the last place",
        Verdict::RoundedTwice => "rounded twice",
        _ => "wrong",
    };
    let (excerpt, caret) = excerpt(&chapter.text, link);
    let gutter = line.to_string().len();
    let digits = link.digits.as_ref().map_or(String::new(), |d| format!(", right is {d}"));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}:{line}:{column}: {title}: printed {printed}{digits}", chapter.name);
    let _ = writeln!(out, "{:gutter$} |", "");
    let _ = writeln!(out, "{line} | {excerpt}");
    let _ = writeln!(out, "{:gutter$} | {caret}", "");
    let _ = writeln!(out, "{:gutter$} = {reason}\n", "");
}

/// The line around a number, and the carets under it.
fn excerpt(text: &str, link: &Link) -> (String, String) {
    let (start, end) = link.place;
    let before: Vec<char> = text[..start].chars().rev().take(SHOWN + 1).take_while(|c| *c != '\n').collect();
    let after: Vec<char> = text[start..].chars().take(2 * SHOWN).take_while(|c| *c != '\n' && *c != '\r').collect();
    let cut_before = before.len() > SHOWN;
    let visible = |c: char| if c.is_control() { ' ' } else { c };
    let mut line: String = if cut_before { "…".to_owned() } else { String::new() };
    line.extend(before.iter().take(SHOWN).rev().map(|c| visible(*c)));
    let indent = line.chars().count();
    line.extend(after.iter().map(|c| visible(*c)));
    if after.len() == 2 * SHOWN {
        line.push('…');
    }
    let width = text[start..end].chars().take_while(|c| *c != '\n').count().clamp(1, after.len().max(1));
    (line.trim_end().to_owned(), format!("{}{}", " ".repeat(indent), "^".repeat(width)))
}

/// Counts over some chapters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Chapters read.
    pub chapters: usize,
    /// Links found.
    pub links: usize,
    /// Links with a verdict.
    pub checked: usize,
    /// Links that are right.
    pub right: usize,
    /// Findings by verdict.
    pub findings: BTreeMap<&'static str, usize>,
    /// Links not checked, by reason.
    pub not_checked: BTreeMap<&'static str, usize>,
}

impl Summary {
    /// Counts.
    pub fn of<'c>(chapters: impl IntoIterator<Item = &'c Chapter>) -> Self {
        let mut summary = Self::default();
        for chapter in chapters {
            summary.chapters += 1;
            for link in &chapter.links {
                summary.links += 1;
                match (link.verdict, link.why) {
                    (Verdict::NotChecked, why) => {
                        *summary.not_checked.entry(why.map_or("other", |w| w.name())).or_default() += 1;
                        continue;
                    }
                    (Verdict::Right, _) => summary.right += 1,
                    (finding, _) => *summary.findings.entry(finding.name()).or_default() += 1,
                }
                summary.checked += 1;
            }
        }
        summary
    }

    /// The number of findings.
    pub fn found(&self) -> usize {
        self.findings.values().sum()
    }

    /// In a few lines.
    pub fn to_text(&self) -> String {
        let list = |counts: &BTreeMap<&'static str, usize>| {
            let all: Vec<String> = counts.iter().map(|(name, n)| format!("{n} {name}")).collect();
            if all.is_empty() { String::new() } else { format!(": {}", all.join(", ")) }
        };
        let chapters = if self.chapters == 1 { "1 chapter".to_owned() } else { format!("{} chapters", self.chapters) };
        format!(
            "{chapters}, {} links: {} checked, {} right\n{} findings{}\n{} not checked{}\n",
            self.links,
            self.checked,
            self.right,
            self.found(),
            list(&self.findings),
            self.links - self.checked,
            list(&self.not_checked),
        )
    }
}
