//! Masked networks.

use std::ops::Range;

use crate::conditioner::Conditioner;
use crate::error::FlowError;
use crate::flow::finite;
use crate::param::{Param, params};
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
    pub(super) dim: usize,
    pub(super) each: usize,
    hidden: Vec<Vec<Unit>>,
    last: Vec<Unit>,
    pub(super) reaches_all: bool,
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
pub(super) struct One<'a> {
    pub(super) net: &'a Made,
    pub(super) coordinate: usize,
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
    }
}
