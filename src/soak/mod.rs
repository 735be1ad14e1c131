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

use crate::error::FlowError;
use crate::evidence::Subject;
use crate::flow::Layer;

mod analysis;
mod compile;
mod engine;
mod plain;
mod point;
mod state;
#[cfg(test)]
mod tests;

use analysis::Analysis;
use engine::{Engine, Machine};
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
    /// The fast log-det.
    pub value: f64,
    /// `|ℓ − log|det J||`.
    pub log_det: Gap,
    /// `max |f⁻¹(f(z)) − z|`, where there is an inverse.
    pub round_trip: Option<Gap>,
}

impl Glance {
    /// Whether both are within their allowances.
    pub fn is_within(self) -> bool {
        self.log_det.is_within() && self.round_trip.is_none_or(Gap::is_within)
    }
}

/// A soak of one layer.
#[derive(Debug)]
pub struct Soak<'a> {
    layer: &'a dyn Layer,
    points: Points,
    /// Absent where the layer cannot be compiled.
    engine: Option<Engine>,
    jobs: NonZeroUsize,
}

impl<'a> Soak<'a> {
    /// Of this layer, at points drawn with this seed, on one thread.
    pub fn new(layer: &'a dyn Layer, seed: u64) -> Self {
        let points = Points::new(layer, seed);
        let engine = Engine::new(layer, &points).ok();
        Self { layer, points, engine, jobs: NonZeroUsize::MIN }
    }

    /// What tells runs of different layers or points apart: a digest of the first image.
    pub fn mark(&self) -> u64 {
        let z = self.points.at(0);
        let image = Subject::of_dyn(self.layer)
            .forward(&z)
            .map_or_else(|_| Vec::new(), |image| [image.point, vec![image.log_det]].concat());
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
        let analysis =
            Analysis::new(self.layer, &self.points, self.flops(), self.engine.as_ref().map_or(1, Engine::lanes));
        let (start, size) = (state.points, analysis.chunk());
        let chunks = points.saturating_sub(start).div_ceil(size);
        let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
        let work = |send: mpsc::Sender<(u64, State)>| {
            let mut bench = self.bench().sharing();
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

    /// Where one thread verifies points.
    pub fn bench(&self) -> Bench<'_> {
        Bench { layer: self.layer, machine: self.engine.as_ref().map(Machine::new) }
    }

    /// Whether the layer is compiled and its Jacobian seen to be the same everywhere.
    pub fn is_linear(&self) -> bool {
        self.engine.as_ref().is_some_and(Engine::is_linear)
    }

    /// The points from `range`.
    pub fn points(&self, range: Range<u64>) -> Vec<Vec<f64>> {
        range.map(|index| self.points.at(index)).collect()
    }

    /// Whether the layer is compiled.
    pub fn is_compiled(&self) -> bool {
        self.engine.is_some()
    }

    /// Floating-point operations of a compiled layer for one point: values both ways, Jacobian, LU.
    pub fn flops(&self) -> Option<[f64; 3]> {
        self.engine.as_ref().map(Engine::flops)
    }

    fn chunk(&self, range: Range<u64>, analysis: &Analysis<'_>, bench: &mut Bench<'_>) -> State {
        let mut state = State::default();
        let batch = bench.batch() as u64;
        let mut from = range.start;
        while from < range.end && state.failure.is_none() {
            let to = range.end.min(from + batch);
            for (index, glance) in (from..to).zip(bench.verify(&self.points(from..to))) {
                state.note(index, glance.as_ref().ok());
                if glance.is_ok_and(Glance::is_within) && !analysis.is_due(index) {
                    state.within += 1;
                } else {
                    analysis.judge(index, &mut state);
                }
                state.points += 1;
                if state.failure.is_some() {
                    break;
                }
            }
            from = to;
        }
        state
    }
}

/// Where one thread verifies points: with room of its own.
#[derive(Debug)]
pub struct Bench<'a> {
    layer: &'a dyn Layer,
    machine: Option<Machine<'a>>,
}

impl Bench<'_> {
    /// Computes a Jacobian that is the same everywhere, and its LU, once and not at every point. As a soak does.
    pub fn sharing(mut self) -> Self {
        self.machine = self.machine.map(Machine::sharing);
        self
    }

    /// Points that are best verified together.
    pub fn batch(&self) -> usize {
        self.machine.as_ref().map_or(1, |machine| machine.engine().lanes())
    }

    /// What the five steps show at points of the layer's domain.
    pub fn verify(&mut self, points: &[Vec<f64>]) -> Vec<Result<Glance, FlowError>> {
        let mut all = Vec::with_capacity(points.len());
        for points in points.chunks(self.batch()) {
            let found = self.machine.as_mut().map(|machine| machine.verify(points));
            for (lane, z) in points.iter().enumerate() {
                let compiled = found.as_ref().and_then(|found| found[lane]);
                // What the compiled form rounds differently deserves no analysis yet.
                match compiled.filter(|glance| glance.is_within()) {
                    Some(glance) => all.push(Ok(glance)),
                    None => all.push(plain::verify(self.layer, z)),
                }
            }
        }
        all
    }
}
