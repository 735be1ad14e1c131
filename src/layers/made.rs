//! Autoregressive flows with one masked network.

use std::ops::Range;

use proptest::prelude::*;

use super::autoregressive::{Convention, pass, probes, promises};
use super::tau::{self, Tau, Transformer};
use crate::conditioner::{Conditioner, condition};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, boxed, matrix, vector};
use crate::flow::{Flow, Image, Layer, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::Promises;
use crate::scalar::{Scalar, dot};

/// A unit that sees a first part of the layer before it.
#[derive(Clone, Debug)]
struct Unit {
    weights: Vec<Param>,
    bias: Param,
}

impl Unit {
    fn at<S: Scalar>(&self, before: &[S]) -> S {
        dot(&self.weights, &before[..self.weights.len()]) + self.bias
    }
}

/// A masked network, MADE: it returns for each coordinate values that depend only on the coordinates before it.
///
/// Dense maps with `tanh` between them. Input `j` has degree `j + 1`, unit `k` of a hidden layer of width `w` has degree
/// `⌈(k + 1)(d − 1)/w⌉`, in `1..=d − 1`; a hidden unit sees what has at most its own degree, and the values for
/// coordinate `i` see the units of degree at most `i`. So every hidden unit reaches an output, and with widths of at
/// least `d − 1` every coordinate reaches all those after it. Only the weights that the masks keep are held.
///
/// Source: Germain et al. 2015 (arXiv:1502.03509), with degrees spread evenly instead of drawn.
#[derive(Clone, Debug)]
pub struct Made {
    dim: usize,
    each: usize,
    hidden: Vec<Vec<Unit>>,
    last: Vec<Unit>,
    reaches_all: bool,
}

impl Made {
    /// A network on `dim` coordinates with `each` values for each of them. `maps` are the rows and the constants of the
    /// dense maps, unmasked: entries that the masks remove must have a place, and are ignored. The last map returns
    /// the values for coordinate 0, then those for coordinate 1, and so on.
    ///
    /// # Errors
    /// `DimMismatch` for no coordinates or a map of the wrong shape; `BadArity` for no values, no map, or a last map
    /// that does not return `dim · each` values; `NonFinite`.
    pub fn new(dim: usize, each: usize, maps: &[(Vec<Vec<f64>>, Vec<f64>)]) -> Result<Self, FlowError> {
        let mismatch = |what: String, expected, found| Err(FlowError::DimMismatch { what, expected, found });
        let arity = |what: &str, expected, found| Err(FlowError::BadArity { what: what.to_owned(), expected, found });
        if dim == 0 {
            return mismatch("the point".to_owned(), 1, 0);
        }
        if each == 0 {
            return arity("the values for each coordinate", 1, 0);
        }
        let Some(((_, constants), hidden)) = maps.split_last() else {
            return arity("the number of maps", 1, 0);
        };
        if constants.len() != dim.saturating_mul(each) {
            return arity("the values of the last map", dim.saturating_mul(each), constants.len());
        }
        // Degrees rise along each layer, so a mask keeps the first entries of a row.
        let mut degrees: Vec<usize> = (1..=dim).collect();
        // Which inputs each unit depends on.
        let mut seen: Vec<Vec<bool>> = (0..dim).map(|j| (0..dim).map(|k| k == j).collect()).collect();
        let mut layers = Vec::with_capacity(maps.len());
        for (m, (rows, c)) in maps.iter().enumerate() {
            if rows.len() != c.len() {
                return mismatch(format!("c of map {m}"), rows.len(), c.len());
            }
            finite(&format!("c of map {m}"), c)?;
            let width = rows.len();
            let is_last = m == hidden.len();
            let degree = |k: usize| if is_last { k / each } else { ((k + 1) * (dim - 1)).div_ceil(width) };
            let (mut units, mut sees) = (Vec::with_capacity(width), Vec::with_capacity(width));
            for (k, row) in rows.iter().enumerate() {
                if row.len() != degrees.len() {
                    return mismatch(format!("A[{k}] of map {m}"), degrees.len(), row.len());
                }
                finite(&format!("A[{k}] of map {m}"), row)?;
                let kept = &row[..degrees.partition_point(|&before| before <= degree(k))];
                let reached = |j: usize| kept.iter().zip(&seen).any(|(&w, seen)| w != 0.0 && seen[j]);
                sees.push((0..dim).map(reached).collect());
                units.push(Unit { weights: params(kept.iter().copied()), bias: c[k].into() });
            }
            degrees = (0..width).map(degree).collect();
            seen = sees;
            layers.push(units);
        }
        let last = layers.pop().unwrap_or_default();
        let reaches_all = seen.iter().enumerate().all(|(k, seen)| seen[..k / each].iter().all(|&s| s));
        Ok(Self { dim, each, hidden: layers, last, reaches_all })
    }

    /// The values numbered `outputs`, from as many first coordinates as they depend on.
    fn evaluate<S: Scalar>(&self, x: &[S], outputs: Range<usize>) -> Vec<S> {
        let before = self.hidden.iter().fold(x.to_vec(), |before, units| {
            // Units that see more than is there yet matter to later coordinates only.
            units.iter().take_while(|u| u.weights.len() <= before.len()).map(|u| u.at(&before).tanh()).collect()
        });
        self.last[outputs].iter().map(|unit| unit.at(&before)).collect()
    }
}

impl Conditioner for Made {
    fn inputs(&self) -> Option<usize> {
        Some(self.dim)
    }
    fn outputs(&self) -> usize {
        self.dim * self.each
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        self.evaluate(x, 0..self.outputs())
    }
    fn is_constant(&self) -> bool {
        self.dim == 1
    }
}

/// What a masked network says about one coordinate: a conditioner of the coordinates before it.
#[derive(Debug)]
struct One<'a> {
    net: &'a Made,
    coordinate: usize,
}

