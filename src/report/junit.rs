//! The report as JUnit's XML: a suite for each row, a case for each law.

use std::fmt::Write;

use super::markup::{Quoted, Text};
use super::text::{attention, summary};
use super::{Report, Row};
use crate::check::Verdict;

/// A document for continuous integration. What is not acceptable is a failure, its text the report; what was not judged
/// is skipped, its message the reason.
pub fn junit(report: &Report) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all = counts(report, &report.rows);
    let _ = writeln!(xml, "<testsuites name=\"pushforward\" {all}>");
    for row in &report.rows {
        suite(&mut xml, report, row);
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn counts(report: &Report, rows: &[Row]) -> String {
    let count = |test: &dyn Fn(&str, &Verdict) -> bool| {
        rows.iter().flat_map(|row| &row.verdicts).filter(|(law, verdict)| test(law, verdict)).count()
    };
    let (tests, failures) = (count(&|_, _| true), count(&|law, verdict| !report.accepts(law, verdict)));
    let skipped = count(&|law, verdict| report.accepts(law, verdict) && why_skipped(verdict).is_some());
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\"")
}

fn suite(xml: &mut String, report: &Report, row: &Row) {
    let name = Quoted(&row.name);
    let counts = counts(report, std::slice::from_ref(row));
    let _ = writeln!(xml, "  <testsuite name=\"{name}\" {counts}>");
    let _ = writeln!(xml, "    <properties>");
    for (key, value) in [("seed", report.seed.to_string()), ("cases", report.cases.to_string())] {
        let _ = writeln!(xml, "      <property name=\"{key}\" value=\"{value}\"/>");
    }
    let _ = writeln!(xml, "    </properties>");
    for (law, verdict) in &row.verdicts {
        let _ = write!(xml, "    <testcase classname=\"pushforward.{name}\" name=\"{law}\"");
        let inside = if report.accepts(law, verdict) {
            why_skipped(verdict).map(|why| format!("<skipped message=\"{}\"/>", Quoted(&why)))
        } else {
            let text = attention(&row.name, law, verdict, report.seed);
            let message = summary(verdict);
            Some(format!(
                "<failure type=\"{}\" message=\"{}\">{}</failure>",
                verdict.word(),
                Quoted(&message),
                Text(&text)
            ))
        };
        let _ = match inside {
            Some(inside) => writeln!(xml, ">{inside}</testcase>"),
            None => writeln!(xml, "/>"),
        };
    }
    let _ = writeln!(xml, "  </testsuite>");
}

/// Why an acceptable verdict is no pass.
fn why_skipped(verdict: &Verdict) -> Option<String> {
    match verdict {
        Verdict::Skips(why) => Some(format!("could not be judged: {why}")),
        Verdict::DoesNotApply(why) => Some(format!("does not apply: {why}")),
        Verdict::Undecided(why) => Some(format!("undecided, which is allowed: {why}")),
        _ => None,
    }
}
