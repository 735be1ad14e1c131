//! Laws of sensitivity: every coordinate counts, and derivatives by parameters are those of the values.

use super::volume::one_sided_gap;
use super::{Evidence, Gate, Law, Whole};
use crate::evidence::{Jacobian, PointKind, Site, Stop, Subject, slopes};
use crate::flow::{Flow, Image};
use crate::scalar::{Dual, Tangents, session};

pub(super) const LAWS: &[Law] = &[
    Law {
        name: "coordinates-matter",
        statement: "every z_j moves some x_i, and every x_i moves with some z_j",
        why: "where a row or a column of J vanishes everywhere, det J = 0 and there is no log-det to compare",
        source: "definition of a diffeomorphism",
        catches: "a redundant coordinate that the map ignores, a constant in the image",
        blind_to: "a Jacobian that is singular without a zero row or column; a coordinate that counts at one point only",
        gate: Gate::None,
        evidence: Evidence::Layer(coordinates_matter, 24),
    },
    Law {
        name: "parameter-slopes-agree",
        statement: "∂(x, ℓ)/∂θ and ∂(z, ℓ′)/∂θ by automatic differentiation = by finite differences",
        why: "training follows derivatives by parameters, of whichever direction it evaluates",
        source: "Ridders 1982; the implicit function theorem for inverses by iteration",
        catches: "a gradient lost in an inverse by root finding, a parameter read as a plain number",
        blind_to: "slopes off by less than one in 10⁴; parameters not looked at; kinks",
        gate: Gate::None,
        evidence: Evidence::Layer(parameter_slopes, 8),
    },
];

fn coordinates_matter(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let finite = |j: &&Jacobian| j.values.iter().all(|x| x.is_finite());
    let jacobians: Vec<&Jacobian> =
        sites.iter().filter_map(|site| site.jacobian().ok()).map(|(jacobian, _)| jacobian).filter(finite).collect();
    if jacobians.is_empty() {
        return Err(Stop::Blurred("no Jacobian is finite".to_owned()));
    }
    for k in 0..subject.dim() {
        let points = jacobians.len();
        if jacobians.iter().all(|j| j.values.column(k).iter().all(|x| *x == 0.0)) {
            return Err(Stop::Violated(format!("z[{k}] moves no coordinate of x at {points} points: det J = 0")));
        }
        if jacobians.iter().all(|j| j.values.row(k).iter().all(|x| *x == 0.0)) {
            return Err(Stop::Violated(format!("x[{k}] moves with no coordinate of z at {points} points: det J = 0")));
        }
    }
    Ok(Whole { note: format!("every row and column reached in {} points", jacobians.len()), resolution: 0.0 })
}

/// Parameters and points looked at in one layer.
const PARAMETERS: usize = 12;
const POINTS: usize = 2;
/// Two slopes further apart than this, beyond the error of the differences, are not one.
const TELLING: f64 = 1e-4;

fn outputs(image: Image<f64>) -> Vec<f64> {
    image.point.into_iter().chain([image.log_det]).collect()
}

fn parameter_slopes(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let layer = subject.formula()?;
    let parameters = session::parameters_of(layer);
    if parameters.is_empty() {
        return Err(Stop::DoesNotApply("the layer holds no parameters".to_owned()));
    }
    let stride = parameters.len().div_ceil(PARAMETERS);
    let mut compared = 0;
    for site in sites.iter().filter(|site| site.kind == PointKind::Short).take(POINTS) {
        for (rank, &(id, value)) in parameters.iter().enumerate().step_by(stride) {
            for (name, inverse) in [("forward(z)", false), ("inverse(x)", true)] {
                compared += one_parameter(layer, site, id, value, inverse).map_err(|what| {
                    Stop::Violated(format!("∂ {name}{what} (parameter {rank}, as Debug lists them, at {value:?})"))
                })?;
            }
        }
    }
    if compared == 0 {
        return Err(Stop::Blurred("no slope could be differenced".to_owned()));
    }
    Ok(Whole { note: format!("{compared} slopes agree"), resolution: TELLING })
}

/// How many slopes by one parameter agree; what the first does that does not.
fn one_parameter(flow: &dyn Flow<Dual>, site: &Site<'_>, id: u64, value: f64, inverse: bool) -> Result<usize, String> {
    let at = if inverse { &site.x } else { &site.z };
    let constants: Vec<Dual> = at.iter().map(|&x| Dual::from(x)).collect();
    let dual = session::seeding(id, || if inverse { flow.inverse(&constants) } else { flow.forward(&constants) });
    let centre = if inverse { site.inverse() } else { site.forward() };
    let (Ok(dual), Ok(centre)) = (dual, centre) else { return Ok(0) };
    if centre.blurred {
        return Ok(0);
    }
    // The rounding error at the centre, doubled, stands for that of its neighbours.
    let noise: Vec<f64> = centre.point.iter().chain([&centre.log_det]).map(|x| 2.0 * x.error()).collect();
    let moved = |by: f64| {
        let image =
            session::moving(id, by, || if inverse { site.subject.inverse(at) } else { site.subject.forward(at) });
        let all = outputs(image.ok()?);
        (all.len() == noise.len()).then(|| all.into_iter().zip(noise.iter().copied()).collect::<Vec<_>>())
    };
    // A step that is small beside the parameter breaks no constraint that it meets.
    let found = slopes(moved, 0.1 * value.abs().clamp(0.125, 1e3));
    let (Some(found), Some(gap)) = (found, one_sided_gap(&moved)) else { return Ok(0) };
    let tangents = dual.point.iter().chain([&dual.log_det]).map(|x| x.tangent(0));
    let mut agree = 0;
    for (i, (automatic, slope)) in tangents.zip(&found).enumerate() {
        let size = 1.0 + slope.value.abs();
        if gap[i] > 1e-3 * size || slope.error > TELLING * size {
            continue;
        }
        if (automatic - slope.value).abs() > TELLING * size + slope.error {
            let what = if i + 1 == found.len() { ".log_det".to_owned() } else { format!(".point[{i}]") };
            let lost = if automatic == 0.0 { ": the derivative is lost" } else { "" };
            return Err(format!(
                "{what}/∂θ = {automatic:?} by automatic differentiation, {:.6} by finite differences{lost}",
                slope.value
            ));
        }
        agree += 1;
    }
    Ok(agree)
}