impl Conditioner for One<'_> {
    fn inputs(&self) -> Option<usize> {
        Some(self.coordinate)
    }
    fn outputs(&self) -> usize {
        self.net.each
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        let start = self.coordinate * self.net.each;
        self.net.evaluate(x, start..start + self.net.each)
    }
}

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

    /// Hidden widths as given, every weight different from the others.
    fn net(dim: usize, widths: &[usize]) -> Made {
        let mut phase = 0.0;
        let mut map = |outputs: usize, inputs: usize| {
            let mut row = |n: usize| -> Vec<f64> {
                let number = |_| {
                    phase += 1.0;
                    0.3 * f64::sin(phase)
                };
                (0..n).map(number).collect()
            };
            ((0..outputs).map(|_| row(inputs)).collect::<Vec<_>>(), row(outputs))
        };
        let mut maps = Vec::new();
        let mut inputs = dim;
        for &outputs in widths.iter().chain([&(2 * dim)]) {
            maps.push(map(outputs, inputs));
            inputs = outputs;
        }
        Made::new(dim, 2, &maps).unwrap()
    }

    /// Which inputs move the values of each coordinate, by moving them.
    fn moves(net: &Made) -> Vec<Vec<usize>> {
        let base: Vec<f64> = net.call(&vec![0.25; net.dim]);
        let moved = |j: usize| {
            let mut x = vec![0.25; net.dim];
            x[j] = 1.0;
            net.call(&x)
        };
        let moved: Vec<Vec<f64>> = (0..net.dim).map(moved).collect();
        let pair = |i: usize| 2 * i..2 * i + 2;
        (0..net.dim).map(|i| (0..net.dim).filter(|&j| moved[j][pair(i)] != base[pair(i)]).collect()).collect()
    }

    #[test]
    fn values_depend_on_exactly_the_coordinates_before() {
        for (widths, full) in [(&[][..], true), (&[4], true), (&[7, 5], true), (&[2], false), (&[6, 3], false)] {
            let net = net(5, widths);
            assert_eq!(net.reaches_all, full, "{widths:?}");
            for (i, js) in moves(&net).into_iter().enumerate() {
                assert!(js.iter().all(|&j| j < i), "{widths:?}: {i} depends on {js:?}");
                assert!(!full || js.len() == i, "{widths:?}: {i} depends only on {js:?}");
            }
        }
    }

    #[test]
    fn one_pass_and_coordinate_by_coordinate_agree_to_the_last_bit() {
        for (dim, widths) in [(1, &[3][..]), (4, &[3]), (5, &[2]), (5, &[6, 3]), (3, &[])] {
            let net = net(dim, widths);
            let x: Vec<f64> = (0..dim).map(|i| 1.5 - i as f64).collect();
            let each = (0..dim).flat_map(|coordinate| One { net: &net, coordinate }.call(&x[..coordinate]));
            assert_eq!(net.call(&x), each.collect::<Vec<f64>>());
        }
    }

    #[test]
    fn a_zero_weight_that_cuts_a_path_is_not_promised_to_reach() {
        let map = |w: f64| (vec![vec![0.5, 0.5], vec![0.5, 0.5], vec![w, 0.5], vec![w, 0.5]], vec![0.25; 4]);
        let layer = |w: f64| masked(Convention::Z, 2, &[map(w)]);
        assert!(layer(0.5).promises().reaches_all);
        assert!(!layer(0.0).promises().reaches_all);
    }

    #[test]
    fn wrong_shapes_are_refused() {
        let map = |m: usize, n: usize| (vec![vec![0.5; n]; m], vec![0.5; m]);
        let kind = |dim, each, maps: &[_]| Made::new(dim, each, maps).map_err(|e| e.kind()).err();
        assert_eq!(kind(3, 2, &[map(4, 3), map(6, 4)]), None);
        assert_eq!(kind(0, 2, &[map(4, 3)]), Some("DimMismatch"));
        assert_eq!(kind(3, 0, &[map(0, 3)]), Some("BadArity"));
        assert_eq!(kind(3, 2, &[]), Some("BadArity"));
        assert_eq!(kind(3, 2, &[map(5, 3)]), Some("BadArity"));
        assert_eq!(kind(3, usize::MAX, &[map(5, 3)]), Some("BadArity"));
        assert_eq!(kind(3, 2, &[map(4, 2), map(6, 4)]), Some("DimMismatch"));
        assert_eq!(kind(3, 2, &[map(4, 3), map(6, 3)]), Some("DimMismatch"));
        assert_eq!(kind(3, 2, &[(vec![vec![0.5; 3]; 5], vec![0.5; 6])]), Some("DimMismatch"));
        assert_eq!(kind(1, 2, &[(vec![vec![f64::NAN]; 2], vec![0.5; 2])]), Some("NonFinite"));
        let three = MaskedAutoregressive::new(Convention::X, Tau::TanhResidual, net(2, &[3]));
        assert_eq!(three.unwrap_err().kind(), "BadArity");
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
    }
}
