//! Every layer against reference values to 50 digits, computed by another program in another language.

use std::collections::BTreeSet;
use std::path::Path;

use pushforward::data::{At, Value};
use pushforward::document::{Syntax, parse};
use pushforward::eval::case;
use pushforward::layers::{FORMATS, ZOO};
use pushforward::{Check, Verdict, laws};

const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/reference");
/// Errors, not values: read by the test of bad input.
const NOT_VALUES: &str = "bad.json";
/// Relative to the value.
const TOLERANCE: f64 = 1e-12;
/// Relative to the sensitivity: nine unit roundoffs of every input.
const TOLERANCE_OF_INPUTS: f64 = 1e-15;

/// The case without its `expect`, and that.
fn split(entry: &Value) -> (Value, Value) {
    let Value::Table(entries) = entry else { panic!("a case is a table") };
    let (expect, case): (Vec<_>, Vec<_>) = entries.iter().cloned().partition(|(key, _)| key == "expect");
    (Value::Table(case), expect.into_iter().next().expect("a case has `expect`").1)
}

fn get<'a>(table: &'a Value, key: &str) -> Option<&'a Value> {
    let Value::Table(entries) = table else { return None };
    entries.iter().find(|(k, _)| k == key).map(|(_, v)| v)
}

/// The numbers of a value, row by row.
fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::List(all) => all.iter().flat_map(flat).collect(),
        Value::Text(text) => vec![text.parse().unwrap_or_else(|_| panic!("{text:?} is no number"))],
        other => panic!("{other:?} is no number"),
    }
}

/// A case with the file that holds it.
struct Case {
    file: String,
    written: Value,
    expect: Value,
}

fn cases_of(path: &Path) -> Vec<Case> {
    let file = path.file_name().expect("a file").to_string_lossy().into_owned();
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{file}: {e}"));
    let document = parse(&text, Syntax::Json).unwrap_or_else(|e| panic!("{file}: {e}"));
    let Some(Value::List(all)) = get(&document, "cases") else { panic!("{file} has no list of cases") };
    assert!(!all.is_empty(), "{file} has no case");
    all.iter()
        .map(|entry| {
            let (written, expect) = split(entry);
            Case { file: file.clone(), written, expect }
        })
        .collect()
}

/// Every case of every file of values.
fn cases() -> Vec<Case> {
    let entries = std::fs::read_dir(REFERENCE).expect("the folder of reference values");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "json") && !path.ends_with(NOT_VALUES));
    paths.sort();
    assert!(paths.iter().any(|path| path.ends_with("values.json")), "{paths:?}");
    paths.iter().flat_map(|path| cases_of(path)).collect()
}

#[test]
fn every_reference_value_is_met() {
    let mut misses = Vec::new();
    let mut numbers = 0;
    let mut ids = BTreeSet::new();
    for Case { file, written, expect } in cases() {
        let outcome = case(&At::new(&written, ""));
        let id = format!("{file}: {}", outcome.id.unwrap_or_else(|| panic!("{file}: a case without id: {written:?}")));
        assert!(ids.insert(id.clone()), "{id} stands twice");
        let got = match outcome.result {
            Ok(got) => got,
            Err(e) => {
                misses.push(format!("{id}: {}: {e}", e.kind));
                continue;
            }
        };
        let jacobian = got.jacobian.unwrap_or_else(|| panic!("{id} is too large")).concat();
        assert!(got.residual_round_trip.is_none_or(f64::is_finite), "{id}");
        let quantities = [
            ("z", got.z),
            ("x", got.x),
            ("log_det", vec![got.log_det]),
            ("log_prob", vec![got.log_prob]),
            ("jacobian", jacobian),
        ];
        for (key, got) in quantities {
            let Some(right) = get(&expect, key).map(flat) else {
                assert!(matches!(key, "z" | "x") && get(&written, key).is_some(), "{id} has no {key}");
                continue;
            };
            assert_eq!(got.len(), right.len(), "{id}: {key}");
            let sensitivity = get(&expect, "sensitivity").and_then(|s| get(s, key));
            let sensitivity = sensitivity.map_or_else(|| vec![0.0; right.len()], flat);
            for (i, ((got, right), sensitivity)) in got.iter().zip(&right).zip(&sensitivity).enumerate() {
                numbers += 1;
                // Below the smallest normal number an f64 has fewer digits to be right in.
                let underflow = if right.abs() < f64::MIN_POSITIVE && *right != 0.0 { f64::MIN_POSITIVE } else { 0.0 };
                let allowed = (TOLERANCE * right.abs()).max(TOLERANCE_OF_INPUTS * sensitivity).max(underflow);
                let off = (got - right).abs();
                if off.is_nan() || off > allowed {
                    misses.push(format!("{id}: {key}[{i}]: {got:e}, expected {right:e}, off by {off:e} > {allowed:e}"));
                }
            }
        }
    }
    assert!(misses.is_empty(), "{} misses in {numbers} numbers:\n{}", misses.len(), misses.join("\n"));
    assert!(numbers > 2000, "{numbers}");
}

/// The names in the key `layer`, at any depth.
fn layers(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::List(all) => all.iter().for_each(|v| layers(v, into)),
        Value::Table(entries) => {
            for (key, v) in entries {
                match v {
                    Value::Text(name) if key == "layer" => drop(into.insert(name.clone())),
                    v => layers(v, into),
                }
            }
        }
        _ => {}
    }
}

/// The name of a flow's own layer.
fn outermost(written: &Value) -> Option<&Value> {
    get(written, "flow").and_then(|flow| get(flow, "layer"))
}

#[test]
fn every_layer_has_reference_values_from_both_sides() {
    let all = cases();
    let known: BTreeSet<String> = FORMATS.iter().copied().flatten().map(|f| f.name.to_owned()).collect();
    let given = |side: &str| {
        let mut found = BTreeSet::new();
        all.iter().map(|c| &c.written).filter(|c| get(c, side).is_some()).for_each(|c| layers(c, &mut found));
        found
    };
    assert_eq!(given("z"), known, "given z");
    // From x only what has an inverse: some round trip of the layer itself succeeds.
    let mut invertible = given("x");
    for Case { written, .. } in &all {
        let round_trip = case(&At::new(written, "")).result.ok().and_then(|got| got.residual_round_trip);
        if let (Some(_), Some(Value::Text(name))) = (round_trip, outermost(written)) {
            invertible.insert(name.clone());
        }
    }
    assert_eq!(given("x"), invertible, "given x");
}

#[test]
fn every_family_is_named_by_known_values() {
    let law = laws::find("matches-known-values").expect("a law of this name");
    for family in ZOO.iter().copied().flatten() {
        let report = Check::new().cases(10).laws([law]).run_family(family);
        match report.verdict(law.name) {
            Some(Verdict::Holds(_)) => {}
            _ => panic!("{report}"),
        }
    }
}
