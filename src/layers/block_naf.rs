//! Block neural autoregressive flow.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, away_from_zero, boxed, matrix, vector};
use crate::flow::{Flow, Image, Layer, expect_finite, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises};
use crate::scalar::{Scalar, dot};

/// A unit of one coordinate's block: it sees what belongs to the coordinates before freely, its own increasingly.
#[derive(Clone, Debug)]
struct Unit {
    before: Vec<Param>,
    /// Logs of the weights.
    own: Vec<Param>,
    bias: Param,
}

/// What one coordinate adds: its units' values in each hidden layer, and the network's value with its slope.
struct Column<S> {
    hidden: Vec<Vec<S>>,
    value: S,
    slope: S,
}

/// The block neural autoregressive flow, with its gated residual connection.
///
/// - formula: `x = g f(z) + (1 − g) z`, `g = σ(γ)`; `f` is a network of dense maps with `tanh` between them, whose units
///   are divided among the coordinates. The weight of coordinate `i`'s units on those of coordinate `j` is 0 for `j > i`
///   and `e^A` for `j = i`; for `j < i` it is `A`
/// - log-det: `Σ_i ln(g ∂f_i/∂z_i + 1 − g)`, where `∂f_i/∂z_i > 0` is a product of the diagonal blocks: all its terms
///   are positive
/// - inverse: no closed form. One increasing scalar equation for each coordinate, the first first; `f_i` lies within
///   `Σ e^A` of what the coordinates before add
/// - domain → codomain: ℝᵈ → ℝᵈ. Without the gate the image would be a box, because `tanh` is bounded
/// - parameters: `γ`; at least two maps. Map `k` has rows for its units, those of coordinate 0 first, and a constant for
///   each; the last has one unit for each coordinate. Entries for later coordinates must have a place, and are ignored
/// - source: De Cao et al. 2019 (arXiv:1904.04676), without their weight normalisation
/// - loses precision: as `g → 1` where every `tanh` is flat
#[derive(Clone, Debug)]
pub struct BlockNaf {
    gate: Param,
    /// Map, coordinate, unit.
    maps: Vec<Vec<Vec<Unit>>>,
}

impl BlockNaf {
    /// `gate` is `γ`; `maps` are the rows and the constants of the dense maps.
    ///
    /// # Errors
    /// `DimMismatch` for a map of the wrong shape; `BadArity` for fewer than two maps, a number of hidden units that is
    /// no multiple of the dimension, or a last map of another number; `NonFinite`.
    pub fn new(gate: f64, maps: &[(Vec<Vec<f64>>, Vec<f64>)]) -> Result<Self, FlowError> {
        let mismatch = |what: String, expected, found| Err(FlowError::DimMismatch { what, expected, found });
        let arity = |what: String, expected, found| Err(FlowError::BadArity { what, expected, found });
        finite("gate", &[gate])?;
        if maps.len() < 2 {
            return arity("the number of maps".to_owned(), 2, maps.len());
        }
        let d = maps[maps.len() - 1].1.len();
        if d == 0 {
            return arity("the units of the last map".to_owned(), 1, 0);
        }
        let mut width = d;
        let mut blocks = Vec::with_capacity(maps.len());
        for (m, (rows, c)) in maps.iter().enumerate() {
            if c.is_empty() || !c.len().is_multiple_of(d) {
                return arity(format!("the units of map {m}"), d * c.len().div_ceil(d).max(1), c.len());
            }
            if rows.len() != c.len() {
                return mismatch(format!("A of map {m}"), c.len(), rows.len());
            }
            finite(&format!("c of map {m}"), c)?;
            if let Some((k, row)) = rows.iter().enumerate().find(|(_, row)| row.len() != width) {
                return mismatch(format!("A[{k}] of map {m}"), width, row.len());
            }
            rows.iter().enumerate().try_for_each(|(k, row)| finite(&format!("A[{k}] of map {m}"), row))?;
            let (each, each_before) = (c.len() / d, width / d);
            let unit = |k: usize| {
                let seen = k / each * each_before;
                let (before, own) = (&rows[k][..seen], &rows[k][seen..seen + each_before]);
                Unit { before: params(before.iter().copied()), own: params(own.iter().copied()), bias: c[k].into() }
            };
            blocks.push((0..d).map(|i| (i * each..(i + 1) * each).map(unit).collect()).collect());
            width = c.len();
        }
        Ok(Self { gate: gate.into(), maps: blocks })
    }

