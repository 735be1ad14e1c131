//! Maps that branch, at many places of a formula and many points: points are sorted by the way they take.

use crate::Program;

/// One way through a map: what it computes where the comparisons come out in its way.
#[derive(Clone, Debug)]
pub struct Path {
    /// The comparisons that matter, a bit each.
    pub mask: u64,
    /// Their outcomes.
    pub outcomes: u64,
    /// The formula. Its first slots are the imports.
    pub program: Program,
    /// Slots of [`Cases::conditions`] that it begins with.
    pub imports: Vec<u32>,
    /// Where it leaves the results; `None` for 0.
    pub outputs: Vec<Option<u32>>,
}

/// One map at many places.
#[derive(Clone, Debug)]
pub struct Cases {
    /// At each place the slots of what the map is given.
    pub places: Vec<Vec<u32>>,
    /// What all ways have in common; the map's arguments are its first slots.
    pub conditions: Program,
    /// Which slots of it are compared: whether the first is below the second. At most 64.
    pub comparisons: Vec<(u32, u32)>,
    /// The ways known. Where none fits, results are NaN.
    pub paths: Vec<Path>,
    /// The first slot written: all results at the first place, then those at the second, and so on.
    pub to: u32,
}

impl Cases {
    pub(crate) fn run(&self, lanes: usize, room: &mut [f64]) {
        let all = self.places.len() * lanes;
        let mut common = self.conditions.room(all);
        for (place, slots) in self.places.iter().enumerate() {
            for (i, &slot) in slots.iter().enumerate() {
                common[i * all + place * lanes..][..lanes].copy_from_slice(&room[slot as usize * lanes..][..lanes]);
            }
        }
        self.conditions.run(all, &mut common);
        let mut outcomes = vec![0u64; all];
        for (bit, &(left, right)) in self.comparisons.iter().enumerate() {
            let slot = |slot: u32| &common[slot as usize * all..][..all];
            for ((outcome, left), right) in outcomes.iter_mut().zip(slot(left)).zip(slot(right)) {
                *outcome |= u64::from(left < right) << bit;
            }
        }
        let count = self.paths.first().map_or(0, |path| path.outputs.len());
        let to = self.to as usize;
        room[to * lanes..(to + self.places.len() * count) * lanes].fill(f64::NAN);
        let (mut chosen, mut own) = (Vec::with_capacity(all), Vec::new());
        for path in &self.paths {
            chosen.clear();
            for (at, outcome) in outcomes.iter().enumerate() {
                if outcome & path.mask == path.outcomes {
                    chosen.push(at);
                }
            }
            if chosen.is_empty() {
                continue;
            }
            let width = chosen.len().next_multiple_of(8);
            path.program.prepare(width, &mut own);
            for (i, &slot) in path.imports.iter().enumerate() {
                let (from, into) = (&common[slot as usize * all..][..all], &mut own[i * width..][..width]);
                for (into, &at) in into.iter_mut().zip(&chosen) {
                    *into = from[at];
                }
            }
            path.program.run(width, &mut own);
            for (output, slot) in path.outputs.iter().enumerate() {
                for (i, &at) in chosen.iter().enumerate() {
                    let value = slot.map_or(0.0, |slot| own[slot as usize * width + i]);
                    room[(to + at / lanes * count + output) * lanes + at % lanes] = value;
                }
            }
        }
    }
}
