//! Formulas over batches.

use std::ops::Range;

use crate::cases::Cases;
use crate::{Fma, functions};

/// A function of one number.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "named after what they compute")]
pub enum Unary {
    Neg,
    Exp,
    Tanh,
    Sigmoid,
    Softplus,
    Sech2,
    Ln,
    LnAbs,
    Ln1p,
    Sqrt,
    /// Any other, point by point.
    Other(fn(f64) -> f64),
}

/// An operation on two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named after what they compute")]
pub enum Binary {
    Add,
    Sub,
    Mul,
    Div,
    /// The larger; the left one of equals.
    Max,
    /// 1 where the left one is not below the right one, else 0.
    Reaches,
}

/// `W · u`, each entry of `u` in the slot that an index names.
#[derive(Clone, Debug)]
pub struct Linear {
    rows: usize,
    indices: Vec<u32>,
    bands: Vec<Band>,
}

/// Rows that are multiplied together.
#[derive(Clone, Debug)]
struct Band {
    /// How many: at most [`BAND`].
    rows: usize,
    /// Column by column, as far as one of the rows reaches.
    weights: Vec<f64>,
}

/// Rows of a band.
const BAND: usize = 4;

impl Linear {
    /// From rows of any lengths up to that of `indices`; what is missing is 0.
    pub fn new(indices: Vec<u32>, rows: &[&[f64]]) -> Self {
        let band = |rows: &[&[f64]]| {
            let reach = rows.iter().map(|row| row.len()).max().unwrap_or(0);
            let entry = |at: usize| rows[at % rows.len()].get(at / rows.len()).copied().unwrap_or(0.0);
            Band { rows: rows.len(), weights: (0..reach * rows.len()).map(entry).collect() }
        };
        Self { rows: rows.len(), indices, bands: rows.chunks(BAND).map(band).collect() }
    }

    #[inline(always)]
    fn run<S: pulp::Simd>(&self, simd: S, lanes: usize, from: &[f64], to: &mut [f64]) {
        let wide = lanes / S::F64_LANES;
        let (from, mut to) = (S::as_simd_f64s(from).0, S::as_mut_simd_f64s(to).0);
        for band in &self.bands {
            let (own, rest) = to.split_at_mut(band.rows * wide);
            to = rest;
            match band.rows {
                1 => self.band::<S, 1>(simd, wide, &band.weights, from, own),
                2 => self.band::<S, 2>(simd, wide, &band.weights, from, own),
                3 => self.band::<S, 3>(simd, wide, &band.weights, from, own),
                _ => self.band::<S, BAND>(simd, wide, &band.weights, from, own),
            }
        }
    }

    #[inline(always)]
    fn band<S: pulp::Simd, const R: usize>(
        &self,
        simd: S,
        wide: usize,
        weights: &[f64],
        from: &[S::f64s],
        to: &mut [S::f64s],
    ) {
        let mut at = 0;
        while at + 2 <= wide {
            self.sums::<S, R, 2>(simd, (wide, at), weights, from, to);
            at += 2;
        }
        if at < wide {
            self.sums::<S, R, 1>(simd, (wide, at), weights, from, to);
        }
    }

    /// Registers and not arrays of numbers: the compiler would mix the lanes of several rows.
    #[inline(always)]
    fn sums<S: pulp::Simd, const R: usize, const V: usize>(
        &self,
        simd: S,
        (wide, at): (usize, usize),
        weights: &[f64],
        from: &[S::f64s],
        to: &mut [S::f64s],
    ) {
        let mut sums = [[simd.splat_f64s(0.0); V]; R];
        for (column, &index) in weights.as_chunks::<R>().0.iter().zip(&self.indices) {
            let start = index as usize * wide + at;
            let Some(u) = from.get(start..start + V).and_then(|u| u.first_chunk::<V>()) else { return };
            for r in 0..R {
                let w = simd.splat_f64s(column[r]);
                for v in 0..V {
                    sums[r][v] = simd.mul_add_e_f64s(w, u[v], sums[r][v]);
                }
            }
        }
        for r in 0..R {
            to[r * wide + at..][..V].copy_from_slice(&sums[r]);
        }
    }
}

