//! Laws of volume: the log-det is that of the Jacobian.

use nalgebra::DMatrix;

use super::inversion::{sharp, too_few};
use super::{Evidence, Gate, Law, Whole, in_both};
use crate::evidence::{
    Direction, Evaluated, Ground, PointKind, Sides, Site, Stop, Subject, balls, in_chunks, log_abs_det, slopes,
};
use crate::flow::Image;
use crate::promises::{Orientation, Structure};
use crate::scalar::{Bounded, Jet, LANES, Tangents, ball};

pub(super) const LAWS: &[Law] = &[
    Law {
        name: "log-det-is-jacobian",
        statement: "forward(z).log_det = log|det ∂x/∂z|, by LU of the dual Jacobian",
        why: "the density of every sample rests on it",
        source: "definition of the log-det",
        catches: "wrong sign, a missing or doubled term, a forgotten log, a lost factor h·w, evaluation at the wrong point",
        blind_to: "a derivative lost by the layer itself (both sides lose it): see finite-differences-agree",
        gate: Gate::Volume,
        evidence: in_both!(log_det_is_jacobian),
    },
    Law {
        name: "inverse-log-det-is-jacobian",
        statement: "inverse(x).log_det = log|det ∂z/∂x|, by LU of the dual Jacobian",
        why: "density evaluation uses this one; it follows from the three laws before it, and stands alone for a subject \
              that offers only an inverse",
        source: "definition of the log-det",
        catches: "an inverse that returns the forward log-det, or one taken at x instead of z",
        blind_to: "as log-det-is-jacobian",
        gate: Gate::Volume,
        evidence: in_both!(inverse_log_det_is_jacobian),
    },
    Law {
        name: "jacobians-are-inverse",
        statement: "∂z/∂x (at x = f(z)) · ∂x/∂z = I",
        why: "derivatives of the inverse train the model; an iterated inverse can be right in value and wrong in slope",
        source: "chain rule on f⁻¹∘f = id",
        catches: "an inverse by iteration that differentiates its loop or loses a gradient",
        blind_to: "follows from the round trip for an inverse in closed form",
        gate: Gate::None,
        evidence: in_both!(jacobians_are_inverse),
    },
    Law {
        name: "orientation-is-constant",
        statement: "sign det J(z) is constant; for triangular J, the sign of each ∂x_i/∂z_i",
        why: "on a connected domain a determinant that changes sign vanishes between: no diffeomorphism",
        source: "intermediate value theorem",
        catches: "scales that pass through zero, planar flows past their constraint",
        blind_to: "a determinant that touches zero without changing sign",
        gate: Gate::None,
        evidence: Evidence::Layer(orientation, usize::MAX),
    },
    Law {
        name: "finite-differences-agree",
        statement: "∂x_i/∂z_j by automatic differentiation = by finite differences",
        why: "the witness that needs no automatic differentiation",
        source: "Ridders 1982; Moré & Wild 2011 on noise",
        catches: "a value detached from its tangent, a hand-written derivative that is wrong",
        blind_to: "errors below about 1e-6 of an entry; rows at kinks",
        gate: Gate::None,
        evidence: Evidence::Point(finite_differences),
    },
    Law {
        name: "log-det-gradient",
        statement: "∂_v log_det = tr(J⁻¹ ∂_v J)",
        why: "training follows the gradient of the log-det, not its value",
        source: "Jacobi's formula",
        catches: "a log-det right in value whose tangent is lost or detached",
        blind_to: "maps without second derivatives",
        gate: Gate::None,
        evidence: Evidence::Point(log_det_gradient),
    },
];

fn log_det_is_jacobian<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let image = sharp(site.forward()?)?;
    Ok(vec![Sides::new("forward(z).log_det", image.log_det, "log|det J(z)|", site.log_abs_det()?)])
}

fn inverse_log_det_is_jacobian<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let image = sharp(site.inverse()?)?;
    let (jacobian, det) = site.inverse_jacobian()?;
    let right = crate::evidence::resolved(jacobian, det)?;
    Ok(vec![Sides::new("inverse(x).log_det", image.log_det, "log|det ∂z/∂x|", right)])
}

