//! A subject at a point, with everything that several laws ask for computed once.

use std::cell::OnceCell;

use super::{Ground, Jacobian, LogAbsDet, Stop, log_abs_det};
use crate::error::FlowError;
use crate::flow::{Image, Layer};
use crate::promises::{Domain, Promises};
use crate::scalar::{Bounded, Graph, Real, Scalar, Sketch, ball, record, sketch};

/// Which of a flow's two maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the base to the data.
    Forward,
    /// From the data to the base.
    Inverse,
}

/// What a law sees: a layer that can be evaluated in every number system.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    layer: &'a dyn Layer,
    promises: Promises,
}

impl<'a> Subject<'a> {
    pub(crate) fn of<L: Layer>(layer: &'a L) -> Self {
        Self { promises: layer.promises(), layer }
    }
    pub(crate) fn of_dyn(layer: &'a dyn Layer) -> Self {
        Self { promises: layer.promises(), layer }
    }
    /// The layer itself.
    pub fn layer(&self) -> &'a dyn Layer {
        self.layer
    }
    /// Its dimension.
    pub fn dim(&self) -> usize {
        self.layer.dim()
    }
    /// What it promises.
    pub fn promises(&self) -> &Promises {
        &self.promises
    }
    /// One of the two maps in any system that layers compute in.
    pub(crate) fn evaluate<S: Scalar>(&self, direction: Direction, x: &[S]) -> Result<Image<S>, FlowError> {
        let flow = S::view(self.layer);
        let image = match direction {
            Direction::Forward => flow.forward(x),
            Direction::Inverse => flow.inverse(x),
        }?;
        sized(image, self.dim())
    }
    /// `forward` in f64.
    pub(crate) fn forward(&self, z: &[f64]) -> Result<Image<f64>, FlowError> {
        self.evaluate(Direction::Forward, z)
    }
    /// `inverse` in f64.
    pub(crate) fn inverse(&self, x: &[f64]) -> Result<Image<f64>, FlowError> {
        self.evaluate(Direction::Inverse, x)
    }
    /// The formula at a point.
    pub(crate) fn graph(&self, direction: Direction, x: &[f64]) -> Result<Graph, FlowError> {
        let truncation = self.promises.truncation;
        record(x, |x| self.evaluate(direction, x)).map(|graph| Graph { truncation, ..graph })
    }
    /// The formula at a point, with dot products whole.
    pub(crate) fn sketch(&self, direction: Direction, x: &[f64]) -> Result<Sketch, FlowError> {
        sketch(x, |x| self.evaluate(direction, x))
    }
    /// The image of balls: how far rounding can have moved each result.
    pub(crate) fn within<V: Ground>(&self, direction: Direction, x: &[Bounded<V>]) -> Result<Evaluated<V>, FlowError> {
        Ok(Evaluated::of(&self.graph_around(direction, x)?, x))
    }
    /// The Jacobian over balls.
    pub(crate) fn jacobian<V: Ground>(&self, direction: Direction, x: &[Bounded<V>]) -> Result<Jacobian<V>, FlowError> {
        Ok(Jacobian::of(&self.graph_around(direction, x)?, x))
    }
    /// The formula at balls. A longer number may lie beyond a branch that the nearest f64 has not crossed; then the f64
    /// on its other side has.
    fn graph_around<V: Ground>(&self, direction: Direction, x: &[Bounded<V>]) -> Result<Graph, FlowError> {
        let graph = self.graph(direction, &centres(x))?;
        if V::BEYOND_F64 && Evaluated::of(&graph, x).blurred {
            let other = self.graph(direction, &x.iter().map(|x| beyond(x.value())).collect::<Vec<_>>());
            if let Some(other) = other.ok().filter(|other| !Evaluated::of(other, x).blurred) {
                return Ok(other);
            }
        }
        Ok(graph)
    }
}

/// A layer that returns the wrong number of coordinates is told so, instead of being indexed out of bounds.
fn sized<S>(image: Image<S>, dim: usize) -> Result<Image<S>, FlowError> {
    if image.point.len() == dim {
        Ok(image)
    } else {
        Err(FlowError::DimMismatch { what: "the image".to_owned(), expected: dim, found: image.point.len() })
    }
}

/// How a point was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointKind {
    /// Short dyadic decimals of moderate size.
    Short,
    /// A wider range.
    Wide,
    /// Extreme, but legal.
    Extreme,
}

/// An image in running error analysis.
#[derive(Clone, Debug)]
pub(crate) struct Evaluated<V = f64> {
    pub point: Vec<Bounded<V>>,
    pub log_det: Bounded<V>,
    pub blurred: bool,
}

