//! What a process says of itself, read strictly: a promise misspelt would be a promise not held to.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::VERSION;
use super::reply::number;
use crate::promises::{Domain, Interval, Orientation, Promises, Structure};

/// What a process says of itself.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Hello {
    /// What reports call it.
    pub name: String,
    /// Its dimension.
    pub dim: usize,
    /// It computes in f32.
    pub single: bool,
    /// It offers an inverse.
    pub inverse: bool,
    /// It offers the Jacobian of `forward`.
    pub jacobian: bool,
    /// It offers the Jacobian of `inverse`.
    pub inverse_jacobian: bool,
    /// What it promises.
    pub promises: Promises,
}

/// The largest dimension taken: a Jacobian by differences is about 50 points for each coordinate.
const LARGEST: u64 = 1024;

impl Hello {
    pub(super) fn read(answer: &Value) -> Result<Self, String> {
        let table = answer.as_object().ok_or("a table is due")?;
        if let Some(error) = table.get("error") {
            let message = error.get("message").and_then(Value::as_str);
            return Err(format!("it refuses: {}", message.map_or_else(|| error.to_string(), str::to_owned)));
        }
        known(table, HELLO, "hello")?;
        if table.get("protocol").and_then(Value::as_u64) != Some(VERSION) {
            let found = table.get("protocol").unwrap_or(&Value::Null);
            return Err(format!("it speaks protocol {found}, this is protocol {VERSION}"));
        }
        let dim = table.get("dim").and_then(Value::as_u64).filter(|dim| (1..=LARGEST).contains(dim));
        let dim = dim.ok_or_else(|| format!("\"dim\" must be an integer from 1 to {LARGEST}"))? as usize;
        let single = match table.get("dtype").and_then(Value::as_str) {
            Some("float64") => false,
            Some("float32") => true,
            _ => return Err("\"dtype\" must be \"float64\" or \"float32\"".to_owned()),
        };
        let offers = table.get("offers").and_then(Value::as_array).ok_or("\"offers\" must be a list")?;
        let offers: BTreeSet<&str> = offers.iter().filter_map(Value::as_str).collect();
        let all = ["forward", "inverse", "jacobian", "inverse_jacobian"];
        if let Some(other) = offers.iter().find(|offer| !all.contains(offer)) {
            return Err(format!("it offers {other:?}; known are {}", all.join(", ")));
        }
        if !offers.contains("forward") {
            return Err("it must offer \"forward\"".to_owned());
        }
        let name = table.get("name").and_then(Value::as_str).unwrap_or("external").to_owned();
        let promises = table.get("promises").map_or(Ok(Promises::default()), |value| promises(value, dim))?;
        let offers = |what| offers.contains(what);
        let (inverse, jacobian, inverse_jacobian) = (offers("inverse"), offers("jacobian"), offers("inverse_jacobian"));
        Ok(Self { name, dim, single, inverse, jacobian, inverse_jacobian, promises })
    }
}

fn known(table: &Map<String, Value>, keys: &[&str], of: &str) -> Result<(), String> {
    let stranger = table.keys().find(|key| !keys.contains(&key.as_str()));
    stranger.map_or(Ok(()), |key| Err(format!("{of} has no {key:?}; it has {}", keys.join(", "))))
}

const HELLO: &[&str] = &["id", "protocol", "name", "dim", "dtype", "offers", "promises"];
const PROMISES: &[&str] = &[
    "domain",
    "codomain",
    "structure",
    "kept",
    "reaches_all",
    "constant_log_det",
    "volume_preserving",
    "orientation",
    "increasing",
    "identity",
    "once_differentiable",
    "kinked",
    "truncation",
];

fn promises(value: &Value, dim: usize) -> Result<Promises, String> {
    let table = value.as_object().ok_or("\"promises\" must be a table")?;
    known(table, PROMISES, "promises")?;
    let mut promises = Promises::default();
    for (key, value) in table {
        let told = |what: &str| format!("promises.{key} must be {what}, found {value}");
        let truth = || value.as_bool().ok_or_else(|| told("true or false"));
        promises = match key.as_str() {
            "domain" => promises.domain(set(value, dim).ok_or_else(|| told(SETS))?),
            "codomain" => promises.codomain(set(value, dim).ok_or_else(|| told(SETS))?),
            "structure" => promises.structure(structure(value, dim).ok_or_else(|| told(PATTERNS))?),
            "kept" => promises.kept(indices(value, dim).ok_or_else(|| told("a list of coordinates"))?),
            "orientation" => promises.orientation(match value.as_str() {
                Some("positive") => Orientation::Positive,
                Some("negative") => Orientation::Negative,
                _ => return Err(told("\"positive\" or \"negative\"")),
            }),
            "truncation" => {
                let size = number(value).ok().filter(|x| x.is_finite() && *x >= 0.0);
                promises.truncation(size.ok_or_else(|| told("a number that is not negative"))?)
            }
            _ if !truth()? => promises,
            "reaches_all" => promises.reaches_all(),
            "constant_log_det" => promises.constant_log_det(),
            "volume_preserving" => promises.volume_preserving(),
            "increasing" => promises.increasing(),
            "identity" => promises.identity(),
            "once_differentiable" => promises.once_differentiable(),
            _ => promises.kinked(),
        };
    }
    Ok(promises)
}

const SETS: &str = "\"reals\", \"positive\", \"unit\", \"ordered\", \"simplex\", \"nonzero\", [low, high], or one [low, high] \
                    for each coordinate";

