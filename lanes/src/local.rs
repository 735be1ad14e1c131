//! The derivatives of one formula in factors.

/// A partial derivative that is 1.
pub const ONE: u32 = u32::MAX;

/// One partial derivative: of `row` by `column`, found in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What is differentiated.
    pub row: u32,
    /// By what.
    pub column: u32,
    /// The slot that holds it, or [`ONE`].
    pub slot: u32,
}

/// A dense matrix inside a formula: `y = W u`.
#[derive(Clone, Debug)]
pub struct Block {
    /// Entries of `y` and of `u`.
    pub shape: [usize; 2],
    /// `W`, row by row.
    pub weights: Vec<f64>,
    /// For each row of `W`: its entries from there on are 0. Empty where that says nothing or they decrease somewhere.
    pub until: Vec<u32>,
    /// `∂u/∂(inputs)`, by row.
    pub sources: Vec<Entry>,
    /// `∂u/∂y` of earlier blocks, by row, each with the block's number.
    pub chained: Vec<(usize, Vec<Entry>)>,
}

/// In which order to multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// From the outputs back: the formula's own Jacobian first.
    Reverse,
    /// From the inputs on: all tangents through every matrix.
    Forward,
}

/// The derivatives of a formula `ℝᵈ → ℝᵈ` in factors: dense constant matrices and sparse partials between them.
#[derive(Clone, Debug)]
pub struct Local {
    /// The dimension.
    pub dim: usize,
    /// `∂(outputs)/∂(inputs)` on the way that meets no matrix, by row.
    pub direct: Vec<Entry>,
    /// `∂(outputs)/∂y`, block by block, by row.
    pub ends: Vec<Vec<Entry>>,
    /// The matrices in order.
    pub blocks: Vec<Block>,
    /// How to multiply.
    pub order: Order,
    /// For each output the slot of the derivative by its own input, where that is the only direct one of every output.
    pub(crate) diagonal: Vec<Option<u32>>,
    /// Outputs that depend on a matrix.
    pub(crate) rows: Vec<u32>,
    /// The place among those, for every output.
    pub(crate) place: Vec<u32>,
    /// For each matrix and each of those: what is multiplied by the matrix is 0 from there on. Empty where not known.
    pub(crate) until: Vec<Vec<u32>>,
    /// For each of those: its derivatives by the inputs below are 0 from there on. Empty where not known.
    pub(crate) local_until: Vec<u32>,
    /// Inputs that matrices depend on.
    pub(crate) columns: Vec<u32>,
    /// The place among those, for every input.
    pub(crate) column_place: Vec<u32>,
}

impl Local {
    /// From its factors; the cheaper order is chosen.
    pub fn new(dim: usize, mut direct: Vec<Entry>, ends: Vec<Vec<Entry>>, blocks: Vec<Block>) -> Self {
        let distinct = |entries: &mut dyn Iterator<Item = u32>| {
            let mut all: Vec<u32> = entries.collect();
            all.sort_unstable();
            all.dedup();
            let mut place = vec![0; dim];
            (0..).zip(&all).for_each(|(at, &i)| place[i as usize] = at);
            (all, place)
        };
        let (rows, place) = distinct(&mut ends.iter().flatten().map(|e| e.row));
        let (columns, column_place) = distinct(&mut blocks.iter().flat_map(|b| &b.sources).map(|e| e.column));
        direct.sort_by_key(|e| e.row);
        let mut diagonal = vec![None; dim];
        direct.iter().for_each(|e| diagonal[e.row as usize] = Some(e.slot));
        if direct.iter().any(|e| e.row != e.column) {
            diagonal.clear();
        }
        let mut local = Self {
            diagonal,
            local_until: Vec::new(),
            dim,
            direct,
            ends,
            blocks,
            order: Order::Reverse,
            rows,
            place,
            until: Vec::new(),
            columns,
            column_place,
        };
        local.until = vec![Vec::new(); local.blocks.len()];
        for k in (0..local.blocks.len()).rev() {
            local.until[k] = local.reach(k);
        }
        local.local_until = local.reach_of_inputs();
        let reverse = local.flops();
        local.order = Order::Forward;
        if reverse <= local.flops() {
            local.order = Order::Reverse;
        }
        local
    }

