//! The formula itself: a number that records how it was computed.
//!
//! A layer evaluated at a point in [`Trace`] leaves a [`Graph`] of every operation, comparison, solved equation and
//! conditioner call. Values are bit for bit those of f64, and comparisons are decided on them. Every further number
//! system evaluates the graph, so that no layer is compiled again for it.

use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::graph::{Call, Comparison, Graph, Node, Op, Preference, Root};
use super::sketch::{Case, Dot, Sketch};
use super::*;
use crate::flow::Image;
use crate::scalar::session::Place;

/// An f64 with its place in the graph that is being recorded.
///
/// A number kept from an earlier recording counts as a constant: it has lost what it was computed from.
#[derive(Clone, Copy)]
pub struct Trace {
    value: f64,
    node: u32,
    recording: u32,
}

impl Debug for Trace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Who prints a number can parse it, and go on with a plain one.
        session::note_plain_read();
        write!(f, "Trace({:?})", self.value)
    }
}

#[derive(Default)]
struct Recorder {
    /// Number of the recording; 0 where nothing is recorded.
    recording: u32,
    nodes: Vec<Node>,
    comparisons: Vec<Comparison>,
    preferences: Vec<Preference>,
    roots: Vec<Root>,
    calls: Vec<Call>,
    /// Whether dot products with parameters are recorded whole.
    is_sketch: bool,
    dots: Vec<Dot>,
    brackets: Vec<(u32, [u32; 2])>,
    larger: Vec<(u32, [u32; 2])>,
    cases: Vec<Case>,
}

thread_local! {
    static RECORDER: RefCell<Recorder> = RefCell::default();
}

/// Gives the outer recording back, also when a layer panics.
struct Restore(Option<Recorder>);
impl Drop for Restore {
    fn drop(&mut self) {
        RECORDER.replace(self.0.take().unwrap_or_default());
    }
}

/// Evaluates at a point with everything recorded.
pub(crate) fn record(
    x: &[f64],
    evaluate: impl FnOnce(&[Trace]) -> Result<Image<Trace>, FlowError>,
) -> Result<Graph, FlowError> {
    recorded(x, false, evaluate).map(|sketch| sketch.graph)
}

/// Evaluates at a point, with dot products recorded whole.
pub(crate) fn sketch(
    x: &[f64],
    evaluate: impl FnOnce(&[Trace]) -> Result<Image<Trace>, FlowError>,
) -> Result<Sketch, FlowError> {
    recorded(x, true, evaluate)
}

fn recorded(
    x: &[f64],
    is_sketch: bool,
    evaluate: impl FnOnce(&[Trace]) -> Result<Image<Trace>, FlowError>,
) -> Result<Sketch, FlowError> {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let recording = NEXT.fetch_add(1, Ordering::Relaxed).max(1);
    let outer = RECORDER.replace(Recorder { recording, is_sketch, ..Recorder::default() });
    let restore = Restore(Some(outer));
    let inputs: Vec<Trace> = (0u32..).zip(x).map(|(i, &value)| push(Op::Input(i), value)).collect();
    let (image, reads_plain) = session::noting_plain_reads(|| evaluate(&inputs));
    let image = image?;
    let point = image.point.into_iter().map(Trace::place).collect();
    let log_det = image.log_det.place();
    let Recorder { nodes, comparisons, preferences, roots, calls, dots, brackets, larger, cases, .. } = RECORDER.take();
    drop(restore);
    let graph = Graph { nodes, comparisons, preferences, roots, calls, point, log_det, reads_plain, truncation: 0.0 };
    Ok(Sketch { graph, dots, brackets, larger, cases })
}

fn push(op: Op, value: f64) -> Trace {
    RECORDER.with_borrow_mut(|recorder| {
        let node = u32::try_from(recorder.nodes.len()).unwrap_or(u32::MAX);
        if recorder.recording != 0 {
            recorder.nodes.push(Node { op, value });
        }
        Trace { value, node, recording: recorder.recording }
    })
}

impl Trace {
    fn parameter(p: Param) -> Self {
        push(Op::Parameter(p.id()), p.read())
    }
    /// Its node in the current recording.
    fn place(self) -> u32 {
        let current = RECORDER.with_borrow(|recorder| recorder.recording);
        if self.recording == current { self.node } else { push(Op::Constant, self.value).node }
    }
    fn apply(self, function: Function, value: f64) -> Self {
        push(Op::Apply(function, self.place()), value)
    }
}

/// Which map it is: its type, the place of what says so, and the direction, which is a closure of its own.
fn case_identity<T, F>(of: &T, _: &F) -> u64 {
    let mut hasher = DefaultHasher::new();
    let types = [std::any::type_name::<T>(), std::any::type_name::<F>()];
    (types, std::ptr::from_ref(of).addr()).hash(&mut hasher);
    hasher.finish()
}

