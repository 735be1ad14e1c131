//! Laws of honesty: the layer is a function, of all its parameters.

use super::{Evidence, Gate, Law, Whole};
use crate::evidence::{Sides, Site, Stop, Subject};
use crate::flow::{Flow, Layer};
use crate::scalar::{Dual, Tangents, session};

pub(super) const LAWS: &[Law] = &[
    Law {
        name: "evaluation-is-pure",
        statement: "the same point gives the same bits, whatever was evaluated in between, and in every number system",
        why: "a law about one call says nothing about the next if the layer remembers",
        source: "definition of a function",
        catches: "a cached log-det, statistics updated by evaluation, random numbers inside",
        blind_to: "state that other threads or other number systems change",
        gate: Gate::None,
        evidence: Evidence::Point(pure),
    },
    Law {
        name: "parameters-matter",
        statement: "∂(x, ℓ)/∂θ ≠ 0 for every parameter θ, and moving θ moves the output, here or beside these parameters",
        why: "a parameter that changes nothing cannot be learned, and hides a slip such as one slice read twice",
        source: "definition of a parameter",
        catches: "a parameter never read, two roles read from one slice, a value computed once at construction",
        blind_to: "numbers that the layer does not hold as Param",
        gate: Gate::None,
        evidence: Evidence::Layer(parameters_matter, 24),
    },
];

fn bits(image: &crate::Image<f64>) -> Vec<u64> {
    image.point.iter().chain([&image.log_det]).map(|x| x.to_bits()).collect()
}

fn pure(site: &Site<'_>) -> Result<Vec<Sides>, Stop> {
    let subject = site.subject;
    let forward = |z: &[f64]| subject.forward(z).map(|image| bits(&image));
    let inverse = |x: &[f64]| subject.inverse(x).map(|image| bits(&image));
    let (first, first_inverse) = (forward(&site.z), inverse(&site.x));
    // What happens in between is another point, in both directions; its results do not matter.
    let _ = (forward(&site.other_z), inverse(&site.z), forward(&site.x));
    let differs = |name: &str| {
        Stop::Violated(format!("{name} gives other bits the second time, after other points were evaluated"))
    };
    if forward(&site.z) != first {
        return Err(differs("forward(z)"));
    }
    let _ = (inverse(&site.other_z), forward(&site.other_z));
    if inverse(&site.x) != first_inverse {
        return Err(differs("inverse(x)"));
    }
    first.map_err(|e| site.stop(&e))?;
    if subject.black_box().is_some() {
        return Ok(Vec::new());
    }
    // A recording repeats the f64 computation bit for bit; a layer that remembers f64 values does not.
    let plain = subject.forward(&site.z).map_err(|e| site.stop(&e))?;
    let recorded = site.forward_graph()?.image();
    let pairs = plain.point.iter().chain([&plain.log_det]).zip(recorded.point.iter().chain([&recorded.log_det]));
    match pairs.enumerate().find(|(_, (a, b))| a.to_bits() != b.to_bits()) {
        None => Ok(Vec::new()),
        Some((i, (a, b))) => {
            let what = if i < plain.point.len() { format!("coordinate {i}") } else { "the log-det".to_owned() };
            Err(Stop::Violated(format!(
                "{what} is {a:?} in f64 and {b:?} when the same formula is recorded: the layer remembers an earlier value, \
                 or takes a number out of its number system"
            )))
        }
    }
}

/// Parameters looked at in one layer: all of a small one, evenly spread over a large one.
const LOOKED_AT: usize = 48;

