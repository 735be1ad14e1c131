use nalgebra::DMatrix;
use pushforward_lanes::{Distances, Entry, Local, Unary, apply, batch, keep};

use super::*;
use crate::evidence::jacobian_f64;
use crate::flow::{Flow, Image, Layer};
use crate::layers::{Planar, ZOO};
use crate::scalar::{Number, Precise, Scalar};

/// Every family of the zoo: its member of dimension 8, of some that of 64, and the first three drawn.
fn layers() -> Vec<(&'static str, Box<dyn Layer>)> {
    let large = ["coupling_exp", "iaf", "maf", "planar", "composition", "conv1x1_plu"];
    let mut all = Vec::new();
    for family in ZOO.iter().copied().flatten() {
        all.extend(family.members(7, 3).map(|layer| (family.name, layer)));
        all.extend(family.at_dim.map(|at_dim| (family.name, at_dim(8))));
        all.extend(family.at_dim.filter(|_| large.contains(&family.name)).map(|at_dim| (family.name, at_dim(64))));
    }
    all
}

#[test]
fn what_is_compiled_has_the_values_and_the_jacobian_of_the_layer() {
    let (mut compiled, mut points_on_path, mut not_back) = (std::collections::BTreeSet::new(), 0, Vec::new());
    for (name, layer) in layers() {
        let soak = Soak::new(&*layer, 3);
        let Some(engine) = &soak.engine else { continue };
        compiled.insert(name);
        let mut machine = Machine::new(engine);
        let points = soak.points(0..9);
        let lanes = engine.lanes();
        for (from, points) in points.chunks(lanes).enumerate().map(|(at, p)| (at * lanes, p)) {
            let glances = machine.verify(points);
            for (lane, (z, glance)) in points.iter().zip(glances).enumerate() {
                let Some(glance) = glance else { continue };
                let plain = plain::verify(&*layer, z).unwrap_or_else(|e| panic!("{name}: {e}"));
                points_on_path += 1;
                let expected = jacobian_f64(&*layer, z).expect("a point of the domain");
                let apart = (machine.jacobian(lane, points.len()) - &expected).amax();
                let at = from + lane;
                assert!(apart <= 1e-9 * expected.amax().max(1.0), "{name}, point {at}: {apart:e} in J");
                assert!((glance.log_det.apart - plain.log_det.apart).abs() < 1e-8, "{name} {at} {glance:?} {plain:?}");
                assert_eq!(glance.round_trip.is_some(), plain.round_trip.is_some(), "{name}");
                match glance.round_trip.zip(plain.round_trip) {
                    // Left to the evaluation as written.
                    Some((own, _)) if !own.is_within() => not_back.push(name),
                    Some((own, plain)) => assert!(plain.is_within(), "{name}, point {at}: {own:?} {plain:?}"),
                    None => {}
                }
            }
        }
    }
    println!("{} families, {points_on_path} points: {compiled:?}", compiled.len());
    println!("not back by the compiled inverse: {not_back:?}");
    assert!(not_back.len() * 20 <= points_on_path);
    assert!(compiled.len() >= 40 && points_on_path >= 1000, "{} {points_on_path}", compiled.len());
}

/// The largest error over `points`, in units in the last place of the 237-bit value.
fn ulps(function: Unary, points: &[f64], exact: fn(Precise) -> Precise) -> f64 {
    let mut values = vec![0.0; points.len()];
    apply(function, points, &mut values);
    let error = |(&x, &value): (&f64, &f64)| {
        let exact = exact(Precise::from(x));
        let nearest = exact.to_f64().abs();
        (Precise::from(value) - exact).to_f64().abs() / (nearest.next_up() - nearest)
    };
    points.iter().zip(&values).map(error).fold(0.0, |worst, e| if e > worst || e.is_nan() { e } else { worst })
}