    /// Coordinate `i` at `z_i = z`, after the inputs of each map that belong to the coordinates before.
    fn column<S: Scalar>(&self, i: usize, z: S, seen: &[Vec<S>]) -> Column<S> {
        let mut hidden = Vec::with_capacity(seen.len());
        let (mut values, mut slopes) = (vec![z], vec![S::from(1.0)]);
        for (m, map) in self.maps.iter().enumerate() {
            let units = map[i].iter().map(|unit| {
                let own: Vec<S> = unit.own.iter().map(|&a| S::from(a).exp()).collect();
                let sum = |of: &[S]| own.iter().zip(of).map(|(&w, &x)| w * x).sum::<S>();
                (dot(&unit.before, &seen[m]) + sum(&values) + unit.bias, sum(&slopes))
            });
            let units: Vec<(S, S)> = units.collect();
            if m + 1 == self.maps.len() {
                (values, slopes) = units.into_iter().unzip();
            } else {
                (values, slopes) = units.into_iter().map(|(a, slope)| (a.tanh(), a.sech2() * slope)).unzip();
                hidden.push(values.clone());
            }
        }
        Column { hidden, value: values[0], slope: slopes[0] }
    }

    /// `f_i` without the share of coordinate `i`'s own units, and the most that these can add or take away.
    fn bounds<S: Scalar>(&self, i: usize, seen: &[Vec<S>]) -> (S, S) {
        let m = self.maps.len() - 1;
        let unit = &self.maps[m][i][0];
        (dot(&unit.before, &seen[m]) + unit.bias, unit.own.iter().map(|&a| S::from(a).exp()).sum())
    }

    /// One coordinate after the other: `step` gives `z_i` from what came before and the coordinate of the point.
    fn pass<S: Scalar>(
        &self,
        point: &[S],
        step: impl Fn(usize, S, &[Vec<S>], [S; 2]) -> Result<S, FlowError>,
    ) -> Result<(Vec<S>, Vec<S>, S), FlowError> {
        expect_point(point, self.dim())?;
        let gates = [S::from(self.gate).sigmoid(), (-S::from(self.gate)).sigmoid()];
        let mut seen: Vec<Vec<S>> = vec![Vec::new(); self.maps.len()];
        let (mut z, mut x, mut log_det) = (Vec::new(), Vec::new(), S::from(0.0));
        for (i, &value) in point.iter().enumerate() {
            let z_i = step(i, value, &seen, gates)?;
            let column = self.column(i, z_i, &seen);
            let x_i = gates[0] * column.value + gates[1] * z_i;
            expect_finite(x_i, format_args!("coordinate {i} of the image"))?;
            log_det += (gates[0] * column.slope + gates[1]).ln();
            seen[0].push(z_i);
            seen.iter_mut().skip(1).zip(column.hidden).for_each(|(seen, own)| seen.extend(own));
            z.push(z_i);
            x.push(x_i);
        }
        Ok((z, x, log_det))
    }
}

impl<S: Scalar> Flow<S> for BlockNaf {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let (_, x, log_det) = self.pass(z, |_, z, _, _| Ok(z))?;
        Image::finite(x, log_det)
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        let (z, _, log_det) = self.pass(x, |i, x, seen, [g, rest]| {
            let (middle, reach) = self.bounds(i, seen);
            let end = |f: S| (x - g * f) / rest;
            let (lo, hi) = (end(middle + reach), end(middle - reach));
            expect_finite(hi - lo, format_args!("the bracket of coordinate {i}"))?;
            S::root(lo, hi, |z| {
                let column = self.column(i, z, seen);
                (g * column.value + rest * z - x, g * column.slope + rest)
            })
        })?;
        Image::finite(z, -log_det)
    }
}

