//! Where in its domain a layer loses digits.
//!
//! At each point of a slice every number that the layer returns is held against the same formula in 237 bits. What the
//! problem's condition excuses is taken off, as in the law `digits-kept`; the rest is the layer's doing.

use std::fmt;

use crate::check::{SEED, Source, drawn_cases};
use crate::evidence::{Direction, Format, Subject, losses};
use crate::family::Family;
use crate::flow::Layer;

/// Points along a slice.
const COLUMNS: usize = 61;
/// Rows of a map over two coordinates.
const ROWS: usize = 21;
/// The slice runs from minus this to this, in steps that grow like a sinh.
const REACH: f64 = 100.0;
/// Where the other coordinates stand.
const ELSEWHERE: f64 = 0.5;

/// Digits lost over a slice of the domain.
#[derive(Clone, Debug)]
pub struct Map {
    layer: String,
    single: bool,
    /// The coordinates that vary: across, and down where there are two.
    axes: (usize, Option<usize>),
    dim: usize,
    rows: Vec<Row>,
}

/// One line of cells.
#[derive(Clone, Debug)]
struct Row {
    label: String,
    cells: Vec<Cell>,
}

/// What was seen at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cell {
    /// The most digits lost.
    Lost(f64),
    /// A result is not finite.
    NotFinite,
    /// The point is refused, or its image does not fit.
    Refused,
    /// A comparison comes out otherwise in 237 bits.
    Branch,
}

/// The number at a place of a slice, `-1..=1`: dense near 0 and far at the ends.
fn number(place: usize, places: usize) -> f64 {
    let t = 2.0 * place as f64 / (places - 1) as f64 - 1.0;
    (t * REACH.asinh()).sinh()
}

impl Map {
    /// Over the first coordinate of a layer, and over its second where it has one; in f64, or in f32.
    pub fn of(layer: &dyn Layer, single: bool) -> Self {
        let subject = Subject::of_dyn(layer);
        let format = if single { Format::Single } else { Format::Double };
        let across = |direction, down: Option<f64>, only: Option<bool>| -> Vec<Cell> {
            (0..COLUMNS)
                .map(|column| {
                    let mut reals = vec![ELSEWHERE; layer.dim()];
                    reals[0] = number(column, COLUMNS);
                    if let (Some(down), Some(second)) = (down, reals.get_mut(1)) {
                        *second = down;
                    }
                    cell(&subject, direction, &reals, format, only)
                })
                .collect()
        };
        let mut rows = Vec::new();
        for (name, direction) in [("forward", Direction::Forward), ("inverse", Direction::Inverse)] {
            if layer.dim() == 1 {
                for (what, only) in [("point", Some(false)), ("log-det", Some(true))] {
                    rows.push(Row { label: format!("{name} {what}"), cells: across(direction, None, only) });
                }
            } else {
                rows.extend((0..ROWS).map(|row| {
                    let down = number(ROWS - 1 - row, ROWS);
                    Row { label: format!("{name} {down:8.3}"), cells: across(direction, Some(down), None) }
                }));
            }
        }
        Self { layer: format!("{layer:?}"), single, axes: (0, (layer.dim() > 1).then_some(1)), dim: layer.dim(), rows }
    }

    /// Of the first layer that a family draws in one dimension, and of the first in more, where there are such.
    pub fn of_family(family: &Family, single: bool) -> Vec<Self> {
        let drawn = drawn_cases(&Source::Drawn((family.draw)()), 40, SEED);
        let layers: Vec<Box<dyn Layer>> = drawn.into_iter().filter_map(|(layer, _)| layer).collect();
        let one = layers.iter().find(|layer| layer.dim() == 1);
        let more = layers.iter().filter(|layer| layer.dim() > 1).min_by_key(|layer| layer.dim());
        one.into_iter().chain(more).map(|layer| Self::of(&**layer, single)).collect()
    }

