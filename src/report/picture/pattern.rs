//! The pattern of a Jacobian: what is promised of each entry, and what was seen.

use crate::check::{SEED, Source, drawn_cases, sites};
use crate::evidence::{Jacobian, Subject};
use crate::laws::{Entry, pattern_name, promised_entry};

/// Jacobians beyond this dimension are not drawn.
const MOST: usize = 24;
/// Cases of the check whose points are looked at.
const CASES: usize = 4;

/// What is promised of an entry, and what was seen of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::report) enum Mark {
    /// Promised to be 0, and it is.
    Zero,
    /// Promised to be 1, and it is.
    One,
    /// Neither, although promised.
    Broken,
    /// Open, and not 0 somewhere.
    Reached,
    /// Open, and 0 at every point.
    Unreached,
}

/// The pattern at the points that a check draws first.
#[derive(Clone, Debug)]
pub(in crate::report) struct Pattern {
    /// Its name.
    pub promised: &'static str,
    /// The point at which the entries are shown.
    pub point: Vec<f64>,
    /// The number of points that the marks speak of.
    pub points: usize,
    /// Row by row: what the entry is at that point, and its mark.
    pub rows: Vec<Vec<(f64, Mark)>>,
}

impl Pattern {
    pub(super) fn of(subject: &Subject<'_>) -> Result<Self, String> {
        let d = subject.dim();
        if d > MOST {
            return Err(format!("{d}×{d} entries are too many to draw"));
        }
        let cases = drawn_cases(&Source::Fixed(subject.clone()), CASES, SEED);
        let sites: Vec<_> = cases.iter().enumerate().flat_map(|(i, case)| sites(subject, &case.1, i)).collect();
        let seen = sites.iter().filter_map(|site| Some((&site.z, &site.jacobian().ok()?.0)));
        let seen: Vec<_> = seen.filter(|(_, found)| found.values.iter().all(|x| x.is_finite())).collect();
        let (point, shown) = *seen.first().ok_or("it is finite at no point looked at")?;
        // Numerical derivatives are 0 to within their error only.
        let is_estimate = subject.black_box().is_some();
        let mark = |i: usize, j: usize| {
            let is = |found: &Jacobian, promised: f64| {
                (found.values[(i, j)] - promised).abs() <= if is_estimate { found.bounds[(i, j)] } else { 0.0 }
            };
            let all = |promised: f64| seen.iter().all(|(_, found)| is(found, promised));
            match promised_entry(subject.promises(), i, j) {
                Entry::Zero if all(0.0) => Mark::Zero,
                Entry::One if all(1.0) => Mark::One,
                Entry::Zero | Entry::One => Mark::Broken,
                Entry::Open if all(0.0) => Mark::Unreached,
                Entry::Open => Mark::Reached,
            }
        };
        Ok(Self {
            promised: pattern_name(&subject.promises().structure),
            point: point.clone(),
            points: seen.len(),
            rows: (0..d).map(|i| (0..d).map(|j| (shown.values[(i, j)], mark(i, j))).collect()).collect(),
        })
    }
}