fn jacobians_are_inverse<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let image = sharp(site.forward()?)?;
    sharp(site.back()?)?;
    let (forward, det) = site.jacobian()?;
    crate::evidence::resolved(forward, det)?;
    let inverse = site.subject.jacobian(Direction::Inverse, &image.point).map_err(|e| site.stop(&e))?;
    let size = |matrix: &DMatrix<V>| matrix.map(|x| x.to_f64().abs());
    let (f, g) = (size(&forward.values), size(&inverse.values));
    if inverse.blurred || g.iter().chain(inverse.bounds.iter()).any(|x| !x.is_finite()) {
        return Err(Stop::Blurred("the inverse's derivative is not resolved".to_owned()));
    }
    let d = site.z.len();
    let gamma = 2.0 * d as f64 * V::UNIT;
    let bound = &g * &forward.bounds + &inverse.bounds * &f + &inverse.bounds * &forward.bounds + &g * &f * gamma;
    let mut sides = Vec::with_capacity(d * d);
    for i in 0..d {
        for j in 0..d {
            let entry = (0..d).map(|k| inverse.values[(i, k)] * forward.values[(k, j)]).sum();
            let right = Bounded::from(f64::from(u8::from(i == j)));
            let left = ball(entry, bound[(i, j)]);
            sides.push(Sides::new("(∂z/∂x · ∂x/∂z)", left, "I", right).at(format!("entry [{i}][{j}]")));
        }
    }
    Ok(sides)
}

/// The signs that must not change: of each diagonal entry where the Jacobian is triangular, else of the determinant.
fn signs(subject: &Subject<'_>, z: &[f64]) -> Option<Vec<f64>> {
    let jacobian = subject.jacobian(Direction::Forward, &balls(z)).ok().filter(|j| !j.blurred)?;
    if matches!(subject.promises().structure, Structure::Triangular { .. } | Structure::Diagonal) {
        let entry = |i| {
            let (v, e): (f64, f64) = (jacobian.values[(i, i)], jacobian.bounds[(i, i)]);
            (v.abs() > e).then(|| v.signum())
        };
        (0..z.len()).map(entry).collect()
    } else {
        log_abs_det(&jacobian.values, &jacobian.bounds).sign.map(|s| vec![s])
    }
}

fn orientation(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let promised = subject.promises().orientation;
    let mut first: Option<(&[f64], Vec<f64>)> = None;
    let mut resolved = 0;
    let (mut against, mut changes) = (0, Vec::new());
    for site in sites.iter().filter(|s| s.kind != PointKind::Extreme) {
        let Some(found) = signs(subject, &site.z) else { continue };
        resolved += 1;
        let sign: f64 = found.iter().product();
        let wrong = match promised {
            Some(Orientation::Positive) => sign < 0.0,
            Some(Orientation::Negative) => sign > 0.0,
            _ => false,
        };
        against += usize::from(wrong);
        if wrong && against >= subject.quorum() {
            let promise = promised.map_or_else(String::new, |p| format!("{p:?}"));
            return Err(Stop::Violated(format!("det J has sign {sign} at z = {:?}, promised: {promise}", site.z)));
        }
        match &first {
            None => first = Some((&site.z, found)),
            Some((z, known)) if *known != found => {
                changes.push(site.z.clone());
                // Whichever of the two signs is the rarer, so many points must have it.
                if changes.len().min(resolved - changes.len()) < subject.quorum() {
                    continue;
                }
                let zero = bisect(subject, z, &site.z, known);
                return Err(Stop::Violated(format!(
                    "the sign changes between z = {z:?} and z = {:?}; it vanishes near {zero:?}",
                    site.z
                )));
            }
            Some(_) => {}
        }
    }
    if against + changes.len() > 0 {
        return Err(too_few(subject, "another sign was met at", against + changes.len()));
    }
    if resolved == 0 {
        return Err(Stop::Blurred("the sign of det J is resolved nowhere".to_owned()));
    }
    Ok(Whole { note: format!("one sign at {resolved} points"), resolution: 0.0 })
}

/// Where on the segment the signs change.
fn bisect(subject: &Subject<'_>, from: &[f64], to: &[f64], known: &[f64]) -> Vec<f64> {
    let (mut low, mut high) = (0.0, 1.0);
    let at = |t: f64| from.iter().zip(to).map(|(a, b)| a + t * (b - a)).collect::<Vec<_>>();
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        match signs(subject, &at(middle)) {
            Some(found) if found == known => low = middle,
            _ => high = middle,
        }
    }
    at(high)
}

