//! Jacobians of a batch of points.
//!
//! Behind a trait object, so that the arithmetic is compiled here and not where it is used.

use crate::jacobian::Work;
use crate::{Local, Matrix, Order};

/// The Jacobians of a batch, carried through one formula after the other.
pub trait Batch: std::fmt::Debug {
    /// A new batch of so many points. The first formula is carried through an identity.
    fn start(&mut self, points: usize, dim: usize);
    /// Through one formula, from what its program left in the slots of so many lanes.
    fn carry(&mut self, local: &Local, slots: &[f64], lanes: usize, is_first: bool);
    /// `log|det J|` at every point, by dense LU, which takes the place of the Jacobians.
    fn log_abs_dets(&mut self) -> Vec<f64>;
    /// The Jacobian at one point, row by row, before it is factored.
    fn at(&self, point: usize) -> Vec<f64>;
}

/// For Jacobians of this dimension: many points side by side where they are small, one after the other where they are
/// large. And how many: lanes must be a multiple of that.
pub fn batch(dim: usize) -> (Box<dyn Batch + Send>, usize) {
    match dim {
        0..=4 => (Box::new(Packs::<32>::default()), 32),
        5..=48 => (Box::new(Packs::<8>::default()), 8),
        _ => (Box::new(Packs::<1>::default()), 1),
    }
}

#[derive(Debug, Default)]
struct Packs<const L: usize> {
    packs: Vec<Matrix<L>>,
    dim: usize,
    work: Work<L>,
}

impl<const L: usize> Batch for Packs<L> {
    fn start(&mut self, points: usize, dim: usize) {
        self.packs.resize_with(points.div_ceil(L), Matrix::default);
        self.dim = dim;
    }
    fn carry(&mut self, local: &Local, slots: &[f64], lanes: usize, is_first: bool) {
        for (pack, jacobian) in self.packs.iter_mut().enumerate() {
            if is_first && local.order == Order::Forward {
                jacobian.set_identity(self.dim);
            }
            local.carry((slots, lanes, pack * L), jacobian, is_first, &mut self.work);
        }
    }
    fn log_abs_dets(&mut self) -> Vec<f64> {
        self.packs.iter_mut().flat_map(Matrix::log_abs_det).collect()
    }
    fn at(&self, point: usize) -> Vec<f64> {
        self.packs[point / L].at(point % L)
    }
}
