//! Every layer against reference values to 50 digits, computed by another program in another language.

use std::collections::BTreeSet;

use pushforward::data::{At, Value};
use pushforward::document::{Syntax, parse};
use pushforward::eval::case;
use pushforward::layers::FORMATS;

const VALUES: &str = include_str!("../fixtures/reference/values.json");
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
        Value::Text(text) => vec![text.parse().expect("a number")],
        other => panic!("{other:?} is no number"),
    }
}

fn cases() -> Vec<(Value, Value)> {
    let document = parse(VALUES, Syntax::Json).expect("JSON");
    let Some(Value::List(all)) = get(&document, "cases") else { panic!("a list of cases") };
    all.iter().map(split).collect()
}

#[test]
fn every_reference_value_is_met() {
    let mut misses = Vec::new();
    let mut numbers = 0;
    for (written, expect) in cases() {
        let outcome = case(&At::new(&written, ""));
        let id = outcome.id.expect("an id");
        let got = match outcome.result {
            Ok(got) => got,
            Err(e) => {
                misses.push(format!("{id}: {}: {e}", e.kind));
                continue;
            }
        };
        let jacobian = got.jacobian.expect("no reference is that large").concat();
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

#[test]
fn every_layer_has_reference_values_from_both_sides() {
    for side in ["z", "x"] {
        let mut found = BTreeSet::new();
        cases().iter().filter(|(written, _)| get(written, side).is_some()).for_each(|(c, _)| layers(c, &mut found));
        let known: BTreeSet<String> = FORMATS.iter().copied().flatten().map(|f| f.name.to_owned()).collect();
        assert_eq!(found, known, "given {side}");
    }
}