/// Columns differenced at one point: enough to meet every column over a sample.
const COLUMNS: usize = 3;

fn finite_differences(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    if site.subject.black_box().is_some() {
        return offered_agree(site);
    }
    // So that the formula is recorded whose cost decides.
    let _ = site.forward_graph();
    if !site.is_chosen() {
        return Err(Stop::DoesNotApply("not among the points that are differenced".to_owned()));
    }
    if site.kind != PointKind::Short {
        return Err(Stop::DoesNotApply("finite differences are taken at moderate points only".to_owned()));
    }
    sharp(site.forward()?)?;
    let (jacobian, det) = site.jacobian()?;
    crate::evidence::resolved(jacobian, det)?;
    let d = site.z.len();
    let way = site.forward_graph()?.way();
    let offset = site.z.iter().fold(0usize, |h, z| h.wrapping_mul(31).wrapping_add((z * 16.0) as i64 as usize));
    let mut sides = Vec::new();
    for j in (0..d.min(COLUMNS)).map(|k| (offset.wrapping_add(k)) % d) {
        let moved = |t: f64| {
            let mut z = site.z.clone();
            z[j] += t;
            if !site.subject.promises().domain.contains(&z) {
                return None;
            }
            // Moving the coordinate rounds, too: half a unit in its last place, times the slope.
            let formula = site.subject.graph(Direction::Forward, &z).ok()?;
            // Across the end of a branch there is no one slope.
            if formula.way() != way {
                return None;
            }
            let image = Evaluated::of(&formula, &balls(&z));
            let by_moving =
                |i: usize| f64::EPSILON * z[j].abs() * (jacobian.values[(i, j)].abs() + jacobian.bounds[(i, j)]);
            Some(image.point.iter().enumerate().map(|(i, x)| (x.value(), x.error() + by_moving(i))).collect())
        };
        let Some(found) = slopes(moved, site.z[j].abs().max(1.0).min(edge(site, j))) else { continue };
        let kink = one_sided_gap(&moved);
        for (i, slope) in found.iter().enumerate() {
            let ad = ball(jacobian.values[(i, j)], jacobian.bounds[(i, j)]);
            if kink.as_ref().is_none_or(|gap| gap[i] > 1e-3 * (1.0 + slope.value.abs())) {
                continue;
            }
            let by_difference = ball(slope.value, slope.error);
            sides.push(
                Sides::new("∂x_i/∂z_j by duals", ad, "by finite differences", by_difference)
                    .at(format!("J[{i}][{j}]"))
                    .resolution(1e-5),
            );
        }
    }
    if sides.is_empty() {
        return Err(Stop::Blurred("no stencil lies in the domain, or the point is at a kink".to_owned()));
    }
    Ok(sides)
}

/// The derivatives that a black box offers, against differences of its values.
fn offered_agree(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    if site.kind != PointKind::Short {
        return Err(Stop::DoesNotApply("finite differences are taken at moderate points only".to_owned()));
    }
    let d = site.z.len();
    let mut sides = Vec::new();
    for (name, direction, at) in [("J", Direction::Forward, &site.z), ("inverse's J", Direction::Inverse, &site.x)] {
        let numerical = match site.subject.differences(direction, at) {
            // What is not offered need not agree, as long as the other is.
            Err(Stop::Missing(_)) if direction == Direction::Inverse => continue,
            numerical => numerical?,
        };
        let (offered, _) = if direction == Direction::Forward { site.jacobian()? } else { site.inverse_jacobian()? };
        for (i, j) in (0..d).flat_map(|i| (0..d).map(move |j| (i, j))) {
            let ad = ball(offered.values[(i, j)], offered.bounds[(i, j)]);
            let by_difference = ball(numerical.values[(i, j)], numerical.bounds[(i, j)]);
            let pair = Sides::new("∂x_i/∂z_j as offered", ad, "by finite differences", by_difference);
            sides.push(pair.at(format!("{name}[{i}][{j}]")).resolution(1e-5));
        }
    }
    Ok(sides)
}

/// A step that stays inside the domain.
fn edge(site: &Site<'_>, j: usize) -> f64 {
    let faces = site.subject.promises().domain.faces(site.z.len()).into_iter();
    faces.filter(|face| face.coordinates().contains(&j)).map(|face| face.slack(&site.z)).fold(f64::MAX, f64::min)
}

