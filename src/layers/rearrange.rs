//! Permutations with a name: reverse, roll, squeeze.

use proptest::prelude::*;

use super::conv1x1::{read_shape, tensor};
use super::permutation::Permutation;
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::Layer;

/// The channel, row and column sizes of a tensor whose rows and columns pair up.
pub(super) fn even(shape: [usize; 3]) -> Result<[usize; 3], FlowError> {
    tensor(shape)?;
    match shape[1..].iter().position(|n| n % 2 == 1) {
        None => Ok(shape),
        Some(i) => Err(FlowError::BadParameter {
            name: format!("shape[{}]", i + 1),
            value: shape[i + 1] as f64,
            constraint: "an even size",
        }),
    }
}

impl Permutation {
    /// The coordinates in opposite order: `x_i = z_{d−1−i}`.
    ///
    /// # Errors
    /// `InvalidPermutation` for `dim = 0`.
    pub fn reverse(dim: usize) -> Result<Self, FlowError> {
        Self::new(&(0..dim).rev().collect::<Vec<_>>())
    }

    /// The coordinates moved round by `by` places: `x_{(i + by) mod d} = z_i`.
    ///
    /// # Errors
    /// `InvalidPermutation` for `dim = 0`.
    pub fn roll(dim: usize, by: usize) -> Result<Self, FlowError> {
        let mut perm: Vec<usize> = (0..dim).collect();
        perm.rotate_right(by % dim.max(1));
        Self::new(&perm)
    }

    /// The squeeze, or space-to-depth: from `c×h×w` to `4c×(h/2)×(w/2)`, each 2×2 square of a channel becoming four
    /// channels at one position, `x[4 ch + 2 i + j, r, q] = z[ch, 2 r + i, 2 q + j]`.
    ///
    /// Source: Dinh, Sohl-Dickstein & Bengio 2017 (arXiv:1605.08803), §3.6. The order of the four channels is a
    /// convention; here they stay beside each other.
    ///
    /// # Errors
    /// `DimMismatch` for a size of 0; `BadParameter` for too large a tensor or an odd height or width.
    pub fn squeeze(shape: [usize; 3]) -> Result<Self, FlowError> {
        let [c, h, w] = even(shape)?;
        let mut perm = Vec::with_capacity(c * h * w);
        for (channel, quarter) in (0..c).flat_map(|channel| (0..4).map(move |quarter| (channel, quarter))) {
            for (row, column) in (0..h / 2).flat_map(|row| (0..w / 2).map(move |column| (row, column))) {
                perm.push((channel * h + 2 * row + quarter / 2) * w + 2 * column + quarter % 2);
            }
        }
        Self::new(&perm)
    }
}

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "reverse",
        formula: "x_i = z_(d−1−i)",
        source: "definition",
        draw: || boxed((2usize..=6).prop_map(|d| Permutation::reverse(d).expect("d ≥ 1"))),
        at_dim: Some(|d| Box::new(Permutation::reverse(d).expect("d ≥ 1"))),
    },
    Family {
        name: "roll",
        formula: "x_((i + k) mod d) = z_i",
        source: "definition",
        draw: || boxed(draw_roll()),
        at_dim: Some(|d| Box::new(Permutation::roll(d, 1).expect("d ≥ 1"))),
    },
    Family {
        name: "squeeze",
        formula: "c×h×w to 4c×(h/2)×(w/2)",
        source: "Dinh et al. 2017, §3.6",
        draw: || boxed(even_shape().prop_map(|shape| Permutation::squeeze(shape).expect("even sizes"))),
        at_dim: Some(|d| Box::new(Permutation::squeeze([1, 2, d / 2]).expect("even sizes"))),
    },
];

/// Never by a multiple of `d`.
fn draw_roll() -> impl Strategy<Value = Permutation> {
    (2usize..=6)
        .prop_flat_map(|d| (Just(d), 1..d, 0usize..=1))
        .prop_map(|(d, by, rounds)| Permutation::roll(d, by + rounds * d).expect("d ≥ 1"))
}

/// All shapes of one dimension that the squeeze does not leave as they are: no dimension of such a layer is odd.
pub(super) fn even_shape() -> impl Strategy<Value = [usize; 3]> + Clone {
    prop_oneof![Just([1, 2, 8]), Just([1, 4, 4]), Just([1, 8, 2]), Just([2, 2, 4]), Just([2, 4, 2])]
}

pub(super) const FORMATS: &[Format] = &[
    Format { name: "reverse", read: read_reverse },
    Format { name: "roll", read: read_roll },
    Format { name: "squeeze", read: read_squeeze },
];

fn read_reverse(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    Ok(Box::new(Permutation::reverse(fields.dim()?).map_err(|e| fields.refuse(&e))?))
}

fn read_roll(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let by = fields.required("by")?.index()?;
    Ok(Box::new(Permutation::roll(fields.dim()?, by).map_err(|e| fields.refuse(&e))?))
}

fn read_squeeze(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    Ok(Box::new(Permutation::squeeze(read_shape(fields)?).map_err(|e| fields.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Flow;

    fn image(layer: Result<Permutation, FlowError>, dim: usize) -> Vec<f64> {
        layer.unwrap().forward(&(0..dim).map(|i| i as f64).collect::<Vec<_>>()).unwrap().point
    }

    #[test]
    fn where_each_coordinate_goes() {
        assert_eq!(image(Permutation::reverse(3), 3), [2.0, 1.0, 0.0]);
        assert_eq!(image(Permutation::roll(4, 1), 4), [3.0, 0.0, 1.0, 2.0]);
        assert_eq!(image(Permutation::roll(4, 7), 4), [1.0, 2.0, 3.0, 0.0]);
        // 0 1 2 3 / 4 5 6 7 becomes the four channels (0 2) (1 3) (4 6) (5 7).
        assert_eq!(image(Permutation::squeeze([1, 2, 4]), 8), [0.0, 2.0, 1.0, 3.0, 4.0, 6.0, 5.0, 7.0]);
        assert_eq!(image(Permutation::squeeze([2, 2, 2]), 8), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
    }

    #[test]
    fn refusals() {
        assert_eq!(Permutation::reverse(0).unwrap_err().kind(), "InvalidPermutation");
        assert_eq!(Permutation::roll(0, 3).unwrap_err().kind(), "InvalidPermutation");
        assert_eq!(Permutation::squeeze([1, 3, 2]).unwrap_err().kind(), "BadParameter");
        assert_eq!(Permutation::squeeze([1, 2, 0]).unwrap_err().kind(), "DimMismatch");
    }
}
