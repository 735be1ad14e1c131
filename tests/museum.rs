//! The museum: every exhibit is caught by the laws it names, its report says why, and the fixture that hid it from its
//! own project proves nothing here.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::Strategy;
use pushforward::museum::{Exhibit, LEFT_OUT, Matrix, all, cause};
use pushforward::{Chain, Check, Flow, FlowError, Image, Layer, Scalar, Verdict, laws};

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
    assert_eq!(all().iter().filter(|e| e.is_real()).count() + left.len(), 132);
    each(|e| e.caught_by.iter().find(|law| laws::find(law).is_none()).map(|law| format!("{}: {law}?", e.id)));
}

/// Laws whose failure follows from that of others: `(law, from, why it stays)`. A law is the only killer of an exhibit if
/// every other law that fails there follows from it, or from what follows from it.
const FOLLOWS: &[(&str, &[&str], &str)] = &[
    (
        "forward-undoes-inverse",
        &["inverse-undoes-forward", "chain-inverse-reverses"],
        "where forward covers the codomain the two are one claim; alone it sees what no z is drawn for",
    ),
    ("inverse-undoes-forward", &["chain-inverse-reverses"], "it needs no parts"),
    (
        "jacobians-are-inverse",
        &["inverse-undoes-forward", "forward-undoes-inverse", "log-det-is-jacobian"],
        "an inverse by iteration may be right in value and wrong in slope",
    ),
    (
        "inverse-log-det-negates",
        &["log-det-is-jacobian", "inverse-undoes-forward", "forward-undoes-inverse"],
        "alone it sees the inverse's log-det without differentiating the inverse",
    ),
    (
        "inverse-log-det-is-jacobian",
        &["log-det-is-jacobian", "inverse-log-det-negates", "inverse-undoes-forward", "forward-undoes-inverse"],
        "for subjects that offer only an inverse",
    ),
    ("log-det-is-jacobian", &["log-dets-add", "jacobian-has-promised-zeros"], "it needs no parts and no promise"),
    ("log-det-gradient", &["log-det-is-jacobian"], "a log-det right in value may have lost its gradient"),
    (
        "both-forms-agree",
        &["inverse-log-det-negates", "inverse-undoes-forward", "forward-undoes-inverse"],
        "it names the density, which is what users compute",
    ),
    (
        "sampled-density-agrees",
        &["inverse-log-det-negates", "inverse-undoes-forward", "forward-undoes-inverse"],
        "for samplers that report their own density",
    ),
    (
        "mass-is-one",
        &["inverse-log-det-is-jacobian", "inverse-undoes-forward", "forward-undoes-inverse", "outside-is-refused"],
        "for subjects that offer only an inverse: it differentiates nothing",
    ),
    (
        "samples-follow-density",
        &["inverse-log-det-is-jacobian", "inverse-undoes-forward", "forward-undoes-inverse", "outside-is-refused"],
        "it joins a sampler and a density that come from different code",
    ),
    (
        "elbo-bounds-evidence",
        &["log-det-is-jacobian", "forward-is-injective", "coordinates-matter"],
        "the only law of density that needs no inverse",
    ),
    ("single-precision-agrees", &["digits-kept"], "what is careless shows there at moderate points already"),
    ("orientation-is-constant", &["forward-is-injective"], "it needs no collision to be found"),
    (
        "forward-is-onto",
        &["coordinates-matter", "images-lie-in-codomain"],
        "growth can be bounded in a map of full rank",
    ),
];

/// The failing laws that follow from no other failing law.
fn minimal(killers: &[&str]) -> Vec<String> {
    let follows = |law: &str| {
        FOLLOWS.iter().any(|(name, from, _)| *name == law && from.iter().any(|f| *f != law && killers.contains(f)))
    };
    killers.iter().filter(|law| !follows(law)).map(|law| (*law).to_owned()).collect()
}

/// Not judged on a single layer: see `a_dense_determinant_costs_too_much`.
const BY_FAMILY: &str = "log-det-costs-no-more-than-promised";

