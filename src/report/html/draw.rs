//! The pictures of a layer: what is computed elsewhere, as SVG and as text in colour.

use std::fmt::Write;

use super::super::Row;
use super::super::markup::{Quoted, Text};
use super::super::picture::{Mark, Pattern, Pictures, Plane, Quad};
use super::svg::{Frame, Path, SIDE};
use crate::check::Verdict;
use crate::digits::{LEGEND, Map};

/// Shades of the density.
const SHADES: usize = 8;
/// A layer that takes more characters than this is shown when asked for.
const LONG: usize = 400;
/// Up to this dimension there is room for the numbers of a Jacobian.
const LEGIBLE: usize = 6;

impl Pictures {
    /// All pictures, of the row that they belong to.
    pub(super) fn draw(&self, html: &mut String, row: &Row) {
        // A layer of many parameters is long to print.
        let (open, close) = if self.layer.len() > LONG {
            ("<details class=\"small\"><summary>The layer drawn</summary>", "</details>")
        } else {
            ("<p class=\"small\">Drawn of ", "</p>")
        };
        let _ = writeln!(html, "{open}<code>{}</code>{close}\n<div class=\"figures\">", Text(&self.layer));
        let mut without = String::new();
        match &self.plane {
            Ok(plane) => plane.draw(html, &mut without, &self.failing_points(row)),
            Err(why) => missing(&mut without, "The image of a grid", why),
        }
        match &self.pattern {
            Ok(pattern) => pattern.draw(html),
            Err(why) => missing(&mut without, "The Jacobian", why),
        }
        let _ = writeln!(html, "</div>\n{without}");
        match &self.digits {
            Some(map) => digits(html, map),
            None => missing(html, "A map of digits lost", "a black box shows numbers only, not its formula"),
        }
    }

    /// The points at which this very layer fails: of the base, and of the data.
    fn failing_points(&self, row: &Row) -> [Vec<[f64; 2]>; 2] {
        let mut points = [Vec::new(), Vec::new()];
        for (_, verdict) in &row.verdicts {
            if let Verdict::Fails(found) = verdict
                && found.layer == self.layer
                && let Some((name, point)) = &found.point
                && let [a, b] = point[..]
            {
                points[usize::from(*name == "x")].push([a, b]);
            }
        }
        points
    }
}

fn missing(html: &mut String, what: &str, why: &str) {
    let _ = writeln!(html, "<p class=\"small\">{what} is not drawn: {}.</p>", Text(why));
}

/// A square picture with its caption; the label says it to those who do not see it.
fn figure(html: &mut String, caption: &str, label: &str, inside: &str) {
    let _ = writeln!(
        html,
        "<figure><svg viewBox=\"0 0 {SIDE} {SIDE}\" role=\"img\" aria-label=\"{}\">{inside}</svg>\
         <figcaption>{}</figcaption></figure>",
        Quoted(label),
        Text(caption)
    );
}

impl Plane {
    fn draw(&self, html: &mut String, without: &mut String, failing: &[Vec<[f64; 2]>; 2]) {
        let base = Frame::around(self.lines.iter().flatten().flat_map(|line| line.base.iter().copied()));
        let image = Frame::around(self.lines.iter().flatten().flat_map(|line| line.image.iter().copied().flatten()));
        let grid = |frame: &Frame, of_base: bool| {
            let mut svg = String::new();
            for (lines, class) in self.lines.iter().zip(["across", "up"]) {
                let mut path = Path::default();
                for line in lines {
                    if of_base {
                        path.line(line.base.iter().map(|&point| Some(frame.place(point))));
                    } else {
                        path.line(line.image.iter().map(|point| point.map(|point| frame.place(point))));
                    }
                }
                let _ = write!(svg, "<path class=\"{class}\" d=\"{}\"/>", path.0);
            }
            for &point in &failing[usize::from(!of_base)] {
                let [x, y] = frame.place(point);
                let _ = write!(svg, "<path class=\"cross\" d=\"M{} {}l60 60m0 -60l-60 60\"/>", x - 30, y - 30);
            }
            svg
        };
        let draw = |html: &mut String, says: &str, frame: &Frame, svg: &str| {
            let says = format!("{says}; {}", extent(frame));
            figure(html, &says, &says, svg);
        };
        let crosses = |points: &[_]| if points.is_empty() { "" } else { "; ✗ where laws fail" };
        draw(html, &format!("A grid of base points z{}", crosses(&failing[0])), &base, &grid(&base, true));
        draw(html, &format!("Its image x = forward(z){}", crosses(&failing[1])), &image, &grid(&image, false));
        match &self.density {
            Ok(quads) => {
                let says =
                    "The standard normal pushed forward, as the layer's own log-det states it; stronger is denser";
                draw(html, says, &image, &shades(quads, &image));
            }
            Err(why) => missing(without, "The density", why),
        }
    }
}

