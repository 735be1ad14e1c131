//! The course checker on chapters of our own: `fixtures/course`.

mod command;
mod corpus;
mod facts;
mod hostile;

use std::path::{Path, PathBuf};

use pushforward::course::{Chapter, Verdict, github, json_lines, sarif, text_of};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/course").join(name)
}

fn read(name: &str) -> String {
    text_of(&std::fs::read(fixture(name)).unwrap())
}

fn findings(chapter: &Chapter) -> Vec<(usize, &str, Verdict)> {
    chapter.findings().map(|l| (l.line, l.printed.as_str(), l.verdict)).collect()
}

/// The verdicts on the links of one formula.
fn verdicts(formula: &str) -> Vec<(String, &'static str)> {
    let chapter = Chapter::new("formula", format!("{formula}\n"));
    chapter.links.iter().map(|l| (l.printed.clone(), l.verdict.name())).collect()
}

#[test]
fn arithmetic_that_is_wrong_as_written_is_found_and_nothing_else() {
    let chapter = Chapter::new("flows.md", read("flows.md"));
    let off = Verdict::OffByOne;
    assert_eq!(findings(&chapter), [(14, "6.946", off), (16, "3.000", off), (25, "0.7864", off)]);
    insta::assert_snapshot!("findings", chapter.to_text());
    insta::assert_snapshot!("json_lines", json_lines(&chapter));
    insta::assert_snapshot!("github", github(&chapter));
    insta::assert_snapshot!("sarif", sarif(&[chapter]));
}

#[test]
fn each_verdict_has_its_formula() {
    for (formula, printed, verdict) in [
        (r"$\frac{1}{3} \approx 0.333$", "0.333", "right"),
        (r"$\frac{2}{3} \approx 0.666$", "0.666", "off-by-one"),
        (r"$\frac{2}{3} \approx 0.657$", "0.657", "wrong"),
        (r"$7 \cdot 8 = 57$", "57", "wrong"),
        (r"$\frac{7}{2} = x$", "x", "not-checked"),
        (r"$\log(100) = 2$", "2", "right"),
        (r"$\log(100) \approx 4.605$", "4.605", "right"),
        (r"$\log(100) \approx 4.625$", "4.625", "wrong"),
        (r"$1.5 \cdot 3 = 4.5$ million", "4.5", "right"),
        (r"$0.045 = 4.5$%", "4.5", "right"),
        (r"$2.5 \text{ km} = 2500 \text{ m}$", "2500", "not-checked"),
        (r"$2^{10} \approx 1000$", "1000", "right"),
        (r"$6.0 \times 10^{2} \cdot 2 = 1.2 \times 10^{3}$", "1.2", "right"),
        (r"$6.0 \times 10^{2} \cdot 2 = 1.4 \times 10^{3}$", "1.4", "wrong"),
    ] {
        let all = verdicts(formula);
        let last = all.last().unwrap();
        assert_eq!((last.0.as_str(), last.1), (printed, verdict), "{formula}");
    }
}

#[test]
fn a_number_right_only_from_a_rounded_member_is_rounded_twice() {
    let chapter = Chapter::new("chain", r"$2 \text{sech}^2(0.5) \approx 2 \cdot 0.7864 = 1.5728$");
    let link = chapter.links.last().unwrap();
    assert_eq!((link.verdict, link.digits.as_deref()), (Verdict::RoundedTwice, Some("1.5729")));
    assert!(link.reason.contains(r"right from the rounded 2 \cdot 0.7864"), "{}", link.reason);
}

#[test]
fn a_chain_goes_on_over_members_that_have_no_value_rows_and_displays() {
    for (text, right) in [
        (r"$z = \frac{12.6 - 10}{2} = \frac{2.6}{2} = 1.3$", 2),
        (
            "$$\n\\begin{aligned}\na &= 3 \\cdot 4 \\\\\n&= 12 & \\text{(a remark)} \\\\\n&\\quad + 0\n\\end{aligned}\n$$",
            1,
        ),
        ("$$x = 1 + 2$$\n$$= 3$$", 1),
        ("> $$4 \\cdot\n>   5 = 20$$", 1),
        ("    indented: $1 + 1 = 2$\n\n- item \\(2 + 2 = 4\\)\n\n| $3 + 3 = 6$ |", 3),
        (r"$\\frac{1}{2} = 0.5$ and \\(1 + 2 = 3\\)", 2),
        ("\u{feff}$1 + 1 = 2$\r\n", 1),
        (r"$a = 2$ and $b = 3$: $a^2 + b = 7$", 1),
    ] {
        let chapter = Chapter::new("chain", text_of(text.as_bytes()));
        let count = chapter.links.iter().filter(|l| l.verdict == Verdict::Right).count();
        assert_eq!((count, chapter.findings().count()), (right, 0), "{text}\n{}", json_lines(&chapter));
    }
}

#[test]
fn what_no_careful_reader_would_call_wrong_is_passed_over() {
    for text in [
        "`$1 + 1 = 3$` and\n\n```\n$1 + 1 = 3$\n```\n<!-- $1 + 1 = 3$ -->",
        "It costs $5 or $10, so $5 = 10$ is no formula.",
        "A mistake: $\\sqrt{9 + 16} = 3 + 4 = 7$, which is wrong.",
        "Is $2^3 = 3^2$?",
        "A) $2 + 2 = 5$\nB) $2 + 2 = 6$",
        "$1 + 1 = 10$ in binary, $1 + 1 = 1$ with truth values, $7 + 8 = 3 \\pmod{12}$",
        "$0 = 1$ has no solution; $\\pi(10) = 4$ primes; $f(2) = 5$; $O(2n) = O(n)$",
        "$3 + 4 \\stackrel{?}{=} 8$, $3 + 4 \\neq 8$, $17 / 5 = 3$ remainder 2",
        "$1 + 2 + \\cdots + 100 = 17$, $1/0 = \\infty$, $2 + = 5$, $x = \\{1, 2\\}$",
        "$= 5 + 5$ (1), $12 \\cdot 2 = 24 \\quad (2)$, $12 \\cdot 2 = 24 (2)$",
    ] {
        let chapter = Chapter::new("silence", text);
        assert_eq!(chapter.findings().count(), 0, "{text}\n{}", json_lines(&chapter));
    }
}