impl<V: Ground> Evaluated<V> {
    /// Of what was recorded, over balls around the recorded point.
    pub(crate) fn of(graph: &Graph, x: &[Bounded<V>]) -> Self {
        let (image, blurred) = graph.evaluate(x, &mut Vec::new());
        let widened = |x: Bounded<V>| ball(x.value(), x.error() + graph.truncation);
        Self { point: image.point.into_iter().map(widened).collect(), log_det: widened(image.log_det), blurred }
    }
}

/// Of the two f64 around a number the one that is not the nearest.
fn beyond<V: Real>(x: V) -> f64 {
    let nearest = x.to_f64();
    match x.partial_cmp(&V::from(nearest)) {
        Some(std::cmp::Ordering::Less) => nearest.next_down(),
        Some(std::cmp::Ordering::Greater) => nearest.next_up(),
        _ => nearest,
    }
}

/// The centres of balls, as near as f64 comes.
fn centres<V: Real>(x: &[Bounded<V>]) -> Vec<f64> {
    x.iter().map(|x| x.value().to_f64()).collect()
}

/// Exact balls around plain numbers.
pub(crate) fn balls<V: Real>(x: &[f64]) -> Vec<Bounded<V>> {
    x.iter().map(|&x| Bounded::from(x)).collect()
}

/// A subject at one point: `z` for laws about `forward`, `x` (drawn on its own) for laws about `inverse`.
#[derive(Debug)]
pub struct Site<'a, V = f64> {
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) z: Vec<f64>,
    pub(crate) x: Vec<f64>,
    pub(crate) kind: PointKind,
    /// Another point of the same layer, for laws that interleave or compare.
    pub(crate) other_z: Vec<f64>,
    forward_graph: OnceCell<Result<Graph, FlowError>>,
    inverse_graph: OnceCell<Result<Graph, FlowError>>,
    forward: OnceCell<Result<Evaluated<V>, FlowError>>,
    back: OnceCell<Result<Evaluated<V>, FlowError>>,
    inverse: OnceCell<Result<Evaluated<V>, FlowError>>,
    jacobian: OnceCell<Result<WithLu<V>, FlowError>>,
    inverse_jacobian: OnceCell<Result<WithLu<V>, FlowError>>,
}

type WithLu<V> = (Jacobian<V>, LogAbsDet<V>);
type Cached<'c, T> = Result<&'c T, Stop>;

impl<'a, V: Ground> Site<'a, V> {
    pub(crate) fn new(subject: &'a Subject<'a>, reals: &[f64], other: &[f64], kind: PointKind) -> Self {
        let promises = subject.promises();
        let (z, x) = (promises.domain.point(reals), promises.codomain.point(reals));
        Self::at(subject, z, x, promises.domain.point(other), kind)
    }

    /// At points of the domain (`z`, `other_z`) and of the codomain (`x`).
    pub(crate) fn at(subject: &'a Subject<'a>, z: Vec<f64>, x: Vec<f64>, other_z: Vec<f64>, kind: PointKind) -> Self {
        Self {
            z,
            x,
            other_z,
            subject,
            kind,
            forward_graph: OnceCell::new(),
            inverse_graph: OnceCell::new(),
            forward: OnceCell::new(),
            back: OnceCell::new(),
            inverse: OnceCell::new(),
            jacobian: OnceCell::new(),
            inverse_jacobian: OnceCell::new(),
        }
    }

    /// An error at a legal point is a violation, except a missing inverse (a capability) and a result that does not fit
    /// the number system or an iteration that gives up on an extreme point (f64 cannot tell).
    pub(crate) fn stop(&self, error: &FlowError) -> Stop {
        match error.innermost() {
            // A graph is recorded at the nearest f64, which may lie outside what the longer number lies in.
            _ if V::BEYOND_F64 => Stop::Blurred(format!("no formula at the nearest f64: {error}")),
            FlowError::NoInverse => Stop::Missing("the layer offers no inverse".to_owned()),
            FlowError::OutOfRange { .. } => Stop::Blurred(format!("{error}")),
            FlowError::NotConverged { .. } if self.kind != PointKind::Short => Stop::Blurred(format!("{error}")),
            _ => Stop::Violated(format!("refused a point of its own domain: {error}")),
        }
    }

