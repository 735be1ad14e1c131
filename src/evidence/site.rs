//! A subject at a point, with everything that several laws ask for computed once.

use std::cell::OnceCell;

use nalgebra::DMatrix;

use super::{Ground, Jacobian, LogAbsDet, Stop, jacobian_f64, log_abs_det};
use crate::blackbox::BlackBox;
use crate::error::FlowError;
use crate::flow::{Image, Layer};
use crate::promises::{Domain, Promises};
use crate::scalar::{Bounded, Graph, Real, Scalar, ball, record};

/// Which of a flow's two maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the base to the data.
    Forward,
    /// From the data to the base.
    Inverse,
}

/// What a law sees: a layer that can be evaluated in every number system, or a black box that can only be called.
#[derive(Clone, Debug)]
pub struct Subject<'a> {
    what: What<'a>,
    promises: Promises,
    /// Scale of the steps of numerical differentiation.
    stretch: f64,
}

#[derive(Clone, Copy, Debug)]
enum What<'a> {
    Layer(&'a dyn Layer),
    BlackBox(&'a BlackBox<'a>),
}

impl<'a> Subject<'a> {
    pub(crate) fn of<L: Layer>(layer: &'a L) -> Self {
        Self::of_dyn(layer)
    }
    pub(crate) fn of_dyn(layer: &'a dyn Layer) -> Self {
        Self { promises: layer.promises(), what: What::Layer(layer), stretch: 1.0 }
    }
    pub(crate) fn of_black_box(black_box: &'a BlackBox<'a>) -> Self {
        Self { promises: black_box.promised().clone(), what: What::BlackBox(black_box), stretch: 1.0 }
    }
    /// The same, differentiated with other steps: a second opinion.
    pub(crate) fn again(&self) -> Self {
        Self { stretch: 0.71 * self.stretch, ..self.clone() }
    }
    /// The layer itself, unless it is a black box.
    pub fn layer(&self) -> Option<&'a dyn Layer> {
        match self.what {
            What::Layer(layer) => Some(layer),
            What::BlackBox(_) => None,
        }
    }
    /// The black box, if it is one.
    pub fn black_box(&self) -> Option<&'a BlackBox<'a>> {
        match self.what {
            What::Layer(_) => None,
            What::BlackBox(black_box) => Some(black_box),
        }
    }
    /// The layer, for a law that needs its formula.
    pub(crate) fn formula(&self) -> Result<&'a dyn Layer, Stop> {
        self.layer().ok_or_else(|| Stop::Missing("a black box shows numbers only, not its formula".to_owned()))
    }
    /// What reports call it.
    pub(crate) fn title(&self) -> &'a str {
        self.black_box().map_or("layer", BlackBox::title)
    }
    /// As its `Debug` prints it.
    pub(crate) fn shown(&self) -> String {
        match self.what {
            What::Layer(layer) => format!("{layer:?}"),
            What::BlackBox(black_box) => format!("{black_box:?}"),
        }
    }
    /// The parts of a composition.
    pub(crate) fn parts(&self) -> Vec<&'a dyn Layer> {
        self.layer().map_or_else(Vec::new, Layer::parts)
    }
    /// Its dimension.
    pub fn dim(&self) -> usize {
        match self.what {
            What::Layer(layer) => layer.dim(),
            What::BlackBox(black_box) => black_box.dim(),
        }
    }
    /// What it promises.
    pub fn promises(&self) -> &Promises {
        &self.promises
    }
    /// A point as it receives it: of a black box in f32, rounded to f32.
    fn rounded(&self, x: Vec<f64>) -> Vec<f64> {
        self.black_box().map_or(x.clone(), |black_box| black_box.rounded(&x))
    }
    /// A point of a set from a real vector, as the subject receives it.
    fn point(&self, set: &Domain, reals: &[f64]) -> Vec<f64> {
        let point = self.rounded(set.point(reals));
        if set.contains(&point) {
            return point;
        }
        // Rounded to f32 it has left the set: nearer to the middle, and off the origin, there is more room.
        let within = |most: f64| -> Vec<f64> {
            let tamed = reals.iter().map(|r| if r.abs() < 1e-3 { 0.0625 } else { r.clamp(-most, most) });
            self.rounded(set.point(&tamed.collect::<Vec<_>>()))
        };
        [8.0, 2.0, 0.5].into_iter().map(within).find(|point| set.contains(point)).unwrap_or(point)
    }
    /// How many points must show a discrepancy before it counts. The bounds of a layer are theorems; those of a black
    /// box are estimates.
    pub(crate) fn quorum(&self) -> usize {
        self.black_box().map_or(1, |black_box| if black_box.is_single() { 5 } else { 3 })
    }
    /// The resolution that is the best to be had: what could hide below it is acceptable.
    pub(crate) fn coarseness(&self) -> f64 {
        self.black_box().map_or(0.0, |black_box| if black_box.is_single() { 1e-2 } else { 1e-6 })
    }
    /// Unit roundoff of what it computes in.
    pub(crate) fn unit(&self) -> f64 {
        self.black_box().map_or(f64::EPSILON / 2.0, BlackBox::unit)
    }
    fn set(&self, direction: Direction) -> &Domain {
        match direction {
            Direction::Forward => &self.promises.domain,
            Direction::Inverse => &self.promises.codomain,
        }
    }
    /// Whether the slopes on both sides of a point agree; asked of black boxes only.
    pub(crate) fn is_smooth_at(&self, direction: Direction, x: &[f64]) -> bool {
        self.black_box().is_none_or(|black_box| black_box.is_smooth_at(direction, self.set(direction), x))
    }
    /// The Jacobian of a black box by numerical differentiation, where the other side offers one of its own.
    pub(crate) fn differences(&self, direction: Direction, x: &[f64]) -> Result<Jacobian, Stop> {
        let black_box = self.black_box().filter(|black_box| black_box.supplies(direction));
        let black_box = black_box.ok_or_else(|| {
            Stop::Missing("no automatic derivative is offered: the Jacobian is by differences already".to_owned())
        })?;
        black_box
            .differences(direction, self.set(direction), x, self.stretch)
            .map_err(|e| Stop::Blurred(format!("could not be differenced: {e}")))
    }
    /// The Jacobian of `forward` in plain numbers, without bounds.
    pub(crate) fn rough_slopes(&self, z: &[f64]) -> Result<DMatrix<f64>, FlowError> {
        match self.what {
            What::Layer(layer) => jacobian_f64(layer, z),
            What::BlackBox(black_box) => black_box.rough_slopes(z),
        }
    }
    /// One of the two maps of a layer in any system that layers compute in.
    pub(crate) fn evaluate<S: Scalar>(&self, direction: Direction, x: &[S]) -> Result<Image<S>, FlowError> {
        let Some(layer) = self.layer() else { return Err(no_formula()) };
        let flow = S::view(layer);
        let image = match direction {
            Direction::Forward => flow.forward(x),
            Direction::Inverse => flow.inverse(x),
        }?;
        sized(image, self.dim())
    }
    /// One of the two maps in f64, at many points.
    pub(crate) fn at_all(&self, direction: Direction, points: &[Vec<f64>]) -> Vec<Result<Image<f64>, FlowError>> {
        match self.what {
            What::Layer(_) => points.iter().map(|x| self.evaluate(direction, x)).collect(),
            What::BlackBox(black_box) => black_box.evaluate(direction, points),
        }
    }
    fn plain(&self, direction: Direction, x: &[f64]) -> Result<Image<f64>, FlowError> {
        match self.what {
            What::Layer(_) => self.evaluate(direction, x),
            What::BlackBox(black_box) => {
                black_box.evaluate(direction, &[x.to_vec()]).pop().unwrap_or_else(|| Err(no_formula()))
            }
        }
    }
    /// `forward` in f64.
    pub(crate) fn forward(&self, z: &[f64]) -> Result<Image<f64>, FlowError> {
        self.plain(Direction::Forward, z)
    }
    /// `inverse` in f64.
    pub(crate) fn inverse(&self, x: &[f64]) -> Result<Image<f64>, FlowError> {
        self.plain(Direction::Inverse, x)
    }
    /// The formula of a layer at a point.
    pub(crate) fn graph(&self, direction: Direction, x: &[f64]) -> Result<Graph, FlowError> {
        let truncation = self.promises.truncation;
        record(x, |x| self.evaluate(direction, x)).map(|graph| Graph { truncation, ..graph })
    }
    /// The image of balls: how far rounding can have moved each result.
    pub(crate) fn within<V: Ground>(&self, direction: Direction, x: &[Bounded<V>]) -> Result<Evaluated<V>, FlowError> {
        let Some(black_box) = self.black_box() else {
            return Ok(Evaluated::of(&self.graph_around(direction, x)?, x));
        };
        let radii: Vec<f64> = x.iter().map(|x| x.error()).collect();
        let found = black_box.within(direction, self.set(direction), &centres(x), &radii)?;
        let lift = |x: Bounded| ball(V::from(x.value()), x.error() + self.promises.truncation);
        let point = found.point.into_iter().map(lift).collect();
        Ok(Evaluated { point, log_det: lift(found.log_det), blurred: false })
    }
    /// The Jacobian over balls; of a black box at their centres.
    pub(crate) fn jacobian<V: Ground>(&self, direction: Direction, x: &[Bounded<V>]) -> Result<Jacobian<V>, FlowError> {
        let Some(black_box) = self.black_box() else {
            return Ok(Jacobian::of(&self.graph_around(direction, x)?, x));
        };
        let found = black_box.slopes(direction, self.set(direction), &centres(x), self.stretch)?;
        let truncation = self.promises.truncation;
        Ok(Jacobian {
            values: found.values.map(V::from),
            bounds: found.bounds.add_scalar(truncation),
            gradient: found.gradient.iter().map(|g| ball(V::from(g.value()), g.error() + truncation)).collect(),
            blurred: false,
        })
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
pub(crate) fn sized<S>(image: Image<S>, dim: usize) -> Result<Image<S>, FlowError> {
    if image.point.len() == dim {
        Ok(image)
    } else {
        Err(FlowError::DimMismatch { what: "the image".to_owned(), expected: dim, found: image.point.len() })
    }
}

fn no_formula() -> FlowError {
    FlowError::Foreign { what: "a black box shows numbers only, not its formula".to_owned() }
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
