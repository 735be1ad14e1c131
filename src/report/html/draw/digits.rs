//! A map of digits lost.

use std::fmt::Write;

use crate::digits::{LEGEND, Map};

/// One map for each direction: the text itself, with equal losses in one colour.
pub(super) fn digits(html: &mut String, map: &Map) {
    let [what, where_to] = map.caption();
    let _ = writeln!(html, "<figure><figcaption>{what}; {where_to}</figcaption><div class=\"maps\">");
    let lines: Vec<(&str, String)> = map.lines().collect();
    let width = lines.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
    let direction = |line: &(&str, String)| line.0.split(' ').next().unwrap_or_default().to_owned();
    for lines in lines.chunk_by(|a, b| direction(a) == direction(b)) {
        let name = direction(&lines[0]);
        let _ = write!(html, "<pre class=\"digits\" tabindex=\"0\" role=\"region\" aria-label=\"{name}: {what}\">");
        for line in Map::ruler() {
            let _ = writeln!(html, "{:width$}  {line}", "");
        }
        for (label, cells) in lines {
            let _ = write!(html, "{label:width$}  ");
            let cells: Vec<char> = cells.chars().collect();
            for run in cells.chunk_by(|a, b| loss(*a) == loss(*b)) {
                let _ = write!(html, "<span class=\"{}\">{}</span>", loss(run[0]), run.iter().collect::<String>());
            }
            html.push('\n');
        }
        html.push_str("</pre>\n");
    }
    let _ = writeln!(html, "</div><figcaption class=\"legend\">{LEGEND}</figcaption></figure>");
}

/// The class of a symbol: the law allows three digits.
fn loss(symbol: char) -> &'static str {
    match symbol {
        '.' => "l0",
        '1' | '2' => "l1",
        '3'..='5' => "l2",
        '6'..='9' => "l3",
        '#' | '!' => "l4",
        _ => "lx",
    }
}
