//! Reports for machines and people: each format says what the verdicts say, in its own well-formed shape.

use std::process::{Command, Output};

use pushforward::Verdict;
use pushforward::check::{Counterexample, Held, SEED, Slip};
use pushforward::evidence::PointKind;
use pushforward::report::{Report, Row};

mod html;
mod json;
mod junit;
mod output;
mod schema;

/// A text that is markup, in every way that a careless writer lets through.
const NASTY: &str = "</pre><script>alert('x')</script> & \"quoted\" ]]> \u{1}\u{1b}[31m é ∂\r\n\tend";

/// Runs the command.
fn pushforward(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pushforward")).args(arguments).output().expect("the command runs")
}

fn failure() -> Counterexample {
    Counterexample {
        layer: NASTY.to_owned(),
        point: Some(("z", vec![0.5, f64::NEG_INFINITY])),
        kind: PointKind::Short,
        place: NASTY.to_owned(),
        left: Some(("left", f64::NAN)),
        right: Some(("right", 1.5)),
        apart: Some((f64::INFINITY, 1e-14)),
        violation: Some(NASTY.to_owned()),
        diagnosis: None,
        precise: false,
        evidence: "values",
        case: 3,
    }
}

/// Every kind of verdict, with names and numbers that are hard to write down.
fn every_verdict() -> Report {
    let slips = vec![
        Slip::Volume,
        Slip::DroppedCoordinate(2),
        Slip::StaleEvaluation,
        Slip::LostAbs,
        Slip::IdleInverse,
        Slip::UnmetBranch(NASTY.to_owned(), true),
        Slip::Shape("no d ≥ 3"),
    ];
    let held = Held { residual: f64::NAN, excluded: slips.clone(), note: Some(NASTY.to_owned()), ..Held::default() };
    let verdicts = vec![
        ("inverse-undoes-forward", Verdict::Holds(held)),
        ("forward-undoes-inverse", Verdict::Fails(Box::new(failure()))),
        ("inverse-log-det-negates", Verdict::Undecided(NASTY.to_owned())),
        ("forward-is-injective", Verdict::Vacuous(slips)),
        ("forward-is-onto", Verdict::Skips(NASTY.to_owned())),
        ("log-det-is-jacobian", Verdict::DoesNotApply(NASTY.to_owned())),
    ];
    let rows = vec![Row { name: NASTY.to_owned(), verdicts }];
    Report { rows, seed: SEED, cases: 60, may_be_undecided: Vec::new() }
}
