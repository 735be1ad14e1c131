//! Autoregressive flows with one masked network.

use proptest::prelude::*;

use super::autoregressive::{Convention, pass, probes, promises};
use super::made::{Made, One};
use super::tau::{self, Tau, Transformer};
use crate::conditioner::{Conditioner, condition};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, boxed, matrix, vector};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::Promises;
use crate::scalar::Scalar;

/// An autoregressive flow whose conditioners are one masked network.
///
/// - formula: `x_i = τ(z_i; h_i)`, with all `h` from one [`Made`] at `z` ([`Convention::Z`]: inverse autoregressive
///   flow) or at `x` ([`Convention::X`]: masked autoregressive flow)
/// - log-det: `Σ_i ln|∂τ/∂z_i|`
/// - inverse: `z_i = τ⁻¹(x_i; h_i)`. One direction calls the network once, the other once for each coordinate
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: a [`Transformer`], strictly monotone in `z_i`; a network that returns the `h` it takes
/// - source: Kingma et al. 2016, IAF (arXiv:1606.04934); Papamakarios et al. 2017, MAF (arXiv:1705.07057);
///   Germain et al. 2015, MADE (arXiv:1502.03509)
/// - loses precision: as [`Autoregressive`](super::Autoregressive)
#[derive(Clone, Debug)]
pub struct MaskedAutoregressive<T: Transformer = Tau> {
    convention: Convention,
    tau: T,
    net: Made,
}

impl<T: Transformer> MaskedAutoregressive<T> {
    /// `net` returns for each coordinate what `tau` takes.
    ///
    /// # Errors
    /// `BadArity`; `NotMonotone` as [`Transformer::expect_monotone`] at a few outputs of the network.
    pub fn new(convention: Convention, tau: T, net: Made) -> Result<Self, FlowError> {
        if net.each != tau.arity() {
            let what = "the network, values for each coordinate".to_owned();
            return Err(FlowError::BadArity { what, expected: tau.arity(), found: net.each });
        }
        for x in probes(net.dim) {
            if let Ok(h) = condition(&net, format_args!("the network"), &x, net.outputs()) {
                h.chunks(net.each).try_for_each(|h| tau.expect_monotone(h))?;
            }
        }
        Ok(Self { convention, tau, net })
    }

    fn pass<S: Scalar>(
        &self,
        point: &[S],
        sequential: bool,
        step: impl Fn(S, &[S], usize) -> Result<(S, S), FlowError>,
    ) -> Result<Image<S>, FlowError> {
        expect_point(point, self.net.dim)?;
        if sequential {
            let h = |coordinate: usize, before: &[S]| {
                condition(&One { net: &self.net, coordinate }, format_args!("the network"), before, self.net.each)
            };
            pass(point, true, h, step)
        } else {
            let all = condition(&self.net, format_args!("the network"), point, self.net.outputs())?;
            let each = self.net.each;
            pass(point, false, |i, _| Ok(all[i * each..(i + 1) * each].to_vec()), step)
        }
    }
}

impl<S: Scalar, T: Transformer> Flow<S> for MaskedAutoregressive<T> {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.pass(z, self.convention == Convention::X, |z, h, i| {
            S::each(&self.tau, z, h, |z, h| self.tau.forward(z, h, i))
        })
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.pass(x, self.convention == Convention::Z, |x, h, i| {
            S::each(&self.tau, x, h, |x, h| self.tau.inverse(x, h, i))
        })
    }
}

impl<T: Transformer> Layer for MaskedAutoregressive<T> {
    fn dim(&self) -> usize {
        self.net.dim
    }
    fn known_values(&self) -> Vec<KnownValue> {
        let name = match self.convention {
            Convention::Z => "iaf.",
            Convention::X => "maf.",
        };
        if self.tau.name() == Tau::AffineExp.name() { known::of(name) } else { Vec::new() }
    }
    fn promises(&self) -> Promises {
        let promises = promises(&self.tau, self.net.dim, self.net.is_constant());
        if self.net.reaches_all { promises.reaches_all() } else { promises }
    }
}

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "iaf",
        formula: "x_i = e^{h0} z_i + h1, h = MADE(z)_i",
        source: "Kingma et al. 2016 (IAF); Germain et al. 2015 (MADE)",
        draw: || draw(Convention::Z),
        at_dim: Some(|d| generic(Convention::Z, d)),
    },
    Family {
        name: "maf",
        formula: "x_i = e^{h0} z_i + h1, h = MADE(x)_i",
        source: "Papamakarios et al. 2017 (MAF); Germain et al. 2015 (MADE)",
        draw: || draw(Convention::X),
        at_dim: Some(|d| generic(Convention::X, d)),
    },
];

pub(super) const FORMATS: &[Format] = &[
    Format { name: "iaf", read: |fields, _| read(Convention::Z, fields) },
    Format { name: "maf", read: |fields, _| read(Convention::X, fields) },
];