/// Whether dot products are recorded whole.
fn is_sketch() -> bool {
    RECORDER.with_borrow(|recorder| recorder.is_sketch && recorder.recording != 0)
}

/// Which conditioner it is: its type and place. Two without fields may share a place, but not the type as well.
fn identity<C: Conditioner + ?Sized>(conditioner: &C) -> u64 {
    let mut hasher = DefaultHasher::new();
    (std::any::type_name::<C>(), std::ptr::from_ref(conditioner).cast::<()>().addr()).hash(&mut hasher);
    hasher.finish()
}

impl From<f64> for Trace {
    fn from(value: f64) -> Self {
        push(Op::Constant, value)
    }
}
impl Neg for Trace {
    type Output = Self;
    fn neg(self) -> Self {
        push(Op::Neg(self.place()), -self.value)
    }
}
impl Add for Trace {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        push(Op::Add(self.place(), o.place()), self.value + o.value)
    }
}
impl Sub for Trace {
    type Output = Self;
    fn sub(self, o: Self) -> Self {
        push(Op::Sub(self.place(), o.place()), self.value - o.value)
    }
}
impl Mul for Trace {
    type Output = Self;
    fn mul(self, o: Self) -> Self {
        push(Op::Mul(self.place(), o.place()), self.value * o.value)
    }
}
impl Div for Trace {
    type Output = Self;
    fn div(self, o: Self) -> Self {
        push(Op::Div(self.place(), o.place()), self.value / o.value)
    }
}
derived_operators!([] Trace);
parameter_operators!(Trace);

macro_rules! recorded {
    ($($function:ident $name:ident),* $(,)?) => {
        $( fn $name(self) -> Self { self.apply(Function::$function, Number::$name(self.value)) } )*
    };
}

impl Number for Trace {
    recorded! {
        Exp exp, Ln ln, LnAbs ln_abs, Sqrt sqrt, Tanh tanh, Sinh sinh, Cosh cosh, Asinh asinh, Atan atan,
        NormalCdf normal_cdf,
        ExpM1 exp_m1, Ln1p ln_1p, Sigmoid sigmoid, Softplus softplus, Sech2 sech2, LnCosh ln_cosh,
    }
    fn sin_cos(self) -> (Self, Self) {
        let (sin, cos) = self.value.sin_cos();
        (self.apply(Function::Sin, sin), self.apply(Function::Cos, cos))
    }
    fn pi() -> Self {
        push(Op::Pi, std::f64::consts::PI)
    }
    fn ln_2() -> Self {
        push(Op::Ln2, std::f64::consts::LN_2)
    }
    /// The equation at its root is recorded; what was tried on the way is forgotten.
    fn root_at(at: f64, g: impl Fn(Self) -> (Self, Self)) -> Self {
        let index = RECORDER.with_borrow_mut(|recorder| {
            recorder.roots.push(Root::default());
            u32::try_from(recorder.roots.len() - 1).unwrap_or(u32::MAX)
        });
        let root = push(Op::Root(index), at);
        let (residual, slope) = g(root);
        let (residual, slope) = (residual.place(), slope.place());
        RECORDER.with_borrow_mut(|recorder| {
            let end = u32::try_from(recorder.nodes.len()).unwrap_or(u32::MAX);
            if let Some(entry) = recorder.roots.get_mut(index as usize) {
                *entry = Root { node: root.node, residual, slope, end };
            }
        });
        root
    }
}

