//! Chapters with their facts.

use pushforward::course::{Chapter, Facts, Standing, Verdict, blessed, table};

use super::{findings, read};

const FACTS: &str = "flows.facts.toml";

/// The chapter after its facts, both changed.
fn checked(
    chapter: impl Fn(String) -> String,
    facts: impl Fn(String) -> String,
) -> (Chapter, pushforward::course::Recomputed) {
    let mut chapter = Chapter::new("flows.md", chapter(read("flows.md")));
    let result = Facts::read(&facts(read(FACTS))).unwrap().check(&mut chapter);
    (chapter, result)
}

#[test]
fn the_layers_find_the_number_that_was_doubled_after_rounding() {
    let (chapter, result) = checked(|c| c, |f| f);
    let (off, twice) = (Verdict::OffByOne, Verdict::RoundedTwice);
    let expected = [(14, "6.946", off), (16, "3.000", off), (25, "0.7864", off), (27, "1.5728", twice)];
    assert_eq!(findings(&chapter), expected);
    assert_eq!((result.printed, result.skipped.len()), (12, 0), "{:?}", result.skipped);
    insta::assert_snapshot!("findings_with_facts", chapter.to_text());
}

#[test]
fn without_the_arithmetic_shown_its_cause_is_found_among_the_facts() {
    let (chapter, _) = checked(|c| c, |f| f.replace("shown = { expr = \"0.7864 * 2\" }\n", ""));
    let link = chapter.findings().last().unwrap();
    assert_eq!(link.verdict, Verdict::RoundedTwice);
    assert!(link.reason.contains("2 times 0.7864"), "{}", link.reason);
    // Another wrong digit has no such cause.
    let (chapter, _) = checked(
        |c| c.replace("1.5728 ", "1.5738 "),
        |f| f.replace("& 1.5728", "& 1.5738").replace("\"1.5728\"", "\"1.5738\""),
    );
    let wrong: Vec<_> = chapter.findings().filter(|l| l.line == 27).map(|l| l.verdict).collect();
    assert_eq!(wrong, [Verdict::Wrong]);
}

#[test]
fn the_claims_are_refuted_by_runs() {
    let (_, result) = checked(|c| c, |f| f);
    let standings = |s: Standing| result.claims.iter().filter(|c| c.standing == s).count();
    assert_eq!(
        (standings(Standing::Refuted), standings(Standing::Qualified), standings(Standing::Supported)),
        (9, 9, 2)
    );
    let skewness = result.claims[0].value.unwrap();
    assert!((skewness - 8.0 / (3.0 * 3f64.sqrt())).abs() < 1e-9, "{skewness}");
    insta::assert_snapshot!("claims", table(&result.claims));
    // A run that gives another value than the facts decides nothing.
    let (_, result) = checked(|c| c, |f| f.replace("\"1.539600717", "\"1.639600717"));
    assert_eq!(result.claims[0].standing, Standing::Unconfirmed);
}

#[test]
fn a_quote_that_has_drifted_is_found_with_its_nearest_line() {
    let (chapter, _) = checked(|c| c.replace("= 1.7864$, whose", "= 1.7865$, whose"), |f| f);
    let drift = chapter.findings().find(|l| l.reason.contains("planar.det")).unwrap();
    assert_eq!(drift.line, 28);
    assert!(drift.reason.contains("no longer in the chapter; the nearest line is 28"), "{}", drift.reason);
}

#[test]
fn an_accepted_finding_is_none_and_one_that_is_gone_is_one() {
    let accept = "\n[[accept]]\nprinted = \"6.946\"\nline = 14\nreason = \"from the unrounded scale\"\n";
    let (chapter, _) = checked(|c| c, |f| f + accept);
    assert!(findings(&chapter).iter().all(|(line, ..)| *line != 14));
    let (chapter, _) = checked(|c| c, |f| f + &accept.replace("6.946", "6.947"));
    assert!(chapter.findings().any(|l| l.reason.contains("no longer there")));
    let empty = read(FACTS) + &accept.replace("from the unrounded scale", " ");
    assert!(Facts::read(&empty).is_err());
}

#[test]
fn blessing_writes_digits_and_lines_and_keeps_comments() {
    let stale = |f: String| {
        f.replace("exact = \"0.5802291413871952843499086407465949331537\"", "exact = \"0.58\"")
            .replace("line = 37", "line = 3")
    };
    let (chapter, result) = checked(|c| c, stale);
    assert!(chapter.findings().any(|l| l.reason.contains("--bless writes it there")));
    let new = blessed(&stale(read(FACTS)), &[&result]).unwrap();
    assert_eq!(new, read(FACTS));
}

#[test]
fn a_fault_of_the_facts_is_an_error_at_its_path() {
    for (from, to, path) in [
        ("quantity = \"pdf\"", "quantities = \"pdf\"", "item[0].quantity"),
        ("printed = \"0.1210\"", "printed = \"0.1210\"\nprintde = \"1\"", "item[0].printde"),
        ("input = { x = [\"3\"] }", "input = { x = [\"three\"] }", "item[0].input.x[0]"),
        ("id = \"volume.gaussian\"", "idd = \"volume.gaussian\"", "claim[0].id"),
        ("[[item]]", "[[items]]", "items"),
    ] {
        let text = read(FACTS);
        assert!(text.contains(from));
        assert_eq!(Facts::read(&text.replacen(from, to, 1)).unwrap_err().path, path, "{to}");
    }
}