fn read(convention: Convention, fields: &Fields<'_>) -> Result<Box<dyn Layer>, DataError> {
    let (tau, at) = (fields.required("tau")?, fields.required("maps")?);
    let tau::Named::Tau(named) = tau::read(&tau)? else {
        return Err(tau.error("UnknownName", "a masked network goes with affine_exp, affine, sinh or tanh_residual"));
    };
    let mut maps = Vec::new();
    for map in at.list()? {
        let fields = map.fields()?;
        maps.push((fields.required("A")?.matrix()?, fields.required("c")?.numbers()?));
        fields.finish()?;
    }
    // The first map takes the point.
    let columns = maps.first().and_then(|(rows, _): &(Vec<Vec<f64>>, Vec<f64>)| rows.first());
    let net = Made::new(columns.map_or(1, Vec::len), named.arity(), &maps).map_err(|e| at.refuse(&e))?;
    Ok(Box::new(MaskedAutoregressive::new(convention, named, net).map_err(|e| at.refuse(&e))?))
}

fn masked(convention: Convention, dim: usize, maps: &[(Vec<Vec<f64>>, Vec<f64>)]) -> MaskedAutoregressive {
    let net = Made::new(dim, 2, maps).expect("maps of matching shapes");
    MaskedAutoregressive::new(convention, Tau::AffineExp, net).expect("two values for each coordinate")
}

/// One or two hidden layers, mostly wide enough for every coordinate to reach all those after it.
fn draw(convention: Convention) -> Drawn {
    let shapes = prop_oneof![1 => 1usize..=2, 4 => 3usize..=5].prop_flat_map(|d| {
        let wide = proptest::collection::vec((d - 1).max(1)..=d + 1, 1..=2);
        let narrow = proptest::collection::vec(1..=(d - 1).max(1), 1..=2);
        (Just(d), prop_oneof![4 => wide, 1 => narrow])
    });
    boxed(shapes.prop_flat_map(move |(d, widths)| {
        let map = |outputs: usize, inputs: usize, size: f64| {
            (matrix(away_from_zero(0.125, size), outputs, inputs), vector(away_from_zero(0.125, 0.5), outputs))
        };
        let inputs = std::iter::once(d).chain(widths.iter().copied());
        let mut maps: Vec<_> = inputs.zip(&widths).map(|(n, &w)| map(w, n, 0.75)).collect();
        maps.push(map(2 * d, widths[widths.len() - 1], 0.25));
        maps.prop_map(move |maps| masked(convention, d, &in_one_direction(maps)))
    }))
}

/// Gives each weight the signs of the biases of the two units that it joins. All paths between two coordinates then act
/// in one direction: two that cancel would break the promise that every entry the masks leave open is reached.
fn in_one_direction(mut maps: Vec<(Vec<Vec<f64>>, Vec<f64>)>) -> Vec<(Vec<Vec<f64>>, Vec<f64>)> {
    let mut inputs: Vec<f64> = vec![1.0; maps[0].0[0].len()];
    for (rows, bias) in &mut maps {
        for (row, &unit) in rows.iter_mut().zip(&*bias) {
            row.iter_mut().zip(&inputs).for_each(|(w, &input)| *w = w.abs() * unit.signum() * input);
        }
        inputs = bias.iter().map(|b| b.signum()).collect();
    }
    maps
}

fn generic(convention: Convention, d: usize) -> Box<dyn Layer> {
    let row = |k: usize, n: usize, phase: f64| -> Vec<f64> {
        (0..n).map(|j| (phase + 1.7 * k as f64 + 2.3 * j as f64).sin() / (n as f64).sqrt()).collect()
    };
    let width = d.max(2) - 1;
    let hidden = ((0..width).map(|k| row(k, d, 0.3)).collect(), row(0, width, 0.5));
    let last = ((0..2 * d).map(|k| row(k, width, 0.7)).collect(), row(1, 2 * d, 0.9));
    Box::new(masked(convention, d, &[hidden, last]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zero_weight_that_cuts_a_path_is_not_promised_to_reach() {
        let map = |w: f64| (vec![vec![0.5, 0.5], vec![0.5, 0.5], vec![w, 0.5], vec![w, 0.5]], vec![0.25; 4]);
        let layer = |w: f64| masked(Convention::Z, 2, &[map(w)]);
        assert!(layer(0.5).promises().reaches_all);
        assert!(!layer(0.0).promises().reaches_all);
    }

    #[test]
    fn both_conventions_invert_with_any_tau() {
        let row = |k: usize| (0..4).map(|j| (k as f64 + 2.3 * f64::from(j)).sin()).collect::<Vec<f64>>();
        let net = Made::new(4, 3, &[((0..12).map(row).collect(), vec![0.25; 12])]).unwrap();
        let layer = |convention| MaskedAutoregressive::new(convention, Tau::TanhResidual, net.clone()).unwrap();
        for convention in [Convention::Z, Convention::X] {
            let (layer, z) = (layer(convention), [1.0, -2.5, 0.25, 3.0]);
            let image = Flow::<f64>::forward(&layer, &z).unwrap();
            let back = Flow::<f64>::inverse(&layer, &image.point).unwrap();
            assert!(back.point.iter().zip(&z).all(|(a, b)| (a - b).abs() < 1e-13), "{back:?}");
            assert!((back.log_det + image.log_det).abs() < 1e-13);
        }
        assert_eq!(Flow::<f64>::forward(&layer(Convention::Z), &[1.0]).unwrap_err().kind(), "DimMismatch");
        let two = MaskedAutoregressive::new(Convention::X, Tau::AffineExp, net);
        assert_eq!(two.unwrap_err().kind(), "BadArity");
    }
}
