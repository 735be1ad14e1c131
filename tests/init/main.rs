//! `pushforward init`: what it writes compiles, fails until it is filled in, and holds when it is.
//!
//! The harness is not the standard one, so that the laws of both files are judged here, and failing ones are no failure.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed, Trial};
use pushforward::family::Drawn;
use pushforward::{Check, Verdict, laws};

const PYTHON_CLIENT: &str = include_str!("../../examples/python/pushforward_client.py");

/// As it is written.
mod my_layer {
    include!("my_layer.rs");

    pub(super) fn drawn() -> pushforward::family::Drawn {
        pushforward::__private::drawn(any_my_layer())
    }
}

/// Filled in.
mod stretch {
    include!("stretch.rs");

    pub(super) fn drawn() -> pushforward::family::Drawn {
        pushforward::__private::drawn(any_stretch())
    }
}

/// A folder of one test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pushforward-init-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }
    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
    fn init(&self, arguments: &[&str]) -> Output {
        let mut all = vec!["init"];
        all.extend(arguments);
        let folder = self.0.to_string_lossy();
        all.extend(["-o", &folder]);
        pushforward(&all)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

fn pushforward(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pushforward")).args(arguments).output().expect("the command runs")
}

/// The verdict of each law in a word; that of a layer whose body is `todo!` is a panic.
fn words(layers: fn() -> Drawn) -> Vec<(&'static str, &'static str)> {
    let word = |law| {
        let report = Check::new().cases(20).laws([law]).run_strategy("layer", layers());
        report.verdict(law.name).map_or("none", Verdict::word)
    };
    laws::all().map(|law| (law.name, catch_unwind(AssertUnwindSafe(|| word(law))).unwrap_or("panics"))).collect()
}

fn the_rust_file_is_the_one_compiled_here() {
    let folder = Folder::new("rust");
    let output = folder.init(&["my_layer"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = fs::read_to_string(folder.file("my_layer.rs")).expect("the file");
    assert_eq!(text, include_str!("my_layer.rs"));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("my_layer.rs") && told.contains("cargo test --test my_layer"), "{told}");
    assert_eq!(fs::read_dir(&folder.0).expect("the folder").count(), 1);

    // The other is the same file with what it asks for filled in: nothing else of it is touched.
    assert_eq!(folder.init(&["stretch", "--lang", "rust"]).status.code(), Some(0));
    let empty = fs::read_to_string(folder.file("stretch.rs")).expect("the file");
    let mut filled = include_str!("stretch.rs").lines();
    let mut open = false;
    for line in empty.lines() {
        open = line.contains("todo") || line.contains("Promises::default()") || (open && line.trim().starts_with("//"));
        assert!(open || filled.any(|other| other == line), "not in the file that is filled in: {line}");
    }
}

fn no_law_holds_of_what_is_not_filled_in() {
    let words = words(my_layer::drawn);
    let panics = words.iter().filter(|(_, word)| *word == "panics").count();
    assert!(panics > 20, "{words:?}");
    assert!(words.iter().all(|(_, word)| *word != "holds"), "{words:?}");
}

fn every_law_holds_or_does_not_apply_once_it_is() {
    for (law, word) in words(stretch::drawn) {
        assert!(word == "holds" || word == "n/a", "{law}: {word}");
    }
}

fn python() -> Option<&'static str> {
    let works = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !works {
        println!("NOT RUN: there is no python3");
    }
    works.then_some("python3")
}

fn the_python_file_fails_until_it_is_filled_in() {
    let folder = Folder::new("python");
    let output = folder.init(&["stretch", "--lang", "python"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(fs::read_to_string(folder.file("pushforward_client.py")).expect("the client"), PYTHON_CLIENT);
    let Some(python) = python() else { return };
    let file = folder.file("stretch_layer.py");
    let judge = || {
        let file = file.to_string_lossy();
        let laws = ["--law", "log-det-is-jacobian", "--law", "inverse-undoes-forward"];
        let arguments = [&["external", "--dim", "2", "--cases", "20"][..], &laws, &["--", python, &file]].concat();
        let output = pushforward(&arguments);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr),
        )
    };
    let (status, text) = judge();
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("NotImplementedError") || text.contains("return x, log_det"), "{text}");

    let empty = fs::read_to_string(&file).expect("the file");
    let filled = empty
        .replace(
            "raise NotImplementedError(\"forward: return x, log_det\")",
            "return [2 * v + 1 for v in z], 0.6931471805599453 * len(z)",
        )
        .replace(
            "raise NotImplementedError(\"inverse: return z, log_det\")",
            "return [(v - 1) / 2 for v in x], -0.6931471805599453 * len(x)",
        )
        .replace("name=\"stretch\")", "name=\"stretch\", promises={\"constant_log_det\": True})");
    fs::write(&file, &filled).expect("the file");
    let (status, text) = judge();
    assert_eq!(status, Some(0), "{text}");

    // The slip: the log-det of one coordinate.
    fs::write(&file, filled.replace("* len(z)", "")).expect("the file");
    let (status, text) = judge();
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("FAILS  stretch / log-det-is-jacobian"), "{text}");
}