    /// The most digits lost beyond the condition at any point; infinite where a result is not finite.
    pub fn worst(&self) -> f64 {
        let lost = |cell: &Cell| match cell {
            Cell::Lost(digits) => *digits,
            Cell::NotFinite => f64::INFINITY,
            Cell::Refused | Cell::Branch => 0.0,
        };
        self.rows.iter().flat_map(|row| row.cells.iter().map(lost)).fold(0.0, f64::max)
    }
}

fn cell(subject: &Subject<'_>, direction: Direction, reals: &[f64], format: Format, only: Option<bool>) -> Cell {
    let side = match direction {
        Direction::Forward => &subject.promises().domain,
        Direction::Inverse => &subject.promises().codomain,
    };
    let point: Vec<f64> = side.point(reals).into_iter().map(|x| format.round(x)).collect();
    let Ok(graph) = subject.graph(direction, &point) else { return Cell::Refused };
    let Some(losses) = losses(&graph, &point, format) else { return Cell::Branch };
    let wanted = losses.iter().filter(|loss| only.is_none_or(|log_det| loss.coordinate.is_none() == log_det));
    wanted.fold(Cell::Lost(0.0), |worst, loss| match worst {
        Cell::Lost(digits) if loss.computed.is_finite() => Cell::Lost(digits.max(loss.digits(format))),
        _ if loss.fits => Cell::NotFinite,
        Cell::Lost(_) => Cell::Refused,
        worst => worst,
    })
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(digits) if *digits < 1.0 => f.write_str("."),
            Self::Lost(digits) if *digits < 10.0 => write!(f, "{}", digits.floor()),
            Self::Lost(_) => f.write_str("#"),
            Self::NotFinite => f.write_str("!"),
            Self::Refused => f.write_str("-"),
            Self::Branch => f.write_str("?"),
        }
    }
}

/// What the symbols of cells mean.
pub(crate) const LEGEND: &str =
    ". fewer than 1   1-9 that many   # ten or more   ! not finite   - refused   ? at a branch";

impl Map {
    /// What the map is of, beside the layer.
    pub(crate) fn caption(&self) -> [String; 2] {
        let (of, name) = if self.single { (7.2, "f32") } else { (16.0, "f64") };
        let fixed = self.dim - 1 - usize::from(self.axes.1.is_some());
        let down = self.axes.1.map_or_else(String::new, |axis| format!(", coordinate {axis} downwards"));
        let others = if fixed > 0 { format!("; the other {fixed} at {ELSEWHERE}") } else { String::new() };
        [
            format!("digits of {name} (of {of:.0}) lost beyond the condition of the problem"),
            format!("coordinate {} from -{REACH} to {REACH}{down}{others}", self.axes.0),
        ]
    }

    /// The scale and its marks, to stand above the cells.
    pub(crate) fn ruler() -> [String; 2] {
        let marks: String = (0..COLUMNS).map(|c| if c % 10 == 0 { '|' } else { ' ' }).collect();
        let scale: String =
            (0..COLUMNS).step_by(10).map(|c| format!("{:<10}", format!("{:.1}", number(c, COLUMNS)))).collect();
        [scale, marks].map(|line| line.trim_end().to_owned())
    }

    /// Line by line its label and a symbol for each cell.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&str, String)> {
        self.rows.iter().map(|row| (row.label.as_str(), row.cells.iter().map(ToString::to_string).collect()))
    }
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [what, where_to] = self.caption();
        writeln!(f, "{}\n\n{what}\n{where_to}\n", self.layer)?;
        let width = self.rows.iter().map(|row| row.label.len()).max().unwrap_or(0);
        for line in Self::ruler() {
            writeln!(f, "{:width$}  {line}", "")?;
        }
        for (label, cells) in self.lines() {
            writeln!(f, "{label:width$}  {cells}")?;
        }
        writeln!(f, "\n{LEGEND}")
    }
}
