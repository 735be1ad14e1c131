//! `pushforward soak` and `--jobs`, as a user calls them.

use std::process::{Command, Output};

fn pushforward(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pushforward")).args(arguments).output().expect("the command runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The state on the last line of the output.
fn state(output: &Output) -> String {
    text(&output.stdout).lines().last().unwrap_or_default().to_owned()
}

const PLANAR: &str = r#"{"layer":"planar","params":{"u":["1","0"],"w":["1","2"],"b":"0"}}"#;

#[test]
fn the_state_does_not_depend_on_threads_nor_on_where_a_run_was_cut() {
    let whole = pushforward(&["soak", PLANAR, "--points", "20000", "--jobs", "1"]);
    assert!(whole.status.success(), "{}", text(&whole.stderr));
    assert!(state(&whole).contains(r#""points":20000"#), "{}", state(&whole));
    let other = pushforward(&["soak", PLANAR, "--points", "20000", "--jobs", "3"]);
    assert_eq!(state(&whole), state(&other));
    let part = pushforward(&["soak", PLANAR, "--points", "7001"]);
    let resumed = pushforward(&["soak", PLANAR, "--points", "20000", "--resume", &state(&part)]);
    assert_eq!(state(&whole), state(&resumed));
    let json = pushforward(&["soak", "coupling_exp", "--points", "500", "--dim", "6", "--format", "json"]);
    assert!(json.status.success() && state(&json).contains(r#""dim":6"#), "{}", state(&json));
    assert_eq!(text(&json.stdout).lines().count(), 1);
}

#[test]
fn misuse_is_said_and_exits_2() {
    let good = state(&pushforward(&["soak", PLANAR, "--points", "10"]));
    let more = good.replace(r#""points":10"#, r#""points":11"#);
    for (arguments, says) in [
        (&["soak", "planer", "--points", "10"][..], "did you mean `planar`?"),
        (&["soak", PLANAR], "--points"),
        (&["soak", r#"{"layer":"planar"}"#, "--points", "1"], "key `params` is missing"),
        (&["soak", "missing.json", "--points", "1"], "cannot read missing.json"),
        (&["soak", PLANAR, "--points", "20", "--resume", "{}"], "of another run"),
        (&["soak", PLANAR, "--points", "20", "--resume", "{"], "no state as printed"),
        (&["soak", PLANAR, "--points", "20", "--seed", "5", "--resume", &good], "its seed is 20260101, here it is 5"),
        (&["soak", PLANAR, "--points", "20", "--resume", &more], "do not add up"),
        (&["soak", PLANAR, "--points", "20", "--format", "latex"], "only `derive` prints"),
    ] {
        let output = pushforward(arguments);
        let stderr = text(&output.stderr);
        assert!(output.status.code() == Some(2) && stderr.contains(says), "{arguments:?}: {stderr}");
    }
}

#[test]
fn the_matrix_is_the_same_whatever_the_number_of_threads() {
    let matrix = |jobs: &str| {
        let output =
            pushforward(&["check", "planar", "shift", "rotation", "coupling_exp", "--cases", "4", "--jobs", jobs]);
        text(&output.stdout)
    };
    let one = matrix("1");
    assert!(one.contains("coupling_exp"), "{one}");
    assert_eq!(one, matrix("4"));
}
