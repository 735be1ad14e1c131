//! Laws of inversion: the map has an inverse, and it is the one offered.

use super::numeric::norm;
use super::{Evidence, Gate, Law, Whole, in_both};
use crate::evidence::{Direction, Evaluated, Ground, PointKind, Sides, Site, Stop, Subject, balls, log_abs_det};
use crate::promises::{Domain, Structure};
use crate::random::Stream;
use crate::scalar::Bounded;

pub(super) const LAWS: &[Law] = &[
    Law {
        name: "inverse-undoes-forward",
        statement: "inverse(forward(z)).point = z",
        why: "density evaluation must land on the base point that sampling started from",
        source: "definition of the inverse",
        catches: "an inverse of another formula, swapped halves, a permutation not inverted, a stale or shared net",
        blind_to: "a pair that is wrong in the same way in both directions; points and branches never drawn",
        gate: Gate::Inverse,
        evidence: in_both!(inverse_undoes_forward),
    },
    Law {
        name: "forward-undoes-inverse",
        statement: "forward(inverse(x)).point = x, x drawn in the codomain",
        why: "every x of the codomain must be reached: an inverse right only on images drawn from the base is not one",
        source: "definition of the inverse",
        catches: "maps that are not onto, wrong tails, an inverse right on part of the codomain only",
        blind_to: "errors that both directions share",
        gate: Gate::Inverse,
        evidence: in_both!(forward_undoes_inverse),
    },
    Law {
        name: "inverse-log-det-negates",
        statement: "inverse(forward(z)).log_det = −forward(z).log_det",
        why: "det J_{f⁻¹}(f(z)) = 1/det J_f(z)",
        source: "chain rule on f⁻¹∘f = id",
        catches: "the inverse's log-det with the forward sign, or taken at the wrong point",
        blind_to: "a log-det wrong by the same term in both directions",
        gate: Gate::Volume,
        evidence: in_both!(log_det_negates),
    },
    Law {
        name: "forward-is-injective",
        statement: "f(z) = f(z′) only for z = z′",
        why: "a density that counts one branch of a many-to-one map has not mass one",
        source: "definition of a bijection",
        catches: "planar flows with w·u < −1, squares, complex exponentials: locally right, globally folded",
        blind_to: "collisions that Newton's method does not find; without an inverse or a triangular proof it is undecided",
        gate: Gate::None,
        evidence: Evidence::Layer(injective, 12),
    },
    Law {
        name: "forward-is-onto",
        statement: "‖f(z)‖ → ∞ as ‖z‖ → ∞, looked at along rays; on a bounded codomain each face is approached",
        why: "with det J ≠ 0 everywhere this growth, along every path to infinity, makes f a diffeomorphism onto ℝᵈ",
        source: "Hadamard's global inverse function theorem",
        catches: "a saturating function as the last step: the image is a bounded box",
        blind_to: "bounded growth along rays not drawn or along curves, or that oscillates before the map overflows",
        gate: Gate::None,
        evidence: Evidence::Layer(onto, 16),
    },
];

fn inverse_undoes_forward<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let back = sharp(site.back()?)?;
    Ok(coordinates("inverse(forward(z)).point", &back.point, "z", &balls(&site.z)))
}

fn forward_undoes_inverse<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let z = sharp(site.inverse()?)?;
    let again = forward_at(site, z)?;
    Ok(coordinates("forward(inverse(x)).point", &again.point, "x", &balls(&site.x)))
}

fn log_det_negates<V: Ground>(site: &Site<'_, V>) -> Result<Vec<Sides<V>>, Stop> {
    let (image, back) = (sharp(site.forward()?)?, sharp(site.back()?)?);
    Ok(vec![Sides::new("inverse(forward(z)).log_det", back.log_det, "−forward(z).log_det", -image.log_det)])
}

/// An evaluation whose branches rounding cannot turn.
pub(super) fn sharp<V: Ground>(image: &Evaluated<V>) -> Result<&Evaluated<V>, Stop> {
    if image.blurred {
        Err(Stop::Blurred("a comparison in the layer is closer than its rounding".to_owned()))
    } else {
        Ok(image)
    }
}

/// `forward` at the balls of an earlier result.
pub(super) fn forward_at<V: Ground>(site: &Site<'_, V>, z: &Evaluated<V>) -> Result<Evaluated<V>, Stop> {
    let again = site.again(z)?;
    sharp(&again)?;
    Ok(again)
}

/// Coordinate by coordinate.
pub(super) fn coordinates<V: Ground>(
    left_name: &'static str,
    left: &[Bounded<V>],
    right_name: &'static str,
    right: &[Bounded<V>],
) -> Vec<Sides<V>> {
    let pair = |(i, (&l, &r))| Sides::new(left_name, l, right_name, r).at(format!("coordinate {i}"));
    left.iter().zip(right).enumerate().map(pair).collect()
}

/// A discrepancy of a black box that too few points show.
pub(super) fn too_few(subject: &Subject<'_>, what: &str, points: usize) -> Stop {
    Stop::Blurred(format!("{what} {points} points only; a black box is condemned by {}", subject.quorum()))
}