#[test]
fn vector_functions_are_right_to_two_units_in_the_last_place() {
    let grid = |low: f64, high: f64| -> Vec<f64> {
        (0..3000).map(|i| low + (high - low) * (f64::from(i) * 0.618_033_988_749_894_9).fract()).collect()
    };
    let powers = |low: f64, high: f64| grid(low, high).into_iter().map(f64::exp2).collect::<Vec<f64>>();
    let both = |all: Vec<f64>| all.iter().flat_map(|&x| [x, -x]).collect::<Vec<f64>>();
    for (name, function, points, exact) in [
        ("exp", Unary::Exp, grid(-700.0, 700.0), Precise::exp as fn(Precise) -> Precise),
        ("exp near 0", Unary::Exp, grid(-2.0, 2.0), Precise::exp),
        ("tanh", Unary::Tanh, grid(-25.0, 25.0), Precise::tanh),
        ("tanh near 0", Unary::Tanh, both(powers(-60.0, 1.0)), Precise::tanh),
        ("σ", Unary::Sigmoid, grid(-340.0, 340.0), Precise::sigmoid),
        ("σ near 0", Unary::Sigmoid, grid(-4.0, 4.0), Precise::sigmoid),
        ("softplus", Unary::Softplus, grid(-340.0, 340.0), Precise::softplus),
        ("softplus near 0", Unary::Softplus, grid(-4.0, 4.0), Precise::softplus),
        ("ln", Unary::Ln, powers(-1000.0, 1000.0), Precise::ln),
        ("ln near 1", Unary::Ln, grid(0.5, 2.0), Precise::ln),
        ("ln(1 + x)", Unary::Ln1p, powers(-60.0, 60.0), Precise::ln_1p),
        ("ln(1 + x) below 0", Unary::Ln1p, grid(-0.5, 0.0), Precise::ln_1p),
    ] {
        let worst = ulps(function, &points, exact);
        println!("{name}: {worst:.2}");
        assert!(worst <= 2.0, "{name}: {worst}");
    }
    // Outside the ranges of the vector forms, and what is no number.
    for (function, x, expected) in [
        (Unary::Exp, 1000.0, f64::INFINITY),
        (Unary::Exp, -1000.0, 0.0),
        (Unary::Tanh, f64::NEG_INFINITY, -1.0),
        (Unary::Ln, 0.0, f64::NEG_INFINITY),
        (Unary::Sigmoid, -800.0, 0.0),
        (Unary::Softplus, 800.0, 800.0),
    ] {
        let mut y = [0.0];
        apply(function, &[x], &mut y);
        assert_eq!(y, [expected], "{function:?} {x}");
        apply(function, &[f64::NAN], &mut y);
        assert!(y[0].is_nan(), "{function:?}");
    }
}

#[test]
fn dense_lu_is_that_of_the_oracle() {
    for n in [1usize, 2, 3, 4, 5, 8, 17, 33, 48, 49, 64, 130, 257] {
        let (mut jacobians, pack) = batch(n);
        let lanes = pack.max(8);
        let entry = |i: usize, j: usize, lane: usize| {
            // Zeros on the diagonal: without pivots there is no result.
            let wave = ((i * 7 + j * 13 + i * j) as f64 + 0.37 * lane as f64).sin();
            if i == j && i.is_multiple_of(2) { 0.0 } else { wave }
        };
        let slots: Vec<f64> =
            (0..n * n).flat_map(|at| (0..lanes).map(move |lane| entry(at / n, at % n, lane))).collect();
        let entries = (0..n * n).map(|at| Entry { row: (at / n) as u32, column: (at % n) as u32, slot: at as u32 });
        let local = Local::new(n, entries.collect(), Vec::new(), Vec::new());
        jacobians.start(lanes, n);
        jacobians.carry(&local, &slots, lanes, true);
        let matrices: Vec<_> = (0..lanes).map(|lane| DMatrix::from_fn(n, n, |i, j| entry(i, j, lane))).collect();
        for (lane, matrix) in matrices.iter().enumerate() {
            assert_eq!(DMatrix::from_row_slice(n, n, &jacobians.at(lane)), *matrix);
        }
        for (lane, (found, matrix)) in jacobians.log_abs_dets().into_iter().zip(matrices).enumerate() {
            let expected: f64 = matrix.lu().u().diagonal().iter().map(|u| u.abs().ln()).sum();
            let same = found == expected || (found - expected).abs() <= 1e-9 * expected.abs().max(1.0);
            assert!(same, "n = {n}, lane {lane}: {found} {expected}");
        }
    }
}

