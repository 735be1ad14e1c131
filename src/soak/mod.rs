//! Soaking: one layer at millions of points.
//!
//! A point is *verified* by five steps: `forward` with the fast log-det, `inverse` of the image, the full Jacobian by
//! forward mode, its `log|det|` by dense LU, and the comparison. The comparison is a cheap first pass: a discrepancy
//! within the allowances of [`Gap`] counts as *within*, which is no agreement yet. Beyond them, at the first points and on a
//! small share of all, the laws `log-det-is-jacobian` and `inverse-undoes-forward` judge the point with their running
//! error analysis; that analysis alone says *agrees*, *blurred* or *fails*.
//!
//! Points follow from the seed and their number, so that a run is the same whatever the number of threads, and can go on
//! where another stopped.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;

use crate::evidence::{AsSubject, Subject};

mod analysis;
mod plain;
mod point;
mod state;

use analysis::Analysis;
use point::Points;
pub use state::{Failure, State, Worst};

/// How far two ways to one number are apart, and how far they may be before the full analysis is asked.
///
/// For the log-det the allowance is `T₀ = 8 d u tr(|J⁻¹||J|) + 32 u max(1, |ℓ|)`, for the round trip
/// `64 d u max(1, ‖z‖, ‖x‖)`, with `u = 2⁻⁵³` and maximum norms. Neither is an error bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// The distance.
    pub apart: f64,
    /// The allowance.
    pub allowed: f64,
}

impl Gap {
    /// Whether the distance is a number within the allowance.
    pub fn is_within(self) -> bool {
        self.apart <= self.allowed
    }
}

/// What the five steps show at one point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glance {
    /// `|ℓ − log|det J||`.
    pub log_det: Gap,
    /// `max |f⁻¹(f(z)) − z|`, where there is an inverse.
    pub round_trip: Option<Gap>,
}

/// A soak of one layer.
#[derive(Debug)]
pub struct Soak<'a> {
    subject: Subject<'a>,
    points: Points,
    jobs: NonZeroUsize,
}

impl<'a> Soak<'a> {
    /// Of this layer, at points drawn with this seed, on one thread.
    pub fn new(layer: &'a (impl AsSubject + ?Sized), seed: u64) -> Self {
        let subject = layer.as_subject();
        let points = Points::new(&subject, seed);
        Self { subject, points, jobs: NonZeroUsize::MIN }
    }

    /// What tells runs of different layers or points apart: a digest of the first image.
    pub fn mark(&self) -> u64 {
        let z = self.points.at(0);
        let image =
            self.subject.forward(&z).map_or_else(|_| Vec::new(), |image| [image.point, vec![image.log_det]].concat());
        crate::exact::digest(z.into_iter().chain(image).map(f64::to_bits).collect::<Vec<_>>())
    }

    /// On so many threads.
    pub fn jobs(self, jobs: NonZeroUsize) -> Self {
        Self { jobs, ..self }
    }

    /// Goes on from a state up to a number of points, or to the first that fails, or until `stop` is set; then every
    /// thread finishes the chunk it is at. `each` is told of every chunk, in order.
    pub fn run(&self, mut state: State, points: u64, stop: &AtomicBool, mut each: impl FnMut(&State)) -> State {
        if state.failure.is_some() {
            return state;
        }
        let analysis = Analysis::new(&self.subject, &self.points);
        let (start, size) = (state.points, analysis.chunk());
        let chunks = points.saturating_sub(start).div_ceil(size);
        let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
        let work = |send: mpsc::Sender<(u64, State)>| {
            let mut bench = plain::Bench::new(&self.subject);
            while !stop.load(Ordering::Relaxed) && !failed.load(Ordering::Relaxed) {
                let chunk = next.fetch_add(1, Ordering::Relaxed);
                if chunk >= chunks {
                    break;
                }
                let from = start + chunk * size;
                let part = self.chunk(from..points.min(from + size), &analysis, &mut bench);
                failed.fetch_or(part.failure.is_some(), Ordering::Relaxed);
                if send.send((chunk, part)).is_err() {
                    break;
                }
            }
        };
        std::thread::scope(|scope| {
            let (send, receive) = mpsc::channel();
            for _ in 0..self.jobs.get() {
                let send = send.clone();
                scope.spawn(|| work(send));
            }
            drop(send);
            let mut waiting = BTreeMap::new();
            let mut expected = 0;
            for (chunk, part) in receive {
                waiting.insert(chunk, part);
                while let Some(part) = waiting.remove(&expected).filter(|_| state.failure.is_none()) {
                    state.add(part);
                    expected += 1;
                    each(&state);
                }
            }
        });
        state
    }

    fn chunk(&self, range: Range<u64>, analysis: &Analysis<'_>, bench: &mut plain::Bench<'_>) -> State {
        let mut state = State::default();
        for index in range {
            let z = self.points.at(index);
            let glance = bench.verify(&z);
            state.note(index, glance.as_ref().ok());
            let within =
                glance.as_ref().is_ok_and(|g| g.log_det.is_within() && g.round_trip.is_none_or(Gap::is_within));
            if within && !analysis.is_due(index) {
                state.within += 1;
            } else {
                analysis.judge(index, &mut state);
            }
            state.points += 1;
            if state.failure.is_some() {
                break;
            }
        }
        state
    }
}
