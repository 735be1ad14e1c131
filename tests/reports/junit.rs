//! The report as JUnit's XML, read by a parser of XML.

use pushforward::report::{self, Report};
use roxmltree::{Document, Node};

use super::{NASTY, every_verdict, pushforward};

/// As a parser reads it: XML has no control characters, and ends lines in one way.
fn readable(text: &str) -> String {
    text.replace(['\u{1}', '\u{1b}'], "\u{fffd}")
}

fn case<'a>(document: &'a Document<'a>, law: &str) -> Node<'a, 'a> {
    let found = document.descendants().find(|n| n.has_tag_name("testcase") && n.attribute("name") == Some(law));
    found.unwrap_or_else(|| panic!("no case {law}"))
}

fn child<'a>(node: Node<'a, 'a>) -> Option<(&'a str, &'a str)> {
    let inside = node.children().find(Node::is_element)?;
    Some((inside.tag_name().name(), inside.attribute("message").unwrap_or_default()))
}

fn counts(node: Node<'_, '_>) -> [usize; 4] {
    ["tests", "failures", "errors", "skipped"]
        .map(|key| node.attribute(key).and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{key}")))
}

#[test]
fn every_verdict_has_its_element_and_nothing_is_markup() {
    let mut report = every_verdict();
    let xml = report::junit(&report);
    let document = Document::parse(&xml).unwrap_or_else(|e| panic!("{e}\n{xml}"));
    assert_eq!(counts(document.root_element()), [6, 3, 0, 2]);
    assert!(case(&document, "inverse-undoes-forward").children().all(|n| !n.is_element()));
    for (law, kind) in [
        ("forward-undoes-inverse", "failure"),
        ("inverse-log-det-negates", "failure"),
        ("forward-is-injective", "failure"),
        ("forward-is-onto", "skipped"),
        ("log-det-is-jacobian", "skipped"),
    ] {
        let (tag, message) = child(case(&document, law)).unwrap_or_else(|| panic!("{law}"));
        assert_eq!(tag, kind, "{law}");
        assert!(message.contains(&readable(NASTY)), "{law}: {message}");
    }
    let suite = document.descendants().find(|n| n.has_tag_name("testsuite")).expect("a suite");
    assert_eq!(suite.attribute("name"), Some(readable(NASTY).as_str()));
    assert!(document.descendants().all(|n| n.tag_name().name() != "script"));

    report.may_be_undecided.push("inverse-log-det-negates");
    let xml = report::junit(&report);
    let document = Document::parse(&xml).expect("XML");
    assert_eq!(counts(document.root_element()), [6, 2, 0, 3]);
    let (tag, message) = child(case(&document, "inverse-log-det-negates")).expect("a reason");
    assert!(tag == "skipped" && message.contains("allowed"), "{tag} {message}");
}

#[test]
fn a_failure_holds_the_report_in_text() {
    let output = pushforward(&["museum", "sign-01", "--format", "junit"]);
    let xml = String::from_utf8(output.stdout).expect("UTF-8");
    let document = Document::parse(&xml).unwrap_or_else(|e| panic!("{e}\n{xml}"));
    let failure = case(&document, "inverse-log-det-negates").first_element_child().expect("a failure");
    let text = failure.text().expect("a text");
    assert!(text.starts_with("FAILS  sign-01 / inverse-log-det-negates") && text.contains("apart by"), "{text}");
    assert_eq!(failure.attribute("type"), Some("fails"));
}

#[test]
fn a_suite_for_each_row_and_a_case_for_each_law() {
    let output = pushforward(&["check", "planar", "identity", "--law", "log-det-is-jacobian", "--format", "junit"]);
    assert_eq!(output.status.code(), Some(0));
    let xml = String::from_utf8(output.stdout).expect("UTF-8");
    let document = Document::parse(&xml).expect("XML");
    let suites: Vec<_> = document.descendants().filter(|n| n.has_tag_name("testsuite")).collect();
    assert_eq!(suites.iter().filter_map(|n| n.attribute("name")).collect::<Vec<_>>(), ["planar", "identity"]);
    assert!(suites.iter().all(|suite| counts(*suite) == [1, 0, 0, 0]));
    assert_eq!(counts(document.root_element()), [2, 0, 0, 0]);
}

#[test]
fn a_report_without_rows_is_a_document() {
    let report = Report { rows: Vec::new(), ..every_verdict() };
    let xml = report::junit(&report);
    assert_eq!(counts(Document::parse(&xml).expect("XML").root_element()), [0, 0, 0, 0]);
}
