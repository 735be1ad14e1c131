//! Mass of the claimed density in one and two dimensions, by adaptive Gauss–Kronrod quadrature of the inverse alone.

use super::super::Whole;
use super::{affordable, log_densities, noise_of_density};
use crate::evidence::{Direction, Site, Stop, Subject};

/// The box is the image of this many base standard deviations; beyond it lies less than 1e-14 of the mass.
const REACH: f64 = 8.0;
/// Knots per axis: images of a grid in the base. Twice, in grids with few points in common: a kink between the end of a
/// cell and the outermost node is seen by neither rule, and hides in one of the two at most.
const KNOTS: [usize; 2] = [11, 9];
/// Of the evaluations that sampling may take: quadrature is the only law that sees what lies between the samples.
const SHARE: usize = 16;
/// Evaluations allowed on a grid.
const BUDGET: usize = 60_000;
/// Evaluations allowed however much one costs.
const LEAST: usize = 3_000;
/// An error estimate above this says nothing.
const USELESS: f64 = 1e-3;

/// Gauss–Kronrod 7-15: abscissae, Kronrod weights, Gauss weights (QUADPACK's qk15, Piessens et al. 1983).
const NODES: [(f64, f64, f64); 8] = [
    (0.991_455_371_120_812_6, 0.022_935_322_010_529_224, 0.0),
    (0.949_107_912_342_758_5, 0.063_092_092_629_978_56, 0.129_484_966_168_869_7),
    (0.864_864_423_359_769_1, 0.104_790_010_322_250_19, 0.0),
    (0.741_531_185_599_394_4, 0.140_653_259_715_525_92, 0.279_705_391_489_276_64),
    (0.586_087_235_467_691_1, 0.169_004_726_639_267_9, 0.0),
    (0.405_845_151_377_397_2, 0.190_350_578_064_785_4, 0.381_830_050_505_118_9),
    (0.207_784_955_007_898_47, 0.204_432_940_075_298_89, 0.0),
    (0.0, 0.209_482_141_084_727_82, 0.417_959_183_673_469_4),
];

/// The fifteen nodes with both weights, on −1..1.
fn rule() -> impl Iterator<Item = (f64, f64, f64)> + Clone {
    NODES.iter().flat_map(|&(x, k, g)| if x == 0.0 { vec![(x, k, g)] } else { vec![(-x, k, g), (x, k, g)] })
}

/// A cell with its integral by the finer rule, and the difference of the two rules.
struct Cell {
    lo: [f64; 2],
    hi: [f64; 2],
    mass: f64,
    error: f64,
}

pub(super) fn mass_is_one(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let d = subject.dim();
    if d > 2 {
        return Err(Stop::DoesNotApply("quadrature is made for d ≤ 2".to_owned()));
    }
    if !subject.promises().domain.is_reals(d) {
        return Err(Stop::DoesNotApply("the base distribution lives on ℝᵈ".to_owned()));
    }
    if d == 2 && subject.promises().kinked {
        return Err(Stop::DoesNotApply("the density jumps along curves, where quadrature does not settle".to_owned()));
    }
    // The first grids alone take this many evaluations in the plane.
    let affordable = SHARE * affordable(sites);
    if d == 2 && affordable < 225 * (100 + 64) {
        return Err(Stop::DoesNotApply("quadrature in the plane costs too many operations".to_owned()));
    }
    let grids = [knots(subject, KNOTS[0])?, knots(subject, KNOTS[1])?];
    let knots = &grids[0];
    if let Err(crate::FlowError::NoInverse) = subject.inverse(&vec![f64::midpoint(knots[0][0], knots[0][1]); d]) {
        return Err(Stop::Missing("the layer offers no inverse".to_owned()));
    }
    let budget = affordable.clamp(LEAST, BUDGET);
    let [first, second] = grids.map(|knots| adapted(subject, d, &knots, budget));
    let mass = f64::midpoint(first.0, second.0);
    let error = first.1.max(second.1) + (first.0 - second.0).abs() + noise_of_density(sites);
    if mass.is_nan() {
        return Err(Stop::Violated("the density is NaN inside the codomain".to_owned()));
    }
    if error > USELESS {
        return Err(Stop::Blurred(format!("mass {mass:.6} with an estimated error of {error:.1e}")));
    }
    // Failing needs three times the difference of the two rules: kinks cost both rules alike.
    if (mass - 1.0).abs() > 3.0 * error + 1e-8 {
        return Err(Stop::Violated(format!("mass {mass:.9}, estimated error {error:.1e}")));
    }
    Ok(Whole { note: format!("mass {mass:.9} ± {error:.0e}"), resolution: (3.0 * error).max(1e-6) })
}

