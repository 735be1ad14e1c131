use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "par-01",
    slip: "the planar û divides by ‖w‖ instead of ‖w‖², so that w·û may lie below −1",
    reference: "tonyduan/normalizing-flows issue #2",
    missed_because: "the log-det is right for whatever û, and ‖w‖ = 1 hides it",
    caught_by: &["forward-is-injective", "orientation-is-constant"],
    diagnosis: "f(z) = f(z′)",
    broken: || Box::new(Planar { u: params([-7.0, -3.5]), w: params([0.4, 0.3]), b: 0.25.into() }),
    degenerate: None,
};

/// `x = z + û tanh(w·z + b)` with `û = u + (m(w·u) − w·u) w/‖w‖`, `m(a) = −1 + softplus(a)`.
#[derive(Debug)]
pub(super) struct Planar {
    pub(super) u: Vec<Param>,
    pub(super) w: Vec<Param>,
    pub(super) b: Param,
}

impl<S: Scalar> Flow<S> for Planar {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let wu = product::<S>(&self.w, &self.u);
        let norm = product::<S>(&self.w, &self.w).sqrt();
        let by = (wu.softplus() - 1.0 - wu) / norm;
        let a = dot(&self.w, z) + self.b;
        let x: Vec<S> = (0..z.len()).map(|i| z[i] + (self.w[i] * by + self.u[i]) * a.tanh()).collect();
        Image::finite(x, ((wu + by * norm * norm) * a.sech2() + 1.0).ln_abs())
    }
}
impl Layer for Planar {
    fn dim(&self) -> usize {
        self.w.len()
    }
}
