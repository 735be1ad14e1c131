//! Whether a law of a layer is a theorem: an identity of formulas, for every input, every parameter and every
//! conditioner, wherever every operation is defined.
//!
//! A layer's formula is recorded where its points lead it; each different formula met (its shapes, its branches, its
//! choices of form) is held to the claim in several secret prime fields (exact evaluation, Schwartz–Zippel). What is
//! proved is local: not that the map is injective or onto, nor that f64 evaluates it well.

use std::collections::BTreeSet;

use crate::check::{Case, SEED, Source, at_point, drawn_cases};
use crate::evidence::{PointKind, Site, Subject};
use crate::exact::{Field, Poison, Reading, Session, digest};
use crate::family::Family;
use crate::flow::Layer;
use crate::laws;
use crate::scalar::Op;
use crate::scalar::session::{self, Place};

mod calls;
mod claims;
mod path;
mod theorem;

use claims::{PROVABLE, Recorded};
use path::Escape;
pub use theorem::{Proof, Theorem};

/// Fields tried where degrees are large, before they count as too large.
const FIELDS: usize = 8;
/// Fields tried for one that has all the square roots asked for: one in 2ᵐ has.
const TRIES: u64 = 4000;
/// Fields that must agree where there are square roots. In each a root stands for the positive or the negative one, at
/// random: a claim that is true of one choice only survives all with probability 2⁻⁴⁰.
const SIGNS: usize = 40;
/// Fields in which a claim may be false before it counts as false for every choice of sign.
const ONE_SIGN: usize = 8;
/// What the proof of one formula may be wrong with, at most: a hundred of them together then stay below 10⁻⁹.
const LOG10_FAILURE: f64 = -12.0;
/// Nodes of all formulas looked into for one law and family.
const BUDGET: usize = 60_000;
/// Above this a graph is not read: its degree would be too large to prove anything.
const NODES: usize = 30_000;

#[cfg(test)]
mod fuzz;

/// Proves what can be proved of a layer, at points of the fixed seed.
pub fn prove(layer: &dyn Layer) -> Vec<Theorem> {
    all(&Source::Fixed(Subject::of_dyn(layer)))
}

/// Proves one law of a layer; `None` where no law of this name can be proved.
pub fn prove_law(layer: &dyn Layer, law: &str) -> Option<Theorem> {
    let law = PROVABLE.iter().find(|name| **name == law)?;
    let source = Source::Fixed(Subject::of_dyn(layer));
    laws::find(law).map(|law| over(law, &source, &drawn_cases(&source, crate::check::CASES, SEED)))
}

/// Proves what can be proved of a family, over members of several dimensions.
pub fn prove_family(family: &Family) -> Vec<Theorem> {
    all(&Source::Drawn((family.draw)()))
}

fn all(source: &Source<'_>) -> Vec<Theorem> {
    let cases = drawn_cases(source, crate::check::CASES, SEED);
    PROVABLE.iter().filter_map(|name| laws::find(name)).map(|law| over(law, source, &cases)).collect()
}

/// What is known of one formula.
enum Known {
    Proved { log10_failure: f64, guessed: bool, any_conditioner: bool, signed: bool },
    UpToRoots,
    Degree,
    Not(String),
}

fn over(law: &'static laws::Law, source: &Source<'_>, cases: &[Case]) -> Theorem {
    let mut theorem = Theorem::new(law.name);
    let (mut met, mut budget) = (BTreeSet::new(), BUDGET);
    for (case, (layer, numbers)) in cases.iter().enumerate() {
        let fixed = if let Source::Fixed(subject) = source { subject.layer() } else { None };
        let Some(layer) = layer.as_deref().or(fixed) else { continue };
        let subject = Subject::of_dyn(layer);
        theorem.tied |= session::has_tied_parameters(layer);
        for site in crate::check::sites(&subject, numbers, case) {
            if site.kind == PointKind::Extreme || theorem.is_settled() {
                continue;
            }
            if law.name == "log-dets-add" && layer.parts().len() < 2 {
                theorem.does_not_apply("the layer exposes no parts");
                continue;
            }
            match claims::record(law.name, layer, &site.z, &site.x) {
                Err(error) => theorem.not_here(site.stop(&error)),
                Ok(recorded) => {
                    if recorded.graphs.iter().any(|graph| graph.nodes.len() > NODES) {
                        theorem.too_large();
                        continue;
                    }
                    let key = path::key(&recorded.graphs);
                    if met.contains(&key) {
                        continue;
                    }
                    let nodes: usize = recorded.graphs.iter().map(|graph| graph.nodes.len()).sum();
                    if nodes > budget {
                        theorem.more = true;
                        continue;
                    }
                    match decide(law, &recorded, &site, case) {
                        // Where f64 cannot confirm the numbers another point of the same formula may.
                        Err(Unconfirmed::Blurred) => {}
                        Err(Unconfirmed::Refuted(why)) => theorem.refute(subject.dim(), why),
                        Ok(known) => {
                            met.insert(key);
                            budget -= nodes;
                            theorem.paths.note(&recorded.graphs);
                            theorem.hidden |= hides_a_parameter(&recorded, layer);
                            theorem.add(subject.dim(), known, recorded.graphs.iter().any(|g| !g.calls.is_empty()));
                        }
                    }
                }
            }
        }
    }
    theorem
}

