//! What 237 bits see of an identity that f64 does not: formulas wrong by less than rounding, and points where f64 is lost.

use pushforward::layers::Planar;
use pushforward::{Check, Flow, FlowError, Image, Layer, Param, Promises, Scalar, Verdict, laws, params};

/// `x = 2z + b`, with the log-det given by the test.
macro_rules! doubling {
    ($name:ident, $ln_2:expr) => {
        #[derive(Debug)]
        struct $name {
            b: Vec<Param>,
        }
        impl<S: Scalar> Flow<S> for $name {
            fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
                let ln_2: S = $ln_2;
                let x: Vec<S> = z.iter().zip(&self.b).map(|(&z, &b)| z * 2.0 + b).collect();
                Image::finite(x, ln_2 * self.b.len() as f64)
            }
            fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
                let ln_2: S = $ln_2;
                let z: Vec<S> = x.iter().zip(&self.b).map(|(&x, &b)| (x - b) * 0.5).collect();
                Image::finite(z, -(ln_2 * self.b.len() as f64))
            }
        }
        impl Layer for $name {
            fn dim(&self) -> usize {
                self.b.len()
            }
            fn promises(&self) -> Promises {
                Promises::default().constant_log_det()
            }
        }
    };
}
doubling!(Doubling, S::ln_2());
doubling!(RoundedConstant, S::from(std::f64::consts::LN_2));

/// `x = z + tanh(z)/2` on each coordinate, whose log-det says `0.5 + 3e-15` for the one half. The bounds of f64 excuse that.
#[derive(Debug)]
struct OffByFifteenDigits;
impl<S: Scalar> Flow<S> for OffByFifteenDigits {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let x: Vec<S> = z.iter().map(|&z| z + z.tanh() * 0.5).collect();
        let half = S::from(0.5 + 2.0 * f64::EPSILON);
        Image::finite(x, z.iter().map(|z| (z.sech2() * half).ln_1p()).sum::<S>())
    }
}
impl Layer for OffByFifteenDigits {
    fn dim(&self) -> usize {
        3
    }
}

fn verdict(layer: &dyn Layer, law: &str) -> Verdict {
    let law = laws::find(law).expect("a law of this name");
    Check::new().laws([law]).run(layer).verdict(law.name).expect("asked for").clone()
}

/// Seen in 237 bits only, off by about this much.
fn caught(layer: &dyn Layer, law: &str, about: f64) {
    match verdict(layer, law) {
        Verdict::Fails(found) => {
            assert!(found.precise, "f64 sees it, too: {found:?}");
            let (apart, allowed) = found.apart.expect("two sides");
            assert!(apart > 0.1 * about && apart < 10.0 * about, "{law}: apart by {apart:e}");
            assert!(allowed < 1e-60, "{law}: allowed {allowed:e}");
        }
        other => panic!("{law}: {other:?}"),
    }
}

#[test]
fn a_constant_rounded_to_f64_is_no_constant_of_the_formula() {
    let b = || params([0.5, -1.25, 3.0]);
    caught(&RoundedConstant { b: b() }, "log-det-is-jacobian", 3.0 * 2.3e-17);
    caught(&RoundedConstant { b: b() }, "inverse-log-det-is-jacobian", 3.0 * 2.3e-17);
    let right = verdict(&Doubling { b: b() }, "log-det-is-jacobian");
    let Verdict::Holds(held) = right else { panic!("{right:?}") };
    assert!(held.precise >= 8 && held.precise_resolution < 1e-60, "{held:?}");
}

#[test]
fn a_formula_wrong_in_the_fifteenth_digit_fails() {
    caught(&OffByFifteenDigits, "log-det-is-jacobian", 5e-16);
}

/// Next to the fold, `w·u + 1 = 2⁻⁴⁶`, f64 cannot tell whether the inverse is right; 237 bits can.
#[test]
fn points_where_f64_is_lost_are_settled() {
    let planar = Planar::new(&[2f64.powi(-46) - 1.0, 0.0], &[1.0, 0.5], 0.0).expect("legal, barely");
    let held = match verdict(&planar, "inverse-undoes-forward") {
        Verdict::Holds(held) => held,
        other => panic!("{other:?}"),
    };
    assert_eq!(held.note.as_deref(), Some("where f64 cannot tell, 237 bits can"), "{held:?}");
    assert!(held.precise > 8, "{held:?}");
}