/// Starts of the search from each point.
const STARTS: [f64; 4] = [0.5, 2.0, 6.0, 0.0];
const NEWTON_STEPS: usize = 40;

fn injective(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let d = subject.dim();
    if d > 16 {
        return Err(Stop::DoesNotApply("the collision search is made for d ≤ 16".to_owned()));
    }
    let mut random = Stream::new(d as u64 ^ 0x9e37);
    let mut searched = 0;
    let mut collisions = 0;
    let mut invertible = true;
    for site in sites.iter().filter(|s| s.kind == PointKind::Short).take(8 * subject.quorum()) {
        let Ok(image) = site.forward() else { continue };
        let x: Vec<f64> = image.point.iter().map(|x| x.value()).collect();
        invertible &= subject.inverse(&x).is_ok();
        for reach in STARTS {
            let start: Vec<f64> =
                site.z.iter().map(|&z| if reach == 0.0 { -z } else { z + reach * random.normal() }).collect();
            if !subject.promises().domain.contains(&start) {
                continue;
            }
            searched += 1;
            if let Some(other) = newton(subject, start, &x)
                && distinct(subject, site, &other)
            {
                let what = format!("f(z) = f(z′) = {x:?} at two points: z = {:?} and z′ = {other:?}", site.z);
                collisions += 1;
                if collisions >= subject.quorum() {
                    return Err(Stop::Violated(what));
                }
                break;
            }
        }
    }
    if collisions > 0 {
        return Err(too_few(subject, "a collision was found from", collisions));
    }
    let proof = match subject.promises().structure {
        _ if invertible && searched > 0 => "and an inverse is offered",
        Structure::Triangular { .. } | Structure::Diagonal | Structure::Permutation(_) => {
            "and the Jacobian is triangular with diagonal entries of one sign"
        }
        _ => {
            let why = "no collision found, but no inverse is offered and no triangular Jacobian promised";
            return Err(Stop::Blurred(why.to_owned()));
        }
    };
    Ok(Whole { note: format!("no collision in {searched} searches, {proof}"), resolution: 0.0 })
}

/// A solution of `f(z′) = x` by damped Newton, if it converges to the last digits.
fn newton(subject: &Subject<'_>, mut at: Vec<f64>, x: &[f64]) -> Option<Vec<f64>> {
    let residual = |at: &[f64]| -> Option<(Vec<f64>, f64)> {
        let image = subject.forward(at).ok()?;
        let r: Vec<f64> = x.iter().zip(&image.point).map(|(x, y)| x - y).collect();
        let size = norm(&r);
        size.is_finite().then_some((r, size))
    };
    let (mut r, mut size) = residual(&at)?;
    for _ in 0..NEWTON_STEPS {
        if size <= 128.0 * subject.unit() * norm(x).max(1.0) {
            return Some(at);
        }
        let jacobian = subject.rough_slopes(&at).ok()?;
        let step = jacobian.lu().solve(&nalgebra::DVector::from_vec(r.clone()))?;
        let mut damping = 1.0;
        loop {
            let next: Vec<f64> = at.iter().zip(step.iter()).map(|(a, s)| a + damping * s).collect();
            if let Some((next_r, next_size)) = residual(&next)
                && next_size < size
            {
                (at, r, size) = (next, next_r, next_size);
                break;
            }
            damping *= 0.5;
            if damping < 1e-4 {
                return None;
            }
        }
    }
    None
}

/// Whether two points with (nearly) the same image are further apart than rounding can explain, with both Jacobians
/// resolved: `|z′ − z| > 4(|J⁻¹(z)| + |J⁻¹(z′)|)(e_x + e_x′)` in some coordinate.
fn distinct(subject: &Subject<'_>, site: &Site<'_>, other: &[f64]) -> bool {
    let Ok((_, det)) = site.jacobian() else { return false };
    let (Ok(image), Ok(other_image)) = (site.forward(), subject.within(Direction::Forward, &balls::<f64>(other)))
    else {
        return false;
    };
    let Ok(other_jacobian) = subject.jacobian(Direction::Forward, &balls::<f64>(other)) else {
        return false;
    };
    let other_det = log_abs_det(&other_jacobian.values, &other_jacobian.bounds);
    let (Some(a), Some(b)) = (&det.inverse, &other_det.inverse) else { return false };
    if det.sign.is_none() || other_det.sign.is_none() {
        return false;
    }
    let errors: nalgebra::DVector<f64> = nalgebra::DVector::from_iterator(
        other.len(),
        image.point.iter().zip(&other_image.point).map(|(x, y)| x.error() + y.error() + (x.value() - y.value()).abs()),
    );
    let reach = (a.abs() + b.abs()) * errors * 4.0;
    site.z.iter().zip(other).zip(reach.iter()).any(|((z, o), reach)| (z - o).abs() > *reach)
}

/// Distances from the origin at which growth is compared.
const RADII: [f64; 6] = [10.0, 100.0, 300.0, 1e3, 1e6, 1e12];

