//! The laws' own judgement of single points, and which points it is due at.

use super::point::Points;
use super::state::{Failure, State};
use crate::check::{Seen, judged};
use crate::evidence::{Direction, PointKind, Site, Subject};
use crate::flow::Layer;
use crate::{laws, report};

/// The laws that the five steps are evidence for.
const LAWS: [&str; 2] = ["log-det-is-jacobian", "inverse-undoes-forward"];
/// Operations of a chunk, about: a fraction of a second.
const CHUNK: u64 = 100_000_000;
/// Points that are analysed before all others.
const FIRST: u64 = 64;

pub(super) struct Analysis<'a> {
    layer: &'a dyn Layer,
    points: &'a Points,
    first: u64,
    period: u64,
    chunk: u64,
}

impl<'a> Analysis<'a> {
    pub(super) fn new(layer: &'a dyn Layer, points: &'a Points) -> Self {
        let subject = Subject::of_dyn(layer);
        let d = subject.dim() as u64;
        let formula = subject.graph(Direction::Forward, &points.at(0)).map_or(1, |graph| graph.work()) as u64;
        // Bounds and nine numbers for each operation, once for every eight columns of the Jacobian.
        let analysis = formula * 9 * (d / 8 + 2);
        let work = formula * (d / 4 + 2) + d * d * d;
        Self {
            layer,
            points,
            first: FIRST.min(1 + 200_000_000 / analysis),
            period: (10 * analysis / work.max(1)).max(100),
            chunk: (CHUNK / work.max(1)).max(1),
        }
    }

    /// Points of one chunk.
    pub(super) fn chunk(&self) -> u64 {
        self.chunk
    }

    /// Whether a point is to be analysed whatever its first pass says: the first ones, and so small a share of all that it
    /// takes about a tenth of the time, at most one in a hundred.
    pub(super) fn is_due(&self, index: u64) -> bool {
        index < self.first || self.points.is_sampled(index, self.period)
    }

    /// What the laws say of a point.
    pub(super) fn judge(&self, index: u64, state: &mut State) {
        let subject = Subject::of_dyn(self.layer);
        let promises = subject.promises();
        let z = self.points.at(index);
        let other = self.points.at(index.wrapping_add(1));
        let x = subject.forward(&z).map_or_else(|_| promises.codomain.point(&z), |image| image.point);
        let site = Site::at(&subject, z, x, other, PointKind::Wide);
        let mut agree = true;
        for law in LAWS.into_iter().filter_map(laws::find) {
            match judged(law, &site, 0) {
                Seen::Fails(found) => {
                    let report = report::counterexample("soak", law.name, &found, self.points.seed());
                    state.failure = Some(Failure { point: index, law: law.name.to_owned(), report });
                    return;
                }
                Seen::Blurred(_) => agree = false,
                Seen::Agrees { .. } | Seen::Missing(_) | Seen::DoesNotApply(_) => {}
            }
        }
        if agree { state.agree += 1 } else { state.blurred += 1 }
    }
}
