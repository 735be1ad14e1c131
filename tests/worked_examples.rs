//! The chapter's worked examples: what is printed, what is exact, and what the layers compute.

use std::fmt::Write;

use pushforward::worked::{Verdict, examples, table};

#[test]
fn every_printed_number_gets_the_verdict_it_deserves() {
    let findings = examples().expect("the fixture");
    let unexpected: Vec<String> = findings
        .iter()
        .filter(|f| !f.is_expected())
        .map(|f| format!("{}: {}, expected {}", f.id, f.verdict, f.expected))
        .collect();
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
}

#[test]
fn the_findings_are_these() {
    let findings = examples().expect("the fixture");
    let with = |verdict| findings.iter().filter(|f| f.verdict == verdict).map(|f| f.id.as_str()).collect::<Vec<_>>();
    assert_eq!(with(Verdict::RoundedTwice), ["ex3.J12"]);
    assert_eq!(with(Verdict::WrongAsWritten), ["ex2.x_b.as_written", "ex2.z_b.as_written", "ex3.sech2.as_written"]);
    assert_eq!(with(Verdict::Refused), ["pp2.zero"]);
    assert!(with(Verdict::Supplied).contains(&"ex3.log_likelihood"));
    assert!(with(Verdict::Wrong).is_empty());
}

/// Ten digits, so that the last places, in which platforms may differ, do not count here; the exact values pin more.
#[test]
fn computed_values() {
    let mut text = String::new();
    for f in examples().expect("the fixture") {
        let computed = f.computed.map_or_else(|kind| kind, |v| format!("{v:.9e}"));
        writeln!(text, "{:22} {:>18}  {}", f.id, computed, f.statement).expect("a string");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn the_table() {
    insta::assert_snapshot!(table(&examples().expect("the fixture")));
}
