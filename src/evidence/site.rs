//! A subject at a point, with everything that several laws ask for computed once.

use std::cell::OnceCell;

use super::{Jacobian, LogAbsDet, Stop, log_abs_det};
use crate::error::FlowError;
use crate::flow::{Image, Layer};
use crate::promises::{Domain, Promises};
use crate::scalar::{Bounded, Scalar, ball, session};

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
    pub(crate) fn forward<S: Scalar>(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        sized(S::view(self.layer).forward(z)?, self.dim())
    }
    pub(crate) fn inverse<S: Scalar>(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        sized(S::view(self.layer).inverse(x)?, self.dim())
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
pub(crate) struct Evaluated {
    pub point: Vec<Bounded>,
    pub log_det: Bounded,
    pub blurred: bool,
}

/// Exact balls around plain numbers.
pub(crate) fn balls(x: &[f64]) -> Vec<Bounded> {
    x.iter().map(|&x| Bounded::from(x)).collect()
}

/// A subject at one point: `z` for laws about `forward`, `x` (drawn on its own) for laws about `inverse`.
#[derive(Debug)]
pub struct Site<'a> {
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) z: Vec<f64>,
    pub(crate) x: Vec<f64>,
    pub(crate) kind: PointKind,
    /// Another point of the same layer, for laws that interleave or compare.
    pub(crate) other_z: Vec<f64>,
    forward: OnceCell<Result<Evaluated, FlowError>>,
    back: OnceCell<Result<Evaluated, FlowError>>,
    inverse: OnceCell<Result<Evaluated, FlowError>>,
    jacobian: OnceCell<Result<(Jacobian, LogAbsDet), FlowError>>,
    inverse_jacobian: OnceCell<Result<(Jacobian, LogAbsDet), FlowError>>,
}

type Cached<'c, T> = Result<&'c T, Stop>;

impl<'a> Site<'a> {
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

    /// `forward(z)` with error bounds.
    pub(crate) fn forward(&self) -> Cached<'_, Evaluated> {
        let run = || evaluated(|| self.subject.forward(&balls(&self.z)));
        self.cached(&self.forward, run).and_then(sane)
    }

    /// `inverse(forward(z))` with the image's bounds fed in.
    pub(crate) fn back(&self) -> Cached<'_, Evaluated> {
        let image = self.forward()?;
        touches_boundary(image, &self.subject.promises().codomain)?;
        let run = || evaluated(|| self.subject.inverse(&image.point));
        self.cached(&self.back, run).and_then(sane)
    }

    /// `inverse(x)` with error bounds.
    pub(crate) fn inverse(&self) -> Cached<'_, Evaluated> {
        let run = || evaluated(|| self.subject.inverse(&balls(&self.x)));
        self.cached(&self.inverse, run).and_then(sane)
    }

    /// The Jacobian of `forward` at `z`, and its LU.
    pub(crate) fn jacobian(&self) -> Cached<'_, (Jacobian, LogAbsDet)> {
        self.cached(&self.jacobian, || with_lu(Jacobian::of(self.subject.layer(), false, &balls(&self.z))?))
    }

    /// The Jacobian of `inverse` at `x`, and its LU.
    pub(crate) fn inverse_jacobian(&self) -> Cached<'_, (Jacobian, LogAbsDet)> {
        self.cached(&self.inverse_jacobian, || with_lu(Jacobian::of(self.subject.layer(), true, &balls(&self.x))?))
    }

    /// The LU's `log|det J|` at `z` as a ball; blurred where the Jacobian is.
    pub(crate) fn log_abs_det(&self) -> Result<Bounded, Stop> {
        let (jacobian, det) = self.jacobian()?;
        resolved(jacobian, det)
    }
}

/// The LU's log|det| as a ball, unless a comparison was too close to call.
pub(crate) fn resolved(jacobian: &Jacobian, det: &LogAbsDet) -> Result<Bounded, Stop> {
    if jacobian.blurred {
        return Err(Stop::Blurred("a comparison in the layer is closer than its rounding".to_owned()));
    }
    if jacobian.values.iter().any(|x| !x.is_finite()) {
        return Err(Stop::Blurred("a derivative is not finite".to_owned()));
    }
    Ok(ball(det.value, det.error))
}

fn with_lu(jacobian: Jacobian) -> Result<(Jacobian, LogAbsDet), FlowError> {
    let det = log_abs_det(&jacobian.values, &jacobian.bounds);
    Ok((jacobian, det))
}

fn evaluated(run: impl FnOnce() -> Result<Image<Bounded>, FlowError>) -> Result<Evaluated, FlowError> {
    let (image, blurred) = session::noting_blur(run);
    let image = image?;
    Ok(Evaluated { point: image.point, log_det: image.log_det, blurred })
}

/// NaN or an infinity in an `Ok` is never an answer.
fn sane(image: &Evaluated) -> Result<&Evaluated, Stop> {
    if let Some(i) = image.point.iter().position(|x| !x.value().is_finite()) {
        return Err(Stop::Violated(format!("returned {} as coordinate {i}", image.point[i].value())));
    }
    if !image.log_det.value().is_finite() {
        return Err(Stop::Violated(format!("returned {} as log-det", image.log_det.value())));
    }
    Ok(image)
}

/// An image that rounding may have put on the boundary cannot be asked to come back.
fn touches_boundary(image: &Evaluated, codomain: &Domain) -> Result<(), Stop> {
    for (i, x) in image.point.iter().enumerate() {
        let interval = codomain.interval(i);
        let inside = interval.contains(x.value() - x.error()) && interval.contains(x.value() + x.error());
        if x.error().is_finite() && !inside && interval.lo.max(-interval.hi) > f64::NEG_INFINITY {
            return Err(Stop::Blurred(format!("coordinate {i} of the image is within rounding of the boundary")));
        }
    }
    Ok(())
}
