//! The five steps as the layer is written: in f64, by num-dual, and by a dense LU. Serves every layer.

use nalgebra::DMatrix;

use super::{Gap, Glance};
use crate::error::FlowError;
use crate::evidence::{Subject, jacobian_f64};
use crate::flow::Layer;

const U: f64 = f64::EPSILON / 2.0;

pub(super) fn verify(layer: &dyn Layer, z: &[f64]) -> Result<Glance, FlowError> {
    let subject = Subject::of_dyn(layer);
    let image = subject.forward(z)?;
    let back = match subject.inverse(&image.point) {
        Err(FlowError::NoInverse) => None,
        back => Some(back?.point),
    };
    let jacobian = jacobian_f64(layer, z)?;
    let log_abs_det: f64 = jacobian.clone().lu().u().diagonal().iter().map(|u| u.abs().ln()).sum();
    let mut log_det =
        Gap { apart: (image.log_det - log_abs_det).abs(), allowed: log_det_floor(z.len(), image.log_det) };
    if !log_det.is_within() {
        log_det.allowed = log_det_allowance(&jacobian, image.log_det);
    }
    Ok(Glance { value: image.log_det, log_det, round_trip: back.map(|back| round_trip(z, &image.point, &back)) })
}

/// `64 d u max(1, ‖z‖, ‖x‖)` for the distance of `z` and what came back of it.
fn round_trip(z: &[f64], x: &[f64], back: &[f64]) -> Gap {
    let mut gap = Gap { apart: 0.0, allowed: 1.0 };
    z.iter().zip(x).zip(back).for_each(|((&z, &x), &back)| gap.take(z, x, back));
    gap.of_round_trip(z.len())
}

impl Gap {
    /// Takes in one coordinate: the largest distance, of which a NaN counts as larger than any, and the largest size.
    pub(super) fn take(&mut self, z: f64, x: f64, back: f64) {
        let apart = (z - back).abs();
        if apart > self.apart || apart.is_nan() {
            self.apart = apart;
        }
        self.allowed = self.allowed.max(z.abs()).max(x.abs());
    }

    /// With the allowance for the size taken in.
    pub(super) fn of_round_trip(self, d: usize) -> Self {
        Self { allowed: 64.0 * d as f64 * U * self.allowed, ..self }
    }
}

/// What T₀ is at least: `tr(|J⁻¹||J|)` is never below `tr(J⁻¹J) = d`. Within this, no inverse need be formed.
pub(super) fn log_det_floor(d: usize, log_det: f64) -> f64 {
    let d = d as f64;
    8.0 * d * d * U + 32.0 * U * log_det.abs().max(1.0)
}

/// `T₀ = 8 d u tr(|J⁻¹||J|) + 32 u max(1, |ℓ|)`.
pub(super) fn log_det_allowance(jacobian: &DMatrix<f64>, log_det: f64) -> f64 {
    let d = jacobian.nrows() as f64;
    let Some(inverse) = jacobian.clone().try_inverse() else { return 0.0 };
    let trace: f64 = inverse.iter().zip(jacobian.transpose().iter()).map(|(a, b)| (a * b).abs()).sum();
    8.0 * d * U * trace + 32.0 * U * log_det.abs().max(1.0)
}
