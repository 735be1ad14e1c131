//! Splines to check: knots off the grid of the points and not equidistant, slopes away from 1 and from their chords.

use proptest::prelude::*;

use super::circular::CircularSpline;
use super::curve::Curve;
use super::elementwise::{Spline, SplineEnds};
use super::piece::SplineKind;
use super::transformer::SplineTransformer;
use crate::conditioner::{Dense, Net};
use crate::family::{away_from_zero, between, constant_net, matrix, vector};

/// The partial sums.
fn ladder(start: f64, steps: &[f64]) -> Vec<f64> {
    std::iter::once(start)
        .chain(steps.iter().scan(start, |at, step| {
            *at += step;
            Some(*at)
        }))
        .collect()
}

/// No two alike: between equal slopes a parabola is a line.
fn slopes(n: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    let distinct = |all: Vec<f64>| all.into_iter().enumerate().map(|(k, slope)| slope + k as f64 / 128.0).collect();
    vector(prop_oneof![between(0.25, 0.75), between(1.5, 3.0)], n).prop_map(distinct)
}

/// Knots that leave room for points on both sides.
fn knots(bins: usize) -> impl Strategy<Value = Vec<f64>> + Clone {
    (between(-2.5, -1.0), vector(between(0.375, 1.5), bins)).prop_map(|(start, steps)| ladder(start + 0.03125, &steps))
}

fn curve(kind: SplineKind) -> impl Strategy<Value = Curve> {
    let parts = (2usize..=4).prop_flat_map(|bins| (knots(bins), knots(bins), slopes(bins + 1)));
    parts.prop_map(move |(x, y, slope)| made(kind, &x, &y, &slope))
}

fn made(kind: SplineKind, x: &[f64], y: &[f64], slope: &[f64]) -> Curve {
    let last = x.len() - 1;
    let curve = match kind {
        SplineKind::Linear => Curve::linear(x, y),
        SplineKind::Quadratic => Curve::quadratic(x, y[0], slope),
        SplineKind::Cubic => {
            // Below 3 by a quarter at least, in units of the chord.
            let end = |k: usize, slope: f64| slope.min(2.75) * (y[k + 1] - y[k]) / (x[k + 1] - x[k]);
            Curve::cubic(x, y, [end(0, slope[0]), end(last - 1, slope[last])])
        }
        SplineKind::RationalQuadratic => Curve::rational_quadratic(x, y, slope),
    };
    curve.expect("increasing knots and positive slopes")
}

pub(super) fn spline(kind: SplineKind, ends: SplineEnds) -> impl Strategy<Value = Spline> {
    let dims = prop_oneof![1 => 1usize..=2, 3 => 3usize..=5];
    let curves = dims.prop_flat_map(move |d| proptest::collection::vec(curve(kind), d));
    curves.prop_map(move |curves| Spline::new(ends, curves).expect("at least one curve"))
}

/// `n` numbers without a pattern in `lo..hi`.
fn wave(n: usize, phase: f64, lo: f64, hi: f64) -> Vec<f64> {
    (0..n).map(|k| lo + (hi - lo) * (0.5 + 0.5 * (phase + 1.7 * k as f64).sin())).collect()
}

pub(super) fn generic(kind: SplineKind, ends: SplineEnds, d: usize) -> Spline {
    let curve = |i: usize| {
        let phase = 0.3 + 2.3 * i as f64;
        let (x, y) = (wave(3, phase, 0.5, 1.5), wave(3, phase + 0.7, 0.5, 1.5));
        made(kind, &ladder(-1.625, &x), &ladder(-1.375, &y), &wave(4, phase + 0.4, 0.5, 2.0))
    };
    Spline::new(ends, (0..d).map(curve).collect()).expect("at least one curve")
}

const CHART: (f64, f64) = (-std::f64::consts::PI, std::f64::consts::PI);

pub(super) fn circular() -> impl Strategy<Value = CircularSpline> {
    let inner = |n: usize| vector(between(0.5, 1.5), n).prop_map(|steps| ladder(-3.125, &steps)[1..].to_vec());
    let circle = (1usize..=4).prop_flat_map(move |n| (inner(n), inner(n), slopes(n + 1)));
    let circles = prop_oneof![1 => 1usize..=2, 3 => 3usize..=5]
        .prop_flat_map(move |d| proptest::collection::vec(circle.clone().prop_map(|(x, y, slope)| [x, y, slope]), d));
    circles.prop_map(|circles| CircularSpline::new(CHART.0, CHART.1, &circles).expect("knots within the chart"))
}

pub(super) fn generic_circular(d: usize) -> CircularSpline {
    let circle = |i: usize| {
        let phase = 0.3 + 2.3 * i as f64;
        let inner = |phase: f64| ladder(-3.125, &wave(3, phase, 0.5, 1.75))[1..].to_vec();
        [inner(phase), inner(phase + 0.7), wave(4, phase + 0.4, 0.5, 2.0)]
    };
    let circles: Vec<_> = (0..d).map(circle).collect();
    CircularSpline::new(CHART.0, CHART.1, &circles).expect("knots within the chart")
}

/// A spline of two to four bins for a conditioner.
pub(in crate::layers) fn transformers(kind: SplineKind) -> impl Strategy<Value = SplineTransformer> + Clone {
    let small = (4i32..=16).prop_map(|k| f64::from(k) / 256.0);
    (2usize..=4, between(1.25, 2.5), small.clone(), small).prop_map(move |(bins, bound, min_bin, min_slope)| {
        SplineTransformer::with_minima(kind, bins, bound + 0.03125, min_bin, min_slope).expect("minima below a quarter")
    })
}

/// The last map of a conditioner, each row moved by a number of its own: weights that are alike in all the values of
/// one softmax change nothing.
fn last(inputs: usize, outputs: usize) -> impl Strategy<Value = Dense> {
    let parts = (matrix(away_from_zero(0.0625, 0.375), outputs, inputs), vector(away_from_zero(0.125, 0.75), outputs));
    parts.prop_map(move |(mut a, c)| {
        for (k, row) in a.iter_mut().enumerate() {
            row.iter_mut().for_each(|weight| *weight += (k % 8) as f64 / 128.0);
        }
        Dense::new(inputs, &a, &c).expect("a drawn map is finite and of one shape")
    })
}

/// One layer of `tanh` units.
pub(in crate::layers) fn net(inputs: usize, outputs: usize) -> impl Strategy<Value = Net> {
    (2usize..=4).prop_flat_map(move |width| {
        let first = (matrix(away_from_zero(0.125, 0.75), width, inputs), vector(away_from_zero(0.125, 0.5), width));
        let first = first.prop_map(move |(a, c)| Dense::new(inputs, &a, &c).expect("finite and of one shape"));
        (first, last(width, outputs)).prop_map(|(first, last)| Net::mlp(vec![first, last]).expect("the widths agree"))
    })
}

/// Conditioners of bounded output: where a softmax saturates, bins may lie symmetrically about 0, and their middle is an
/// exact 0 that no float computation finds.
pub(in crate::layers) fn nets(inputs: usize, outputs: usize) -> impl Strategy<Value = Net> {
    prop_oneof![6 => net(inputs, outputs), 1 => constant_net(outputs)]
}