    /// Floating-point operations at one point to carry a full Jacobian through.
    pub fn flops(&self) -> f64 {
        let d = self.dim as f64;
        let direct = 2.0 * self.direct.len() as f64 * d;
        match self.order {
            Order::Forward => {
                let block = |b: &Block| 2.0 * b.weights.len() as f64 * d;
                let sparse = |b: &Block| b.sources.len() + b.chained.iter().map(|(_, e)| e.len()).sum::<usize>();
                let ends: usize = self.ends.iter().map(Vec::len).sum();
                direct
                    + 2.0 * ends as f64 * d
                    + self.blocks.iter().map(|b| block(b) + 2.0 * sparse(b) as f64 * d).sum::<f64>()
            }
            Order::Reverse => {
                let rows = self.rows.len() as f64;
                let block = |k: usize| {
                    let [_, n] = self.blocks[k].shape;
                    if self.is_fed(k) {
                        2.0 * rows * self.blocks[k].weights.len() as f64 * self.kept(k)
                    } else {
                        2.0 * (self.ends[k].len() * n) as f64
                    }
                };
                direct + (0..self.blocks.len()).map(block).sum::<f64>() + 2.0 * rows * self.columns.len() as f64 * d
            }
        }
    }

    /// How far each row reaches that is multiplied by matrix `k`, where the next matrix is a staircase fed by this one alone,
    /// entry by entry.
    fn reach(&self, k: usize) -> Vec<u32> {
        let is_fed = |b: &Block| b.chained.iter().any(|(l, _)| *l == k);
        let mut fed = (k + 1..self.blocks.len()).filter(|&next| is_fed(&self.blocks[next]));
        let (Some(next), None) = (fed.next(), fed.next()) else { return Vec::new() };
        let block = &self.blocks[next];
        let mut chained = block.chained.iter().filter(|(l, _)| *l == k).flat_map(|(_, e)| e);
        if block.until.is_empty() || !self.ends[k].is_empty() || chained.any(|e| e.row != e.column) {
            return Vec::new();
        }
        let reach: Vec<u32> = if self.is_fed(next) {
            if self.until[next].is_empty() || !block.until.is_sorted() {
                return Vec::new();
            }
            self.until[next].iter().map(|&left| before(&block.until, left)).collect()
        } else {
            let of_row = |row: u32| {
                let ends = self.ends[next].iter().filter(move |e| e.row == row);
                ends.map(|e| block.until[e.column as usize]).max().unwrap_or(0)
            };
            self.rows.iter().map(|&row| of_row(row)).collect()
        };
        if reach.is_sorted() { reach } else { Vec::new() }
    }

    /// How far the outputs' derivatives by the inputs reach, where a staircase is all that meets these.
    fn reach_of_inputs(&self) -> Vec<u32> {
        let mut fed = (0..self.blocks.len()).filter(|&k| !self.blocks[k].sources.is_empty());
        let (Some(k), None) = (fed.next(), fed.next()) else { return Vec::new() };
        let Block { until, sources, .. } = &self.blocks[k];
        let in_order = sources.iter().all(|e| self.columns.get(e.row as usize) == Some(&e.column));
        if until.is_empty() || !until.is_sorted() || !in_order || self.until[k].is_empty() {
            return Vec::new();
        }
        self.until[k].iter().map(|&left| before(until, left)).collect()
    }

    /// Whether a later matrix is fed by this one.
    pub(crate) fn is_fed(&self, k: usize) -> bool {
        self.blocks[k + 1..].iter().any(|b| b.chained.iter().any(|(l, _)| *l == k))
    }

    /// The share of a product that zeros of staircase matrices leave, about.
    fn kept(&self, k: usize) -> f64 {
        match (self.until[k].is_empty(), self.blocks[k].until.is_empty()) {
            (true, true) => 1.0,
            (false, false) => 0.3,
            _ => 0.6,
        }
    }
}

/// How far the first `left` rows of a staircase reach.
fn before(until: &[u32], left: u32) -> u32 {
    (left as usize).checked_sub(1).and_then(|last| until.get(last)).copied().unwrap_or(0)
}
