//! What a law says of one point or layer: in f64, and a second time in 237 bits.

use super::diagnose::{diagnose, diagnose_violation};
use super::judge::{Judged, Outcome, judge};
use super::sample::kind_of;
use super::suspects::confirmed;
use super::*;
use crate::evidence::{Ground, PointKind};

/// What a law says of one case.
pub(crate) enum Seen {
    Agrees { residual: f64, resolution: f64, note: Option<String> },
    Blurred(String),
    Missing(String),
    DoesNotApply(String),
    Fails(Box<Counterexample>),
}

pub(super) fn violation(
    layer: String,
    point: Option<(&'static str, Vec<f64>)>,
    what: String,
    case: usize,
) -> Counterexample {
    Counterexample {
        layer,
        point,
        kind: kind_of(case),
        place: String::new(),
        left: None,
        right: None,
        apart: None,
        violation: Some(what),
        diagnosis: None,
        precise: false,
        evidence: "",
        case,
    }
}

/// The point that a law's statement is about.
fn point_of<V>(law: &Law, site: &Site<'_, V>) -> (&'static str, Vec<f64>) {
    if law.is_about_x() { ("x", site.x.clone()) } else { ("z", site.z.clone()) }
}

pub(crate) fn at_point(law: &'static Law, site: &Site<'_>, case: usize) -> Seen {
    confirmed(law, site, case, as_seen(law, site, case))
}

/// The same without a second opinion on numerical derivatives.
pub(super) fn as_seen(law: &'static Law, site: &Site<'_>, case: usize) -> Seen {
    let (Evidence::Point(sides) | Evidence::Identity(sides, _)) = law.evidence else {
        unreachable!("called for laws about points")
    };
    if site.kind == PointKind::Extreme && site.subject.black_box().is_some() && law.needs_derivatives() {
        // Steps in proportion to such a point see nothing of what the map does near the origin.
        return Seen::DoesNotApply("a black box is differenced at moderate points only".to_owned());
    }
    let layer = || site.subject.shown();
    match sides(site) {
        Err(Stop::DoesNotApply(why)) => Seen::DoesNotApply(why),
        Err(Stop::Missing(why)) => Seen::Missing(why),
        Err(Stop::Blurred(why)) => Seen::Blurred(why),
        Err(Stop::Violated(what)) => {
            let mut found = violation(layer(), Some(point_of(law, site)), what, case);
            found.diagnosis = diagnose_violation(law.name, site.subject, Some(site));
            Seen::Fails(Box::new(found))
        }
        Ok(sides) => together(law, &sides, site, case),
    }
}

/// A law at a single point, link by link where there are links; what f64 blurs is settled in 237 bits.
pub(crate) fn judged(law: &'static Law, site: &Site<'_>, case: usize) -> Seen {
    match super::links::at_site(law, site, case, &mut super::vacuity::Power::new(false)) {
        seen @ Seen::Blurred(_) => SecondLook::default().at(law, site, case, seen),
        seen => seen,
    }
}

/// What the sides at a point say together.
pub(super) fn together(law: &Law, sides: &[Sides], site: &Site<'_>, case: usize) -> Seen {
    match compare(sides, site.subject.coarseness()) {
        Compared::Fails(pair, judged) => {
            let mut found = counterexample(law, site, pair, judged, case);
            found.diagnosis = diagnose(law.name, pair, site);
            Seen::Fails(Box::new(found))
        }
        Compared::Blurred => Seen::Blurred("the error bound is wider than the resolution asked".to_owned()),
        Compared::Agrees { residual, resolution } => Seen::Agrees { residual, resolution, note: None },
    }
}

/// The sides of a law at a point, together.
enum Compared<'s, V> {
    /// One pair is too far apart: the worst.
    Fails(&'s Sides<V>, Judged),
    /// One pair cannot be told.
    Blurred,
    /// All agree.
    Agrees { residual: f64, resolution: f64 },
}

fn compare<V: Ground>(sides: &[Sides<V>], coarseness: f64) -> Compared<'_, V> {
    let (mut residual, mut resolution) = (0.0f64, 0.0f64);
    let mut blurred = false;
    let mut worst: Option<(&Sides<V>, Judged)> = None;
    for pair in sides {
        let judged = judge(pair, coarseness);
        match judged.outcome {
            Outcome::Fails => {
                if worst.is_none_or(|(_, w)| judged.apart / judged.allowed > w.apart / w.allowed) {
                    worst = Some((pair, judged));
                }
            }
            Outcome::Blurred => blurred = true,
            Outcome::Agrees => {
                if judged.allowed > 0.0 {
                    residual = residual.max(judged.apart / judged.allowed);
                }
                resolution = resolution.max(judged.apart + judged.allowed);
            }
        }
    }
    match worst {
        Some((pair, judged)) => Compared::Fails(pair, judged),
        None if blurred => Compared::Blurred,
        None => Compared::Agrees { residual, resolution },
    }
}