fn parameters_matter(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let layer = subject.formula()?;
    // Parts are asked at moderate points of their own: deep in a chain a parameter may drown in a saturated function.
    let parts = layer.parts();
    if !parts.is_empty() {
        let mut notes = Vec::new();
        for (k, part) in parts.into_iter().enumerate() {
            match parameters_matter(&Subject::of_dyn(part), sites) {
                Ok(whole) => notes.push(whole.note),
                Err(Stop::Violated(what)) => return Err(Stop::Violated(format!("part {k}: {what}"))),
                Err(Stop::DoesNotApply(_)) => {}
                Err(stop) => return Err(stop),
            }
        }
        return Ok(Whole { note: notes.join("; "), resolution: 0.0 });
    }
    let parameters = session::parameters_of(layer);
    if parameters.is_empty() {
        return Err(Stop::DoesNotApply("the layer holds no parameters".to_owned()));
    }
    let stride = parameters.len().div_ceil(LOOKED_AT);
    let points = spread(subject, sites);
    for (rank, &(id, value)) in parameters.iter().enumerate().step_by(stride) {
        let acts = |z: &[f64]| slope_is_nonzero(layer, z, id) && moves(subject, z, id, value);
        if !points.iter().any(|z| acts(z))
            && !sweep(subject).any(|z| acts(&z))
            && !acts_beside(acts, &points, id, &parameters)
        {
            return Err(Stop::Violated(format!(
                "parameter {rank} of {} (as Debug lists them), {value:?}, changes neither x nor the log-det at {} points",
                parameters.len(),
                points.len() + sweep(subject).count()
            )));
        }
    }
    Ok(Whole { note: format!("{} parameters matter", parameters.len().div_ceil(stride)), resolution: 0.0 })
}

/// How far another parameter is moved, in units of `max(1, |value|)`.
const ASIDE: f64 = 0.03125;
/// Points at which that is done.
const BESIDE: usize = 6;

/// Whether a parameter acts once one of the others is moved: among equal components their weights say nothing, and a
/// hidden unit that is exactly 0 hides what follows it. What is never read acts beside no values either.
fn acts_beside(acts: impl Fn(&[f64]) -> bool, points: &[Vec<f64>], id: u64, parameters: &[(u64, f64)]) -> bool {
    let others = parameters.iter().filter(|(other, _)| *other != id);
    let mut moves = others.flat_map(|&(other, value)| [ASIDE, -ASIDE].map(|by| (other, by * value.abs().max(1.0))));
    moves.any(|(other, by)| session::moving(other, by, || points.iter().take(BESIDE).any(|z| acts(z))))
}

/// Points that together cross the whole domain, for a parameter that acts in one place only, as a spline's knot does:
/// every coordinate runs from −53 to 53, in steps of 1/64 near 0 and in proportion to `1 + |z|` further out.
fn sweep(subject: &Subject<'_>) -> impl Iterator<Item = Vec<f64>> {
    (-256i32..=256).map(|k| {
        let t = f64::from(k.signum()) * (f64::from(k.abs()) / 64.0).exp_m1();
        subject.promises().domain.point(&vec![t; subject.dim()])
    })
}

/// The points of the sites, and multiples of them in the domain: a parameter of one arm of a branch matters there only.
fn spread(subject: &Subject<'_>, sites: &[Site<'_>]) -> Vec<Vec<f64>> {
    let domain = &subject.promises().domain;
    let multiples = [1.0, -1.0, 8.0, -8.0, 64.0, -64.0]
        .into_iter()
        .flat_map(|factor| sites.iter().map(move |site| site.z.iter().map(|z| factor * z).collect::<Vec<f64>>()));
    multiples.filter(|z| domain.contains(z)).collect()
}

fn slope_is_nonzero(layer: &dyn Layer, z: &[f64], id: u64) -> bool {
    let constants: Vec<Dual> = z.iter().map(|&z| Dual::from(z)).collect();
    let flow: &dyn Flow<Dual> = layer;
    session::seeding(id, || flow.forward(&constants))
        .is_ok_and(|image| image.point.iter().chain([&image.log_det]).any(|x| x.tangent(0) != 0.0))
}

fn moves(subject: &Subject<'_>, z: &[f64], id: u64, value: f64) -> bool {
    let Ok(before) = subject.forward(z) else { return false };
    // A move too small to break a constraint, large enough to show.
    session::moving(id, 1e-4 * value.abs().max(1.0), || subject.forward(z))
        .is_ok_and(|after| bits(&after) != bits(&before))
}
