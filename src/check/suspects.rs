//! Discrepancies of a black box. Its error bounds are estimates, so that no single point condemns it.

use super::look::{Seen, as_seen};
use super::verdict::Counterexample;
use crate::evidence::{Direction, Site};
use crate::laws::Law;

/// The points at which one law fails, until there are enough.
#[derive(Default)]
pub(super) struct Suspects {
    first: Option<Box<Counterexample>>,
    points: Vec<Vec<f64>>,
    quorum: usize,
}

impl Suspects {
    /// What is to be said of a point: a discrepancy of estimates counts when enough points have shown it.
    pub(super) fn at(&mut self, law: &Law, site: &Site<'_>, seen: Seen) -> Seen {
        self.quorum = site.subject.quorum();
        let Seen::Fails(found) = seen else { return seen };
        // NaN as an answer, or other bits the second time, is no estimate.
        let certain = found.violation.is_some() && !law.needs_derivatives();
        if self.quorum == 1 || certain {
            return Seen::Fails(found);
        }
        let point = if law.is_about_x() { &site.x } else { &site.z };
        if !self.points.contains(point) {
            self.points.push(point.clone());
        }
        let first = self.first.get_or_insert(found);
        if self.points.len() >= self.quorum {
            return Seen::Fails(first.clone());
        }
        Seen::Blurred("a discrepancy that few points show".to_owned())
    }

    /// Why nothing is decided, where too few points failed.
    pub(super) fn open(&self) -> Option<String> {
        let found = self.first.as_ref()?;
        let (points, n, quorum) = (&self.points, self.points.len(), self.quorum);
        let apart = found.apart.map_or(String::new(), |(apart, most)| format!(" by {apart:.1e}, allowed {most:.1e}"));
        Some(format!("the sides differ{apart} at {points:?}: {n} points, and a black box is condemned by {quorum}"))
    }
}

/// Estimates whose bound is so many times the resolution asked are none.
const SETTLED: f64 = 10.0;

/// What a law says of a point of a black box, where it says that the law fails by derivatives: only if the slopes on
/// both sides of the point agree, and other steps of the differences say the same.
pub(super) fn confirmed(law: &'static Law, site: &Site<'_>, case: usize, seen: Seen) -> Seen {
    let Seen::Fails(found) = &seen else { return seen };
    if site.subject.black_box().is_none() || !law.needs_derivatives() {
        return seen;
    }
    let size = [found.left, found.right].iter().flatten().map(|(_, value)| value.abs()).fold(1.0, f64::max);
    if found.apart.is_some_and(|(_, allowed)| allowed > SETTLED * site.subject.coarseness() * size) {
        return Seen::Blurred("the estimates of the derivative have not settled".to_owned());
    }
    let (direction, at) = if law.is_about_x() { (Direction::Inverse, &site.x) } else { (Direction::Forward, &site.z) };
    if !site.subject.is_smooth_at(direction, at) {
        return Seen::Blurred("the slopes on the two sides of the point differ".to_owned());
    }
    let subject = site.subject.again();
    let again = Site::at(&subject, site.z.clone(), site.x.clone(), site.other_z.clone(), site.kind);
    match as_seen(law, &again, case) {
        Seen::Fails(_) => seen,
        _ => Seen::Blurred("two estimates of the derivative differ".to_owned()),
    }
}