/// Whether a parameter takes part that the layer's `Debug` does not visit: it may stand at two places unseen.
fn hides_a_parameter(recorded: &Recorded, layer: &dyn Layer) -> bool {
    let shown: BTreeSet<u64> = session::parameters_of(layer).into_iter().map(|(id, _)| id).collect();
    let used = recorded.graphs.iter().flat_map(|graph| &graph.nodes);
    used.into_iter().any(|node| matches!(node.op, Op::Parameter(id) if !shown.contains(&id)))
}

enum Unconfirmed {
    Blurred,
    Refuted(String),
}

/// Everything that must be so before a formula counts as proved.
fn decide(law: &'static laws::Law, recorded: &Recorded, site: &Site<'_>, case: usize) -> Result<Known, Unconfirmed> {
    // The concrete numbers: an identity that f64 contradicts is none, whatever the residues say.
    match at_point(law, site, case) {
        crate::check::Seen::Agrees { .. } => {}
        crate::check::Seen::Fails(_) => return Err(Unconfirmed::Refuted("fails in f64".to_owned())),
        _ => return Err(Unconfirmed::Blurred),
    }
    if let Some(why) = path::other_program(recorded, site) {
        return Err(Unconfirmed::Refuted(why));
    }
    match path::escape(recorded, site) {
        None => return Err(Unconfirmed::Blurred),
        Some(Escape::None) => {}
        Some(Escape::Input) => {
            let why = "a constant of the formula moves with the point: a value was taken out of the number system";
            return Err(Unconfirmed::Refuted(why.to_owned()));
        }
        Some(Escape::Parameter) => {
            return Ok(Known::Not(
                "a number is read as a plain one on the way: nothing follows for other values".to_owned(),
            ));
        }
    }
    let seed = digest((path::key(&recorded.graphs), SEED));
    if recorded.conditioners_are_closed {
        let any = in_fields(recorded, seed, Reading::AnyConditioner);
        if matches!(any, Known::Proved { .. }) || recorded.graphs.iter().all(|graph| graph.calls.is_empty()) {
            return Ok(any);
        }
    }
    // A conditioner that is masked inside, say, must be looked into.
    Ok(in_fields(recorded, seed, Reading::AsRecorded))
}

struct Held {
    equal: bool,
    log10_failure: f64,
    guessed: bool,
    signed: bool,
    roots: usize,
}

/// Several fields, until what they can miss is little enough.
fn in_fields(recorded: &Recorded, seed: u64, reading: Reading) -> Known {
    let mut total = 0.0;
    let (mut guessed, mut signed) = (false, false);
    let mut passes = 0;
    for field in 0.. {
        let passed = match in_field(recorded, digest((seed, field)), reading) {
            Ok(held) if held.equal => held,
            // Without a root there is no choice of sign that another field could make.
            Ok(held) if held.roots == 0 => return Known::Not("the two formulas differ".to_owned()),
            // A root whose square was hidden is right for one of its signs only.
            Ok(_) if passes > 0 => return Known::UpToRoots,
            Ok(_) if field + 1 < ONE_SIGN => continue,
            Ok(_) => return Known::Not("the two formulas differ".to_owned()),
            Err(why) => return Known::Not(why),
        };
        if passes < field {
            return Known::UpToRoots;
        }
        passes += 1;
        total += passed.log10_failure.min(0.0);
        guessed |= passed.guessed;
        signed |= passed.signed;
        if passed.log10_failure >= -0.5 || (passed.roots == 0 && passes >= FIELDS && total >= LOG10_FAILURE) {
            return Known::Degree;
        }
        let enough = if passed.roots == 0 { 2 } else { SIGNS };
        if passes >= enough && total < LOG10_FAILURE {
            let by_signs =
                if passed.roots == 0 { f64::NEG_INFINITY } else { -(SIGNS as f64) * std::f64::consts::LOG10_2 };
            let any_conditioner = reading == Reading::AnyConditioner;
            return Known::Proved { log10_failure: total.max(by_signs), guessed, any_conditioner, signed };
        }
    }
    Known::Degree
}

/// One prime field, with one choice of sign for the square roots.
fn in_field(recorded: &Recorded, seed: u64, reading: Reading) -> Result<Held, String> {
    let field = Field::from_seed(seed);
    for attempt in 0..TRIES {
        let seed = digest((seed, attempt));
        let mut session = Session::new(field, seed, digest((seed, "signs")));
        let said = recorded.hold(&mut session, reading);
        match session.poison() {
            Some(Poison::Unlucky) => continue,
            Some(Poison::Domain(what)) => return Err(format!("not defined here: {what}")),
            None => {}
        }
        return Ok(Held {
            equal: said.equal,
            // Eliminating a root doubles a degree, and each field that was rejected had its own chance to mislead.
            log10_failure: session.log10_failure(said.degree)
                + session.roots() as f64 * std::f64::consts::LOG10_2
                + if session.roots() > 0 { TRIES as f64 } else { 1.0 + attempt as f64 }.log10(),
            guessed: said.guessed,
            signed: session.relied_on_a_sign(),
            roots: session.roots(),
        });
    }
    Err("no field was found that has the square roots asked for".to_owned())
}
