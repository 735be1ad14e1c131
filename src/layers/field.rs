//! A vector field with a known Lipschitz constant.

use proptest::prelude::*;

use crate::conditioner::Dense;
use crate::data::{At, DataError};
use crate::error::FlowError;
use crate::family::{away_from_zero, matrix, vector};
use crate::scalar::Scalar;

/// Dense maps of ℝᵈ to ℝᵈ with `tanh` between them.
#[derive(Clone, Debug)]
pub(super) struct Field {
    maps: Vec<Dense>,
}

impl Field {
    pub(super) fn new(maps: Vec<Dense>) -> Result<Self, FlowError> {
        let arity = |what: String, expected, found| Err(FlowError::BadArity { what, expected, found });
        let (Some(first), Some(last)) = (maps.first(), maps.last()) else {
            return arity("the number of maps".to_owned(), 1, 0);
        };
        if first.inputs() == 0 {
            return Err(FlowError::DimMismatch { what: "the point".to_owned(), expected: 1, found: 0 });
        }
        if last.outputs() != first.inputs() {
            return arity("the outputs of the last map".to_owned(), first.inputs(), last.outputs());
        }
        match maps.windows(2).position(|pair| pair[1].inputs() != pair[0].outputs()) {
            None => Ok(Self { maps }),
            Some(i) => arity(format!("the inputs of map {}", i + 1), maps[i].outputs(), maps[i + 1].inputs()),
        }
    }

    pub(super) fn dim(&self) -> usize {
        self.maps[0].inputs()
    }

    /// A Lipschitz constant in the ∞-norm: the product of the norms of the maps, since `tanh` contracts. Rounded up.
    pub(super) fn lipschitz(&self) -> f64 {
        let widths: usize = self.maps.iter().map(Dense::inputs).sum();
        self.maps.iter().map(|map| map.norms()[0]).product::<f64>() * (1.0 + widths as f64 * 2.0 * f64::EPSILON)
    }

    /// The most that the argument of a `tanh` moves in unit time along the field, or that a direction is turned; none
    /// for a field without `tanh`, whose values have no bound.
    pub(super) fn rate(&self) -> Option<f64> {
        let (last, inner) = self.maps.split_last().filter(|(_, inner)| !inner.is_empty())?;
        let mut norm = 1.0;
        let norms = inner.iter().map(|map| {
            norm *= map.norms()[0];
            norm
        });
        Some(self.lipschitz().max(norms.fold(0.0, f64::max) * last.norms()[1]))
    }

    /// The value at a point, and the slopes of every `tanh` on the way.
    pub(super) fn at<S: Scalar>(&self, z: &[S]) -> (Vec<S>, Vec<Vec<S>>) {
        let mut slopes = Vec::with_capacity(self.maps.len() - 1);
        let mut value = self.maps[0].apply(z);
        for map in &self.maps[1..] {
            slopes.push(value.iter().map(|a| a.sech2()).collect());
            value = map.apply(&value.iter().map(|a| a.tanh()).collect::<Vec<S>>());
        }
        (value, slopes)
    }

    /// The value at a point.
    pub(super) fn value<S: Scalar>(&self, z: &[S]) -> Vec<S> {
        self.maps[1..]
            .iter()
            .fold(self.maps[0].apply(z), |value, map| map.apply(&value.iter().map(|a| a.tanh()).collect::<Vec<S>>()))
    }

    /// The derivative in direction `v`, where the slopes are those of [`Field::at`].
    pub(super) fn derivative<S: Scalar>(&self, slopes: &[Vec<S>], v: &[S]) -> Vec<S> {
        self.maps[1..].iter().zip(slopes).fold(self.maps[0].linear(v), |v, (map, slopes)| {
            map.linear(&v.iter().zip(slopes).map(|(&v, &slope)| v * slope).collect::<Vec<S>>())
        })
    }

