//! The corpus: chapters in many styles. A comment `<!-- n -->` counts the links since the last such comment which a
//! reader would check by hand and find right; everything printed there is right.

use pushforward::course::{Chapter, Verdict};

use super::fixture;

fn chapters() -> Vec<Chapter> {
    let mut files: Vec<_> = std::fs::read_dir(fixture("corpus")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
        .iter()
        .map(|f| Chapter::new(f.file_name().unwrap().to_string_lossy(), std::fs::read_to_string(f).unwrap()))
        .collect()
}

/// The labelled count of a line.
fn label(line: &str) -> Option<usize> {
    line.rsplit_once("<!-- ")?.1.strip_suffix(" -->")?.parse().ok()
}

#[test]
fn nine_in_ten_labelled_links_are_checked_and_none_is_a_false_alarm() {
    let (mut labelled, mut found) = (0, 0);
    for chapter in chapters() {
        assert_eq!(chapter.findings().count(), 0, "{}", chapter.to_text());
        let mut last = 0;
        for (i, line) in chapter.text.lines().enumerate() {
            let Some(wanted) = label(line.trim_end()) else { continue };
            let inside = last + 1..=i + 1;
            let right =
                chapter.links.iter().filter(|l| inside.contains(&l.line) && l.verdict == Verdict::Right).count();
            labelled += wanted;
            found += right.min(wanted);
            last = i + 1;
        }
    }
    assert!(labelled >= 300, "{labelled} labelled links");
    assert!(found * 10 >= labelled * 9, "{found} of {labelled}");
}

#[test]
fn nine_in_ten_planted_digits_are_found() {
    let (mut planted, mut found, mut k) = (0, 0, 0);
    for chapter in chapters() {
        for link in &chapter.links {
            let is_number = link.printed.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
            if link.verdict != Verdict::Right || !is_number {
                continue;
            }
            k += 1;
            if k % 4 != 0 {
                continue;
            }
            let mut lines: Vec<String> = chapter.text.lines().map(str::to_owned).collect();
            let line: Vec<char> = lines[link.line - 1].chars().collect();
            let digits: Vec<usize> =
                (0..link.printed.len()).filter(|i| link.printed.as_bytes()[*i].is_ascii_digit()).collect();
            let at = link.column - 1 + digits[k / 4 % digits.len()];
            let digit = line[at].to_digit(10).unwrap();
            let mut changed = line.clone();
            changed[at] = char::from_digit((digit + 1 + k as u32 / 4 % 9) % 10, 10).unwrap();
            lines[link.line - 1] = changed.into_iter().collect();
            let again = Chapter::new("planted", lines.join("\n"));
            planted += 1;
            found += usize::from(again.findings().any(|l| l.line == link.line));
        }
    }
    assert!(planted >= 50, "{planted} planted");
    assert!(found * 10 >= planted * 9, "{found} of {planted}");
}
