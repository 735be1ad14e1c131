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
    /// In bands of [`BAND`] rows, column by column within a band; missing rows are 0.
    weights: Vec<f64>,
    /// How many columns of each band can be other than 0.
    reach: Vec<usize>,
}

/// Rows that are multiplied together.
const BAND: usize = 4;
/// Points that are.
const CHUNK: usize = 8;

impl Linear {
    /// From rows of any lengths up to that of `indices`; what is missing is 0.
    pub fn new(indices: Vec<u32>, rows: &[&[f64]]) -> Self {
        let (mut weights, mut reach) = (Vec::new(), Vec::new());
        for band in rows.chunks(BAND) {
            let length = band.iter().map(|row| row.len()).max().unwrap_or(0);
            for column in 0..length {
                weights.extend((0..BAND).map(|r| band.get(r).and_then(|row| row.get(column)).copied().unwrap_or(0.0)));
            }
            reach.push(length);
        }
        Self { rows: rows.len(), indices, weights, reach }
    }

    #[inline(always)]
    fn run<S: Fma>(&self, lanes: usize, from: &[f64], to: &mut [f64]) {
        let mut weights = self.weights.as_slice();
        for (band, &reach) in to.chunks_mut(BAND * lanes).zip(&self.reach) {
            let (own, rest) = weights.split_at(reach * BAND);
            weights = rest;
            for start in (0..lanes).step_by(CHUNK) {
                let mut sums = [[0.0; CHUNK]; BAND];
                for (column, &index) in own.as_chunks::<BAND>().0.iter().zip(&self.indices) {
                    let at = index as usize * lanes + start;
                    let Some(u) = from.get(at..at + CHUNK).and_then(|u| u.first_chunk::<CHUNK>()) else { return };
                    for (sums, &w) in sums.iter_mut().zip(column) {
                        for (sum, &u) in sums.iter_mut().zip(u) {
                            *sum = S::fma(w, u, *sum);
                        }
                    }
                }
                for (row, sums) in band.chunks_mut(lanes).zip(&sums) {
                    row[start..start + CHUNK].copy_from_slice(sums);
                }
            }
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

/// A Newton step this small, relative to the bracket's ends, leads to within rounding.
const CLOSE: f64 = 1e-10;
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
        let mut room = vec![0.0; self.slots * lanes];
        for &(slot, value) in &self.constants {
            room[slot as usize * lanes..][..lanes].fill(value);
        }
        room
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
            fn with_simd<S: pulp::Simd>(self, _: S) {
                let Self(program, steps, lanes, room) = self;
                for step in steps {
                    program.step::<S>(step, lanes, room);
                }
            }
        }
        pulp::Arch::new().dispatch(Op(self, steps, lanes, room));
    }

    #[inline(always)]
    fn step<S: Fma>(&self, step: &Step, lanes: usize, room: &mut [f64]) {
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
                linear.run::<S>(lanes, from, &mut to[..linear.rows * lanes]);
            }
            // These do not nest.
            Step::Root(_) | Step::Cases(_) => {}
        }
    }

    fn solve(&self, root: &Root, lanes: usize, room: &mut [f64]) {
        let at = |slot: u32| slot as usize * lanes..(slot as usize + 1) * lanes;
        let [mut low, mut high] = root.bracket.map(|slot| room[at(slot)].to_vec());
        let mut variable: Vec<f64> = low.iter().zip(&high).map(|(&a, &b)| 0.5 * (a + b)).collect();
        let size: Vec<f64> = low.iter().zip(&high).map(|(&a, &b)| a.abs().max(b.abs())).collect();
        for _ in 0..STEPS {
            room[at(root.variable)].copy_from_slice(&variable);
            self.simple(&self.bodies[root.body.clone()], lanes, room);
            let [value, slope] = root.residual.map(|slot| &room[at(slot)]);
            let mut moved = false;
            // Newton's last step is as good as the square of its size.
            for lane in 0..lanes {
                let old = variable[lane];
                if value[lane] < 0.0 {
                    low[lane] = old;
                } else {
                    high[lane] = old;
                }
                let newton = old - value[lane] / slope[lane];
                let inside = newton >= low[lane] && newton <= high[lane];
                let next = if inside { newton } else { 0.5 * (low[lane] + high[lane]) };
                moved |= (next - old).abs() > if inside { CLOSE } else { f64::EPSILON } * size[lane];
                variable[lane] = next;
            }
            if !moved {
                break;
            }
        }
        room[at(root.variable)].copy_from_slice(&variable);
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
    match (left_moves, right_moves) {
        (true, true) => {
            let n = to.len();
            for ((to, &a), &b) in to.iter_mut().zip(&left[..n]).zip(&right[..n]) {
                *to = f(a, b);
            }
        }
        (true, false) => {
            for (to, left) in to.chunks_exact_mut(lanes).zip(left.chunks_exact(lanes)) {
                for ((to, &a), &b) in to.iter_mut().zip(left).zip(&right[..lanes]) {
                    *to = f(a, b);
                }
            }
        }
        (false, true) => {
            for (to, right) in to.chunks_exact_mut(lanes).zip(right.chunks_exact(lanes)) {
                for ((to, &a), &b) in to.iter_mut().zip(&left[..lanes]).zip(right) {
                    *to = f(a, b);
                }
            }
        }
        (false, false) => {
            for to in to.chunks_exact_mut(lanes) {
                for ((to, &a), &b) in to.iter_mut().zip(&left[..lanes]).zip(&right[..lanes]) {
                    *to = f(a, b);
                }
            }
        }
    }
}