/// The mass in the box of these knots with an estimate of its error, after splitting the worst cells as often as the
/// budget allows.
fn adapted(subject: &Subject<'_>, d: usize, knots: &[Vec<f64>], budget: usize) -> (f64, f64) {
    let mut cells = Vec::new();
    let one = [vec![0.0, 1.0]];
    let rows = if d == 2 { &knots[1] } else { &one[0] };
    for x in knots[0].windows(2) {
        for y in rows.windows(2) {
            cells.push(integrate(subject, d, [x[0], y[0]], [x[1], y[1]]));
        }
    }
    let per_cell = 15usize.pow(d as u32);
    let mut spent = cells.len() * per_cell;
    while spent < budget {
        let Some(worst) = (0..cells.len()).max_by(|&a, &b| cells[a].error.total_cmp(&cells[b].error)) else { break };
        if cells[worst].error < 1e-12 {
            break;
        }
        let Cell { lo, hi, .. } = cells.swap_remove(worst);
        let middle = [f64::midpoint(lo[0], hi[0]), f64::midpoint(lo[1], hi[1])];
        for half_x in [(lo[0], middle[0]), (middle[0], hi[0])] {
            let halves_y = if d == 2 { vec![(lo[1], middle[1]), (middle[1], hi[1])] } else { vec![(lo[1], hi[1])] };
            for half_y in halves_y {
                cells.push(integrate(subject, d, [half_x.0, half_y.0], [half_x.1, half_y.1]));
                spent += per_cell;
            }
        }
    }
    let mass: f64 = cells.iter().map(|c| c.mass).sum();
    let error: f64 = cells.iter().map(|c| c.error).sum();
    (mass, error)
}

/// Integral over a cell in both rules.
fn integrate(subject: &Subject<'_>, d: usize, lo: [f64; 2], hi: [f64; 2]) -> Cell {
    let half = [0.5 * (hi[0] - lo[0]), 0.5 * (hi[1] - lo[1])];
    let middle = [f64::midpoint(lo[0], hi[0]), f64::midpoint(lo[1], hi[1])];
    let nodes: Vec<(Vec<f64>, f64, f64)> = if d == 1 {
        rule().map(|(tx, kx, gx)| (vec![middle[0] + half[0] * tx], kx, gx)).collect()
    } else {
        let at = |tx: f64, ty: f64| vec![middle[0] + half[0] * tx, middle[1] + half[1] * ty];
        rule().flat_map(|(tx, kx, gx)| rule().map(move |(ty, ky, gy)| (at(tx, ty), kx * ky, gx * gy))).collect()
    };
    let points: Vec<Vec<f64>> = nodes.iter().map(|(x, ..)| x.clone()).collect();
    let (mut fine, mut coarse) = (0.0, 0.0);
    for (log_p, (_, k, g)) in log_densities(subject, &points).into_iter().zip(&nodes) {
        let p = log_p.exp();
        fine += k * p;
        coarse += g * p;
    }
    let area = if d == 1 { half[0] } else { half[0] * half[1] };
    let mut error = ((fine - coarse) * area).abs();
    if d == 1 && !subject.promises().twice_differentiable {
        // Neither rule sees a jump between its outermost node and the end of the cell.
        let strip = 1.0 - NODES[0].0;
        let near = |end: f64| vec![end + (middle[0] - end) * strip];
        let ends = [vec![lo[0]], near(lo[0]), vec![hi[0]], near(hi[0])];
        let p: Vec<f64> = log_densities(subject, &ends).into_iter().map(f64::exp).collect();
        error += strip * half[0] * ((p[0] - p[1]).abs() + (p[2] - p[3]).abs());
    }
    Cell { lo, hi, mass: fine * area, error }
}

/// Where to cut each axis: images of a grid over the box in the base, with the box of all of them as ends.
fn knots(subject: &Subject<'_>, count: usize) -> Result<Vec<Vec<f64>>, Stop> {
    let d = subject.dim();
    let ticks: Vec<f64> = (0..count).map(|k| REACH * (2.0 * k as f64 / (count - 1) as f64 - 1.0)).collect();
    let grid: Vec<Vec<f64>> = if d == 1 {
        ticks.iter().map(|&a| vec![a]).collect()
    } else {
        ticks.iter().flat_map(|&a| ticks.iter().map(move |&b| vec![a, b])).collect()
    };
    let images = subject.at_all(Direction::Forward, &grid).into_iter().flatten();
    let images: Vec<Vec<f64>> = images.map(|image| image.point).collect();
    if images.len() < count {
        return Err(Stop::Blurred("the image of the box overflows".to_owned()));
    }
    let cuts: Vec<Vec<f64>> = (0..d)
        .map(|axis| {
            let mut all: Vec<f64> = images.iter().map(|x| x[axis]).filter(|x| x.is_finite()).collect();
            all.sort_by(f64::total_cmp);
            let Some(last) = all.len().checked_sub(1) else { return Vec::new() };
            let mut cuts: Vec<f64> = (0..count).map(|k| all[k * last / (count - 1)]).collect();
            cuts.dedup();
            cuts
        })
        .collect();
    if cuts.iter().any(|cuts| cuts.len() < 2) {
        return Err(Stop::Blurred("the image of the box has no extent".to_owned()));
    }
    Ok(cuts)
}
