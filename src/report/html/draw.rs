//! The pictures of a layer: what is computed elsewhere, as SVG and as text in colour.

use std::fmt::Write;

use super::super::Row;
use super::super::markup::{Quoted, Text};
use super::super::picture::{Drawable, Line, Pictures, Plane, Quad};
use super::svg::{Frame, Path, SIDE};
use crate::check::Verdict;

mod digits;
mod jacobian;

use digits::digits;

/// Shades of the density.
const SHADES: usize = 8;
/// A layer that takes more characters than this is shown when asked for.
const LONG: usize = 400;

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
        match &self.map {
            Ok(Drawable::Line(line)) => line.draw(html, &mut without),
            Ok(Drawable::Plane(plane)) => plane.draw(html, &mut without, &self.failing_points(row)),
            Err(why) => missing(&mut without, "The map", why),
        }
        match &self.pattern {
            Ok(pattern) => pattern.draw(html),
            Err(why) => missing(&mut without, "The Jacobian", why),
        }
        let _ = writeln!(html, "</div>\n{without}");
        match &self.digits {
            Ok(map) => digits(html, map),
            Err(why) => missing(html, "A map of digits lost", why),
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

impl Line {
    fn draw(&self, html: &mut String, without: &mut String) {
        let curve = |html: &mut String, points: &[Option<[f64; 2]>], says: &str| {
            let frame = Frame::around(points.iter().copied().flatten());
            let mut path = Path::default();
            path.line(points.iter().map(|point| point.map(|point| frame.place(point))));
            let says = format!("{says}; {}", extent(&frame));
            figure(html, &says, &says, &format!("<path class=\"across\" d=\"{}\"/>", path.0));
        };
        curve(html, &self.graph, "The graph: z across, x = forward(z) upwards");
        match &self.density {
            Ok(points) => {
                curve(html, points, "The standard normal pushed forward: x across, the density that is stated upwards")
            }
            Err(why) => missing(without, "The density", why),
        }
    }
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
    let top = densities[(densities.len() - 1) * 95 / 100].max(f64::MIN_POSITIVE);
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
