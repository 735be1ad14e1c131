//! The gate: would a plausible slip have moved the evidence? A check that could not have failed is no check.

use std::collections::BTreeSet;

use super::verdict::Slip;
use crate::evidence::{PointKind, Site};
use crate::laws::Gate;
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::session::Branches;

/// What a sample could show, collected over its layers and points.
#[derive(Debug, Default)]
pub(super) struct Power {
    dims: BTreeSet<usize>,
    strategy: bool,
    volume: bool,
    needs_volume: bool,
    moves_as_promised: bool,
    dropped: Vec<Option<bool>>,
    stale: Option<bool>,
    signs: BTreeSet<i8>,
    either: bool,
    moved: Option<bool>,
    branches: Branches,
}

impl Power {
    pub(super) fn new(strategy: bool) -> Self {
        Self { strategy, ..Self::default() }
    }

    /// Adds the points of one layer.
    pub(super) fn add(&mut self, sites: &[Site<'_>], gate: Gate) {
        let Some(first) = sites.first() else { return };
        let promises = first.subject.promises();
        self.dims.insert(first.subject.dim());
        for site in sites.iter().filter(|s| s.kind != PointKind::Extreme) {
            for graph in [site.forward_graph(), site.inverse_graph()].into_iter().flatten() {
                graph.note_branches(&mut self.branches);
            }
        }
        match gate {
            Gate::None => {}
            Gate::Inverse => self.add_movement(sites, promises),
            Gate::Volume => self.add_volume(sites, promises),
        }
    }

    fn add_movement(&mut self, sites: &[Site<'_>], promises: &Promises) {
        if promises.identity {
            return;
        }
        let seen = self.moved.get_or_insert(false);
        *seen |= sites.iter().any(|site| {
            site.forward().is_ok_and(|image| {
                image.point.iter().zip(&site.z).any(|(x, z)| (x.value() - z).abs() > 4.0 * x.error())
            })
        });
    }

    fn add_volume(&mut self, sites: &[Site<'_>], promises: &Promises) {
        let d = sites[0].subject.dim();
        let mut log_dets: Vec<(f64, f64)> = Vec::new();
        self.either |= promises.orientation == Some(Orientation::Either);
        self.needs_volume |= !promises.volume_preserving;
        if self.dropped.len() < d {
            self.dropped.resize(d, None);
        }
        // A black box is not differenced at extreme points.
        let differenced = |s: &&Site<'_>| s.kind != PointKind::Extreme || s.subject.black_box().is_none();
        for site in sites.iter().filter(differenced) {
            let Ok((jacobian, det)) = site.jacobian() else { continue };
            if let Some(sign) = det.sign {
                self.signs.insert(sign as i8);
            }
            let t = 2.0 * det.error;
            if !t.is_finite() {
                continue;
            }
            if promises.volume_preserving {
                self.moves_as_promised |= matches!(promises.structure, Structure::Permutation(_))
                    || promises.identity
                    || !is_signed_permutation(&jacobian.values);
                continue;
            }
            self.volume |= det.value.abs() > 2.0 * t;
            log_dets.push((det.value, t));
            for i in (0..d).filter(|&i| d > 1 && !promises.passes_through(i)) {
                let term = det.inverse.as_ref().map_or(0.0, |inverse| inverse[(i, i)].abs().ln());
                let seen = self.dropped[i].get_or_insert(false);
                *seen |= term.abs() > 2.0 * t;
            }
        }
        if !promises.constant_log_det {
            let seen = self.stale.get_or_insert(false);
            *seen |= log_dets.iter().any(|a| log_dets.iter().any(|b| (a.0 - b.0).abs() > 2.0 * (a.1 + b.1)));
        }
    }

    /// The slips that this sample excludes, or those that it does not.
    pub(super) fn verdict(self, gate: Gate) -> Result<Vec<Slip>, Vec<Slip>> {
        let mut excluded = Vec::new();
        let mut open = Vec::new();
        let mut note = |slip: Slip, shown: bool| if shown { excluded.push(slip) } else { open.push(slip) };
        match gate {
            Gate::None => return Ok(excluded),
            Gate::Inverse => {
                if let Some(moved) = self.moved {
                    note(Slip::IdleInverse, moved);
                }
            }
            Gate::Volume => {
                note(Slip::Volume, if self.needs_volume { self.volume } else { self.moves_as_promised });
                for (i, shown) in self.dropped.iter().enumerate() {
                    if let Some(shown) = shown {
                        note(Slip::DroppedCoordinate(i), *shown);
                    }
                }
                if let Some(shown) = self.stale {
                    note(Slip::StaleEvaluation, shown);
                }
                if self.either {
                    note(Slip::LostAbs, self.signs.len() == 2);
                }
                if self.strategy && self.dims.len() > 1 {
                    note(Slip::Shape("no layer of dimension 3 or more was drawn"), self.dims.iter().any(|&d| d >= 3));
                    note(Slip::Shape("no layer of odd dimension was drawn"), self.dims.iter().any(|d| d % 2 == 1));
                }
            }
        }
        for (place, met) in &self.branches {
            let name = format!("{}:{}:{}", place.file, place.line, place.column);
            note(Slip::UnmetBranch(name, met[1]), met[0] && met[1]);
        }
        if open.is_empty() { Ok(excluded) } else { Err(open) }
    }
}

/// Whether every row holds one entry of modulus 1, and nothing else: then it has determinant ±1 whatever was slipped.
fn is_signed_permutation(matrix: &nalgebra::DMatrix<f64>) -> bool {
    matrix.row_iter().all(|row| {
        let entries: Vec<f64> = row.iter().copied().filter(|&x| x != 0.0).collect();
        matches!(entries[..], [one] if one.abs() == 1.0)
    })
}