fn extent(frame: &Frame) -> String {
    let [[a, b], [c, d]] = [0, 1].map(|axis| [frame.low[axis], frame.high[axis]].map(short));
    format!("across {a} to {b}, up {c} to {d}")
}

/// A number in a few characters.
fn short(x: f64) -> String {
    if x != 0.0 && !(1e-2..1e4).contains(&x.abs()) { format!("{x:.1e}") } else { format!("{x:.2}") }
}

/// The cells of a density, shade by shade from the palest, in steps of its square root.
fn shades(quads: &[Quad], frame: &Frame) -> String {
    let mut densities: Vec<f64> = quads.iter().map(|quad| quad.density).collect();
    densities.sort_by(f64::total_cmp);
    // A few cells may be dense beyond all others, where a map nearly folds.
    let top = densities[(densities.len() - 1) * 99 / 100].max(f64::MIN_POSITIVE);
    let mut paths: Vec<Path> = (0..SHADES).map(|_| Path::default()).collect();
    for quad in quads {
        let shade = (SHADES as f64 * (quad.density / top).sqrt()) as usize;
        if let Some(path) = shade.min(SHADES).checked_sub(1).and_then(|shade| paths.get_mut(shade)) {
            path.closed(quad.corners.iter().map(|&corner| frame.place(corner)));
        }
    }
    let draw = |(shade, path): (usize, &Path)| format!("<path class=\"d{shade}\" d=\"{}\"/>", path.0);
    paths.iter().enumerate().filter(|(_, path)| !path.0.is_empty()).map(draw).collect()
}

impl Pattern {
    fn draw(&self, html: &mut String) {
        let d = self.rows.len();
        let cell = SIDE / d.max(1) as f64;
        let mut svg = String::new();
        for (i, row) in self.rows.iter().enumerate() {
            for (j, (value, mark)) in row.iter().enumerate() {
                let (class, symbol, _) = sign(*mark);
                let (x, y) = (cell * j as f64, cell * i as f64);
                let (middle, size) = (x + cell / 2.0, (cell / 2.0).min(160.0));
                let _ = write!(
                    svg,
                    "<g class=\"{class}\"><title>J[{i}][{j}] = {value:?}</title><rect x=\"{x:.0}\" y=\"{y:.0}\" \
                     width=\"{cell:.0}\" height=\"{cell:.0}\"/><text x=\"{middle:.0}\" y=\"{:.0}\" \
                     style=\"font-size:{size:.0}px\">{symbol}</text>",
                    y + cell / 2.0
                );
                if d <= LEGIBLE && matches!(mark, Mark::Reached | Mark::Broken) {
                    let below = y + 0.85 * cell;
                    let _ = write!(svg, "<text x=\"{middle:.0}\" y=\"{below:.0}\">{}</text>", short(*value));
                }
                svg.push_str("</g>");
            }
        }
        let marks = || self.rows.iter().flatten().map(|(_, mark)| *mark);
        let mut seen = Vec::new();
        for mark in [Mark::Reached, Mark::Unreached, Mark::Zero, Mark::One, Mark::Broken] {
            let (_, symbol, says) = sign(mark);
            match marks().filter(|m| *m == mark).count() {
                0 => {}
                count => seen.push(format!("{symbol} {says} ({count})")),
            }
        }
        let says = format!(
            "The Jacobian ∂x_i/∂z_j, i downwards; promised: {}. At {} points: {}",
            self.promised,
            self.points,
            seen.join(", ")
        );
        let caption = format!("{says}. The values are those at z = {:?}", self.point);
        figure(html, &caption, &says, &svg);
    }
}

/// Class, symbol and meaning of a mark.
fn sign(mark: Mark) -> (&'static str, char, &'static str) {
    match mark {
        Mark::Zero => ("zero", '·', "0 as promised"),
        Mark::One => ("one", '1', "1 as promised"),
        Mark::Broken => ("broken", '✗', "not as promised"),
        Mark::Reached => ("reached", '■', "open and reached"),
        Mark::Unreached => ("unreached", '□', "open but 0"),
    }
}

/// A map of digits lost, one for each direction: the text itself, with equal losses in one colour.
fn digits(html: &mut String, map: &Map) {
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