    /// The columns of the Jacobian.
    pub(super) fn columns<S: Scalar>(&self, slopes: &[Vec<S>]) -> Vec<Vec<S>> {
        let d = self.dim();
        let basis = |j: usize| (0..d).map(|i| S::from(f64::from(u8::from(i == j)))).collect::<Vec<S>>();
        (0..d).map(|j| self.derivative(slopes, &basis(j))).collect()
    }
}

/// Fields of dimension `d` with one or two hidden layers, of Lipschitz constant in `most/2..most`.
pub(super) fn draw(d: usize, most: f64) -> impl Strategy<Value = Vec<Dense>> {
    proptest::collection::vec(2usize..=3, 1..=2).prop_flat_map(move |hidden| {
        let widths: Vec<usize> = [d].into_iter().chain(hidden).chain([d]).collect();
        let maps = widths.windows(2).map(|pair| {
            (matrix(away_from_zero(0.125, 1.0), pair[1], pair[0]), vector(away_from_zero(0.125, 1.0), pair[1]))
        });
        let maps: Vec<_> = maps.collect();
        maps.prop_map(move |mut maps| {
            let norm = |rows: &Vec<Vec<f64>>| {
                rows.iter().map(|row| row.iter().map(|a| a.abs()).sum::<f64>()).fold(0.0, f64::max)
            };
            let lipschitz: f64 = maps.iter().map(|(rows, _)| norm(rows)).product();
            // A power of two keeps the numbers short.
            let shrink = (0.999 * most / lipschitz).log2().floor().exp2();
            maps[0].0.iter_mut().flatten().for_each(|a| *a *= shrink);
            maps.iter().map(|(rows, c)| Dense::new(rows[0].len(), rows, c).expect("one shape")).collect()
        })
    })
}

/// A field of dimension `d` with three hidden units, of Lipschitz constant below `most`.
pub(super) fn generic(d: usize, most: f64) -> Vec<Dense> {
    let rows = |m: usize, n: usize, phase: f64, size: f64| -> Vec<Vec<f64>> {
        let size = size / n as f64;
        (0..m).map(|i| (0..n).map(|j| size * (phase + 1.7 * i as f64 + 2.3 * j as f64).sin()).collect()).collect()
    };
    let constants = |m: usize| (0..m).map(|i| (i as f64 + 0.5).sin()).collect::<Vec<f64>>();
    let map = |m: usize, n: usize, phase, size| Dense::new(n, &rows(m, n, phase, size), &constants(m));
    [map(3, d, 0.3, most), map(d, 3, 0.7, 1.0)].map(|map| map.expect("one shape")).to_vec()
}

/// `[{ A, c }, …]`.
pub(super) fn read(at: &At<'_>) -> Result<Vec<Dense>, DataError> {
    let mut maps = Vec::new();
    for map in at.list()? {
        let fields = map.fields()?;
        let (rows, c) = (fields.required("A")?.matrix()?, fields.required("c")?.numbers()?);
        fields.finish()?;
        maps.push(Dense::new(rows.first().map_or(0, Vec::len), &rows, &c).map_err(|e| map.refuse(&e))?);
    }
    Ok(maps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scalar::{Dual, Tangents};

    #[test]
    fn the_derivative_is_that_of_the_value_and_the_constant_bounds_it() {
        let field = Field::new(generic(3, 0.75)).unwrap();
        let z = [0.5, -1.25, 2.0];
        let duals: Vec<Dual> = z.iter().enumerate().map(|(j, &z)| Dual::variable(z, Some(j))).collect();
        let (value, slopes) = field.at(&z);
        assert_eq!(value, field.value(&z));
        let columns = field.columns(&slopes);
        for (i, x) in field.value(&duals).iter().enumerate() {
            let row: Vec<f64> = (0..3).map(|j| columns[j][i]).collect();
            assert!(row.iter().enumerate().all(|(j, a)| (a - x.tangent(j)).abs() < 1e-15));
            assert!(row.iter().map(|a| a.abs()).sum::<f64>() <= field.lipschitz());
        }
        assert!(field.lipschitz() < 0.75);
    }
}