impl Layer for BlockNaf {
    fn dim(&self) -> usize {
        self.maps[0].len()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("block_naf.")
    }
    fn promises(&self) -> Promises {
        Promises::default().lower_triangular(self.dim()).orientation(Orientation::Positive).increasing()
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "block_naf",
    formula: "x = g f(z) + (1 − g) z, f a network with block-triangular weights, positive on the diagonal blocks",
    source: "De Cao et al. 2019",
    draw: || boxed(draw()),
    at_dim: Some(|d| {
        let map = |m: usize, n: usize, phase: f64| {
            let row = |k: usize| (0..n).map(|j| (phase + 1.7 * k as f64 + 2.3 * j as f64).sin() * 0.5).collect();
            ((0..m).map(row).collect(), (0..m).map(|k| (phase + k as f64).sin()).collect())
        };
        Box::new(BlockNaf::new(0.5, &[map(2 * d, d, 0.3), map(d, 2 * d, 0.7)]).expect("two units a coordinate"))
    }),
}];

/// One or two hidden layers with one or two units for each coordinate.
fn draw() -> impl Strategy<Value = BlockNaf> {
    (1usize..=4, proptest::collection::vec(1usize..=2, 1..=2), away_from_zero(0.125, 1.5)).prop_flat_map(
        |(d, each, gate)| {
            let widths: Vec<usize> = [1].into_iter().chain(each).chain([1]).map(|n| n * d).collect();
            let maps = widths.windows(2).map(|pair| {
                (matrix(away_from_zero(0.125, 0.75), pair[1], pair[0]), vector(away_from_zero(0.125, 0.75), pair[1]))
            });
            let maps: Vec<_> = maps.collect();
            maps.prop_map(move |maps| BlockNaf::new(gate, &maps).expect("multiples of d"))
        },
    )
}

pub(super) const FORMATS: &[Format] = &[Format { name: "block_naf", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (gate, at) = (fields.required("gate")?.number()?, fields.required("maps")?);
    let mut maps = Vec::new();
    for map in at.list()? {
        let fields = map.fields()?;
        maps.push((fields.required("A")?.matrix()?, fields.required("c")?.numbers()?));
        fields.finish()?;
    }
    Ok(Box::new(BlockNaf::new(gate, &maps).map_err(|e| at.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_unit_by_hand() {
        // x = g (e^0.5 tanh(e^−0.25 z + 0.5) − 1) + (1 − g) z, with g = ½.
        let layer = BlockNaf::new(0.0, &[(vec![vec![-0.25]], vec![0.5]), (vec![vec![0.5]], vec![-1.0])]).unwrap();
        let image = Flow::<f64>::forward(&layer, &[0.75]).unwrap();
        let a = (-0.25f64).exp() * 0.75 + 0.5;
        assert!((image.point[0] - 0.5 * (0.5f64.exp() * a.tanh() - 1.0 + 0.75)).abs() < 1e-15);
        let slope = 0.25f64.exp() / a.cosh().powi(2);
        assert!((image.log_det - (0.5 * (slope + 1.0)).ln()).abs() < 1e-15);
    }

    #[test]
    fn refusals() {
        let map = |m: usize, n: usize| (vec![vec![0.5; n]; m], vec![0.5; m]);
        let kind = |maps: &[_]| BlockNaf::new(0.5, maps).map_err(|e| e.kind()).err();
        assert_eq!(kind(&[map(4, 2), map(2, 4)]), None);
        assert_eq!(kind(&[map(2, 2)]), Some("BadArity"));
        assert_eq!(kind(&[map(3, 2), map(2, 3)]), Some("BadArity"));
        assert_eq!(kind(&[map(4, 3), map(2, 4)]), Some("DimMismatch"));
        assert_eq!(kind(&[map(4, 2), (Vec::new(), Vec::new())]), Some("BadArity"));
    }
}
