//! Failing reports, word for word. After a change read the difference, then run with `INSTA_UPDATE=always`.

use pushforward::layers::ScalarAffine;
use pushforward::proptest::strategy::Strategy;
use pushforward::{Chain, Check, laws};

use super::*;

/// The report on one law.
fn report(layer: &dyn Layer, law: &str) -> String {
    let law = laws::find(law).expect("a law of this name");
    Check::new().laws([law]).run(layer).to_string()
}

/// Places in this file without their lines and columns, which any edit moves.
fn without_lines(text: &str) -> String {
    let mut parts = text.split("planted.rs:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + "planted.rs" + part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':')
    })
}

#[test]
fn failing_reports_as_printed() {
    let broken = Chain::new(vec![Box::new(Right { s: scales(S3) }), Box::new(TermMissing { s: scales(S3) })]).unwrap();
    let reports = [
        report(&SignFlipped { s: scales(S3) }, "log-det-is-jacobian"),
        report(&OffByALittle { s: scales(S3) }, "log-det-is-jacobian"),
        report(&broken, "log-det-is-jacobian"),
        report(&InverseSign { s: scales(S3) }, "inverse-log-det-negates"),
        report(&InverseIsForward { s: scales(S3) }, "inverse-undoes-forward"),
        report(&Cached { s: scales(S3), cache: Mutex::new(None) }, "evaluation-is-pure"),
        report(&Detached {}, "finite-differences-agree"),
        report(&Leaky { w: params([0.5, 0.25]) }, "jacobian-has-promised-zeros"),
        report(&Folded { u: params([-1.0, -1.0]), w: params([1.0, 1.0]) }, "forward-is-injective"),
        report(&Squashed {}, "forward-is-onto"),
        report(&NoAbs { a: params([2.0, -3.0]) }, "finite-inside"),
        report(&Unread { a: 2.0.into(), b: 3.0.into() }, "parameters-matter"),
        report(&DenserThanItSays {}, "elbo-bounds-evidence"),
        report(&OtherBias::new(1.0), "matches-known-values"),
        report(&UnmetArm {}, "log-det-is-jacobian"),
        report(&Shift { b: params([1.0, 2.0]) }, "log-det-is-jacobian"),
        report(&ForwardOnly { s: scales(S3) }, "inverse-undoes-forward"),
    ];
    let text = reports.map(|text| without_lines(&text)).join("\n\n");
    insta::assert_snapshot!("failing_reports", text);
}

/// What one law says of a few scalings drawn with a seed: the resolutions differ from sample to sample.
fn of_seed(seed: u64) -> [f64; 2] {
    let law = laws::find("log-det-is-jacobian").expect("a law of this name");
    let layers = (1.25f64..9.0).prop_map(|a| Box::new(ScalarAffine::new(a, 0.5, 3).unwrap()) as Box<dyn Layer>);
    let report = Check::new().laws([law]).seed(seed).run_strategy("scalings", layers.boxed());
    assert_eq!(report.seed, seed);
    let Some(Verdict::Holds(held)) = report.verdict(law.name) else { panic!("{report}") };
    assert!(held.precise > 0 && held.precise_resolution < 1e-50, "{held:?}");
    held.resolution
}

#[test]
fn a_seed_decides_what_is_drawn() {
    assert_eq!(of_seed(1), of_seed(1));
    assert_ne!(of_seed(1), of_seed(2));
}

/// Its known value is refused.
#[derive(Debug)]
struct Refuses;

impl<S: Scalar> Flow<S> for Refuses {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        if z[0].is_below(-0.5) && S::from(-0.75).is_below(z[0]) {
            return Err(FlowError::NotInvertible { wu: -1.0 });
        }
        Image::finite([z[0] * 2.0], S::ln_2())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        Image::finite([x[0] / 2.0], -S::ln_2())
    }
}
impl Layer for Refuses {
    fn dim(&self) -> usize {
        1
    }
    fn known_values(&self) -> Vec<KnownValue> {
        vec![KnownValue::new("refused", Self, Given::Base(vec![-0.625]), [-1.25], std::f64::consts::LN_2)]
    }
}

#[test]
fn a_known_value_that_is_refused_is_told_with_its_point() {
    let report = Check::new().laws(laws::find("matches-known-values")).run(&Refuses);
    let Some(Verdict::Fails(found)) = report.verdict("matches-known-values") else { panic!("{report}") };
    assert_eq!(found.point, Some(("z", vec![-0.625])));
    assert!(found.violation.as_ref().is_some_and(|what| what.starts_with("known value refused:")), "{report}");
}
