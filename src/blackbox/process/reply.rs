//! What a process answers.

use serde_json::Value;

use crate::blackbox::Rows;
use crate::error::FlowError;
use crate::flow::Image;

/// A number: JSON's, or `"nan"`, `"inf"`, `"-inf"`, which JSON lacks.
pub(super) fn number(value: &Value) -> Result<f64, String> {
    let named = |text: &str| match text.to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "inf" | "infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    };
    let found = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => named(text),
        _ => None,
    };
    found.ok_or_else(|| format!("{value} where a number, \"nan\", \"inf\" or \"-inf\" is due"))
}

fn numbers(value: Option<&Value>, name: &str) -> Result<Vec<f64>, String> {
    let all = value.and_then(Value::as_array).ok_or_else(|| format!("a result without the list {name:?}"))?;
    all.iter().map(number).collect()
}

/// The error in place of a result.
fn refusal(value: &Value) -> Option<FlowError> {
    let error = value.get("error")?;
    let text = |key| error.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (kind, what) = (text("kind"), text("message"));
    Some(match kind.as_str() {
        "out-of-range" => FlowError::OutOfRange { what },
        "not-converged" => FlowError::NotConverged { what },
        "no-inverse" => FlowError::NoInverse,
        "singular" => FlowError::Singular { what },
        _ if what.is_empty() => FlowError::Foreign { what: error.to_string() },
        _ => FlowError::Foreign { what },
    })
}

/// `{"point": […], "log_det": …}`, or an error.
pub(super) fn image(value: &Value) -> Result<Result<Image<f64>, FlowError>, String> {
    if let Some(error) = refusal(value) {
        return Ok(Err(error));
    }
    let log_det = value.get("log_det").ok_or("a result without \"log_det\"").map(number)??;
    Ok(Ok(Image::new(numbers(value.get("point"), "point")?, log_det)))
}

/// `{"jacobian": [[…], …]}`, or an error.
pub(super) fn rows(value: &Value) -> Result<Result<Rows, FlowError>, String> {
    if let Some(error) = refusal(value) {
        return Ok(Err(error));
    }
    let rows = value.get("jacobian").and_then(Value::as_array).ok_or("a result without the list \"jacobian\"")?;
    rows.iter().map(|row| numbers(Some(row), "jacobian")).collect::<Result<Rows, String>>().map(Ok)
}

/// One result for each of so many points; an error of the whole answer is one of each point.
pub(super) fn results<T>(
    answer: &Value,
    points: usize,
    read: impl Fn(&Value) -> Result<Result<T, FlowError>, String>,
) -> Result<Vec<Result<T, FlowError>>, String> {
    if let Some(error) = refusal(answer) {
        return Ok((0..points).map(|_| Err(error.clone())).collect());
    }
    let all = answer.get("results").and_then(Value::as_array).ok_or("an answer without the list \"results\"")?;
    if all.len() != points {
        return Err(format!("{} results for {points} points", all.len()));
    }
    all.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_errors_and_everything_else() {
        let read = |value: Value| results(&value, 1, image);
        let image = read(json!({"results": [{"point": [1, "inf"], "log_det": "NaN"}]})).unwrap().remove(0).unwrap();
        assert!(image.point == [1.0, f64::INFINITY] && image.log_det.is_nan());
        let error = |value| read(value).unwrap().remove(0).unwrap_err();
        let out = json!({"kind": "out-of-range", "message": "exp(800)"});
        assert_eq!(error(json!({"results": [{"error": out}]})), FlowError::OutOfRange { what: "exp(800)".to_owned() });
        assert_eq!(error(json!({"error": {"message": "no"}})), FlowError::Foreign { what: "no".to_owned() });
        for bad in [
            json!({}),
            json!({"results": []}),
            json!({"results": [{}]}),
            json!({"results": [{"point": [1]}]}),
            json!({"results": [{"point": [null], "log_det": 0}]}),
            json!({"results": [{"point": "1", "log_det": 0}]}),
            json!({"results": 7}),
        ] {
            assert!(read(bad.clone()).is_err(), "{bad}");
        }
    }
}
