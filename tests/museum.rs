//! The museum: every exhibit is caught by the laws it names, its report says why, and the fixture that hid it from its
//! own project proves nothing here.

use std::collections::BTreeSet;

use pushforward::laws;
use pushforward::museum::{Exhibit, LEFT_OUT, Matrix, all, cause};

/// Runs on every exhibit; all complaints at once.
fn each(complaint: impl Fn(&Exhibit) -> Option<String>) {
    let complaints: Vec<String> = all().iter().filter_map(complaint).collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n\n"));
}

#[test]
fn every_exhibit_fails_every_law_that_it_names() {
    each(|e| {
        let report = e.report();
        let spared: Vec<&str> = e.caught_by.iter().copied().filter(|law| !report.failures().contains(law)).collect();
        (!spared.is_empty()).then(|| format!("{}: {spared:?} do not fail\n{report}", e.id))
    });
}

#[test]
fn reports_name_the_cause() {
    each(|e| {
        let report = e.report();
        let said: Vec<&str> = report.verdicts().filter_map(|(_, _, verdict)| cause(verdict)).collect();
        let fits = e.diagnosis.is_empty() || said.iter().any(|said| said.contains(e.diagnosis));
        (!fits).then(|| format!("{}: {:?} is not among {said:?}", e.id, e.diagnosis))
    });
    let named = all().iter().filter(|e| !e.diagnosis.is_empty()).count();
    assert!(3 * named >= 2 * all().len(), "only {named} of {} causes are pinned", all().len());
}

#[test]
fn reports() {
    for exhibit in all() {
        insta::assert_snapshot!(exhibit.id, exhibit.story());
    }
}

#[test]
fn fixtures_that_hid_a_slip_prove_nothing() {
    each(|e| {
        let report = e.degenerate_report()?;
        let words: Vec<(&str, &str)> = report.verdicts().map(|(_, law, verdict)| (law, verdict.word())).collect();
        let wrong = words.iter().any(|(_, word)| matches!(*word, "holds" | "fails"))
            || words.iter().all(|(_, word)| *word != "vacuous");
        wrong.then(|| format!("{}: {words:?}\n{report}", e.id))
    });
}

#[test]
fn ids_are_unique_and_every_known_bug_is_shown_or_left_out() {
    let shown: BTreeSet<&str> = all().iter().map(|e| e.id).collect();
    let left: BTreeSet<&str> = LEFT_OUT.iter().map(|(id, _, _)| *id).collect();
    assert_eq!(shown.len(), all().len());
    assert!(shown.is_disjoint(&left), "{:?}", shown.intersection(&left));
    assert_eq!(shown.len() + left.len(), 132);
    each(|e| e.caught_by.iter().find(|law| laws::find(law).is_none()).map(|law| format!("{}: {law}?", e.id)));
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/museum.md");

#[test]
fn the_page_of_the_documentation_is_true() {
    let matrix = Matrix::of(all());
    let made = matrix.markdown();
    if std::env::var_os("PUSHFORWARD_BLESS").is_some() {
        std::fs::write(PAGE, &made).expect("docs/museum.md is written");
    }
    let page = std::fs::read_to_string(PAGE).expect("docs/museum.md");
    assert!(page == made, "docs/museum.md is not what `pushforward museum --markdown` prints");
}