fn what_is_there_stays_as_it_is() {
    let folder = Folder::new("there");
    for (lang, name) in [("rust", "mine.rs"), ("python", "mine_layer.py")] {
        fs::write(folder.file(name), "mine").expect("a file");
        let output = folder.init(&["mine", "--lang", lang]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("is there already"), "{output:?}");
        assert_eq!(fs::read_to_string(folder.file(name)).expect("the file"), "mine");
    }
    assert!(!folder.file("pushforward_client.py").exists(), "nothing else is written");
    fs::write(folder.file("pushforward_client.py"), "an older one").expect("a file");
    assert_eq!(folder.init(&["other", "--lang", "python"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(folder.file("pushforward_client.py")).expect("the file"), "an older one");
}

fn bad_names_and_places_are_refused_with_the_reason() {
    let folder = Folder::new("names");
    for (name, reason) in [
        ("", "empty"),
        ("MyLayer", "small letter"),
        ("2d", "small letter"),
        ("my-layer", "small letters, digits and _"),
        ("../escape", "small letter"),
        ("a/b", "small letters, digits and _"),
        ("größe", "small letters, digits and _"),
        ("a__b", "_ must stand between"),
        ("a_", "_ must stand between"),
        ("match", "stands for something else"),
        ("result", "stands for something else"),
        ("pushforward", "stands for something else"),
        (&"a".repeat(61), "longer than 60"),
    ] {
        for lang in ["rust", "python"] {
            let output = folder.init(&[name, "--lang", lang]);
            let message = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(2), "{name}");
            assert!(message.contains(reason) && message.contains("my_layer"), "{name}: {message}");
        }
    }
    assert_eq!(fs::read_dir(&folder.0).expect("the folder").count(), 0);
    let nowhere = folder.file("nowhere");
    let output = pushforward(&["init", "my_layer", "-o", &nowhere.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("is no folder"), "{output:?}");
    assert_eq!(folder.init(&["my_layer", "--lang", "fortran"]).status.code(), Some(2));
}

fn main() {
    let tests: [(&str, fn()); 6] = [
        ("the_rust_file_is_the_one_compiled_here", the_rust_file_is_the_one_compiled_here),
        ("no_law_holds_of_what_is_not_filled_in", no_law_holds_of_what_is_not_filled_in),
        ("every_law_holds_or_does_not_apply_once_it_is", every_law_holds_or_does_not_apply_once_it_is),
        ("the_python_file_fails_until_it_is_filled_in", the_python_file_fails_until_it_is_filled_in),
        ("what_is_there_stays_as_it_is", what_is_there_stays_as_it_is),
        ("bad_names_and_places_are_refused_with_the_reason", bad_names_and_places_are_refused_with_the_reason),
    ];
    let trial = |(name, test): (&str, fn())| {
        Trial::test(name, move || {
            // Panics of layers that are not filled in are expected: a failing test says what panicked itself.
            catch_unwind(test).map_err(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                Failed::from(text.or(panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
            })
        })
    };
    std::panic::set_hook(Box::new(|_| {}));
    libtest_mimic::run(&Arguments::from_args(), tests.into_iter().map(trial).collect()).exit();
}
