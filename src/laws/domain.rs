//! Laws of domain: what goes in, what comes out, and what is refused.

use super::inversion::sharp;
use super::{Evidence, Gate, Law};
use crate::error::FlowError;
use crate::evidence::{PointKind, Sides, Site, Stop};
use crate::promises::Face;

pub(super) const LAWS: &[Law] = &[
    Law {
        name: "images-lie-in-codomain",
        statement: "forward(z) lies in the closure of the codomain, on the boundary only within rounding",
        why: "the next layer and the inverse rely on it",
        source: "definition of the codomain",
        catches: "a codomain declared too small, the inverse's domain taken for the forward's",
        blind_to: "a codomain declared too large (see forward-is-onto)",
        gate: Gate::None,
        evidence: Evidence::Point(images_in_codomain),
    },
    Law {
        name: "outside-is-refused",
        statement: "a point outside the domain or the codomain is refused with OutsideDomain, at a puncture Singular",
        why: "a number returned there is NaN or a lie",
        source: "definition of the domain",
        catches: "an inverse that accepts what no z maps to; NaN as an answer",
        blind_to: "sets that are all of ℝᵈ",
        gate: Gate::None,
        evidence: Evidence::Point(outside_refused),
    },
    Law {
        name: "finite-inside",
        statement: "at legal points, extreme ones included, the answer is finite or the typed OutOfRange",
        why: "one NaN ends a training run",
        source: "contract of Flow",
        catches: "exp that overflows, log of a saturated value, log of a negative determinant",
        blind_to: "points never drawn",
        gate: Gate::None,
        evidence: Evidence::Point(finite_inside),
    },
];

fn images_in_codomain(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    let image = sharp(site.forward()?)?;
    let (x, errors): (Vec<f64>, Vec<f64>) = image.point.iter().map(|x| (x.value(), x.error())).unzip();
    let faces = site.subject.promises().codomain.faces(x.len());
    match faces.into_iter().find(|face| face.slack(&x) + face.reach(&x, &errors) < 0.0) {
        None => Ok(Vec::new()),
        Some(face) => Err(Stop::Violated(format!("the image is {x:?}; in the codomain {face}"))),
    }
}

/// Points outside are taken this far beyond an end, relative to its size.
const BEYOND: f64 = 1e-6;

fn outside_refused(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    let promises = site.subject.promises();
    let mut asked = 0;
    for (name, set, inside, inverse) in
        [("forward", &promises.domain, &site.z, false), ("inverse", &promises.codomain, &site.x, true)]
    {
        for face in set.faces(inside.len()) {
            let refusal = if matches!(face, Face::Puncture(_)) { "Singular" } else { "OutsideDomain" };
            let points = face.coordinates().into_iter().flat_map(|i| [BEYOND, 1.0].map(|far| (i, far)));
            for point in points.map(|(i, far)| face.across(inside, i, far)) {
                let result = if inverse { site.subject.inverse(&point) } else { site.subject.forward(&point) };
                match result {
                    Err(FlowError::NoInverse) => return Err(Stop::Missing("the layer offers no inverse".to_owned())),
                    Err(error) if error.kind() == refusal => asked += 1,
                    // A black box refuses in its own words.
                    Err(FlowError::Foreign { .. }) => asked += 1,
                    Err(error) => {
                        let what = format!("{name} at {point:?}: {error}; expected {refusal}");
                        return Err(Stop::Violated(what));
                    }
                    Ok(image) => {
                        return Err(Stop::Violated(format!(
                            "{name} accepts {point:?}, which breaks {face}, and returns {:?}",
                            image.point
                        )));
                    }
                }
            }
        }
    }
    if asked == 0 {
        return Err(Stop::DoesNotApply("domain and codomain are all of ℝᵈ".to_owned()));
    }
    Ok(Vec::new())
}

fn finite_inside(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    for (name, result) in [("forward(z)", site.subject.forward(&site.z)), ("inverse(x)", site.subject.inverse(&site.x))]
    {
        match result {
            Ok(image) => {
                let bad = image.point.iter().chain([&image.log_det]).find(|x| !x.is_finite());
                if let Some(bad) = bad {
                    return Err(Stop::Violated(format!(
                        "{name} returns {bad} instead of a finite number or OutOfRange (point {:?}, log-det {:?})",
                        image.point, image.log_det
                    )));
                }
            }
            Err(error) => match error.innermost() {
                FlowError::NoInverse => {}
                // Now and then a moderate point is out of range, too; a layer that refuses most of them is not judged.
                FlowError::OutOfRange { .. } if site.kind == PointKind::Short => {
                    return Err(Stop::Blurred(format!("{name}: {error}")));
                }
                FlowError::OutOfRange { .. } => {}
                FlowError::NotConverged { .. } if site.kind != PointKind::Short => {}
                _ => return Err(Stop::Violated(format!("{name} refuses a legal point: {error}"))),
            },
        }
    }
    Ok(Vec::new())
}
