//! What a law sees: a layer, or a black box, in the systems that carry errors and derivatives.

use nalgebra::DMatrix;

use super::{Evaluated, Ground, Jacobian, Stop, jacobian_f64};
use crate::blackbox::BlackBox;
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
    pub(super) fn point(&self, set: &Domain, reals: &[f64]) -> Vec<f64> {
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
    /// The formula of a layer at a point, with dot products whole.
    pub(crate) fn sketch(&self, direction: Direction, x: &[f64]) -> Result<Sketch, FlowError> {
        sketch(x, |x| self.evaluate(direction, x))
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
