//! `-o FILE`: the whole of the output, or the file as it was.

use std::fs;
use std::path::{Path, PathBuf};

use super::pushforward;

/// A directory of one test's own, removed at its end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pushforward-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }
    fn file(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(&self.0)
            .expect("the directory")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

const CHECK: [&str; 4] = ["check", "planar", "--law", "log-det-is-jacobian"];

#[test]
fn every_format_is_written_to_a_file_as_it_would_be_printed() {
    let place = Place::new("formats");
    for format in ["text", "json", "junit", "html"] {
        let file = place.file(format);
        let printed = pushforward(&[&CHECK[..], &["--format", format]].concat());
        let written = pushforward(&[&CHECK[..], &["--format", format, "-o", &file]].concat());
        assert_eq!((written.status.code(), written.stdout.len()), (Some(0), 0));
        assert!(!printed.stdout.is_empty());
        assert_eq!(fs::read(&file).expect("the file"), printed.stdout, "{format}");
    }
    assert_eq!(place.names(), ["html", "json", "junit", "text"], "nothing else is left behind");
}

#[test]
fn a_failing_run_is_written_too() {
    let place = Place::new("failing");
    let file = place.file("exhibit.txt");
    let output = pushforward(&["course", "fixtures/course/example.md", "-o", &file]);
    assert_eq!(output.status.code(), Some(1));
    assert!(fs::read_to_string(&file).expect("the file").contains("wrong: printed 1.5738"));
}

#[test]
fn what_cannot_be_done_leaves_the_file_as_it_was() {
    let place = Place::new("misuse");
    let file = place.file("kept");
    fs::write(&file, "as it was").expect("a file");
    for arguments in [
        &["check", "plannar", "-o", &file][..],
        &["check", "planar", "--law", "no-such-law", "-o", &file],
        &["check", "planar", "--allow-undecided", "no-such-law", "-o", &file],
        &["museum", "--format", "junit", "-o", &file],
        &["laws", "--format", "html", "-o", &file],
        &["eval", "no/such/file.json", "-o", &file],
    ] {
        assert_eq!(pushforward(arguments).status.code(), Some(2), "{arguments:?}");
        assert_eq!(fs::read_to_string(&file).expect("the file"), "as it was", "{arguments:?}");
    }
    assert_eq!(place.names(), ["kept"], "nothing half-written is left behind");
}

#[test]
fn a_place_where_no_file_can_be_is_misuse_before_anything_is_judged() {
    let place = Place::new("places");
    for target in [place.file("no/such/directory/report"), place.file("."), place.file(".."), "/".to_owned()] {
        let output = pushforward(&["-o", &target]);
        let message = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{target}");
        assert!(message.contains("cannot write") && !message.contains("panicked"), "{message}");
    }
    assert!(place.names().is_empty());
}

#[cfg(unix)]
#[test]
fn devices_are_left_alone_and_links_are_followed() {
    let place = Place::new("links");
    let null = pushforward(&["laws", "-o", "/dev/null"]);
    assert_eq!(null.status.code(), Some(2));
    assert!(!Path::new("/dev/null").is_file());

    let (file, link) = (place.file("file"), place.file("link"));
    fs::write(&file, "old").expect("a file");
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    assert_eq!(pushforward(&["laws", "-o", &link]).status.code(), Some(0));
    assert!(fs::symlink_metadata(&link).expect("the link").is_symlink());
    assert!(fs::read_to_string(&file).expect("the file").contains("log-det-is-jacobian"));
}
