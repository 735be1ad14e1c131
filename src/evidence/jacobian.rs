//! Full Jacobians by forward mode, in chunks of lanes.

use nalgebra::DMatrix;

use crate::error::FlowError;
use crate::flow::{BoundedDual, Flow, Image, Layer};
use crate::scalar::{Bounded, Dual, LANES, Tangents, session};

/// A Jacobian with a bound on the error of each entry, and the gradient of the log-det.
#[derive(Clone, Debug)]
pub(crate) struct Jacobian {
    /// `values[(i, j)] = ∂x_i/∂z_j`.
    pub values: DMatrix<f64>,
    /// How far each can be from the exact derivative of the formula.
    pub bounds: DMatrix<f64>,
    /// `∂ℓ/∂z_j`.
    pub gradient: Vec<Bounded>,
    /// A comparison was too close to call.
    pub blurred: bool,
}

/// One evaluation in a system with tangents, once per chunk of lanes; `each` gets the first lane and the image.
fn in_chunks<T: Tangents>(
    x: &[T::Value],
    evaluate: impl Fn(&[T]) -> Result<Image<T>, FlowError>,
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

impl Jacobian {
    /// Of `forward`, or of `inverse`, over balls.
    pub(crate) fn of(layer: &dyn Layer, inverse: bool, x: &[Bounded]) -> Result<Self, FlowError> {
        let d = x.len();
        let mut jacobian = Self {
            values: DMatrix::zeros(d, d),
            bounds: DMatrix::zeros(d, d),
            gradient: vec![Bounded::from(0.0); d],
            blurred: false,
        };
        let flow: &dyn Flow<BoundedDual> = layer;
        let (result, blurred) = session::noting_blur(|| {
            in_chunks(
                x,
                |x: &[BoundedDual]| if inverse { flow.inverse(x) } else { flow.forward(x) },
                |start, image| {
                    for lane in 0..LANES.min(d - start) {
                        for (i, x) in image.point.iter().enumerate().take(d) {
                            let entry = x.tangent(lane);
                            jacobian.values[(i, start + lane)] = entry.value();
                            jacobian.bounds[(i, start + lane)] = entry.error();
                        }
                        jacobian.gradient[start + lane] = image.log_det.tangent(lane);
                    }
                },
            )
        });
        result?;
        jacobian.blurred = blurred;
        Ok(jacobian)
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
