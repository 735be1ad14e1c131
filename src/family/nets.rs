//! Conditioners for drawn layers: every weight away from 0, outputs of moderate size.

use proptest::prelude::*;

use super::{away_from_zero, matrix, vector};
use crate::conditioner::{Dense, Net};

fn dense(inputs: usize, rows: &[Vec<f64>], c: &[f64]) -> Dense {
    Dense::new(inputs, rows, c).expect("a drawn map is finite and of one shape")
}

fn mlp(inputs: usize, hidden: &[Vec<f64>], c: &[f64], last: &[Vec<f64>], e: &[f64]) -> Net {
    Net::mlp(vec![dense(inputs, hidden, c), dense(c.len(), last, e)]).expect("the widths agree")
}

/// The same values everywhere.
pub(crate) fn constant_net(outputs: usize) -> impl Strategy<Value = Net> {
    vector(away_from_zero(0.125, 1.0), outputs).prop_map(|v| Net::constant(&v).expect("finite"))
}

/// An affine map; its outputs grow with its inputs.
pub(crate) fn affine_net(inputs: usize, outputs: usize) -> impl Strategy<Value = Net> {
    let parts = (matrix(away_from_zero(0.0625, 0.25), outputs, inputs), vector(away_from_zero(0.125, 0.5), outputs));
    parts.prop_map(move |(a, c)| Net::affine(inputs, &a, &c).expect("a drawn map is finite and of one shape"))
}

/// One layer of three or four `tanh` units; the outputs stay within ±1.5 whatever the inputs.
pub(crate) fn tanh_net(inputs: usize, outputs: usize) -> impl Strategy<Value = Net> {
    (3usize..=4)
        .prop_flat_map(move |width| {
            (
                matrix(away_from_zero(0.125, 0.75), width, inputs),
                vector(away_from_zero(0.125, 0.5), width),
                matrix(away_from_zero(0.0625, 0.25), outputs, width),
                vector(away_from_zero(0.125, 0.5), outputs),
            )
        })
        .prop_map(move |(a, c, b, e)| mlp(inputs, &a, &c, &b, &e))
}

/// `n` scales, then `n` shifts. Scale `j` is `c_j (1 + ½ tanh(·))` with a unit of its own, so that it keeps its sign
/// and never comes near 0; signs differ between the scales.
pub(crate) fn signed_net(inputs: usize, n: usize) -> impl Strategy<Value = Net> {
    (
        matrix(away_from_zero(0.125, 0.75), n + 1, inputs),
        vector(away_from_zero(0.125, 0.5), n + 1),
        vector(away_from_zero(0.25, 0.75), n),
        matrix(away_from_zero(0.0625, 0.25), n, n + 1),
        vector(away_from_zero(0.125, 0.5), n),
    )
        .prop_map(move |(a, c, half, rows, e)| signed(inputs, &a, &c, &half, &rows, &e))
}

fn signed(inputs: usize, a: &[Vec<f64>], c: &[f64], half: &[f64], rows: &[Vec<f64>], e: &[f64]) -> Net {
    let own_unit = |(j, h): (usize, &f64)| (0..c.len()).map(|k| if k == j { *h } else { 0.0 }).collect();
    let last: Vec<Vec<f64>> = half.iter().enumerate().map(own_unit).chain(rows.iter().cloned()).collect();
    let biases: Vec<f64> = half.iter().map(|h| 2.0 * h).chain(e.iter().copied()).collect();
    mlp(inputs, a, c, &last, &biases)
}

/// `m` rows of `n` numbers without a pattern, none 0, each row of length at most `size`.
fn waves(m: usize, n: usize, phase: f64, size: f64) -> Vec<Vec<f64>> {
    let size = size / (n.max(1) as f64).sqrt();
    (0..m).map(|i| (0..n).map(|j| size * (phase + 1.7 * i as f64 + 2.3 * j as f64).sin()).collect()).collect()
}
fn wave(n: usize, phase: f64, size: f64) -> Vec<f64> {
    (0..n).map(|i| size * (phase + 1.3 * i as f64).sin()).collect()
}

/// A generic member of [`tanh_net`]'s kind, of any size.
pub(crate) fn wave_net(inputs: usize, outputs: usize, phase: f64) -> Net {
    let (a, b) = (waves(3, inputs, phase, 1.0), waves(outputs, 3, phase + 0.4, 0.5));
    mlp(inputs, &a, &wave(3, phase + 0.1, 0.5), &b, &wave(outputs, phase + 0.2, 0.25))
}

/// A generic member of [`signed_net`]'s kind, of any size.
pub(crate) fn signed_wave_net(inputs: usize, n: usize, phase: f64) -> Net {
    let half: Vec<f64> = wave(n, phase, 0.25).iter().map(|w| if *w < 0.0 { w - 0.25 } else { w + 0.25 }).collect();
    let (a, rows) = (waves(n + 1, inputs, phase + 0.3, 1.0), waves(n, n + 1, phase + 0.5, 0.5));
    signed(inputs, &a, &wave(n + 1, phase + 0.1, 0.5), &half, &rows, &wave(n, phase + 0.2, 0.25))
}
