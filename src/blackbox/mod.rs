//! Flows that can only be called: a closure, a library whose layers are not generic, a process in another language.
//!
//! Nothing is known of such a flow but numbers. How far they can be off is estimated from their own noise, and the
//! Jacobian comes from numerical differentiation with an error estimate, or from the other side's automatic
//! differentiation. No number of calls bounds a derivative: a discrepancy counts only where several independent points
//! show it, and what holds is said with its resolution, about 1e-6 in f64 and 1e-2 in f32.

use std::fmt;

use crate::error::FlowError;
use crate::evidence::{AsSubject, Direction, Subject, sized};
use crate::flow::Image;
use crate::promises::Promises;

mod differences;
mod noise;
#[cfg(feature = "cli")]
pub mod process;

/// What is called, many points at once: where a call is expensive, one call serves a whole numerical Jacobian.
///
/// Each method returns one result for each point, in order.
pub trait Evaluator {
    /// `x = f(z)` with its log-det, for each `z`.
    fn forward(&self, z: &[Vec<f64>]) -> Vec<Result<Image<f64>, FlowError>>;
    /// `z = f⁻¹(x)` with its log-det, for each `x`. Left out where there is no inverse.
    fn inverse(&self, x: &[Vec<f64>]) -> Vec<Result<Image<f64>, FlowError>> {
        x.iter().map(|_| Err(FlowError::NoInverse)).collect()
    }
    /// The Jacobian of `forward` for each `z`, row by row, where automatic differentiation offers it.
    fn jacobian(&self, _z: &[Vec<f64>]) -> Option<Vec<Result<Rows, FlowError>>> {
        None
    }
    /// The Jacobian of `inverse` for each `x`.
    fn inverse_jacobian(&self, _x: &[Vec<f64>]) -> Option<Vec<Result<Rows, FlowError>>> {
        None
    }
}

/// A matrix, row by row: `rows[i][j] = ∂x_i/∂z_j`.
pub type Rows = Vec<Vec<f64>>;

type Map<'a> = Box<dyn Fn(&[f64]) -> Result<Image<f64>, FlowError> + 'a>;
type Slopes<'a> = Box<dyn Fn(&[f64]) -> Result<Rows, FlowError> + 'a>;

/// Two closures.
struct Closures<'a> {
    forward: Map<'a>,
    inverse: Option<Map<'a>>,
}

impl Evaluator for Closures<'_> {
    fn forward(&self, z: &[Vec<f64>]) -> Vec<Result<Image<f64>, FlowError>> {
        z.iter().map(|z| (self.forward)(z)).collect()
    }
    fn inverse(&self, x: &[Vec<f64>]) -> Vec<Result<Image<f64>, FlowError>> {
        x.iter().map(|x| self.inverse.as_ref().map_or(Err(FlowError::NoInverse), |inverse| inverse(x))).collect()
    }
}

/// A flow that can only be called with f64, under the same laws as a [`Layer`](crate::Layer):
///
/// ```
/// use pushforward::{BlackBox, Image, check};
///
/// let twice = BlackBox::new(
///     2,
///     |z| Ok(Image::new(vec![2.0 * z[0], z[1] + z[0] * z[0]], 2f64.ln())),
///     |x| Ok(Image::new(vec![x[0] / 2.0, x[1] - x[0] * x[0] / 4.0], -2f64.ln())),
/// );
/// assert!(check(&twice).failures().is_empty());
/// ```
pub struct BlackBox<'a> {
    name: String,
    dim: usize,
    promises: Promises,
    single: bool,
    evaluator: Box<dyn Evaluator + 'a>,
    jacobian: Option<Slopes<'a>>,
    inverse_jacobian: Option<Slopes<'a>>,
}