/// By how much the slopes on the two sides of a point differ, beyond what curvature explains.
pub(super) fn one_sided_gap(f: &impl Fn(f64) -> Option<Vec<(f64, f64)>>) -> Option<Vec<f64>> {
    const H: f64 = 1e-6;
    let (below, at, above) = (f(-H)?, f(0.0)?, f(H)?);
    let gap = |i: usize| ((above[i].0 - at[i].0) - (at[i].0 - below[i].0)).abs() / H;
    Some((0..at.len()).map(gap).collect())
}

fn log_det_gradient(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    if !site.subject.promises().twice_differentiable {
        return Err(Stop::DoesNotApply("the layer has kinks".to_owned()));
    }
    sharp(site.forward()?)?;
    let (jacobian, det) = site.jacobian()?;
    crate::evidence::resolved(jacobian, det)?;
    let Some(inverse) = &det.inverse else {
        return Err(Stop::Blurred("the Jacobian is numerically singular".to_owned()));
    };
    let d = site.z.len();
    // A direction with every coordinate in it, none alike.
    let direction: Vec<f64> = (0..d).map(|i| if i % 2 == 0 { 1.0 } else { -0.5 } / (1.0 + i as f64)).collect();
    let claimed: Bounded = jacobian.gradient.iter().zip(&direction).map(|(&g, &v)| g * v).sum();
    let (moved, moved_bound) = second(site, &direction)?;

    // J⁻¹ = (I − R)⁻¹Ĵ⁻¹ with R = I − Ĵ⁻¹J, so tr(J⁻¹D) = tr(Ĵ⁻¹D) + tr(((I − R)⁻¹ − I)Ĵ⁻¹D).
    let gamma = (2 * d + 2) as f64 * f64::EPSILON;
    let size = inverse.abs();
    let r = (DMatrix::identity(d, d) - inverse * &jacobian.values).abs()
        + &size * &jacobian.bounds
        + &size * jacobian.values.abs() * gamma;
    let eta = (0..d).map(|i| r.row(i).sum()).fold(0.0, f64::max);
    if eta.is_nan() || eta >= 0.1 {
        return Err(Stop::Blurred("the Jacobian is too ill-conditioned".to_owned()));
    }
    let product = inverse * &moved;
    let product_bound = &size * &moved_bound + &size * moved.abs() * gamma;
    let reach = product.abs() + &product_bound;
    let tail = eta * eta / (1.0 - eta);
    let mut error = product_bound.trace() + gamma * product.diagonal().abs().sum();
    for i in 0..d {
        for j in 0..d {
            error += (r[(i, j)] + tail) * reach[(j, i)];
        }
    }
    Ok(vec![Sides::new("∂_v log_det", claimed, "tr(J⁻¹ ∂_v J)", ball(product.trace(), error)).resolution(1e-7)])
}

/// `∂_v J` with bounds, by nested duals.
fn second(site: &Site<'_>, direction: &[f64]) -> Result<(DMatrix<f64>, DMatrix<f64>), Stop> {
    let d = site.z.len();
    let inner: Vec<Jet<Bounded, 1>> =
        site.z.iter().zip(direction).map(|(&z, &v)| Jet::new(Bounded::from(z), [Bounded::from(v)])).collect();
    let (mut values, mut bounds) = (DMatrix::zeros(d, d), DMatrix::zeros(d, d));
    let graph = site.forward_graph()?;
    let mut slots = Vec::new();
    let each = |start: usize, image: &Image<Jet<Jet<Bounded, 1>, LANES>>| {
        for lane in 0..LANES.min(d - start) {
            for (i, x) in image.point.iter().enumerate().take(d) {
                let entry: Bounded = x.tangent(lane).tangent(0);
                values[(i, start + lane)] = entry.value();
                bounds[(i, start + lane)] = entry.error() + graph.truncation;
            }
        }
    };
    in_chunks(&inner, |z| Ok(graph.evaluate(z, &mut slots).0), each).map_err(|e| site.stop(&e))?;
    if values.iter().chain(bounds.iter()).any(|x| !x.is_finite()) {
        return Err(Stop::Blurred("a second derivative is not finite".to_owned()));
    }
    Ok((values, bounds))
}