#[test]
fn what_came_back_as_nan_is_apart_whatever_comes_after() {
    let lanes = 16;
    let mut found = Distances::new(lanes);
    let (z, x, mut back) = (vec![0.5; 3 * lanes], vec![-2.0; 3 * lanes], vec![0.25; 3 * lanes]);
    back[lanes + 3] = f64::NAN;
    back[2 * lanes + 7] = 1.5;
    found.take(&z, &x, &back);
    for (lane, apart) in found.apart.iter().enumerate() {
        let expected = if lane == 7 { 1.0 } else { 0.25 };
        assert!(if lane == 3 { apart.is_nan() } else { *apart == expected }, "lane {lane}: {apart}");
    }
    assert_eq!(found.size, vec![2.0; lanes]);
}

#[test]
fn what_holds_is_cleared_where_a_comparison_comes_out_otherwise() {
    let (left, right): (Vec<f64>, Vec<f64>) = ((0..16).map(f64::from).collect(), vec![8.0; 16]);
    for is_below in [true, false] {
        let mut holds = vec![true; 16];
        holds[2] = false;
        keep(&mut holds, &left, &right, is_below);
        let expected = |i: usize| i != 2 && (i < 8) == is_below;
        assert!(holds.iter().enumerate().all(|(i, &holds)| holds == expected(i)), "{is_below}: {holds:?}");
    }
}

#[test]
fn a_jacobian_of_nan_has_no_determinant() {
    for n in [2usize, 8, 40, 64, 128] {
        let (mut jacobians, pack) = batch(n);
        let lanes = pack.max(8);
        let entries = (0..n * n).map(|at| Entry { row: (at / n) as u32, column: (at % n) as u32, slot: 0 });
        let local = Local::new(n, entries.collect(), Vec::new(), Vec::new());
        jacobians.start(lanes, n);
        jacobians.carry(&local, &vec![f64::NAN; lanes], lanes, true);
        assert!(jacobians.log_abs_dets().iter().all(|log| !log.is_finite()), "n = {n}");
    }
}

/// Planar, but where `z₀` is large the log-det is off by 1e-7.
#[derive(Debug)]
struct WrongInACorner(Planar);
impl<S: Scalar> Flow<S> for WrongInACorner {
    fn forward(&self, z: &[S]) -> Result<Image<S>, crate::FlowError> {
        let image = self.0.forward(z)?;
        let off = if z[0].prefers_below(2.999) { 0.0 } else { 1e-7 };
        Ok(Image::new(image.point, image.log_det + off))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, crate::FlowError> {
        self.0.inverse(x)
    }
}
impl Layer for WrongInACorner {
    fn dim(&self) -> usize {
        2
    }
}

fn run(layer: &dyn Layer, jobs: usize, from: State, points: u64) -> State {
    let jobs = NonZeroUsize::new(jobs).expect("not 0");
    Soak::new(layer, 11).jobs(jobs).run(from, points, &AtomicBool::new(false), |_| ())
}

#[test]
fn a_fault_in_a_corner_is_found_at_the_same_point_by_any_number_of_threads() {
    let layer = WrongInACorner(Planar::new(&[0.5, -0.25], &[1.0, 0.75], 0.125).unwrap());
    let found = run(&layer, 1, State::default(), 200_000);
    let failure = found.failure.as_ref().expect("one in six thousand points is wrong");
    assert!(failure.law == "log-det-is-jacobian" && failure.point > 100, "{failure:?}");
    assert_eq!((found.points, found.within + found.agree + found.blurred), (failure.point + 1, failure.point));
    assert_eq!(found, run(&layer, 3, State::default(), 200_000));
    // Nothing is done after a failure.
    assert_eq!(found, run(&layer, 2, found.clone(), 300_000));
}

#[test]
fn what_is_resumed_ends_as_what_ran_through() {
    let layer = Planar::new(&[0.5, -0.25], &[1.0, 0.75], 0.125).unwrap();
    let whole = run(&layer, 1, State::default(), 30_000);
    assert!(whole.failure.is_none() && whole.points == 30_000 && whole.agree >= 64, "{whole:?}");
    let part = run(&layer, 2, State::default(), 12_345);
    assert_eq!(run(&layer, 2, part, 30_000), whole);
    // Stopped before it began.
    let stopped = Soak::new(&layer, 11).run(State::default(), 30_000, &AtomicBool::new(true), |_| ());
    assert_eq!(stopped, State::default());
}
