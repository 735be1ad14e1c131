//! Every command and output that the README shows is run, and compared line by line.
//!
//! `PUSHFORWARD_BLESS=1 cargo test --test readme` writes the outputs anew; the diff is then reviewed.

use std::process::Command;

#[path = "../examples/wrong_layer.rs"]
mod wrong_layer;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

fn run(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_pushforward")).args(arguments).output().expect("the command runs");
    // Findings in a chapter or another process are exit status 1; misuse would be 2.
    let may_find = matches!(arguments.first(), Some(&"course" | &"external"));
    let ran = output.status.code().is_some_and(|code| code == 0 || (code == 1 && may_find));
    assert!(ran, "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    trimmed(&String::from_utf8(output.stdout).expect("UTF-8"))
}

/// Without trailing blanks, which Markdown editors remove.
fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

/// What each fenced block should hold, found by how it begins.
fn expected(opening: &str, body: &str) -> Option<String> {
    if let Some(command) = body.strip_prefix("$ pushforward ").filter(|_| opening == "console") {
        let command = command.lines().next().unwrap_or_default();
        if command.contains("python3") && Command::new("python3").arg("--version").output().is_err() {
            println!("NOT RUN, for want of python3: {command}");
            return None;
        }
        return Some(format!("$ pushforward {command}\n{}", run(&command.split(' ').collect::<Vec<_>>())));
    }
    if opening == "text" && (body.starts_with("FAILS") || body.starts_with("WRONG_REPORT")) {
        return Some(trimmed(&wrong_layer::report()));
    }
    if opening == "text" {
        let all = run(&[]);
        let matrix = all.lines().skip_while(|line| !line.trim_start().starts_with("1  2  3"));
        return Some(trimmed(&matrix.collect::<Vec<_>>().join("\n")));
    }
    if opening == "rust" && (body.starts_with("#[derive") || body.starts_with("WRONG_LAYER")) {
        let source = include_str!("../examples/wrong_layer.rs");
        let from = source.find("// [readme]\n").expect("a marker") + "// [readme]\n".len();
        return Some(trimmed(&source[from..source.find("// [/readme]").expect("a marker")]));
    }
    if opening == "rust" {
        assert!(include_str!("../examples/add_a_layer.rs").contains(body), "the tutorial holds no {body:?}");
    }
    None
}

#[test]
fn every_block_is_what_it_says() {
    let readme = std::fs::read_to_string(README).expect("README.md");
    let mut made = String::new();
    let mut rest = readme.as_str();
    let mut checked = 0;
    while let Some(start) = rest.find("```") {
        let line_end = start + rest[start..].find('\n').expect("an opening line") + 1;
        let opening = rest[start + 3..line_end].trim();
        let end = line_end + rest[line_end..].find("\n```").expect("a closing fence") + 1;
        let body = rest[line_end..end].trim_end();
        made.push_str(&rest[..line_end]);
        match expected(opening, body) {
            Some(text) => {
                checked += 1;
                made.push_str(&text);
            }
            None => made.push_str(body),
        }
        made.push_str("\n```");
        rest = &rest[end + 3..];
    }
    made.push_str(rest);
    assert!(checked >= 5, "only {checked} blocks are checked");
    if std::env::var_os("PUSHFORWARD_BLESS").is_some() {
        std::fs::write(README, &made).expect("README.md is written");
    }
    let shown = if std::env::var_os("PUSHFORWARD_BLESS").is_some() { &made } else { &readme };
    for (i, (a, b)) in shown.lines().zip(made.lines()).enumerate() {
        assert_eq!(a, b, "README.md, line {}", i + 1);
    }
    assert_eq!(shown.lines().count(), made.lines().count());
}
