//! Full Jacobians by forward mode, in chunks of lanes.

use nalgebra::DMatrix;

use super::Ground;
use crate::error::FlowError;
use crate::flow::{Flow, Image, Layer};
use crate::scalar::{Bounded, Dual, Graph, Jet, LANES, Tangents, ball};

/// A Jacobian with a bound on the error of each entry, and the gradient of the log-det.
#[derive(Clone, Debug)]
pub(crate) struct Jacobian<V = f64> {
    /// `values[(i, j)] = ∂x_i/∂z_j`.
    pub values: DMatrix<V>,
    /// How far each can be from the exact derivative of the formula.
    pub bounds: DMatrix<f64>,
    /// `∂ℓ/∂z_j`.
    pub gradient: Vec<Bounded<V>>,
    /// A comparison was too close to call.
    pub blurred: bool,
}

/// One evaluation in a system with tangents, once per chunk of lanes; `each` gets the first lane and the image.
pub(crate) fn in_chunks<T: Tangents>(
    x: &[T::Value],
    mut evaluate: impl FnMut(&[T]) -> Result<Image<T>, FlowError>,
    mut each: impl FnMut(usize, &Image<T>),
) -> Result<(), FlowError> {
    for start in (0..x.len()).step_by(LANES) {
        let seeded: Vec<T> = x
            .iter()
            .enumerate()
            .map(|(i, &x)| T::variable(x, i.checked_sub(start).filter(|&lane| lane < LANES)))
            .collect();
        each(start, &evaluate(&seeded)?);
    }
    Ok(())
}

impl<V: Ground> Jacobian<V> {
    /// Of what was recorded, over balls around the recorded point.
    pub(crate) fn of(graph: &Graph, x: &[Bounded<V>]) -> Self {
        let d = x.len();
        let mut jacobian = Self {
            values: DMatrix::from_element(d, d, V::from(0.0)),
            bounds: DMatrix::zeros(d, d),
            gradient: vec![Bounded::from(0.0); d],
            blurred: false,
        };
        let mut slots = Vec::new();
        let mut blurred = false;
        let evaluate = |x: &[Jet<Bounded<V>, LANES>]| {
            let (image, open) = graph.evaluate(x, &mut slots);
            blurred |= open;
            Ok(image)
        };
        let each = |start: usize, image: &Image<Jet<Bounded<V>, LANES>>| {
            for lane in 0..LANES.min(d - start) {
                for (i, x) in image.point.iter().enumerate().take(d) {
                    let entry = x.tangent(lane);
                    jacobian.values[(i, start + lane)] = entry.value();
                    jacobian.bounds[(i, start + lane)] = entry.error() + graph.truncation;
                }
                let slope = image.log_det.tangent(lane);
                jacobian.gradient[start + lane] = ball(slope.value(), slope.error() + graph.truncation);
            }
        };
        // Evaluating a graph cannot fail: what can is refused while it is recorded.
        let _: Result<(), FlowError> = in_chunks(x, evaluate, each);
        jacobian.blurred = blurred;
        jacobian
    }
}

/// The Jacobian of `forward` in plain f64, by num-dual.
pub(crate) fn jacobian_f64(layer: &dyn Layer, z: &[f64]) -> Result<DMatrix<f64>, FlowError> {
    let d = z.len();
    let flow: &dyn Flow<Dual> = layer;
    let mut jacobian = DMatrix::zeros(d, d);
    in_chunks(
        z,
        |z: &[Dual]| flow.forward(z),
        |start, image| {
            for lane in 0..LANES.min(d - start) {
                for (i, x) in image.point.iter().enumerate().take(d) {
                    jacobian[(i, start + lane)] = x.tangent(lane);
                }
            }
        },
    )?;
    Ok(jacobian)
}
