//! Texts that are no chapters: nothing panics, hangs or grows without bound.

use pushforward::course::{Chapter, Verdict, json_lines, text_of};

fn survives(text: String) -> Chapter {
    let chapter = Chapter::new("hostile", text);
    let lines = json_lines(&chapter);
    assert_eq!(lines.lines().count(), chapter.links.len());
    chapter.to_text();
    chapter
}

#[test]
fn deep_long_and_unbalanced_texts_are_passed_over() {
    let n = 100_000;
    for text in [
        format!("${}1{} = 1$", "(".repeat(n), ")".repeat(n)),
        format!("${}1{} = 1$", r"\frac{1}{".repeat(5000), "}".repeat(5000)),
        format!("${} = 1$", "{".repeat(60_000)),
        format!("${}1 = 2$", "1+".repeat(5_000_000)),
        format!("${}1 = 1$", "2^".repeat(20_000)),
        format!("${}1$", "1=".repeat(20_000)),
        r"\(".repeat(n),
        r"\[".repeat(n) + r"\]",
        "$".repeat(n),
        "`".repeat(n) + " $1 = 1$",
        r"\begin{align}".repeat(n),
        "<!--".repeat(n),
        "```\n".repeat(n),
        (1..600).map(|k| "`".repeat(k) + "\n\n").collect(),
        r"$9^{9^{9^9}} = 1$ $2^{99999999} = 1$ $10^{-99999} = 0$ $99999! = 1$".to_owned(),
        r"$\sum_{i=1}^{2000} \sum_{j=1}^{2000} \sin(ij) = 1$ $\int_0^1 \sin(1/x) dx = 1$".to_owned(),
        "$\\text{\\text{\\text{ = 1$ $\\left( = 1$ $\\begin{pmatrix} 1 = 1$ $| = 1$ $^ = _$".to_owned(),
    ] {
        survives(text);
    }
}

#[test]
fn a_chapter_of_endless_sums_leaves_its_last_links_a_little() {
    let endless = r"$\sum_{i=1}^{1000} \sum_{j=1}^{1000} (i + j) = 7$";
    let chapter = survives([endless; 100].join("\n\n") + "\n\n$1 + 1 = 3$ and $\\sum_{i=1}^{100} i = 5050$");
    let (sums, last) = chapter.links.split_at(100);
    assert!(sums.iter().all(|l| l.verdict == Verdict::NotChecked));
    assert_eq!(last.iter().map(|l| l.verdict).collect::<Vec<_>>(), [Verdict::Wrong, Verdict::Right]);
}

#[test]
fn random_bytes_and_random_formulas_do_no_harm() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |n: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % n
    };
    const PARTS: [&str; 48] = [
        "$",
        "$$",
        r"\(",
        r"\)",
        r"\\",
        "{",
        "}",
        r"\frac",
        r"\sqrt",
        "(",
        ")",
        "[",
        "]",
        "|",
        "&",
        "=",
        r"\approx",
        "1",
        "2.5",
        "0",
        "-",
        "+",
        r"\cdot",
        "/",
        "^",
        "_",
        r"\log",
        "e",
        r"\pi",
        "x",
        r"\sum_{i=1}^{5}",
        r"\int_0^1",
        "dx",
        r"\%",
        "°",
        "!",
        ",",
        "{,}",
        "\n",
        "> ",
        "`",
        "é",
        "\0",
        r"\begin{pmatrix}",
        r"\end{pmatrix}",
        r"\pm",
        "½",
        "...",
    ];
    for _ in 0..2000 {
        let bytes: Vec<u8> = (0..below(300)).map(|_| below(256) as u8).collect();
        survives(text_of(&bytes));
        let parts: String = (0..below(80)).map(|_| PARTS[below(PARTS.len())]).collect();
        survives(format!("${parts}$"));
    }
}