fn set(value: &Value, dim: usize) -> Option<Domain> {
    if let Some(name) = value.as_str() {
        return Some(match name {
            "reals" => Domain::Reals,
            "positive" => Domain::Each(Interval::POSITIVE),
            "unit" => Domain::Each(Interval::UNIT),
            "ordered" => Domain::Ordered,
            "simplex" => Domain::Simplex,
            "nonzero" => Domain::NonZero,
            _ => return None,
        });
    }
    let interval = |value: &Value| -> Option<Interval> {
        let [lo, hi] = value.as_array()?.as_slice() else { return None };
        let (lo, hi) = (number(lo).ok()?, number(hi).ok()?);
        (lo < hi && lo < f64::INFINITY && hi > f64::NEG_INFINITY).then_some(Interval { lo, hi })
    };
    if let Some(interval) = interval(value) {
        return Some(Domain::Each(interval));
    }
    let all: Vec<Interval> = value.as_array()?.iter().map(interval).collect::<Option<_>>()?;
    (all.len() == dim).then_some(Domain::Coordinates(all))
}

const PATTERNS: &str = "\"dense\", \"diagonal\", \"lower-triangular\", \"orthogonal\", {\"triangular\": order}, \
                        {\"pass-through\": kept} or {\"permutation\": order}";

fn structure(value: &Value, dim: usize) -> Option<Structure> {
    if let Some(name) = value.as_str() {
        return Some(match name {
            "dense" => Structure::Dense,
            "diagonal" => Structure::Diagonal,
            "lower-triangular" => Structure::Triangular { order: (0..dim).collect() },
            "orthogonal" => Structure::Orthogonal,
            _ => return None,
        });
    }
    let (key, value) = value.as_object().filter(|table| table.len() == 1)?.iter().next()?;
    let some = indices(value, dim)?;
    let all = || Some(some.clone()).filter(|order| order.len() == dim);
    match key.as_str() {
        "triangular" => Some(Structure::Triangular { order: all()? }),
        "permutation" => Some(Structure::Permutation(all()?)),
        "pass-through" => Some(Structure::PassThrough { kept: some }),
        _ => None,
    }
}

/// Different coordinates.
fn indices(value: &Value, dim: usize) -> Option<Vec<usize>> {
    let index = |value: &Value| value.as_u64().map(|i| i as usize).filter(|&i| i < dim);
    let all: Vec<usize> = value.as_array()?.iter().map(index).collect::<Option<_>>()?;
    (all.iter().collect::<BTreeSet<_>>().len() == all.len()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hello(promises: &Value) -> Result<Hello, String> {
        Hello::read(&json!({
            "id": 0, "protocol": 1, "dim": 2, "dtype": "float32", "offers": ["forward", "jacobian"], "promises": promises
        }))
    }

    #[test]
    fn promises_are_read_strictly() {
        let found = hello(&json!({
            "domain": [0, "inf"], "codomain": [[-1, 1], ["-inf", 2]], "structure": {"triangular": [1, 0]}, "kept": [1],
            "increasing": true, "kinked": false, "truncation": 1e-6, "orientation": "negative"
        }))
        .unwrap();
        assert!(found.single && found.jacobian && !found.inverse && found.name == "external");
        assert_eq!(found.promises.domain, Domain::Each(Interval::POSITIVE));
        assert_eq!(found.promises.structure, Structure::Triangular { order: vec![1, 0] });
        assert!(found.promises.increasing && !found.promises.kinked && found.promises.truncation == 1e-6);
        for bad in [
            json!({"kinkd": true}),
            json!({"kinked": 1}),
            json!({"domain": [1, 0]}),
            json!({"domain": [[0, 1]]}),
            json!({"domain": "real"}),
            json!({"structure": {"triangular": [0]}}),
            json!({"structure": {"pass-through": [2]}}),
            json!({"kept": [0, 0]}),
            json!({"truncation": "nan"}),
            json!({"orientation": "either"}),
            json!([]),
        ] {
            assert!(hello(&bad).is_err(), "{bad}");
        }
    }

    /// The page, the schema and the reader know the same promises.
    #[test]
    fn the_schema_says_what_is_read() {
        let schema: Value = serde_json::from_str(include_str!("../../../docs/protocol.schema.json")).unwrap();
        let keys = |of: &str| -> BTreeSet<String> {
            schema["$defs"][of]["properties"].as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(keys("promises"), PROMISES.iter().map(|&key| key.to_owned()).collect());
        assert_eq!(keys("hello"), HELLO.iter().map(|&key| key.to_owned()).collect());
        let page = include_str!("../../../docs/protocol.md");
        for key in PROMISES.iter().chain(HELLO) {
            assert!(page.contains(&format!("`{key}`")) || page.contains(&format!("\"{key}\"")), "{key}");
        }
    }

    #[test]
    fn another_version_and_a_missing_forward_are_refused() {
        let with = |key: &str, value: Value| {
            let mut hello = json!({"id": 0, "protocol": 1, "dim": 2, "dtype": "float64", "offers": ["forward"]});
            hello[key] = value;
            Hello::read(&hello).map(|_| ()).unwrap_err()
        };
        assert!(with("protocol", json!(2)).contains("protocol 2"));
        assert!(with("dim", json!(0)).contains("dim"));
        assert!(with("dim", json!(1e9)).contains("dim"));
        assert!(with("dtype", json!("float16")).contains("float32"));
        assert!(with("offers", json!(["inverse"])).contains("forward"));
        assert!(with("offers", json!(["forward", "sample"])).contains("sample"));
        assert!(with("error", json!({"message": "no such layer"})).contains("no such layer"));
    }
}
