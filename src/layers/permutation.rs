//! Permutation of the coordinates.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed, permutation};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Promises, Structure};
use crate::scalar::Scalar;

/// A permutation of the coordinates.
///
/// - formula: `x_i = z_{perm[i]}`
/// - log-det: exactly 0
/// - inverse: `z_{perm[i]} = x_i`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `perm`, a permutation of `0..d`, `d ≥ 1`
/// - source: definition
/// - loses precision: nowhere
#[derive(Clone, Debug)]
pub struct Permutation {
    perm: Vec<usize>,
}

impl Permutation {
    /// `perm[i]` is the coordinate that becomes the `i`-th.
    ///
    /// # Errors
    /// `InvalidPermutation`.
    pub fn new(perm: &[usize]) -> Result<Self, FlowError> {
        check(perm)?;
        Ok(Self { perm: perm.to_vec() })
    }

    /// How many exchanges of two coordinates make the permutation; its determinant is −1 to that power.
    pub(super) fn transpositions(&self) -> usize {
        let mut seen = vec![false; self.perm.len()];
        let mut cycles = 0;
        for start in 0..self.perm.len() {
            let mut at = start;
            cycles += usize::from(!seen[start]);
            while !std::mem::replace(&mut seen[at], true) {
                at = self.perm[at];
            }
        }
        self.perm.len() - cycles
    }
}

/// Checks that a list holds each of `0..n` once, `n ≥ 1`.
pub(super) fn check(perm: &[usize]) -> Result<(), FlowError> {
    let bad = |why: String| Err(FlowError::InvalidPermutation { why });
    if perm.is_empty() {
        return bad("the list is empty".to_owned());
    }
    for (i, &p) in perm.iter().enumerate() {
        if p >= perm.len() {
            return bad(format!("perm[{i}] = {p}, expected an index below {}", perm.len()));
        }
        if let Some(k) = perm[..i].iter().position(|&q| q == p) {
            return bad(format!("perm[{k}] and perm[{i}] are both {p}"));
        }
    }
    Ok(())
}

impl<S: Scalar> Flow<S> for Permutation {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.perm.len())?;
        Image::finite(self.perm.iter().map(|&p| z[p]).collect::<Vec<S>>(), 0.0)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.perm.len())?;
        let mut z = x.to_vec();
        for (&p, &x) in self.perm.iter().zip(x) {
            z[p] = x;
        }
        Image::finite(z, 0.0)
    }
}

impl Layer for Permutation {
    fn dim(&self) -> usize {
        self.perm.len()
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Permutation(self.perm.clone())).volume_preserving()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("permutation.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "permutation",
    formula: "x_i = z_perm[i]",
    source: "definition",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(Permutation { perm: (0..d).rev().collect() })),
}];

/// Never the identity, and at d ≥ 3 seldom its own inverse.
fn draw() -> impl Strategy<Value = Permutation> {
    (2usize..=6).prop_flat_map(permutation).prop_map(|mut perm| {
        if perm.is_sorted() {
            perm.rotate_left(1);
        }
        Permutation { perm }
    })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "permutation", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let perm = fields.required("perm")?;
    Ok(Box::new(Permutation::new(&perm.indices()?).map_err(|e| perm.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_and_its_inverse() {
        let layer = Permutation::new(&[2, 0, 1]).unwrap();
        let image = layer.forward(&[10.0, 20.0, 30.0]).unwrap();
        assert_eq!(image.point, [30.0, 10.0, 20.0]);
        assert_eq!(layer.inverse(&image.point).unwrap().point, [10.0, 20.0, 30.0]);
        let count = |perm: &[usize]| Permutation::new(perm).unwrap().transpositions();
        assert_eq!((count(&[2, 0, 1]), count(&[0, 1]), count(&[1, 0, 3, 2]), count(&[0, 2, 1])), (2, 0, 2, 1));
    }

    #[test]
    fn refusals() {
        for bad in [&[][..], &[0, 0], &[0, 2], &[1, 2, 3]] {
            assert_eq!(Permutation::new(bad).unwrap_err().kind(), "InvalidPermutation");
        }
    }
}
