//! Carrying a Jacobian through one formula by the chain rule.

use crate::local::{Entry, Local, ONE, Order};
use crate::matrix::{Bounds, add_constant, add_scaled, fused, product, product_of, product_with, scale_and_add};
use crate::{Fma, Matrix};

/// Room to work in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Work<const L: usize> {
    product: Matrix<L>,
    open: Vec<Matrix<L>>,
    local: Matrix<L>,
    chosen: Matrix<L>,
    next: Matrix<L>,
    scales: Vec<[f64; L]>,
}

impl Local {
    /// Replaces `J`, the Jacobian of the formula's inputs, by that of its outputs, for the `L` points from `lane` on.
    /// `is_first` where `J` is the identity.
    pub(crate) fn carry<const L: usize>(
        &self,
        (slots, lanes, lane): (&[f64], usize, usize),
        j: &mut Matrix<L>,
        is_first: bool,
        work: &mut Work<L>,
    ) {
        struct Op<'a, const L: usize>(&'a Local, Slots<'a>, &'a mut Matrix<L>, bool, &'a mut Work<L>);
        impl<const L: usize> pulp::WithSimd for Op<'_, L> {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: pulp::Simd>(self, _: S) {
                match self.0.order {
                    Order::Reverse => self.0.reverse::<S, L>(&self.1, self.2, self.3, self.4),
                    Order::Forward => self.0.forward::<S, L>(&self.1, self.2, self.4),
                }
            }
        }
        pulp::Arch::new().dispatch(Op(self, Slots { slots, lanes, lane }, j, is_first, work));
    }

    #[inline(always)]
    fn reverse<S: Fma, const L: usize>(
        &self,
        slots: &Slots<'_>,
        j: &mut Matrix<L>,
        is_first: bool,
        work: &mut Work<L>,
    ) {
        let (height, count) = (self.rows.len(), self.blocks.len());
        work.open.resize_with(count, Matrix::default);
        for (k, open) in work.open.iter_mut().enumerate() {
            open.reset(if self.is_fed(k) { height } else { 0 }, self.blocks[k].shape[0]);
        }
        work.local.reset(height, self.columns.len());
        for k in (0..count).rev() {
            let block = &self.blocks[k];
            let [_, n] = block.shape;
            let (earlier, own) = work.open.split_at_mut(k);
            if own[0].rows() == 0 {
                work.product.reset(height, n);
                for e in &self.ends[k] {
                    let weights = &block.weights[e.column as usize * n..][..n];
                    let row = work.product.row_mut(self.place[e.row as usize] as usize);
                    add_constant::<S, L>(row, &slots.get(e.slot), weights);
                }
            } else {
                for e in &self.ends[k] {
                    let value = slots.get::<L>(e.slot);
                    let sum = &mut own[0].row_mut(self.place[e.row as usize] as usize)[e.column as usize];
                    (0..L).for_each(|l| sum[l] += value[l]);
                }
                work.product.reshape(height, n);
                let until = Some(self.until[k].as_slice()).filter(|until| !until.is_empty());
                let right_until = Some(block.until.as_slice()).filter(|until| until.is_sorted() && !until.is_empty());
                let bounds = Bounds { until, right_until };
                product_with::<S, L>(&own[0], &block.weights, &mut work.product, bounds);
            }
            distribute::<S, L>(
                slots,
                &block.sources,
                &self.column_place,
                &work.product,
                &mut work.local,
                &mut work.scales,
            );
            for (l, entries) in &block.chained {
                distribute::<S, L>(slots, entries, &[], &work.product, &mut earlier[*l], &mut work.scales);
            }
        }
        if is_first {
            work.next.reshape(self.dim, self.dim);
            let (mut at, mut direct) = (0, self.direct.as_slice());
            // Row by row, so that each is written while it is near.
            for row in 0..self.dim {
                let next = work.next.row_mut(row);
                next.fill([0.0; L]);
                if self.rows.get(at).is_some_and(|&of| of as usize == row) {
                    let local = self.columns.iter().zip(work.local.row(at));
                    local.for_each(|(&column, value)| next[column as usize] = *value);
                    at += 1;
                }
                while let Some((e, rest)) = direct.split_first().filter(|(e, _)| e.row as usize == row) {
                    let (sum, value) = (&mut next[e.column as usize], slots.get::<L>(e.slot));
                    (0..L).for_each(|l| sum[l] += value[l]);
                    direct = rest;
                }
            }
        } else {
            if !self.columns.is_empty() {
                let is_range = self
                    .columns
                    .last()
                    .is_some_and(|&c| c as usize + 1 - self.columns[0] as usize == self.columns.len());
                work.product.reshape(height, self.dim);
                let until = Some(self.local_until.as_slice()).filter(|until| !until.is_empty());
                let bounds = Bounds { until, right_until: None };
                if is_range {
                    let from = self.columns[0] as usize * self.dim;
                    let part = &j.entries()[from..from + self.columns.len() * self.dim];
                    product::<S, L>(&work.local, part, &mut work.product, bounds, &mut work.scales);
                } else {
                    work.chosen.reshape(self.columns.len(), self.dim);
                    for (at, &c) in self.columns.iter().enumerate() {
                        work.chosen.row_mut(at).copy_from_slice(j.row(c as usize));
                    }
                    product::<S, L>(&work.local, work.chosen.entries(), &mut work.product, bounds, &mut work.scales);
                }
            }
            if !self.diagonal.is_empty() {
                return self.in_place::<S, L>(slots, j, |row, place| Some(work.product.row(place[row] as usize)));
            }
            work.next.reset(self.dim, self.dim);
            if !self.columns.is_empty() {
                for (at, &row) in self.rows.iter().enumerate() {
                    work.next.row_mut(row as usize).copy_from_slice(work.product.row(at));
                }
            }
            self.add_direct::<S, L>(slots, j, &mut work.next);
        }
        std::mem::swap(j, &mut work.next);
    }

    /// Every row times its own derivative, and what matrices add to it.
    #[inline(always)]
    fn in_place<'w, S: Fma, const L: usize>(
        &self,
        slots: &Slots<'_>,
        j: &mut Matrix<L>,
        added: impl Fn(usize, &[u32]) -> Option<&'w [[f64; L]]>,
    ) {
        let mut rows = self.rows.iter().peekable();
        for (row, slot) in self.diagonal.iter().enumerate() {
            let is_met = rows.next_if(|&&met| met as usize == row).is_some() && !self.columns.is_empty();
            let x = if is_met { added(row, &self.place) } else { None };
            if x.is_some() || *slot != Some(ONE) {
                let scale = slot.map_or([0.0; L], |slot| slots.get::<L>(slot));
                scale_and_add::<S, L>(j.row_mut(row), &scale, x);
            }
        }
    }

    #[inline(always)]
    fn add_direct<S: Fma, const L: usize>(&self, slots: &Slots<'_>, j: &Matrix<L>, next: &mut Matrix<L>) {
        for e in &self.direct {
            add_scaled::<S, L>(next.row_mut(e.row as usize), &slots.get(e.slot), j.row(e.column as usize));
        }
    }

    #[inline(always)]
    fn forward<S: Fma, const L: usize>(&self, slots: &Slots<'_>, j: &mut Matrix<L>, work: &mut Work<L>) {
        work.open.resize_with(self.blocks.len(), Matrix::default);
        for (k, block) in self.blocks.iter().enumerate() {
            let [m, n] = block.shape;
            let (earlier, own) = work.open.split_at_mut(k);
            own[0].reshape(m, self.dim);
            let first = block.sources.first().map_or(0, |e| e.column);
            let is_part = block.chained.is_empty()
                && block.sources.len() == n
                && (0..).zip(&block.sources).all(|(at, e)| e.slot == ONE && e.row == at && e.column == first + at);
            if is_part {
                let from = first as usize * self.dim;
                product_of::<S, L>(
                    &block.weights,
                    n,
                    &j.entries()[from..from + n * self.dim],
                    &mut own[0],
                    &mut work.scales,
                );
            } else {
                work.chosen.reset(n, self.dim);
                for e in &block.sources {
                    let row = work.chosen.row_mut(e.row as usize);
                    add_scaled::<S, L>(row, &slots.get(e.slot), j.row(e.column as usize));
                }
                for (l, entries) in &block.chained {
                    for e in entries {
                        let row = work.chosen.row_mut(e.row as usize);
                        add_scaled::<S, L>(row, &slots.get(e.slot), earlier[*l].row(e.column as usize));
                    }
                }
                product_of::<S, L>(&block.weights, n, work.chosen.entries(), &mut own[0], &mut work.scales);
            }
        }
        let is_in_place = !self.diagonal.is_empty();
        if is_in_place {
            self.in_place::<S, L>(slots, j, |_, _| None);
        } else {
            work.next.reset(self.dim, self.dim);
            self.add_direct::<S, L>(slots, j, &mut work.next);
        }
        let next = if is_in_place { &mut *j } else { &mut work.next };
        for (tangents, entries) in work.open.iter().zip(&self.ends) {
            for e in entries {
                let row = next.row_mut(e.row as usize);
                add_scaled::<S, L>(row, &slots.get(e.slot), tangents.row(e.column as usize));
            }
        }
        if !is_in_place {
            std::mem::swap(j, &mut work.next);
        }
    }
}

