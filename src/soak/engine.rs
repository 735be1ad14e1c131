//! The five steps at a batch of points, in programs compiled from the layer's recorded formula.
//!
//! The links of a composition are compiled one by one. A formula holds where every comparison comes out as recorded; other
//! points, and layers that cannot be compiled, are left to the evaluation as written ([`plain`](super::plain)).

use nalgebra::DMatrix;
use pushforward_lanes::{Batch, Distances, batch, keep};

use super::compile::{Formula, Unsupported};
use super::plain::{log_det_allowance, log_det_floor};
use super::point::Points;
use super::{Gap, Glance};
use crate::error::FlowError;
use crate::evidence::{Direction, Subject};
use crate::flow::Layer;

/// Numbers that vector code takes at once, at most.
const PACK: usize = 8;
/// Points at which maps that branch are looked at, at most.
const MORE: u64 = 1024;
/// Numbers of a batch that should stay near the processor: 256 KiB of them.
const NEAR: usize = 32 * 1024;

#[derive(Debug)]
struct Link {
    forward: Formula,
    inverse: Option<Formula>,
}

/// A compiled layer.
#[derive(Debug)]
pub(super) struct Engine {
    links: Vec<Link>,
    dim: usize,
    lanes: usize,
}

impl Engine {
    /// Compiles a layer along the first point; others show further ways through maps that branch.
    pub(super) fn new(layer: &dyn Layer, points: &Points) -> Result<Self, Unsupported> {
        let mut parts = Vec::new();
        flatten(layer, &mut parts);
        let parts: Vec<Subject<'_>> = parts.into_iter().map(Subject::of_dyn).collect();
        let mut at = points.at(0);
        let dim = at.len();
        let refused = |_: FlowError| Unsupported("the first point is refused");
        let through = |index: u64, parts: &[Subject<'_>]| {
            parts.iter().try_fold(points.at(index), |at, part| part.forward(&at).map(|image| image.point))
        };
        let mut links = Vec::new();
        for (k, part) in parts.iter().enumerate() {
            let more = |direction: Direction| {
                let before = if direction == Direction::Forward { &parts[..k] } else { &parts[..=k] };
                (1..MORE).filter_map(move |index| part.sketch(direction, &through(index, before).ok()?).ok())
            };
            let sketch = part.sketch(Direction::Forward, &at).map_err(refused)?;
            let forward = Formula::new(sketch, more(Direction::Forward), dim, true)?;
            at = part.forward(&at).map_err(refused)?.point;
            let inverse = match part.sketch(Direction::Inverse, &at) {
                Err(FlowError::NoInverse) => None,
                sketch => Some(Formula::new(sketch.map_err(refused)?, more(Direction::Inverse), dim, false)?),
            };
            links.push(Link { forward, inverse });
        }
        let slots = links.iter().map(|link| link.forward.program.slots).max().unwrap_or(1);
        let (_, pack) = batch(dim);
        // Side by side as many as stay near; one after the other no more than one instruction takes.
        let pack = pack.max(PACK);
        let most = if dim > 48 { PACK } else { 64 };
        let lanes = (NEAR / slots / pack * pack).clamp(pack, most.max(pack));
        Ok(Self { links, dim, lanes })
    }

    /// Points of a full batch.
    pub(super) fn lanes(&self) -> usize {
        self.lanes
    }

    /// Whether no derivative depends on the point.
    pub(super) fn is_linear(&self) -> bool {
        self.links.iter().all(|link| link.forward.is_linear)
    }

    /// Floating-point operations for one point: values, Jacobian, LU.
    pub(super) fn flops(&self) -> [f64; 3] {
        let values = self.links.iter().map(|l| l.forward.flops + l.inverse.as_ref().map_or(0.0, |f| f.flops)).sum();
        let jacobian = self.links.iter().filter_map(|l| l.forward.local.as_ref()).map(|l| l.flops()).sum();
        [values, jacobian, 2.0 / 3.0 * (self.dim as f64).powi(3)]
    }
}

/// A composition's parts, theirs in turn.
fn flatten<'l>(layer: &'l dyn Layer, into: &mut Vec<&'l dyn Layer>) {
    let parts = layer.parts();
    if parts.is_empty() {
        into.push(layer);
    }
    parts.into_iter().for_each(|part| flatten(part, into));
}

/// An engine with room to work in: one for each thread.
#[derive(Debug)]
pub(super) struct Machine<'e> {
    engine: &'e Engine,
    rooms: Vec<(Vec<f64>, Vec<f64>)>,
    jacobians: Box<dyn Batch + Send>,
    /// Whether their LUs have taken their place.
    are_factored: bool,
    /// `log|det J|` of a Jacobian that is the same everywhere, once it is known.
    shared: Option<f64>,
    is_sharing: bool,
}

