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

#[test]
fn a_few_families() {
    let names = ["coupling_exp", "leaky_relu", "planar", "maf", "conv1x1_plu", "rotation", "batch_norm"];
    let mut table = String::new();
    for family in ZOO.iter().copied().flatten().filter(|family| names.contains(&family.name)) {
        table += &format!("{}\n", family.name);
        for theorem in prove_family(family) {
            table += &format!("  {}\n    {theorem}\n", theorem.law);
        }
    }
    insta::assert_snapshot!(table);
}
