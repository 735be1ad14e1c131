//! Samples of right layers that once raised a false alarm, or could not tell where a larger one can.

use pushforward::layers::ZOO;
use pushforward::{Check, Verdict, laws};

/// The verdict of one law on a family, at so many layers drawn with a seed.
fn verdict(family: &str, law: &str, seed: u64, cases: usize) -> Verdict {
    let family = ZOO.iter().copied().flatten().find(|f| f.name == family).expect("a family of this name");
    let law = laws::find(law).expect("a law of this name");
    let report = Check::new().laws([law]).seed(seed).cases(cases).run_family(family);
    report.verdict(law.name).expect("the law asked").clone()
}

fn holds(family: &str, law: &str, seed: u64, cases: usize) {
    let found = verdict(family, law, seed, cases);
    assert!(matches!(found, Verdict::Holds(_)), "{family}, {law}, seed {seed}, {cases} layers: {found:?}");
}

#[test]
fn second_derivatives_are_only_within_the_truncation() {
    for seed in [3032, 3224, 3310] {
        holds("continuous", "log-det-gradient", seed, 10);
    }
}

#[test]
fn a_stencil_does_not_cross_a_knot() {
    holds("linear_spline", "finite-differences-agree", 3391, 10);
}

#[test]
fn values_that_hide_a_parameter_are_no_fault_of_the_layer() {
    // Equal components, equal bins, a hidden unit that is exactly 0.
    holds("logistic_mixture", "parameters-matter", 3106, 10);
    holds("coupling_linear_spline", "parameters-matter", 3194, 10);
    holds("conditional_sinh", "parameters-matter", 3177, 10);
}

#[test]
fn a_sample_that_cannot_tell_is_drawn_larger() {
    holds("leaky_relu", "log-det-is-jacobian", 1017, 24);
    holds("rq_spline", "mass-is-one", 5, 24);
    // Too few even so: said, and not hidden.
    assert!(matches!(verdict("leaky_relu", "log-det-is-jacobian", 1017, 2), Verdict::Vacuous(_)));
}