impl Scalar for Trace {
    fn is_below(self, other: impl Into<Self>) -> bool {
        let other = other.into();
        let below = self.value < other.value;
        let place = Place::of(Location::caller());
        let (left, right) = (self.place(), other.place());
        RECORDER.with_borrow_mut(|recorder| {
            if recorder.recording != 0 {
                recorder.comparisons.push(Comparison { place, left, right, below });
            }
        });
        below
    }
    fn prefers_below(self, threshold: f64) -> bool {
        if is_sketch() {
            // What is compiled holds for one form only, as it holds for one branch.
            return self.is_below(threshold);
        }
        let below = self.value < threshold;
        let (place, at) = (Place::of(Location::caller()), self.place());
        RECORDER.with_borrow_mut(|recorder| {
            if recorder.recording != 0 {
                recorder.preferences.push(Preference { place, at, below });
            }
        });
        below
    }
    fn root(lo: Self, hi: Self, g: impl Fn(Self) -> (Self, Self)) -> Result<Self, FlowError> {
        let at = root::bracketed(lo.value, hi.value, |t| {
            let marks = RECORDER.with_borrow(|r| {
                [
                    r.nodes.len(),
                    r.comparisons.len(),
                    r.preferences.len(),
                    r.roots.len(),
                    r.calls.len(),
                    r.dots.len(),
                    r.larger.len(),
                ]
            });
            let (value, slope) = g(Self::from(t));
            RECORDER.with_borrow_mut(|recorder| {
                recorder.nodes.truncate(marks[0]);
                recorder.comparisons.truncate(marks[1]);
                recorder.preferences.truncate(marks[2]);
                recorder.roots.truncate(marks[3]);
                recorder.calls.truncate(marks[4]);
                recorder.dots.truncate(marks[5]);
                recorder.larger.truncate(marks[6]);
            });
            (value.value, slope.value)
        });
        // Who catches the error learns something of a plain number.
        let at = at.inspect_err(|_| session::note_plain_read())?;
        let ends = [lo.place(), hi.place()];
        RECORDER.with_borrow_mut(|recorder| {
            if recorder.is_sketch {
                let root = u32::try_from(recorder.roots.len()).unwrap_or(u32::MAX);
                recorder.brackets.push((root, ends));
            }
        });
        Ok(Self::root_at(at, g))
    }
    fn larger(self, other: Self) -> Self {
        if !is_sketch() {
            return if (self - other).prefers_below(0.0) { other } else { self };
        }
        let ends = [self.place(), other.place()];
        let result = push(Op::Constant, if self.value - other.value < 0.0 { other.value } else { self.value });
        RECORDER.with_borrow_mut(|recorder| recorder.larger.push((result.node, ends)));
        result
    }
    fn each<T>(
        of: &T,
        z: Self,
        h: &[Self],
        map: impl FnOnce(Self, &[Self]) -> Result<(Self, Self), FlowError>,
    ) -> Result<(Self, Self), FlowError> {
        if !is_sketch() {
            return map(z, h);
        }
        let identity = case_identity(of, &map);
        let inputs = std::iter::once(z).chain(h.iter().copied()).map(Self::place).collect();
        let marks = || {
            let lengths = |r: &Recorder| [r.comparisons.len(), r.preferences.len(), r.roots.len(), r.dots.len()];
            RECORDER.with_borrow(|r| (u32::try_from(r.nodes.len()).unwrap_or(u32::MAX), lengths(r)))
        };
        let (start, before) = marks();
        let (value, log) = map(z, h)?;
        let sources = [value.place(), log.place()];
        let (end, after) = marks();
        // Without a branch it is part of the formula around it; equations and matrices are that formula's, too.
        if before[0] == after[0] || before[2..] != after[2..] {
            return Ok((value, log));
        }
        let (value, log) = (push(Op::Returned(sources[0]), value.value), push(Op::Returned(sources[1]), log.value));
        RECORDER.with_borrow_mut(|recorder| {
            recorder.cases.push(Case {
                identity,
                nodes: start..end,
                comparisons: before[0]..after[0],
                preferences: before[1]..after[1],
                inputs,
                outputs: [value.node, log.node],
            });
        });
        Ok((value, log))
    }
    fn dot(w: &[Param], x: &[Self]) -> Self {
        if !is_sketch() {
            return w.iter().zip(x).map(|(w, &x)| w * x).sum();
        }
        let weights: Vec<f64> = w.iter().map(|w| w.read()).collect();
        let value = weights.iter().zip(x).map(|(w, x)| w * x.value).sum();
        let result = push(Op::Constant, value);
        let places: Vec<u32> = x.iter().map(|x| x.place()).collect();
        RECORDER.with_borrow_mut(|recorder| {
            // The rows of a matrix share what they are multiplied by.
            let last = recorder.dots.last().filter(|dot| *dot.arguments == *places);
            let arguments = last.map_or_else(|| Arc::from(places), |dot| Arc::clone(&dot.arguments));
            recorder.dots.push(Dot { node: result.node, weights, arguments });
        });
        result
    }
    fn condition<C: Conditioner + ?Sized>(conditioner: &C, x: &[Self]) -> Vec<Self> {
        let inputs: Vec<u32> = x.iter().map(|x| x.place()).collect();
        let start = RECORDER.with_borrow(|recorder| u32::try_from(recorder.nodes.len()).unwrap_or(u32::MAX));
        let outputs = conditioner.call(x);
        let sources: Vec<u32> = outputs.iter().map(|y| y.place()).collect();
        let outputs: Vec<Self> =
            sources.iter().zip(outputs).map(|(&source, y)| push(Op::Returned(source), y.value)).collect();
        RECORDER.with_borrow_mut(|recorder| {
            if recorder.recording != 0 {
                let identity = identity(conditioner);
                recorder.calls.push(Call {
                    identity,
                    start,
                    inputs,
                    outputs: outputs.iter().map(|y| y.node).collect(),
                });
            }
        });
        outputs
    }
    fn primal(self, _: Key) -> f64 {
        self.value
    }
}
