//! The laws' own judgement of single points, and which points it is due at.

use super::point::Points;
use super::state::{Failure, State};
use crate::check::{Seen, judged};
use crate::evidence::{Direction, PointKind, Site, Subject};
use crate::flow::Layer;
use crate::{laws, report};

/// The laws that the five steps are evidence for.
const LAWS: [&str; 2] = ["log-det-is-jacobian", "inverse-undoes-forward"];
/// Points that are analysed before all others, if that takes no longer than so many operations.
const FIRST: u64 = 64;
const SPENT: f64 = 2e9;
/// How many times longer an operation of the analysis takes than one of the first pass, compiled or as written.
const SLOWER: [f64; 2] = [30.0, 3.0];
/// Operations of a chunk, compiled or as written: a fraction of a second.
const CHUNK: [f64; 2] = [2e9, 1e8];

pub(super) struct Analysis<'a> {
    layer: &'a dyn Layer,
    points: &'a Points,
    first: u64,
    period: u64,
    chunk: u64,
}

impl<'a> Analysis<'a> {
    /// `flops` of a compiled layer are those of values, Jacobian and LU; chunks are made of whole batches.
    pub(super) fn new(layer: &'a dyn Layer, points: &'a Points, flops: Option<[f64; 3]>, batch: usize) -> Self {
        let d = layer.dim() as f64;
        let as_written = || {
            let graph = Subject::of_dyn(layer).graph(Direction::Forward, &points.at(0));
            let formula = graph.map_or(1.0, |graph| graph.work() as f64);
            [formula, formula * d / 4.0, d * d * d]
        };
        let kind = usize::from(flops.is_none());
        let flops = flops.unwrap_or_else(as_written);
        let work = flops.iter().sum::<f64>().max(1.0);
        // Bounds and nine numbers for each operation, once for every eight columns of the Jacobian.
        let analysis = flops[0] * 9.0 * (d / 8.0 + 2.0);
        Self {
            layer,
            points,
            first: FIRST.min((SPENT / analysis.max(1.0)) as u64),
            period: ((10.0 * SLOWER[kind] * analysis / work) as u64).max(100),
            chunk: ((CHUNK[kind] / work) as u64).max(1).next_multiple_of(batch as u64),
        }
    }

    /// Points of one chunk.
    pub(super) fn chunk(&self) -> u64 {
        self.chunk
    }

    /// Whether a point is to be analysed whatever its first pass says: the first ones where that is quick, and so small
    /// a share of all that it takes about a tenth of the time, at most one in a hundred.
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
