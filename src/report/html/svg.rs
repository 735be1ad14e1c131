//! Lines and cells in a square picture, in whole units.

use std::fmt::Write;

/// The side of a picture.
pub(super) const SIDE: f64 = 1000.0;
/// Beyond this many sides a point is as good as at infinity.
const FAR: f64 = 20.0;

/// The part of the plane that a picture shows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub low: [f64; 2],
    pub high: [f64; 2],
}

impl Frame {
    /// Around the points, but for a few that lie far out; a little wider, with equal scales where that leaves both
    /// coordinates legible.
    pub(super) fn around(points: impl Iterator<Item = [f64; 2]> + Clone) -> Self {
        let ends = [0, 1].map(|axis| {
            let mut values: Vec<f64> = points.clone().map(|point| point[axis]).collect();
            values.sort_by(f64::total_cmp);
            let at = |share: f64| values.get((share * values.len() as f64) as usize).copied().unwrap_or(0.0);
            let (low, high) = (at(0.02), at(0.98));
            (f64::midpoint(low, high), 0.56 * (high - low).max(1e-9 * high.abs().max(low.abs())).max(1e-300))
        });
        let widest = ends[0].1.max(ends[1].1);
        let half = ends.map(|(_, half)| if widest < 4.0 * half { widest } else { half });
        Self { low: [0, 1].map(|axis| ends[axis].0 - half[axis]), high: [0, 1].map(|axis| ends[axis].0 + half[axis]) }
    }

    /// Where a point lies in the picture, its second coordinate upwards.
    pub(super) fn place(&self, point: [f64; 2]) -> [i64; 2] {
        let share = [0, 1].map(|axis| (point[axis] - self.low[axis]) / (self.high[axis] - self.low[axis]));
        [share[0], 1.0 - share[1]].map(|share| (SIDE * share.clamp(-FAR, FAR)).round() as i64)
    }
}

/// The commands of one `<path>`.
#[derive(Debug, Default)]
pub(super) struct Path(pub String);

impl Path {
    /// A line through these places, broken where there is none.
    pub(super) fn line(&mut self, places: impl Iterator<Item = Option<[i64; 2]>>) {
        let mut last: Option<[i64; 2]> = None;
        let mut command = "l";
        for place in places {
            match (last, place) {
                (None, Some([x, y])) => {
                    let _ = write!(self.0, "M{x} {y}");
                    command = "l";
                }
                (Some(from), Some(to)) if from != to => {
                    let _ = write!(self.0, "{command}{} {}", to[0] - from[0], to[1] - from[1]);
                    command = " ";
                }
                _ => {}
            }
            last = place;
        }
    }

    /// A closed figure.
    pub(super) fn closed(&mut self, places: impl Iterator<Item = [i64; 2]>) {
        self.line(places.map(Some));
        self.0.push('z');
    }
}