/// The root of an increasing function between two slots, by Newton's method kept inside the bracket, point by point.
#[derive(Clone, Debug)]
pub struct Root {
    /// Where the body reads the variable; the root is left there.
    pub variable: u32,
    /// The ends of the bracket.
    pub bracket: [u32; 2],
    /// What the body leaves: the value, and the slope.
    pub residual: [u32; 2],
    /// Steps of the program that compute the residual, by their places in [`Program::bodies`].
    pub body: Range<usize>,
}

/// A Newton step this small, relative to the bracket's ends, leads to within rounding: its square is half a unit roundoff.
const CLOSE: f64 = 1.0 / (1u64 << 27) as f64;
/// Newton and bisection steps allowed.
const STEPS: usize = 80;

/// One step: consecutive slots from `to` on.
#[derive(Clone, Debug)]
pub enum Step {
    /// A function of so many consecutive slots.
    Unary(Unary, Run),
    /// An operation on so many consecutive slots and others, or one slot again and again.
    Binary(Binary, Run, u32, bool),
    /// A product, by its place in [`Program::linear`].
    Linear(usize, u32),
    /// An equation, by its place in [`Program::roots`].
    Root(usize),
    /// Maps that branch, by their place in [`Program::cases`].
    Cases(usize),
}

/// Where a step reads its first argument and where it writes.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// How many slots are written.
    pub n: usize,
    /// The first of them; no argument lies at or beyond it.
    pub to: u32,
    /// The first argument.
    pub from: u32,
    /// Whether the argument moves on with the slot written.
    pub moves: bool,
}

/// A straight-line formula at a batch of points: slots of so many lanes each, one lane for each point.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Slots in all.
    pub slots: usize,
    /// Slots that hold constants.
    pub constants: Vec<(u32, f64)>,
    /// The steps in order.
    pub steps: Vec<Step>,
    /// Steps inside equations.
    pub bodies: Vec<Step>,
    /// Matrices.
    pub linear: Vec<Linear>,
    /// Equations.
    pub roots: Vec<Root>,
    /// Maps that branch.
    pub cases: Vec<Cases>,
}

impl Program {
    /// Room for a batch, with the constants in place. `lanes` is a multiple of eight.
    pub fn room(&self, lanes: usize) -> Vec<f64> {
        let mut room = Vec::new();
        self.prepare(lanes, &mut room);
        room
    }

    /// The same in a room that was used before; what else is in it stays.
    pub(crate) fn prepare(&self, lanes: usize, room: &mut Vec<f64>) {
        room.resize(self.slots * lanes, 0.0);
        for &(slot, value) in &self.constants {
            room[slot as usize * lanes..][..lanes].fill(value);
        }
    }

    /// Computes every slot from those of the inputs.
    pub fn run(&self, lanes: usize, room: &mut [f64]) {
        let is_simple = |step: &Step| !matches!(step, Step::Root(_) | Step::Cases(_));
        for steps in self.steps.chunk_by(|a, b| is_simple(a) && is_simple(b)) {
            match steps {
                [Step::Root(index)] => self.solve(&self.roots[*index], lanes, room),
                [Step::Cases(index)] => self.cases[*index].run(lanes, room),
                steps => self.simple(steps, lanes, room),
            }
        }
    }

