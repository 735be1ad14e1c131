//! Bugs that shipped, and the table of theorems.

use super::*;
use pushforward::layers::ZOO;
use pushforward::prove::prove_family;

/// What an exhibit violates is not proved of it, neither on the fixture that exposes the bug nor on the one that hides
/// it.
#[test]
fn no_exhibit_is_proved_lawful() {
    let mut looked_at = 0;
    let mut complaints = Vec::new();
    for exhibit in pushforward::museum::all() {
        let fixtures = [Some(exhibit.broken), exhibit.degenerate];
        for (which, fixture) in fixtures.into_iter().enumerate().filter_map(|(i, f)| Some((i, f?))) {
            for theorem in prove(&*fixture()) {
                if exhibit.caught_by.contains(&theorem.law) {
                    looked_at += 1;
                    if theorem.proof().word() == "proved" {
                        complaints.push(format!("{} fixture {which}: {}: {theorem}", exhibit.id, theorem.law));
                    }
                }
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    assert!(looked_at > 100, "only {looked_at} claims were looked at");
}

/// Places in the source by file only, so that a layer may be edited.
fn without_lines(statement: &str) -> String {
    let parts: Vec<&str> = statement.split(".rs:").collect();
    let cut = |part: &&str| part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':').to_owned();
    let rest: Vec<String> = parts[1..].iter().map(cut).collect();
    std::iter::once(parts[0].to_owned()).chain(rest).collect::<Vec<_>>().join(".rs")
}

/// The table for a few families. Its statements are what `docs/proofs.md` says that they are.
#[test]
fn a_few_families() {
    let names = ["coupling_exp", "leaky_relu", "planar", "maf", "conv1x1_plu", "rotation", "batch_norm"];
    let mut table = String::new();
    for family in ZOO.iter().copied().flatten().filter(|family| names.contains(&family.name)) {
        table += &format!("{}\n", family.name);
        for theorem in prove_family(family) {
            table += &format!("  {}\n    {}\n", theorem.law, without_lines(&theorem.to_string()));
        }
    }
    insta::assert_snapshot!(table);
}