impl<'a> BlackBox<'a> {
    /// A flow on `dim` coordinates from its two maps.
    pub fn new(
        dim: usize,
        forward: impl Fn(&[f64]) -> Result<Image<f64>, FlowError> + 'a,
        inverse: impl Fn(&[f64]) -> Result<Image<f64>, FlowError> + 'a,
    ) -> Self {
        Self::of(dim, Closures { forward: Box::new(forward), inverse: Some(Box::new(inverse)) })
    }
    /// A flow that offers no inverse.
    pub fn without_inverse(dim: usize, forward: impl Fn(&[f64]) -> Result<Image<f64>, FlowError> + 'a) -> Self {
        Self::of(dim, Closures { forward: Box::new(forward), inverse: None })
    }
    /// A flow that is called with many points at once.
    pub fn of(dim: usize, evaluator: impl Evaluator + 'a) -> Self {
        Self {
            name: "black box".to_owned(),
            dim,
            promises: Promises::default(),
            single: false,
            evaluator: Box::new(evaluator),
            jacobian: None,
            inverse_jacobian: None,
        }
    }
    /// What reports call it.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }
    /// What it promises; each promise is held to.
    #[must_use]
    pub fn promises(self, promises: Promises) -> Self {
        Self { promises, ..self }
    }
    /// It computes in f32: points are rounded to f32 before it is called, and bounds are those of f32.
    #[must_use]
    pub fn single(self) -> Self {
        Self { single: true, ..self }
    }
    /// The Jacobian of `forward` from automatic differentiation, row by row. It is itself held against differences of
    /// `forward`.
    #[must_use]
    pub fn jacobian(self, jacobian: impl Fn(&[f64]) -> Result<Rows, FlowError> + 'a) -> Self {
        Self { jacobian: Some(Box::new(jacobian)), ..self }
    }
    /// The Jacobian of `inverse` from automatic differentiation.
    #[must_use]
    pub fn inverse_jacobian(self, jacobian: impl Fn(&[f64]) -> Result<Rows, FlowError> + 'a) -> Self {
        Self { inverse_jacobian: Some(Box::new(jacobian)), ..self }
    }

    pub(crate) fn dim(&self) -> usize {
        self.dim
    }
    pub(crate) fn title(&self) -> &str {
        &self.name
    }
    pub(crate) fn promised(&self) -> &Promises {
        &self.promises
    }
    pub(crate) fn is_single(&self) -> bool {
        self.single
    }
    /// Unit roundoff of what it computes in.
    pub(crate) fn unit(&self) -> f64 {
        if self.single { f64::from(f32::EPSILON) / 2.0 } else { f64::EPSILON / 2.0 }
    }
    /// A point as it receives it.
    pub(crate) fn rounded(&self, x: &[f64]) -> Vec<f64> {
        if self.single { x.iter().map(|&x| f64::from(x as f32)).collect() } else { x.to_vec() }
    }

    /// One of the two maps at many points.
    pub(crate) fn evaluate(&self, direction: Direction, points: &[Vec<f64>]) -> Vec<Result<Image<f64>, FlowError>> {
        let points: Vec<Vec<f64>> = points.iter().map(|x| self.rounded(x)).collect();
        let found = match direction {
            Direction::Forward => self.evaluator.forward(&points),
            Direction::Inverse => self.evaluator.inverse(&points),
        };
        let found = found.into_iter().map(|image| sized(image?, self.dim));
        complete(found, points.len())
    }

    /// The other side's Jacobian at many points, where it offers one.
    fn supplied(&self, direction: Direction, points: &[Vec<f64>]) -> Option<Vec<Result<Rows, FlowError>>> {
        let points: Vec<Vec<f64>> = points.iter().map(|x| self.rounded(x)).collect();
        let closure = match direction {
            Direction::Forward => &self.jacobian,
            Direction::Inverse => &self.inverse_jacobian,
        };
        let found = match (closure, direction) {
            (Some(closure), _) => points.iter().map(|x| closure(x)).collect(),
            (None, Direction::Forward) => self.evaluator.jacobian(&points)?,
            (None, Direction::Inverse) => self.evaluator.inverse_jacobian(&points)?,
        };
        let found = found.into_iter().map(|rows| square(rows?, self.dim));
        Some(complete(found, points.len()))
    }

    /// Whether the other side offers derivatives of a map.
    pub(crate) fn supplies(&self, direction: Direction) -> bool {
        self.supplied(direction, &[]).is_some()
    }
}

/// One result for each point, whatever came back.
fn complete<T>(found: impl Iterator<Item = Result<T, FlowError>>, points: usize) -> Vec<Result<T, FlowError>> {
    let missing = || Err(FlowError::Foreign { what: format!("fewer results than the {points} points asked about") });
    found.chain(std::iter::repeat_with(missing)).take(points).collect()
}

fn square(rows: Rows, dim: usize) -> Result<Rows, FlowError> {
    let wrong = std::iter::once(rows.len()).chain(rows.iter().map(Vec::len)).find(|&n| n != dim);
    match wrong {
        None => Ok(rows),
        Some(found) => Err(FlowError::DimMismatch { what: "the Jacobian".to_owned(), expected: dim, found }),
    }
}

impl fmt::Debug for BlackBox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let format = if self.single { "f32" } else { "f64" };
        write!(f, "{} (a black box, d = {}, {format})", self.name, self.dim)
    }
}

impl AsSubject for BlackBox<'_> {
    fn as_subject(&self) -> Subject<'_> {
        Subject::of_black_box(self)
    }
}