    /// Steps without equations and maps that branch. The one place where they are compiled to vector code: from several
    /// copies not everything would be inlined, and what is not is not compiled for this machine.
    #[inline(never)]
    pub(crate) fn simple(&self, steps: &[Step], lanes: usize, room: &mut [f64]) {
        struct Op<'a>(&'a Program, &'a [Step], usize, &'a mut [f64]);
        impl pulp::WithSimd for Op<'_> {
            type Output = ();
            #[inline(always)]
            fn with_simd<S: pulp::Simd>(self, simd: S) {
                let Self(program, steps, lanes, room) = self;
                for step in steps {
                    program.step::<S>(simd, step, lanes, room);
                }
            }
        }
        pulp::Arch::new().dispatch(Op(self, steps, lanes, room));
    }

    #[inline(always)]
    fn step<S: pulp::Simd>(&self, simd: S, step: &Step, lanes: usize, room: &mut [f64]) {
        match step {
            Step::Unary(function, run) => {
                let (from, to) = room.split_at_mut(run.to as usize * lanes);
                unary::<S>(*function, &from[run.from as usize * lanes..][..run.n * lanes], &mut to[..run.n * lanes]);
            }
            Step::Binary(op, run, right, moves) => {
                let (from, to) = room.split_at_mut(run.to as usize * lanes);
                let to = &mut to[..run.n * lanes];
                let (left, right) = (&from[run.from as usize * lanes..], &from[*right as usize * lanes..]);
                match op {
                    Binary::Add => binary(to, lanes, (left, run.moves), (right, *moves), |a, b| a + b),
                    Binary::Sub => binary(to, lanes, (left, run.moves), (right, *moves), |a, b| a - b),
                    Binary::Mul => binary(to, lanes, (left, run.moves), (right, *moves), |a, b| a * b),
                    Binary::Div => binary(to, lanes, (left, run.moves), (right, *moves), |a, b| a / b),
                    Binary::Max => {
                        binary(to, lanes, (left, run.moves), (right, *moves), |a, b| if a < b { b } else { a });
                    }
                    Binary::Reaches => {
                        binary(to, lanes, (left, run.moves), (right, *moves), |a, b| if a < b { 0.0 } else { 1.0 });
                    }
                }
            }
            Step::Linear(index, to) => {
                let linear = &self.linear[*index];
                let (from, to) = room.split_at_mut(*to as usize * lanes);
                linear.run::<S>(simd, lanes, from, &mut to[..linear.rows * lanes]);
            }
            // These do not nest.
            Step::Root(_) | Step::Cases(_) => {}
        }
    }

    fn solve(&self, root: &Root, lanes: usize, room: &mut [f64]) {
        let at = |slot: u32| slot as usize * lanes..(slot as usize + 1) * lanes;
        // One allocation: small equations cost little more.
        let mut own = vec![0.0; 4 * lanes];
        let (ends, others) = own.split_at_mut(2 * lanes);
        let ((low, high), (size, variable)) = (ends.split_at_mut(lanes), others.split_at_mut(lanes));
        let [from, to] = root.bracket.map(|slot| &room[at(slot)]);
        for i in 0..lanes {
            (low[i], high[i]) = (from[i], to[i]);
            size[i] = from[i].abs().max(to[i].abs());
            variable[i] = 0.5 * (from[i] + to[i]);
        }
        for _ in 0..STEPS {
            room[at(root.variable)].copy_from_slice(variable);
            self.simple(&self.bodies[root.body.clone()], lanes, room);
            let residual = root.residual.map(|slot| &room[at(slot)]);
            if !pulp::Arch::new().dispatch(Newton { variable, low, high, size, residual }) {
                break;
            }
        }
        room[at(root.variable)].copy_from_slice(variable);
    }
}

/// One step of Newton's method, or of bisection where that would leave the bracket. Whether any variable moved on.
struct Newton<'a> {
    variable: &'a mut [f64],
    low: &'a mut [f64],
    high: &'a mut [f64],
    size: &'a [f64],
    residual: [&'a [f64]; 2],
}

impl pulp::WithSimd for Newton<'_> {
    type Output = bool;
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> bool {
        let Self { variable, low, high, size, residual: [value, slope] } = self;
        let (n, mut moved) = (variable.len(), 0u64);
        let (low, high, size, value, slope) = (&mut low[..n], &mut high[..n], &size[..n], &value[..n], &slope[..n]);
        for i in 0..n {
            let old = variable[i];
            let is_low = value[i] < 0.0;
            low[i] = if is_low { old } else { low[i] };
            high[i] = if is_low { high[i] } else { old };
            let newton = old - value[i] / slope[i];
            let is_inside = is_between(newton, low[i], high[i]);
            let next = if is_inside { newton } else { 0.5 * (low[i] + high[i]) };
            // Newton's last step is as good as the square of its size.
            let allowed = if is_inside { CLOSE } else { f64::EPSILON } * size[i];
            moved |= u64::from((next - old).abs() > allowed);
            variable[i] = next;
        }
        moved != 0
    }
}