fn onto(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let d = subject.dim();
    let promises = subject.promises();
    if !promises.domain.is_reals(d) || !promises.codomain.is_reals(d) {
        return faces(subject);
    }
    let mut rays = 0;
    for site in sites.iter().filter(|s| norm(&s.z) > 0.0).take(8) {
        for sign in [1.0, -1.0] {
            let ray: Vec<f64> = site.z.iter().map(|z| sign * z / norm(&site.z)).collect();
            // Beyond the first overflow nothing is known; a map that overflows has usually grown.
            let images: Vec<Vec<f64>> = RADII
                .iter()
                .map_while(|r| subject.forward(&ray.iter().map(|z| z * r).collect::<Vec<_>>()).ok())
                .map(|image| image.point)
                .collect();
            rays += 1;
            let sizes: Vec<f64> = images.iter().map(|x| norm(x)).collect();
            // Even ln ln‖z‖ grows by more than a hundredth over each of the last two steps. Short of the largest radius
            // a norm may dip before it grows, so there the image itself must have come to rest.
            let at_rest = |a: &[f64], b: &[f64]| {
                let step: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
                norm(&step) <= 0.01 * norm(a)
            };
            let bounded = match &images[..] {
                [.., a, b, c] if images.len() == RADII.len() => norm(b) <= 1.01 * norm(a) && norm(c) <= 1.01 * norm(b),
                [.., a, b, c] => at_rest(a, b) && at_rest(b, c),
                _ => false,
            };
            if bounded {
                let why = format!(
                    "‖f‖ = {sizes:?} at ‖z‖ = {:?} along {ray:?}: bounded, so f is not onto ℝ^{d}",
                    &RADII[..sizes.len()]
                );
                return Err(Stop::Violated(why));
            }
        }
    }
    if rays == 0 {
        return Err(Stop::Blurred("no ray was drawn".to_owned()));
    }
    Ok(Whole { note: format!("‖f(z)‖ grows along {rays} rays"), resolution: 0.0 })
}

/// Where one coordinate is sent to see whether the image nears the codomain's faces and ends.
const STATIONS: [f64; 9] = [3.0, 5.0, 7.0, 10.0, 20.0, 30.0, 700.0, 1e6, 1e12];
/// A coordinate this large has run off to infinity.
const LARGE: f64 = 20.0;

/// Each face of the codomain is approached, and each infinite end of a coordinate grown towards, as one coordinate of
/// the base runs.
fn faces(subject: &Subject<'_>) -> Result<Whole, Stop> {
    let promises = subject.promises();
    let d = subject.dim();
    let run = |i: usize, sign: f64| -> Vec<Vec<f64>> {
        let at = |station: &f64| {
            let mut reals = vec![0.0; d];
            reals[i] = sign * station;
            promises.domain.point(&reals)
        };
        let mut points: Vec<Vec<f64>> = STATIONS.iter().map(at).collect();
        points.dedup();
        points.iter().filter_map(|z| subject.forward(z).ok()).map(|image| image.point).collect()
    };
    let mut runs: Vec<Vec<Vec<f64>>> = (0..d).flat_map(|i| [run(i, 1.0), run(i, -1.0)]).collect();
    if promises.domain == Domain::NonZero {
        // Towards the puncture, too.
        let near =
            |i: usize, z: f64| subject.forward(&(0..d).map(|j| if j == i { z } else { 1.0 }).collect::<Vec<_>>());
        runs.extend(
            (0..d).map(|i| {
                [1e-6, 1e-30, 1e-100, 1e-300].iter().filter_map(|&z| near(i, z).ok()).map(|x| x.point).collect()
            }),
        );
    }
    let images = || runs.iter().flatten();
    let mut approached = 0;
    for face in promises.codomain.faces(d) {
        let ranges = face.coordinates().into_iter().map(|i| promises.codomain.interval(i));
        let width = ranges.map(|r| r.hi - r.lo).filter(|w| w.is_finite()).fold(1.0, f64::max);
        let nearest = images().map(|x| face.slack(x)).fold(f64::INFINITY, f64::min);
        if nearest > 1e-3 * width {
            return Err(Stop::Violated(format!("the image stays {nearest:?} away from the face of {face}")));
        }
        approached += 1;
    }
    for i in 0..d {
        let range = promises.codomain.interval(i);
        for (sign, end) in [(-1.0, range.lo), (1.0, range.hi)] {
            // Slow growth counts, as along rays: more than a hundredth over each of the last two steps.
            let grows = |run: &Vec<Vec<f64>>| match &run[..] {
                [.., a, b, c] => sign * a[i] > 0.0 && b[i] / a[i] > 1.01 && c[i] / b[i] > 1.01,
                _ => false,
            };
            if end.is_infinite() && !images().any(|x| sign * x[i] >= LARGE) && !runs.iter().any(grows) {
                let most = images().map(|x| sign * x[i]).fold(f64::NEG_INFINITY, f64::max);
                return Err(Stop::Violated(format!("coordinate {i} stays within {:?}, codomain {range}", sign * most)));
            }
            approached += usize::from(end.is_infinite());
        }
    }
    Ok(Whole { note: format!("{approached} faces and ends of the codomain approached"), resolution: 0.0 })
}
