//! `pushforward course` as a command.

use std::process::{Command, Output};

use super::fixture;

fn run(arguments: &[&str]) -> Output {
    let directory = fixture("");
    Command::new(env!("CARGO_BIN_EXE_pushforward"))
        .arg("course")
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_exit_status_says_what_was_found() {
    let good = run(&["corpus"]);
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stdout));
    assert!(text(&good.stdout).contains(" chapters, "));
    // The facts beside the chapter are used without being named.
    let bad = run(&["flows.md"]);
    assert_eq!(bad.status.code(), Some(1));
    let out = text(&bad.stdout);
    assert!(out.contains("flows.md:27:76: rounded twice: printed 1.5728, right is 1.5729"), "{out}");
    assert!(out.contains("12 printed numbers recomputed") && out.contains("refuted"), "{out}");
    for misuse in [&["absent.md"][..], &["flows.md", "--facts", "flows.md"], &["corpus", "--facts", "flows.facts.toml"]]
    {
        let output = run(misuse);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{misuse:?}");
    }
}

#[test]
fn each_format_is_one_that_its_reader_takes() {
    let json = run(&["flows.md", "--format", "json"]);
    for line in text(&json.stdout).lines() {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["file", "line", "column", "printed", "value", "verdict", "reason"]);
    }
    let sarif: serde_json::Value = serde_json::from_slice(&run(&["flows.md", "--format", "sarif"]).stdout).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 4);
    let github = text(&run(&["flows.md", "--format", "github"]).stdout);
    assert_eq!(github.lines().filter(|l| l.starts_with("::warning file=flows.md,line=")).count(), 4, "{github}");
}
