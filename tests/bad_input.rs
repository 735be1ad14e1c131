//! Bad input: a typed error at its place, never a panic, never a NaN; and the command's exit status and messages.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use pushforward::data::{At, Value};
use pushforward::document::{Syntax, parse};
use pushforward::eval::case;

const BAD: &str = include_str!("../fixtures/reference/bad.json");

fn get<'a>(table: &'a Value, key: &str) -> &'a Value {
    let Value::Table(entries) = table else { panic!("{table:?} is no table") };
    &entries.iter().find(|(k, _)| k == key).unwrap_or_else(|| panic!("no {key}")).1
}

#[test]
fn every_bad_case_gets_its_error_at_its_path() {
    let document = parse(BAD, Syntax::Json).expect("JSON");
    let Value::List(all) = get(&document, "cases") else { panic!("a list") };
    assert!(all.len() >= 50);
    let mut misses = Vec::new();
    for entry in all {
        let right = get(entry, "error");
        let (Value::Text(kind), Value::Text(path)) = (get(right, "kind"), get(right, "path")) else { panic!("text") };
        let outcome = case(&At::new(get(entry, "case"), ""));
        let line = outcome.to_json();
        match outcome.result {
            Err(e) if (e.kind, e.path.as_str()) == (kind.as_str(), path.as_str()) => {
                assert!(!e.message.is_empty(), "{line}");
            }
            _ => misses.push(format!("expected {kind} at {path:?}: {line}")),
        }
    }
    assert!(misses.is_empty(), "{} misses:\n{}", misses.len(), misses.join("\n"));
}

/// Runs the command with this text on its standard input.
fn pushforward(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pushforward"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // The command may stop reading before all is written.
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).ok();
    child.wait_with_output().expect("the command ends")
}

const GOOD: &str = r#"{"id": "good", "flow": {"layer": "planar", "params": {"u": ["1", "0"], "w": [1, 2], "b": 0}}, "z": [0.5, -0.5]}"#;

fn lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

fn misuse(arguments: &[&str], input: &str, says: &[&str]) {
    let output = pushforward(arguments, input);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?} {input}: {message}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert!(!message.contains("panicked"), "{message}");
    for word in says {
        assert!(message.contains(word), "{arguments:?}: {word} is not in: {message}");
    }
}

#[test]
fn good_cases_exit_with_0_and_a_bad_one_with_1_and_the_rest_goes_on() {
    let good = pushforward(&["eval", "-"], &format!("{{\"cases\": [{GOOD}]}}"));
    assert_eq!(good.status.code(), Some(0));
    let line = lines(&good).join("");
    assert!(line.starts_with(r#"{"id":"good","z":[0.5,-0.5],"x":[0.03788284273999"#), "{line}");
    for key in ["log_det", "jacobian", "log_prob", "residual_round_trip"] {
        assert!(line.contains(&format!("\"{key}\":")), "{line}");
    }

    let unknown = GOOD.replace("planar", "plannar");
    let extra = GOOD.replace("\"b\"", "\"B\"");
    let mixed = pushforward(&["eval", "-"], &format!("{{\"cases\": [{GOOD}, {unknown}, {extra}, 1, {GOOD}]}}"));
    assert_eq!(mixed.status.code(), Some(1));
    let lines = lines(&mixed);
    assert_eq!(lines.len(), 5);
    assert_eq!(lines[0], lines[4]);
    assert!(lines[1].contains("UnknownLayer") && lines[1].contains("did you mean `planar`?"), "{}", lines[1]);
    assert!(lines[2].contains(r#""path":"params.b""#) && lines[2].contains("is `B` meant?"), "{}", lines[2]);
    assert!(lines[3].starts_with(r#"{"id":null,"error":{"kind":"WrongType""#), "{}", lines[3]);
}

#[test]
fn every_line_is_json() {
    let document = parse(BAD, Syntax::Json).expect("JSON");
    let Value::List(all) = get(&document, "cases") else { panic!("a list") };
    for entry in all {
        let line = case(&At::new(get(entry, "case"), "")).to_json();
        parse(&line, Syntax::Json).unwrap_or_else(|e| panic!("{line}: {e}"));
    }
}

#[test]
fn a_document_that_cannot_be_read_names_file_line_and_column() {
    misuse(&["eval", "-"], "{\"cases\": [\n  {\"z\": [1, }]}", &["standard input:2:13", "cases[0].z[1]"]);
    misuse(&["eval", "-"], "{\"cases\": [{\"z\": [NaN]}]}", &["standard input:1:", "cases[0].z[0]"]);
    misuse(&["eval", "-"], "", &["standard input:1:0"]);
    misuse(&["eval", "-"], "{\"cases\": []} more", &["standard input:1:15"]);
    misuse(&["eval", "-"], &"[".repeat(100_000), &["recursion"]);
    misuse(&["eval", "no/such/file.json"], "", &["no/such/file.json"]);
    misuse(&["eval", env!("CARGO_MANIFEST_DIR")], "", &["cannot read"]);
}

#[test]
fn a_document_without_a_list_of_cases_is_misuse() {
    misuse(&["eval", "-"], "{}", &["cases", "missing"]);
    misuse(&["eval", "-"], "{\"case\": []}", &["unknown key `case`", "did you mean `cases`?"]);
    misuse(&["eval", "-"], "{\"cases\": {}}", &["cases", "expected a list"]);
    misuse(&["eval", "-"], "{\"cases\": [], \"note\": 1}", &["note"]);
    misuse(&["eval", "-"], "[]", &["expected a table"]);
}

#[test]
fn wrong_arguments_are_misuse() {
    misuse(&["evl", "-"], "", &["eval"]);
    misuse(&["eval"], "", &["FILE"]);
    misuse(&["eval", "--imprecise", "-"], "", &["--imprecise"]);
}

#[test]
fn toml_is_read_by_its_extension_and_its_nan_is_an_error_of_the_case() {
    let directory = std::env::temp_dir().join(format!("pushforward-bad-input-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a directory");
    let file = directory.join("cases.toml");
    let flow = "flow = { layer = \"planar\", params = { u = [\"1\"], w = [1], b = 0.5 } }";
    let text = format!("[[cases]]\nid = \"a\"\n{flow}\nz = [nan]\n[[cases]]\nid = \"b\"\n{flow}\nz = [0.25]\n");
    std::fs::write(&file, text).expect("a file");
    let output = pushforward(&["eval", &file.to_string_lossy()], "");
    assert_eq!(output.status.code(), Some(1));
    let lines = lines(&output);
    assert!(lines[0].contains(r#""kind":"NonFinite""#) && lines[0].contains(r#""path":"z[0]""#), "{}", lines[0]);
    assert!(lines[1].starts_with(r#"{"id":"b","z":[0.25]"#), "{}", lines[1]);
    std::fs::write(&file, "cases = [\n  1 2 ]").expect("a file");
    misuse(&["eval", &file.to_string_lossy()], "", &["cases.toml:2:"]);
    std::fs::remove_dir_all(&directory).expect("the directory is removed");
}

#[test]
fn a_reader_that_stops_early_is_no_fault() {
    let cases = vec![GOOD; 5000].join(",\n");
    let mut child = Command::new(env!("CARGO_BIN_EXE_pushforward"))
        .args(["eval", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    child.stdin.take().expect("a pipe").write_all(format!("{{\"cases\": [{cases}]}}").as_bytes()).ok();
    let output = child.wait_with_output().expect("the command ends");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.is_empty(), "{message}");
    assert_eq!(output.status.code(), Some(0));
}