fn counterexample<V: Ground>(
    law: &Law,
    site: &Site<'_, V>,
    pair: &Sides<V>,
    judged: Judged,
    case: usize,
) -> Counterexample {
    Counterexample {
        layer: site.subject.shown(),
        point: Some(point_of(law, site)),
        kind: site.kind,
        place: pair.place.clone(),
        left: Some((pair.left_name, pair.left.value().to_f64())),
        right: Some((pair.right_name, pair.right.value().to_f64())),
        apart: Some((judged.apart, judged.allowed)),
        violation: None,
        diagnosis: None,
        precise: V::BEYOND_F64,
        evidence: "",
        case,
    }
}

/// Points of a sample that are looked at again where f64 agrees. A formula that holds at a few points to 60 digits is
/// no accident, and one that is wrong by 1e-12 is seen at any of them.
const CONFIRMED: usize = 8;
/// Points that are looked at again where f64 cannot tell.
const SETTLED: usize = 24;
/// What a constant of the formula that was rounded to f64 makes the sides differ by, relative.
const ROUNDED: f64 = 1e-14;
/// Above this dimension a second look costs seconds.
const LARGEST: usize = 32;

/// Identities in 237 bits, where rounding excuses nothing: a few points where f64 agrees, and those where it cannot tell.
#[derive(Default)]
pub(super) struct SecondLook {
    confirmed: usize,
    settled: usize,
    agreed: usize,
    resolution: f64,
}

impl SecondLook {
    /// What is to be said of a point after a second look, where there is one.
    pub(super) fn at(&mut self, law: &'static Law, site: &Site<'_>, case: usize, seen: Seen) -> Seen {
        let (used, most) = match seen {
            Seen::Agrees { .. } => (&mut self.confirmed, CONFIRMED),
            Seen::Blurred(_) => (&mut self.settled, SETTLED),
            _ => return seen,
        };
        if *used >= most {
            return seen;
        }
        match Self::once(law, site, case) {
            None => seen,
            Some(Seen::Agrees { residual, resolution, note }) => {
                *used += 1;
                self.agreed += 1;
                self.resolution = self.resolution.max(resolution);
                match seen {
                    Seen::Blurred(_) => Seen::Agrees { residual, resolution, note },
                    seen => seen,
                }
            }
            Some(Seen::Fails(found)) => Seen::Fails(found),
            Some(_) => {
                *used += 1;
                seen
            }
        }
    }

    /// A law at a point in 237 bits alone.
    pub(super) fn once(law: &'static Law, site: &Site<'_>, case: usize) -> Option<Seen> {
        let Evidence::Identity(_, sides) = law.evidence else { return None };
        if site.subject.black_box().is_some() {
            return None;
        }
        // A truncated method is right to its truncation: in 237 bits it is no longer the map named.
        if site.subject.dim() > LARGEST || site.subject.promises().truncation > 0.0 {
            return None;
        }
        let site = Site::at(site.subject, site.z.clone(), site.x.clone(), site.other_z.clone(), site.kind);
        Some(match compare(&sides(&site).ok()?, 0.0) {
            Compared::Fails(pair, judged) => {
                let mut found = counterexample(law, &site, pair, judged, case);
                let size = pair.left.value().to_f64().abs().max(1.0);
                found.diagnosis = (judged.apart <= ROUNDED * size).then(|| {
                    "as a constant that is rounded to f64: write S::pi(), S::ln_2(), or compute it in S".to_owned()
                });
                Seen::Fails(Box::new(found))
            }
            Compared::Blurred => Seen::Blurred("237 bits cannot tell".to_owned()),
            Compared::Agrees { residual, resolution } => {
                let note = Some("where f64 cannot tell, 237 bits can".to_owned());
                Seen::Agrees { residual, resolution, note }
            }
        })
    }

    /// How many points agreed, and what could still hide at them.
    pub(super) fn agreed(&self) -> (usize, f64) {
        (self.agreed, self.resolution)
    }
}

pub(super) fn at_layer(law: &'static Law, subject: &Subject<'_>, sites: &[Site<'_>], case: usize) -> Seen {
    let Evidence::Layer(look, _) = law.evidence else { unreachable!("called for laws about layers") };
    match look(subject, sites) {
        Ok(whole) => Seen::Agrees { residual: 0.0, resolution: whole.resolution, note: Some(whole.note) },
        Err(Stop::DoesNotApply(why)) => Seen::DoesNotApply(why),
        Err(Stop::Missing(why)) => Seen::Missing(why),
        Err(Stop::Blurred(why)) => Seen::Blurred(why),
        Err(Stop::Violated(what)) => Seen::Fails(Box::new(violation(subject.shown(), None, what, case))),
    }
}