impl<'e> Machine<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        let room = |formula: &Formula| formula.program.room(engine.lanes);
        let rooms =
            engine.links.iter().map(|link| (room(&link.forward), link.inverse.as_ref().map_or_else(Vec::new, room)));
        let (jacobians, _) = batch(engine.dim);
        Self { engine, rooms: rooms.collect(), jacobians, are_factored: false, shared: None, is_sharing: false }
    }

    /// Factors a Jacobian that is the same everywhere once.
    pub(super) fn sharing(self) -> Self {
        Self { is_sharing: self.engine.is_linear(), ..self }
    }

    pub(super) fn engine(&self) -> &'e Engine {
        self.engine
    }

    /// The Jacobian at a point of the last batch of so many.
    pub(super) fn jacobian(&mut self, lane: usize, points: usize) -> DMatrix<f64> {
        let Engine { links, dim, lanes } = self.engine;
        if std::mem::take(&mut self.are_factored) {
            self.jacobians.start(points, *dim);
            for (k, (link, (room, _))) in links.iter().zip(&self.rooms).enumerate() {
                if let Some(local) = &link.forward.local {
                    self.jacobians.carry(local, room, *lanes, k == 0);
                }
            }
        }
        DMatrix::from_row_slice(*dim, *dim, &self.jacobians.at(lane))
    }

    /// What the five steps show at up to [`Engine::lanes`] points; nothing where another branch is taken.
    pub(super) fn verify(&mut self, points: &[Vec<f64>]) -> Vec<Option<Glance>> {
        let Engine { links, dim, lanes } = self.engine;
        let (d, lanes) = (*dim, *lanes);
        let mut holds = vec![true; lanes];
        let mut z = vec![0.0; d * lanes];
        for (lane, point) in (0..lanes).map(|lane| (lane, &points[lane.min(points.len() - 1)])) {
            point.iter().enumerate().for_each(|(i, &coordinate)| z[i * lanes + lane] = coordinate);
        }
        let known = self.shared.filter(|_| self.is_sharing);
        if known.is_none() {
            self.jacobians.start(points.len(), d);
        }
        let mut at = z.clone();
        let mut log_dets = vec![0.0; lanes];
        for (k, (link, (room, _))) in links.iter().zip(&mut self.rooms).enumerate() {
            evaluate(&link.forward, lanes, room, &mut at, &mut holds);
            let own = &room[link.forward.log_det as usize * lanes..][..lanes];
            log_dets.iter_mut().zip(own).for_each(|(sum, log)| *sum += log);
            if let (None, Some(local)) = (known, &link.forward.local) {
                self.jacobians.carry(local, room, lanes, k == 0);
            }
        }
        let x = at.clone();
        let mut has_inverse = true;
        for (link, (_, room)) in links.iter().zip(&mut self.rooms).rev() {
            match &link.inverse {
                Some(inverse) => evaluate(inverse, lanes, room, &mut at, &mut holds),
                None => has_inverse = false,
            }
        }
        let log_abs_dets = match known {
            Some(known) => vec![known; points.len()],
            None => self.jacobians.log_abs_dets(),
        };
        self.are_factored = true;
        self.shared = log_abs_dets.first().copied();
        let mut distances = Distances::new(lanes);
        distances.take(&z, &x, &at);
        let glance = |lane: usize| {
            let log_det = log_dets[lane];
            let mut gap = Gap { apart: (log_det - log_abs_dets[lane]).abs(), allowed: log_det_floor(d, log_det) };
            if !gap.is_within() {
                gap.allowed = log_det_allowance(&self.jacobian(lane, points.len()), log_det);
            }
            let round_trip = Gap { apart: distances.apart[lane], allowed: distances.size[lane] }.of_round_trip(d);
            holds[lane].then_some(Glance {
                value: log_det,
                log_det: gap,
                round_trip: has_inverse.then_some(round_trip),
            })
        };
        (0..points.len()).map(glance).collect()
    }
}

/// Replaces points by their images; notes which are on another branch.
fn evaluate(formula: &Formula, lanes: usize, room: &mut [f64], at: &mut [f64], holds: &mut [bool]) {
    room[..at.len()].copy_from_slice(at);
    formula.program.run(lanes, room);
    for &(left, right, below) in &formula.comparisons {
        let slot = |slot: u32| &room[slot as usize * lanes..][..lanes];
        keep(holds, slot(left), slot(right), below);
    }
    for (at, &slot) in at.chunks_exact_mut(lanes).zip(&formula.point) {
        at.copy_from_slice(&room[slot as usize * lanes..][..lanes]);
    }
}