fn matrix() -> &'static Matrix {
    static MATRIX: LazyLock<Matrix> = LazyLock::new(|| Matrix::of(all()));
    &MATRIX
}

#[test]
fn every_law_earns_its_place() {
    let matrix = matrix();
    for law in laws::all().filter(|law| law.name != BY_FAMILY) {
        let killed: Vec<&str> =
            matrix.rows.iter().filter(|r| r.word(law.name) == Some("fails")).map(|r| r.exhibit.id).collect();
        assert!(!killed.is_empty(), "{} catches no exhibit", law.name);
        // A layer that remembers, or answers NaN, breaks whatever looks at it: those exhibits credit their own law.
        let alone = matrix.rows.iter().any(|row| {
            let credited = row.exhibit.caught_by[0];
            let cascades = ["finite-inside", "evaluation-is-pure"].contains(&credited);
            credited == law.name && (cascades || minimal(&row.killers()) == [law.name])
        });
        let stays = FOLLOWS.iter().any(|(name, _, why)| *name == law.name && !why.is_empty());
        assert!(alone || stays, "{} is the only killer of none of {killed:?}", law.name);
    }
}

#[test]
fn every_law_is_satisfied_by_a_layer_of_the_zoo() {
    let families = || pushforward::layers::ZOO.iter().copied().flatten();
    for law in laws::all() {
        let holds = |family: &&pushforward::family::Family| {
            let report = Check::new().cases(20).laws([law]).run_family(family);
            matches!(report.verdict(law.name), Some(Verdict::Holds(_)))
        };
        let identity = || Check::new().laws([law]).run(&Chain::identity(2));
        let satisfied =
            families().any(|family| holds(&family)) || matches!(identity().verdict(law.name), Some(Verdict::Holds(_)));
        assert!(satisfied, "{} holds of no family", law.name);
    }
}

/// A diagonal map whose log-det is that of a dense matrix, by elimination.
#[derive(Debug)]
struct Dense {
    dim: usize,
}

impl<S: Scalar> Flow<S> for Dense {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let slopes: Vec<S> = z.iter().map(|z| z.cosh()).collect();
        let entry = |i: usize, j: usize| if i == j { slopes[i] } else { z[j] * 1e-3 * (i as f64 - j as f64) };
        let mut rows: Vec<Vec<S>> = (0..self.dim).map(|i| (0..self.dim).map(|j| entry(i, j)).collect()).collect();
        let mut log_det = S::from(0.0);
        for k in 0..self.dim {
            log_det += rows[k][k].ln_abs();
            let (done, open) = rows.split_at_mut(k + 1);
            for row in open {
                let by = row[k] / done[k][k];
                for (entry, &above) in row.iter_mut().zip(&done[k]).skip(k) {
                    *entry -= by * above;
                }
            }
        }
        Image::finite(z.iter().map(|z| z.sinh()).collect::<Vec<S>>(), log_det)
    }
}
impl Layer for Dense {
    fn dim(&self) -> usize {
        self.dim
    }
}

#[test]
fn a_dense_determinant_costs_too_much() {
    let law = laws::find(BY_FAMILY).expect("a law of this name");
    let drawn = (2usize..=8).prop_map(|dim| Box::new(Dense { dim }) as Box<dyn Layer>).boxed();
    let report = Check::new().laws([law]).run_strategy("dense", drawn);
    let Some(Verdict::Fails(found)) = report.verdict(BY_FAMILY) else { panic!("{report}") };
    assert!(found.violation.as_ref().is_some_and(|what| what.contains("promised at most d^1")), "{report}");
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/museum.md");

#[test]
fn the_page_of_the_documentation_is_true() {
    let made = matrix().markdown();
    if std::env::var_os("PUSHFORWARD_BLESS").is_some() {
        std::fs::write(PAGE, &made).expect("docs/museum.md is written");
    }
    let page = std::fs::read_to_string(PAGE).expect("docs/museum.md");
    assert!(page == made, "docs/museum.md is not what `pushforward museum --markdown` prints");
}
