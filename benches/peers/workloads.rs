//! The flows that the peers were measured on, with the same numbers in them.
//!
//! `mat(m, n, tag)_ij = sin(1 + 7i + 13j + (ij mod 1009) + 0.7 tag)/√n`, `vec(n, tag)_i = 0.1 sin(2 + 3i + 0.7 tag)`,
//! `point(p)_i = 4 frac((pd + i + 1)·0.618…) − 2`; network `k` of a flow has the tags `10k … 10k + 3`.

use pushforward::conditioner::{Dense, Net};
use pushforward::layers::{
    Chain, Conv1x1Plu, Convention, Coupling, Made, MaskedAutoregressive, Permutation, Planar, Scale, SplineKind,
    SplineTransformer, Transformer, TransformerCoupling,
};
use pushforward::{FlowError, Layer, Scalar};

/// The kinds of flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Affine couplings, so many.
    Affine(usize),
    /// Four masked autoregressive layers and reversals.
    Masked,
    /// Four rational-quadratic couplings of eight bins.
    Spline,
    /// Sixteen planar layers.
    Planar,
    /// A 1×1 convolution in PLU form on so many channels.
    Convolution(usize),
}

/// A flow at a dimension.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workload {
    pub(crate) kind: Kind,
    pub(crate) dim: usize,
}

fn mat(m: usize, n: usize, tag: usize) -> Vec<Vec<f64>> {
    let entry = |i: usize, j: usize| {
        let angle = 1.0 + 7.0 * i as f64 + 13.0 * j as f64 + ((i * j) % 1009) as f64 + 0.7 * tag as f64;
        angle.sin() / (n as f64).sqrt()
    };
    (0..m).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
}

fn vec(n: usize, tag: usize) -> Vec<f64> {
    (0..n).map(|i| 0.1 * (2.0 + 3.0 * i as f64 + 0.7 * tag as f64).sin()).collect()
}

fn net(k: usize, inputs: usize, width: usize, outputs: usize) -> Result<Net, FlowError> {
    let first = Dense::new(inputs, &mat(width, inputs, 10 * k), &vec(width, 10 * k + 1))?;
    Net::mlp(vec![first, Dense::new(width, &mat(outputs, width, 10 * k + 2), &vec(outputs, 10 * k + 3))?])
}

/// `x = z e^{tanh h₀} + h₁`, the transformer of the peers' masked flows.
#[derive(Clone, Debug)]
struct AffineTanh;

impl Transformer for AffineTanh {
    fn arity(&self) -> usize {
        2
    }
    fn forward<S: Scalar>(&self, z: S, h: &[S], _: usize) -> Result<(S, S), FlowError> {
        let log = h[0].tanh();
        Ok((z * log.exp() + h[1], log))
    }
    fn inverse<S: Scalar>(&self, x: S, h: &[S], _: usize) -> Result<(S, S), FlowError> {
        let log = h[0].tanh();
        Ok(((x - h[1]) * (-log).exp(), -log))
    }
    fn is_affine(&self) -> bool {
        true
    }
}

/// Hidden unit `j` of the peers has rank `j mod (d − 1)`. Ours are in the order of their ranks, equally many of each; units
/// that the peers do not have get weights of 0.
fn masked(k: usize, d: usize) -> Result<MaskedAutoregressive<AffineTanh>, FlowError> {
    let (width, ranks) = (2 * d, d - 1);
    let copies = width.div_ceil(ranks);
    let (first, second) = (mat(width, d, 10 * k), mat(width, width, 10 * k + 2));
    let (b1, b2) = (vec(width, 10 * k + 1), vec(width, 10 * k + 3));
    let theirs: Vec<Option<usize>> =
        (0..copies * ranks).map(|u| Some(u / copies + (u % copies) * ranks).filter(|&j| j < width)).collect();
    let rows = theirs.iter().map(|j| j.map_or_else(|| vec![0.0; d], |j| first[j].clone())).collect();
    let constants = theirs.iter().map(|j| j.map_or(0.0, |j| b1[j])).collect();
    let of_output = |row: usize| theirs.iter().map(|j| j.map_or(0.0, |j| second[row][j])).collect::<Vec<f64>>();
    let order: Vec<usize> = (0..d).flat_map(|i| [i, d + i]).collect();
    let last = (order.iter().map(|&row| of_output(row)).collect(), order.iter().map(|&row| b2[row]).collect());
    MaskedAutoregressive::new(Convention::Z, AffineTanh, Made::new(d, 2, &[(rows, constants), last])?)
}

