//! A subject at a point, with everything that several laws ask for computed once.

use std::cell::OnceCell;

use super::{Direction, Ground, Jacobian, LogAbsDet, Stop, Subject, log_abs_det};
use crate::error::FlowError;
use crate::promises::Domain;
use crate::scalar::{Bounded, Graph, Real, ball};

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
        let (z, x) = (subject.point(&promises.domain, reals), subject.point(&promises.codomain, reals));
        Self::at(subject, z, x, subject.point(&promises.domain, other), kind)
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
            FlowError::DimMismatch { what, expected, found } if self.subject.black_box().is_some() => {
                Stop::Violated(format!("{what} has {found} coordinates, expected {expected}"))
            }
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
        self.subject.formula()?;
        self.cached(&self.forward_graph, || self.subject.graph(Direction::Forward, &self.z))
    }

    /// The formula of `inverse` at `x`.
    pub(crate) fn inverse_graph(&self) -> Cached<'_, Graph> {
        self.subject.formula()?;
        self.cached(&self.inverse_graph, || self.subject.graph(Direction::Inverse, &self.x))
    }

    /// The formula at a point of this site, where there is one to be recorded once and used again.
    fn recorded(&self, direction: Direction) -> Result<Option<&Graph>, Stop> {
        match (self.subject.layer(), direction) {
            (None, _) => Ok(None),
            (Some(_), Direction::Forward) => self.forward_graph().map(Some),
            (Some(_), Direction::Inverse) => self.inverse_graph().map(Some),
        }
    }

    fn evaluated(&self, direction: Direction) -> Cached<'_, Evaluated<V>> {
        let graph = self.recorded(direction)?;
        let (cell, at) = match direction {
            Direction::Forward => (&self.forward, &self.z),
            Direction::Inverse => (&self.inverse, &self.x),
        };
        let run = || match graph {
            Some(graph) => Ok(Evaluated::of(graph, &balls(at))),
            None => self.subject.within(direction, &balls(at)),
        };
        self.cached(cell, run).and_then(sane)
    }

    fn slopes(&self, direction: Direction) -> Cached<'_, WithLu<V>> {
        let graph = self.recorded(direction)?;
        let (cell, at) = match direction {
            Direction::Forward => (&self.jacobian, &self.z),
            Direction::Inverse => (&self.inverse_jacobian, &self.x),
        };
        let run = || match graph {
            Some(graph) => Ok(with_lu(Jacobian::of(graph, &balls(at)))),
            None => self.subject.jacobian(direction, &balls(at)).map(with_lu),
        };
        self.cached(cell, run)
    }

    /// Whether this point is among the share that a costly look is taken at: all of them below four hundred operations of
    /// the formula, half of them below eight hundred, and so on. The point decides, so that the same run looks at the same points.
    pub(crate) fn is_chosen(&self) -> bool {
        let graphs = [&self.forward_graph, &self.inverse_graph];
        let work = graphs.iter().filter_map(|cell| cell.get()?.as_ref().ok()).map(Graph::work).max().unwrap_or(0);
        let bits: Vec<u64> = self.z.iter().chain(&self.x).map(|x| x.to_bits()).collect();
        crate::exact::digest(bits).is_multiple_of((1 + work / 400) as u64)
    }

    /// `forward(z)` with error bounds.
    pub(crate) fn forward(&self) -> Cached<'_, Evaluated<V>> {
        self.evaluated(Direction::Forward)
    }

    /// `inverse(forward(z))` with the image's bounds fed in.
    pub(crate) fn back(&self) -> Cached<'_, Evaluated<V>> {
        let image = self.forward()?;
        self.may_go_on(image, &self.subject.promises().codomain)?;
        self.cached(&self.back, || self.subject.within(Direction::Inverse, &image.point)).and_then(sane)
    }

    /// Whether an image can be asked to go on to the other map, which is defined on a set.
    fn may_go_on(&self, image: &Evaluated<V>, set: &Domain) -> Result<(), Stop> {
        if self.subject.black_box().is_some() && image.point.iter().any(|x| x.error().is_infinite()) {
            return Err(Stop::Blurred(
                "a neighbour of the point has no image, so that the noise is unknown".to_owned(),
            ));
        }
        touches_boundary(image, set)
    }

    /// `forward` at what `inverse` gave. Its result may lie on the boundary, too; a layer says so itself.
    pub(crate) fn again(&self, z: &Evaluated<V>) -> Result<Evaluated<V>, Stop> {
        if self.subject.black_box().is_some() {
            self.may_go_on(z, &self.subject.promises().domain)?;
        }
        self.subject.within(Direction::Forward, &z.point).map_err(|e| self.stop(&e))
    }

    /// `inverse(x)` with error bounds.
    pub(crate) fn inverse(&self) -> Cached<'_, Evaluated<V>> {
        self.evaluated(Direction::Inverse)
    }

    /// The Jacobian of `forward` at `z`, and its LU.
    pub(crate) fn jacobian(&self) -> Cached<'_, WithLu<V>> {
        self.slopes(Direction::Forward)
    }

    /// The Jacobian of `inverse` at `x`, and its LU.
    pub(crate) fn inverse_jacobian(&self) -> Cached<'_, WithLu<V>> {
        self.slopes(Direction::Inverse)
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