/// Both comparisons always, for vector code.
#[inline(always)]
fn is_between(x: f64, low: f64, high: f64) -> bool {
    let (above, below) = (x >= low, x <= high);
    above & below
}

#[inline(always)]
pub(crate) fn unary<S: Fma>(function: Unary, x: &[f64], y: &mut [f64]) {
    let moderate = |x: f64| x.abs() <= 350.0;
    match function {
        Unary::Neg => y.iter_mut().zip(x).for_each(|(y, &x)| *y = -x),
        Unary::Sqrt => y.iter_mut().zip(x).for_each(|(y, &x)| *y = x.sqrt()),
        Unary::Tanh => y.iter_mut().zip(x).for_each(|(y, &x)| *y = functions::tanh::<S>(x)),
        Unary::Exp => functions::map(x, y, moderate, |x| functions::exp::<S>(x), f64::exp),
        Unary::Sigmoid => {
            let elsewhere = |x: f64| if x < 0.0 { x.exp() } else { 1.0 / (1.0 + (-x).exp()) };
            functions::map(x, y, moderate, |x| functions::sigmoid::<S>(x), elsewhere);
        }
        Unary::Softplus => {
            let elsewhere = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
            functions::map(x, y, moderate, |x| functions::softplus::<S>(x), elsewhere);
        }
        Unary::Sech2 => {
            let elsewhere = |x: f64| 4.0 * (-2.0 * x.abs()).exp();
            functions::map(x, y, moderate, |x| functions::sech2::<S>(x), elsewhere);
        }
        Unary::Ln => {
            let normal = |x: f64| is_between(x, f64::MIN_POSITIVE, f64::MAX);
            functions::map(x, y, normal, |x| functions::ln::<S>(x), f64::ln);
        }
        Unary::LnAbs => {
            let normal = |x: f64| is_between(x.abs(), f64::MIN_POSITIVE, f64::MAX);
            functions::map(x, y, normal, |x| functions::ln::<S>(x.abs()), |x| x.abs().ln());
        }
        Unary::Ln1p => {
            let near = |x: f64| is_between(x, -0.5, 1e300);
            functions::map(x, y, near, |x| functions::ln_1p::<S>(x), f64::ln_1p);
        }
        Unary::Other(f) => y.iter_mut().zip(x).for_each(|(y, &x)| *y = f(x)),
    }
}

#[inline(always)]
fn binary(
    to: &mut [f64],
    lanes: usize,
    (left, left_moves): (&[f64], bool),
    (right, right_moves): (&[f64], bool),
    f: impl Fn(f64, f64) -> f64,
) {
    // Eight at a time, which short runs consist of.
    let eight = |to: &mut [f64; 8], a: &[f64; 8], b: &[f64; 8]| {
        let mut all = [0.0; 8];
        for l in 0..8 {
            all[l] = f(a[l], b[l]);
        }
        *to = all;
    };
    let n = to.len() / 8;
    let step = lanes / 8;
    let (to, left, right) = (to.as_chunks_mut::<8>().0, left.as_chunks::<8>().0, right.as_chunks::<8>().0);
    match (left_moves, right_moves) {
        (true, true) => {
            for ((to, a), b) in to.iter_mut().zip(&left[..n]).zip(&right[..n]) {
                eight(to, a, b);
            }
        }
        (true, false) => {
            for (to, left) in to.chunks_exact_mut(step).zip(left.chunks_exact(step)) {
                for ((to, a), b) in to.iter_mut().zip(left).zip(&right[..step]) {
                    eight(to, a, b);
                }
            }
        }
        (false, true) => {
            for (to, right) in to.chunks_exact_mut(step).zip(right.chunks_exact(step)) {
                for ((to, a), b) in to.iter_mut().zip(&left[..step]).zip(right) {
                    eight(to, a, b);
                }
            }
        }
        (false, false) => {
            for to in to.chunks_exact_mut(step) {
                for ((to, a), b) in to.iter_mut().zip(&left[..step]).zip(&right[..step]) {
                    eight(to, a, b);
                }
            }
        }
    }
}
