//! The links for machines: JSON lines, GitHub's annotations, SARIF.

use serde::Serialize;
use serde_json::json;

use super::chapter::Link;
use super::judge::Verdict;
use super::report::Chapter;

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    printed: &'a str,
    value: Option<&'a str>,
    verdict: &'a str,
    reason: String,
}

/// One JSON object for each link: `file`, `line`, `column`, `printed`, `value`, `verdict`, `reason`.
pub fn json_lines(chapter: &Chapter) -> String {
    let mut out = String::new();
    for link in &chapter.links {
        let why = link.why.map_or(String::new(), |w| format!("{}: ", w.name()));
        let line = Line {
            file: &chapter.name,
            line: link.line,
            column: link.column,
            printed: &link.printed,
            value: link.value.as_deref(),
            verdict: link.verdict.name(),
            reason: format!("{why}{}", link.reason),
        };
        out.push_str(&serde_json::to_string(&line).expect("strings and numbers are JSON"));
        out.push('\n');
    }
    out
}

fn message(link: &Link) -> String {
    let digits = link.digits.as_ref().map_or(String::new(), |d| format!(", right is {d}"));
    format!("printed {}{digits}: {}", link.printed, link.reason)
}

/// GitHub's workflow commands, one for each finding.
pub fn github(chapter: &Chapter) -> String {
    let escaped = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| escaped(text).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for link in chapter.findings() {
        let level = if link.verdict == Verdict::Wrong { "error" } else { "warning" };
        out.push_str(&format!(
            "::{level} file={},line={},col={},title={}::{}\n",
            property(&chapter.name),
            link.line,
            link.column,
            link.verdict.name(),
            escaped(&message(link)),
        ));
    }
    out
}

/// One SARIF 2.1.0 log over all chapters.
pub fn sarif(chapters: &[Chapter]) -> String {
    let rule = |verdict: Verdict, text: &str| json!({ "id": verdict.name(), "shortDescription": { "text": text } });
    let results: Vec<_> = chapters
        .iter()
        .flat_map(|chapter| chapter.findings().map(move |link| (chapter, link)))
        .map(|(chapter, link)| {
            json!({
                "ruleId": link.verdict.name(),
                "level": if link.verdict == Verdict::Wrong { "error" } else { "warning" },
                "message": { "text": message(link) },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": chapter.name.replace('\\', "/") },
                    "region": {
                        "startLine": link.line,
                        "startColumn": link.column,
                        "endColumn": link.column + link.printed.chars().count(),
                    },
                }}],
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "pushforward course",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": [
                    rule(Verdict::Wrong, "No reading makes the printed number right."),
                    rule(Verdict::RoundedTwice, "The printed number is right only from a rounded intermediate."),
                    rule(Verdict::OffByOne, "The printed number is off by one in the last place, or truncated."),
                ],
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}