    fn cached<'c, T>(
        &self,
        cell: &'c OnceCell<Result<T, FlowError>>,
        run: impl FnOnce() -> Result<T, FlowError>,
    ) -> Cached<'c, T> {
        cell.get_or_init(run).as_ref().map_err(|e| self.stop(e))
    }

    /// The formula of `forward` at `z`.
    pub(crate) fn forward_graph(&self) -> Cached<'_, Graph> {
        self.cached(&self.forward_graph, || self.subject.graph(Direction::Forward, &self.z))
    }

    /// The formula of `inverse` at `x`.
    pub(crate) fn inverse_graph(&self) -> Cached<'_, Graph> {
        self.cached(&self.inverse_graph, || self.subject.graph(Direction::Inverse, &self.x))
    }

    /// Whether this point is among the share that a costly look is taken at: all of them below a thousand operations of
    /// the formula, half of them below two thousand, and so on. The point decides, so that the same run looks at the same points.
    pub(crate) fn is_chosen(&self) -> bool {
        let graphs = [&self.forward_graph, &self.inverse_graph];
        let work = graphs.iter().filter_map(|cell| cell.get()?.as_ref().ok()).map(Graph::work).max().unwrap_or(0);
        let bits: Vec<u64> = self.z.iter().chain(&self.x).map(|x| x.to_bits()).collect();
        crate::exact::digest(bits).is_multiple_of((1 + work / 1000) as u64)
    }

    /// `forward(z)` with error bounds.
    pub(crate) fn forward(&self) -> Cached<'_, Evaluated<V>> {
        let graph = self.forward_graph()?;
        self.cached(&self.forward, || Ok(Evaluated::of(graph, &balls(&self.z)))).and_then(sane)
    }

    /// `inverse(forward(z))` with the image's bounds fed in.
    pub(crate) fn back(&self) -> Cached<'_, Evaluated<V>> {
        let image = self.forward()?;
        touches_boundary(image, &self.subject.promises().codomain)?;
        self.cached(&self.back, || self.subject.within(Direction::Inverse, &image.point)).and_then(sane)
    }

    /// `inverse(x)` with error bounds.
    pub(crate) fn inverse(&self) -> Cached<'_, Evaluated<V>> {
        let graph = self.inverse_graph()?;
        self.cached(&self.inverse, || Ok(Evaluated::of(graph, &balls(&self.x)))).and_then(sane)
    }

    /// The Jacobian of `forward` at `z`, and its LU.
    pub(crate) fn jacobian(&self) -> Cached<'_, WithLu<V>> {
        let graph = self.forward_graph()?;
        self.cached(&self.jacobian, || Ok(with_lu(Jacobian::of(graph, &balls(&self.z)))))
    }

    /// The Jacobian of `inverse` at `x`, and its LU.
    pub(crate) fn inverse_jacobian(&self) -> Cached<'_, WithLu<V>> {
        let graph = self.inverse_graph()?;
        self.cached(&self.inverse_jacobian, || Ok(with_lu(Jacobian::of(graph, &balls(&self.x)))))
    }

    /// The LU's `log|det J|` at `z` as a ball; blurred where the Jacobian is.
    pub(crate) fn log_abs_det(&self) -> Result<Bounded<V>, Stop> {
        let (jacobian, det) = self.jacobian()?;
        resolved(jacobian, det)
    }
}

/// The LU's log|det| as a ball, unless a comparison was too close to call.
pub(crate) fn resolved<V: Ground>(jacobian: &Jacobian<V>, det: &LogAbsDet<V>) -> Result<Bounded<V>, Stop> {
    if jacobian.blurred {
        return Err(Stop::Blurred("a comparison in the layer is closer than its rounding".to_owned()));
    }
    if jacobian.values.iter().any(|x| !x.to_f64().is_finite()) {
        return Err(Stop::Blurred("a derivative is not finite".to_owned()));
    }
    Ok(ball(det.value, det.error))
}

fn with_lu<V: Ground>(jacobian: Jacobian<V>) -> WithLu<V> {
    let det = log_abs_det(&jacobian.values, &jacobian.bounds);
    (jacobian, det)
}

/// NaN or an infinity in an `Ok` is never an answer.
fn sane<V: Ground>(image: &Evaluated<V>) -> Result<&Evaluated<V>, Stop> {
    let places = image.point.iter().enumerate().map(|(i, x)| (format!("coordinate {i}"), x));
    for (place, x) in places.chain([("log-det".to_owned(), &image.log_det)]) {
        let value = x.value().to_f64();
        if !value.is_finite() {
            // What f64 can hold is the only concern here; beyond it, it is no answer of the layer's.
            let what = format!("returned {value} as {place}");
            return Err(if V::BEYOND_F64 { Stop::Blurred(what) } else { Stop::Violated(what) });
        }
    }
    Ok(image)
}

/// An image that rounding may have put on the boundary cannot be asked to come back.
fn touches_boundary<V: Ground>(image: &Evaluated<V>, codomain: &Domain) -> Result<(), Stop> {
    let (x, errors): (Vec<f64>, Vec<f64>) = image.point.iter().map(|x| (x.value().to_f64(), x.error())).unzip();
    codomain
        .touched(&x, &errors)
        .map_or(Ok(()), |face| Err(Stop::Blurred(format!("the image is within rounding of the face of {face}"))))
}