mod reference {
    use pushforward::data::{At, Value};
    use pushforward::document::{Syntax, parse};
    use pushforward::eval::case_precise;
    use pushforward::scalar::Precise;

    fn result(case: &str) -> Result<pushforward::eval::Evaluation<String>, pushforward::data::DataError> {
        case_precise(&At::new(&parse(case, Syntax::Json).expect("JSON"), "")).result
    }

    #[test]
    fn decimals_are_kept_in_full_and_numbers_are_what_f64_reads() {
        let flow = |a: &str, z: &str| {
            let params = format!(r#"{{"layer": "scalar_affine", "params": {{"a": {a}, "b": "0"}}}}"#);
            result(&format!(r#"{{"id": "c", "flow": {params}, "z": [{z}]}}"#)).expect("it evaluates").x
        };
        let ten = |digits: &str| vec![format!("{digits}{}", "0".repeat(60 - digits.trim_start_matches("0.").len()))];
        assert_eq!(flow(r#""0.1""#, r#""3""#), ten("0.3"));
        assert_eq!(flow("0.1", "3"), ["0.300000000000000016653345369377348106354475021362304687500000"]);
        assert_eq!(flow(r#""-0.1""#, "0.5"), [format!("-0.05{}", "0".repeat(59))]);
        // The point and a parameter may round to one f64 and differ.
        assert_eq!(flow("0.5", r#""0.50000000000000000000000001""#), ten("0.250000000000000000000000005"));
    }

    #[test]
    fn two_parameters_that_only_f64_confuses_are_refused() {
        let flow = r#"{"layer": "scalar_affine", "params": {"a": "0.1", "b": 0.1}}"#;
        let error = result(&format!(r#"{{"id": "c", "flow": {flow}, "z": ["1"]}}"#)).expect_err("ambiguous");
        assert_eq!((error.kind, error.path.as_str()), ("SameRounding", "params.b"));
        let flow = r#"{"layer": "scalar_affine", "params": {"a": "0", "b": "1"}}"#;
        let error = result(&format!(r#"{{"id": "c", "flow": {flow}, "z": ["1"]}}"#)).expect_err("singular");
        assert_eq!(error.kind, "SingularScale");
    }

    const VALUES: &str = include_str!("../fixtures/reference/values.json");

    fn get<'a>(table: &'a Value, key: &str) -> Option<&'a Value> {
        let Value::Table(entries) = table else { return None };
        entries.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    fn flat(value: &Value) -> Vec<Precise> {
        match value {
            Value::List(all) => all.iter().flat_map(flat).collect(),
            Value::Text(text) => vec![text.parse().expect("a number")],
            other => panic!("{other:?} is no number"),
        }
    }

    /// The reference has 50 digits; decimals in the flow and the point are kept in full, so nothing is excused by rounding.
    #[test]
    fn every_reference_value_is_met_to_fifty_digits() {
        let document = parse(VALUES, Syntax::Json).expect("JSON");
        let Some(Value::List(cases)) = get(&document, "cases") else { panic!("a list of cases") };
        let (mut misses, mut numbers) = (Vec::new(), 0);
        for entry in cases {
            let Value::Table(keys) = entry else { panic!("a case is a table") };
            let case = Value::Table(keys.iter().filter(|(key, _)| key != "expect").cloned().collect());
            let expect = get(entry, "expect").expect("what to expect");
            let outcome = case_precise(&At::new(&case, ""));
            let id = outcome.id.expect("an id");
            let got = match outcome.result {
                Ok(got) => got,
                Err(e) => {
                    misses.push(format!("{id}: {}: {e}", e.kind));
                    continue;
                }
            };
            let quantities = [
                ("z", got.z),
                ("x", got.x),
                ("log_det", vec![got.log_det]),
                ("log_prob", vec![got.log_prob]),
                ("jacobian", got.jacobian.expect("no reference is that large").concat()),
            ];
            for (key, found) in quantities {
                let Some(right) = get(expect, key).map(flat) else { continue };
                assert_eq!(found.len(), right.len(), "{id}.{key}");
                for (found, right) in found.iter().zip(right) {
                    numbers += 1;
                    let apart = (found.parse::<Precise>().expect("a number") - right).abs();
                    let allowed = right.abs() * 1e-49 + Precise::from(1e-60);
                    if apart > allowed || apart.is_nan() {
                        misses.push(format!("{id}.{key}: {found}, reference {right:?}"));
                    }
                }
            }
        }
        assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
        assert!(numbers > 1000, "{numbers}");
    }
}
