//! The report in JSON has the shape that its schema says, and the schema says enough for another shape to break it.

use pushforward::{Check, laws, museum, report};
use serde_json::{Value, json};

use super::schema::validate;
use super::{every_verdict, pushforward};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("the schema is JSON")
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("the report is JSON")
}

fn expect_valid(value: &Value) {
    validate(&schema(), value).unwrap_or_else(|why| panic!("{why}\n{value:#}"));
}

#[test]
fn what_the_command_prints_is_valid() {
    let output = pushforward(&["check", "planar", "identity", "--cases", "20", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let value = parsed(&String::from_utf8_lossy(&output.stdout));
    expect_valid(&value);
    assert_eq!(value["rows"][0]["laws"].as_array().map(Vec::len), Some(laws::all().count()));
    assert_eq!((value["cases"].clone(), value["acceptable"].clone()), (json!(20), json!(true)));
    assert_eq!(value["rows"][0]["claim"], json!("named-flow"));
}

/// Failing, vacuous, undecided and skipped verdicts as they come.
#[test]
fn reports_of_real_bugs_are_valid() {
    let few = Check::new().cases(20);
    for id in ["sign-01", "form-01", "mask-01", "dom-02"] {
        let exhibit = museum::find(id).expect("an exhibit");
        let mut report = few.run(&*(exhibit.broken)());
        if let Some(fixture) = exhibit.degenerate {
            report.extend(few.run(&*fixture()));
        }
        expect_valid(&parsed(&report::json(&report)));
        assert!(!report.is_acceptable());
    }
}

#[test]
fn every_kind_of_verdict_and_number_is_valid() {
    let value = parsed(&report::json(&every_verdict()));
    expect_valid(&value);
    let found = &value["rows"][0]["laws"][1]["counterexample"];
    assert_eq!(found["left"]["value"], json!("NaN"));
    assert_eq!((found["apart"].clone(), found["point"]["value"][1].clone()), (json!("inf"), json!("-inf")));
    assert_eq!(found["layer"], json!(super::NASTY));
}

#[test]
fn an_undecided_law_is_acceptable_where_the_run_allows_it() {
    let mut report = every_verdict();
    report.may_be_undecided.push("inverse-log-det-negates");
    let value = parsed(&report::json(&report));
    expect_valid(&value);
    assert_eq!(value["rows"][0]["laws"][2]["acceptable"], json!(true));
    assert_eq!(value["rows"][0]["laws"][3]["acceptable"], json!(false), "what is vacuous cannot be allowed");
}

/// At every place of a valid report: a key more, a key less, another type.
#[test]
fn another_shape_is_not_valid() {
    let (schema, right) = (schema(), parsed(&report::json(&every_verdict())));
    let mut tried = 0;
    each_place(&right, &mut String::new(), &mut |place, here| {
        let mut changes = vec![json!({"a": 1})];
        if let Value::Object(fields) = here {
            changes.push(Value::Object(fields.clone().into_iter().chain([("extra".to_owned(), json!(1))]).collect()));
            for key in fields.keys() {
                changes.push(Value::Object(fields.clone().into_iter().filter(|(k, _)| k != key).collect()));
            }
        }
        for change in changes {
            let mut wrong = right.clone();
            *wrong.pointer_mut(place).expect("the place is there") = change.clone();
            assert!(validate(&schema, &wrong).is_err(), "at {place} the schema lets {change} pass");
            tried += 1;
        }
    });
    assert!(tried > 200, "{tried}");
    let mut wrong = right;
    wrong["version"] = json!(2);
    assert!(validate(&schema, &wrong).is_err());
}

fn each_place(value: &Value, place: &mut String, visit: &mut impl FnMut(&str, &Value)) {
    visit(place, value);
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, field)| (key.replace('/', "~1"), field)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(i, item)| (i.to_string(), item)).collect(),
        _ => Vec::new(),
    };
    for (key, field) in inside {
        let length = place.len();
        place.push('/');
        place.push_str(&key);
        each_place(field, place, visit);
        place.truncate(length);
    }
}

/// The page's command prints what the page shows.
#[test]
fn the_page_shows_what_is_printed() {
    let page = include_str!("../../docs/json.md");
    let block = |opening: &str| {
        let from = page.find(opening).map(|at| at + opening.len()).expect("a block");
        page[from..].split("```").next().expect("its end")
    };
    let command = block("```console\n$ pushforward ").trim();
    let output = pushforward(&command.split(' ').collect::<Vec<_>>());
    let printed = parsed(&String::from_utf8_lossy(&output.stdout));
    assert_eq!(parsed(block("```json\n")), printed, "it prints {printed:#}");
}
