//! Failing reports, word for word. After a change read the difference, then run with `INSTA_UPDATE=always`.

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
