//! Constant, affine and multi-layer conditioners.

use super::Conditioner;
use crate::error::FlowError;
use crate::flow::finite;
use crate::param::{Param, params};
use crate::scalar::{Scalar, dot};

/// A dense affine map `x ↦ A x + c`, with `A` of shape `m × n` and `c` of length `m`.
#[derive(Clone, Debug)]
pub struct Dense {
    a: Vec<Vec<Param>>,
    c: Vec<Param>,
    inputs: usize,
}

impl Dense {
    /// `rows` are those of `A`; `inputs` is the length `n` of each.
    ///
    /// # Errors
    /// `DimMismatch` where a row is not `n` long or `c` has not as many entries as `A` rows; `NonFinite`.
    pub fn new(inputs: usize, rows: &[Vec<f64>], c: &[f64]) -> Result<Self, FlowError> {
        let mismatch = |what: String, expected, found| Err(FlowError::DimMismatch { what, expected, found });
        if c.len() != rows.len() {
            return mismatch("c".to_owned(), rows.len(), c.len());
        }
        for (i, row) in rows.iter().enumerate() {
            if row.len() != inputs {
                return mismatch(format!("A[{i}]"), inputs, row.len());
            }
            finite(&format!("A[{i}]"), row)?;
        }
        finite("c", c)?;
        Ok(Self {
            a: rows.iter().map(|row| params(row.iter().copied())).collect(),
            c: params(c.iter().copied()),
            inputs,
        })
    }

    pub(crate) fn inputs(&self) -> usize {
        self.inputs
    }
    pub(crate) fn outputs(&self) -> usize {
        self.c.len()
    }

    /// The largest sums of `|A_ij|` and of `|A_ij| + |c_i|` over a row: the norm of the linear part, and the most that
    /// arguments within ±1 give.
    pub(crate) fn norms(&self) -> [f64; 2] {
        let size = |p: &Param| p.read().abs();
        let rows = self.a.iter().zip(&self.c).map(|(row, c)| (row.iter().map(size).sum::<f64>(), size(c)));
        rows.fold([0.0, 0.0], |[norm, reach]: [f64; 2], (sum, c)| [norm.max(sum), reach.max(sum + c)])
    }

    /// `A v`.
    pub(crate) fn linear<S: Scalar>(&self, v: &[S]) -> Vec<S> {
        self.a.iter().map(|row| dot(row, v)).collect()
    }

    pub(crate) fn apply<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        self.a.iter().zip(&self.c).map(|(row, &c)| dot(row, x) + c).collect()
    }
}

/// The conditioners that a flow written as data can name.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Net {
    /// The same values for every input, of any length.
    Constant(Vec<Param>),
    /// Dense maps with `tanh` between them and none after the last. One map is an affine conditioner.
    Mlp(Vec<Dense>),
}

impl Net {
    /// The same values everywhere.
    ///
    /// # Errors
    /// `NonFinite`.
    pub fn constant(values: &[f64]) -> Result<Self, FlowError> {
        finite("value", values)?;
        Ok(Self::Constant(params(values.iter().copied())))
    }

    /// `x ↦ A x + c`.
    ///
    /// # Errors
    /// As [`Dense::new`].
    pub fn affine(inputs: usize, rows: &[Vec<f64>], c: &[f64]) -> Result<Self, FlowError> {
        Ok(Self::Mlp(vec![Dense::new(inputs, rows, c)?]))
    }

    /// Dense maps with `tanh` between them.
    ///
    /// # Errors
    /// `BadArity` for an empty list, or where a map does not take what the one before returns.
    pub fn mlp(layers: Vec<Dense>) -> Result<Self, FlowError> {
        if layers.is_empty() {
            return Err(FlowError::BadArity { what: "the number of maps".to_owned(), expected: 1, found: 0 });
        }
        for (i, pair) in layers.windows(2).enumerate() {
            if pair[0].c.len() != pair[1].inputs {
                return Err(FlowError::BadArity {
                    what: format!("the inputs of map {}", i + 1),
                    expected: pair[0].c.len(),
                    found: pair[1].inputs,
                });
            }
        }
        Ok(Self::Mlp(layers))
    }
}

impl Conditioner for Net {
    fn inputs(&self) -> Option<usize> {
        match self {
            Self::Constant(_) => None,
            Self::Mlp(layers) => layers.first().map(|l| l.inputs),
        }
    }
    fn outputs(&self) -> usize {
        match self {
            Self::Constant(values) => values.len(),
            Self::Mlp(layers) => layers.last().map_or(0, |l| l.c.len()),
        }
    }
    fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
        match self {
            Self::Constant(values) => values.iter().map(|&v| S::from(v)).collect(),
            Self::Mlp(layers) => layers.iter().enumerate().fold(x.to_vec(), |x, (i, layer)| {
                let x: Vec<S> = if i == 0 { x } else { x.into_iter().map(S::tanh).collect() };
                layer.apply(&x)
            }),
        }
    }
    fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_)) || self.inputs() == Some(0)
    }
}
