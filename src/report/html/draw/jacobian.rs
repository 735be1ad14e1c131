//! The pattern of a Jacobian: a square for each entry, with a symbol for its mark.

use std::fmt::Write;

use super::super::super::picture::{Mark, Pattern};
use super::super::svg::SIDE;
use super::{figure, short};

/// Up to this dimension there is room for the numbers.
const LEGIBLE: usize = 6;

impl Pattern {
    pub(super) fn draw(&self, html: &mut String) {
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