/// `to[:, place(e.column)] += from[:, e.row] · e` for every entry.
#[inline(always)]
fn distribute<S: Fma, const L: usize>(
    slots: &Slots<'_>,
    entries: &[Entry],
    place: &[u32],
    from: &Matrix<L>,
    to: &mut Matrix<L>,
    scales: &mut Vec<[f64; L]>,
) {
    let column = |e: &Entry| place.get(e.column as usize).copied().unwrap_or(e.column) as usize;
    scales.clear();
    scales.extend(entries.iter().map(|e| slots.get::<L>(e.slot)));
    let is_diagonal = entries.len() == from.columns()
        && from.columns() == to.columns()
        && entries.iter().enumerate().all(|(at, e)| e.row as usize == at && column(e) == at);
    for i in 0..from.rows() {
        let (from, to) = (from.row(i), to.row_mut(i));
        if is_diagonal {
            for ((to, from), scale) in to.iter_mut().zip(from).zip(scales.iter()) {
                *to = fused::<S, L>(scale, from, to);
            }
        } else {
            for (e, scale) in entries.iter().zip(scales.iter()) {
                let to = &mut to[column(e)];
                *to = fused::<S, L>(scale, &from[e.row as usize], to);
            }
        }
    }
}

/// The slots of a program, and the points looked at.
struct Slots<'a> {
    slots: &'a [f64],
    lanes: usize,
    lane: usize,
}

impl Slots<'_> {
    #[inline(always)]
    fn get<const L: usize>(&self, slot: u32) -> [f64; L] {
        if slot == ONE {
            return [1.0; L];
        }
        let at = slot as usize * self.lanes + self.lane;
        self.slots.get(at..at + L).and_then(|s| s.first_chunk::<L>()).copied().unwrap_or([f64::NAN; L])
    }
}
