//! Laws of composition, for layers that expose their parts.

use super::inversion::{coordinates, sharp};
use super::{Evidence, Gate, Law, in_both};
use crate::evidence::{Direction, Ground, Sides, Site, Stop, Subject, balls, log_abs_det, resolved};
use crate::scalar::Bounded;

pub(super) const LAWS: &[Law] = &[
    Law {
        name: "log-dets-add",
        statement: "chain(z).log_det = Σ_k log|det J_k| by LU, each at the point its part receives",
        why: "this is what makes a deep flow tractable",
        source: "chain rule; multiplicativity of det",
        catches: "a part's log-det lost, doubled or subtracted; evaluation at z instead of f₁(z); the wrong order",
        blind_to: "parts whose log-det is constant: where a part is evaluated does not show",
        gate: Gate::Volume,
        evidence: in_both!(log_dets_add),
    },
    Law {
        name: "chain-inverse-reverses",
        statement: "chain.inverse(x) = f₁⁻¹(… f_K⁻¹(x))",
        why: "(f_K ∘ … ∘ f_1)⁻¹ undoes the last part first",
        source: "definition of composition",
        catches: "parts undone in forward order, a part skipped",
        blind_to: "parts that commute",
        gate: Gate::None,
        evidence: in_both!(inverse_reverses),
    },
    Law {
        name: "identity-is-neutral",
        statement: "a flow that promises to be the identity returns its input and log-det 0, both ways",
        why: "the empty composition is the unit of composition",
        source: "definition of the identity",
        catches: "a wrapper that changes what it wraps, an empty chain that does not return its input",
        blind_to: "flows that do not promise it",
        gate: Gate::None,
        evidence: Evidence::Point(identity_is_neutral),
    },
];

fn parts<'a, V: Ground>(site: &Site<'a, V>) -> Result<Vec<Subject<'a>>, Stop> {
    let parts = site.subject.parts();
    if parts.len() < 2 {
        return Err(Stop::DoesNotApply("the layer exposes no parts".to_owned()));
    }
    Ok(parts.into_iter().map(Subject::of_dyn).collect())
}

fn log_dets_add<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let parts = parts(site)?;
    let image = sharp(site.forward()?)?;
    let mut at = balls(&site.z);
    let mut sum = Bounded::from(0.0);
    for part in &parts {
        let jacobian = part.jacobian(Direction::Forward, &at).map_err(|e| site.stop(&e))?;
        let det = log_abs_det(&jacobian.values, &jacobian.bounds);
        sum += resolved(&jacobian, &det)?;
        at = part.within(Direction::Forward, &at).map_err(|e| site.stop(&e))?.point;
    }
    let mut sides = coordinates("chain(z).point", &image.point, "f_K(… f_1(z))", &at);
    sides.push(Sides::new("chain(z).log_det", image.log_det, "Σ log|det J_k|", sum));
    Ok(sides)
}

fn inverse_reverses<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let parts = parts(site)?;
    let image = sharp(site.inverse()?)?;
    let mut at = balls(&site.x);
    let mut sum = Bounded::from(0.0);
    for part in parts.iter().rev() {
        let back = part.within(Direction::Inverse, &at).map_err(|e| site.stop(&e))?;
        sum += back.log_det;
        at = back.point;
    }
    let mut sides = coordinates("chain.inverse(x).point", &image.point, "f_1⁻¹(… f_K⁻¹(x))", &at);
    sides.push(Sides::new("chain.inverse(x).log_det", image.log_det, "Σ f_k⁻¹.log_det", sum));
    Ok(sides)
}

fn identity_is_neutral(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    if !site.subject.promises().identity {
        return Err(Stop::DoesNotApply("it does not promise to be the identity".to_owned()));
    }
    for (name, image) in [("forward", site.forward()?), ("inverse", site.back()?)] {
        let same = image.point.iter().zip(&site.z).all(|(x, z)| x.value() == *z);
        if !same || image.log_det.value() != 0.0 {
            return Err(Stop::Violated(format!("{name} changes its input, or its log-det is not exactly 0")));
        }
    }
    Ok(Vec::new())
}
