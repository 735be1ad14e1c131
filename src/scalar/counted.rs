//! A number that remembers how it was computed, to count operations and sequential steps instead of timing them.

use std::cell::{Cell, RefCell};

use super::*;

/// One operation: its arguments, and the number of conditioner calls on the longest path to it.
#[derive(Clone, Copy, Debug)]
struct Step {
    arguments: [u32; 2],
    costs: bool,
    depth: u32,
}
const NONE: u32 = u32::MAX;

thread_local! {
    static TAPE: RefCell<Vec<Step>> = const { RefCell::new(Vec::new()) };
    static RECORDING: Cell<bool> = const { Cell::new(false) };
}

/// A number with its place on the tape of operations.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    value: f64,
    step: u32,
}

/// What an evaluation cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    /// Operations that the log-det needs and the point does not.
    pub log_det_only: usize,
    /// Operations that the point needs.
    pub point: usize,
    /// Conditioner calls on the longest path to a coordinate of the point: the sequential steps.
    pub steps: usize,
}

/// Evaluates with every operation recorded, and counts.
pub(crate) fn counting(
    x: &[f64],
    evaluate: impl FnOnce(&[Counted]) -> Result<crate::flow::Image<Counted>, FlowError>,
) -> Result<Cost, FlowError> {
    let outer = TAPE.take();
    let was_recording = RECORDING.replace(true);
    let inputs: Vec<Counted> = x.iter().map(|&x| Counted::from(x)).collect();
    let image = evaluate(&inputs);
    RECORDING.set(was_recording);
    let tape = TAPE.replace(outer);
    let image = image?;
    let point = needed(&tape, image.point.iter().map(|x| x.step));
    let log_det = needed(&tape, [image.log_det.step]);
    let count = |wanted: &dyn Fn(usize) -> bool| (0..tape.len()).filter(|&i| tape[i].costs && wanted(i)).count();
    let depth = |x: &Counted| tape.get(x.step as usize).map_or(0, |s| s.depth as usize);
    Ok(Cost {
        log_det_only: count(&|i| log_det[i] && !point[i]),
        point: count(&|i| point[i]),
        steps: image.point.iter().map(depth).max().unwrap_or(0),
    })
}

/// Which steps lead to the given ones.
fn needed(tape: &[Step], ends: impl IntoIterator<Item = u32>) -> Vec<bool> {
    let mut needed = vec![false; tape.len()];
    let mut open: Vec<u32> = ends.into_iter().collect();
    while let Some(step) = open.pop() {
        if let Some(known) = needed.get_mut(step as usize)
            && !std::mem::replace(known, true)
        {
            open.extend(tape[step as usize].arguments);
        }
    }
    needed
}

impl Counted {
    fn push(value: f64, arguments: [u32; 2], costs: bool, deeper: u32) -> Self {
        if !RECORDING.get() {
            return Self { value, step: NONE };
        }
        TAPE.with_borrow_mut(|tape| {
            let depth = arguments.iter().filter_map(|&a| tape.get(a as usize)).map(|s| s.depth).max().unwrap_or(0);
            let step = u32::try_from(tape.len()).unwrap_or(NONE);
            tape.push(Step { arguments, costs, depth: depth + deeper });
            Self { value, step }
        })
    }
    fn parameter(p: Param) -> Self {
        Self::from(p.read())
    }
    fn unary(self, value: f64) -> Self {
        Self::push(value, [self.step, NONE], true, 0)
    }
    fn binary(self, o: Self, value: f64) -> Self {
        Self::push(value, [self.step, o.step], true, 0)
    }
}

impl From<f64> for Counted {
    fn from(value: f64) -> Self {
        Self::push(value, [NONE; 2], false, 0)
    }
}
impl Neg for Counted {
    type Output = Self;
    fn neg(self) -> Self {
        self.unary(-self.value)
    }
}
impl Add for Counted {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        self.binary(o, self.value + o.value)
    }
}
impl Sub for Counted {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        self.binary(o, self.value - o.value)
    }
}
impl Mul for Counted {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        self.binary(o, self.value * o.value)
    }
}
impl Div for Counted {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        self.binary(o, self.value / o.value)
    }
}
derived_operators!([] Counted);

macro_rules! counted_functions {
    ($($function:ident)*) => { $( fn $function(self) -> Self { self.unary(Scalar::$function(self.value)) } )* };
}

impl Scalar for Counted {
    counted_functions! {
        exp ln ln_abs sqrt tanh sinh cosh asinh exp_m1 ln_1p sigmoid softplus sech2 ln_cosh abs
    }
    fn sin_cos(self) -> (Self, Self) {
        let (s, c) = self.value.sin_cos();
        (self.unary(s), self.unary(c))
    }
    fn root(lo: Self, hi: Self, g: impl Fn(Self) -> (Self, Self)) -> Result<Self, FlowError> {
        let at = root::bracketed(lo.value, hi.value, |t| {
            let (value, slope) = g(Self::from(t));
            (value.value, slope.value)
        })?;
        // One evaluation at the root stands for the solve: it depends on everything the equation depends on.
        let (residual, _) = g(Self::from(at));
        Ok(residual.unary(at))
    }
    fn condition<C: Conditioner + ?Sized>(conditioner: &C, x: &[Self]) -> Vec<Self> {
        let outputs = conditioner.call(x);
        outputs.into_iter().map(|y| Self::push(y.value, [y.step, NONE], false, u32::from(!x.is_empty()))).collect()
    }
    fn primal(self, _: Key) -> f64 {
        self.value
    }
}