fn planar(k: usize, d: usize) -> Result<Planar, FlowError> {
    let w = mat(16, d, 0).swap_remove(k);
    let v: Vec<f64> = mat(16, d, 1).swap_remove(k).into_iter().map(|v| 2.0 * v).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let along = dot(&w, &v);
    let shift = (-1.0 + along.exp().ln_1p() - along) / dot(&w, &w);
    let u: Vec<f64> = v.iter().zip(&w).map(|(v, w)| v + shift * w).collect();
    Planar::new(&u, &w, 0.1 * (2.0 + 3.0 * k as f64).sin())
}

fn convolution(c: usize, d: usize) -> Result<Conv1x1Plu, FlowError> {
    let (lower, upper) = (mat(c, c, 0), mat(c, c, 1));
    let entry = |i: usize, j: usize, own: f64, of: &[Vec<f64>], is_open: bool| match (i == j, is_open) {
        (true, _) => own,
        (false, true) => 0.5 * of[i][j],
        (false, false) => 0.0,
    };
    let row =
        |f: &dyn Fn(usize, usize) -> f64| (0..c).map(|i| (0..c).map(|j| f(i, j)).collect()).collect::<Vec<Vec<f64>>>();
    let l = row(&|i, j| entry(i, j, 1.0, &lower, j < i));
    let u = row(&|i, j| entry(i, j, 0.5 + (2.0 + 3.0 * i as f64).sin().abs(), &upper, j > i));
    let perm: Vec<usize> = (0..c).map(|i| (5 * i + 3) % c).collect();
    Conv1x1Plu::new([c, d / c, 1], &perm, &l, &u)
}

impl Workload {
    /// The flow.
    pub(crate) fn layer(self) -> Result<Box<dyn Layer>, FlowError> {
        let (d, h) = (self.dim, self.dim / 2);
        let sides = |k: usize| -> (Vec<usize>, Vec<usize>) {
            if k.is_multiple_of(2) {
                ((0..h).collect(), (h..d).collect())
            } else {
                ((h..d).collect(), (0..h).collect())
            }
        };
        let mut parts: Vec<Box<dyn Layer>> = Vec::new();
        match self.kind {
            Kind::Affine(layers) => {
                for k in 0..layers {
                    let (a, b) = sides(k);
                    parts.push(Box::new(Coupling::new(&a, &b, Scale::tanh(1.0)?, net(k, h, 2 * d, 2 * h)?)?));
                }
            }
            Kind::Masked => {
                for k in 0..4 {
                    parts.push(Box::new(masked(k, d)?));
                    parts.push(Box::new(Permutation::reverse(d)?));
                }
            }
            Kind::Spline => {
                for k in 0..4 {
                    let (a, b) = sides(k);
                    let spline = SplineTransformer::new(SplineKind::RationalQuadratic, 8, 3.0)?;
                    parts.push(Box::new(TransformerCoupling::new(&a, &b, spline, net(k, h, 2 * d, 23 * h)?)?));
                }
            }
            Kind::Planar => {
                for k in 0..16 {
                    parts.push(Box::new(planar(k, d)?));
                }
            }
            Kind::Convolution(c) => return Ok(Box::new(convolution(c, d)?)),
        }
        Ok(Box::new(Chain::new(parts)?))
    }

    /// Point number `p`. Tensors of the peers have their channels last, ours first.
    pub(crate) fn point(self, p: usize) -> Vec<f64> {
        let value = |i: usize| {
            let t = (p * self.dim + i + 1) as f64 * 0.618_033_988_749_894_9;
            4.0 * (t - t.floor()) - 2.0
        };
        match self.kind {
            Kind::Convolution(c) => {
                let positions = self.dim / c;
                (0..self.dim).map(|i| value((i % positions) * c + i / positions)).collect()
            }
            _ => (0..self.dim).map(value).collect(),
        }
    }

    /// Floating-point operations for one point by dense forward mode: every tangent through every matrix.
    pub(crate) fn dense_flops(self) -> f64 {
        let d = self.dim as f64;
        let lu = 2.0 / 3.0 * d * d * d;
        lu + match self.kind {
            Kind::Affine(n) => 6.0 * n as f64 * d * d * d + 12.0 * n as f64 * d * d,
            Kind::Masked => 96.0 * d * d * d + 48.0 * d * d,
            Kind::Spline => 192.0 * d * d * d + 384.0 * d * d,
            Kind::Planar => 64.0 * d * d + 128.0 * d,
            Kind::Convolution(c) => 4.0 * c as f64 * d * d + 8.0 * c as f64 * d,
        }
    }
}
