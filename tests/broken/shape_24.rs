use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-24",
    slip: "on events of several axes a planar flow projects each row by itself, while the log-det is that of one \
           projection",
    reference: "VincentStimper/normalizing-flows commit 7f8148da9",
    missed_because: "only events of one axis were tested",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || {
        Box::new(Planar { u: params([0.5, 0.25, 0.75, -0.5]), w: params([0.5, 1.0, -0.25, 0.5]), b: 0.25.into() })
    },
    degenerate: None,
};

// An event of two rows of two.
layer! { Planar { u: Vec<Param>, w: Vec<Param>, b: Param } dim 4, Promises::default();
    forward(self, z) {
        let row = |k: usize| (dot(&self.w[2 * k..2 * k + 2], &z[2 * k..2 * k + 2]) + self.b).tanh();
        let x: Vec<S> = (0..4).map(|i| z[i] + self.u[i] * row(i / 2)).collect();
        let slope = (dot(&self.w, z) + self.b).sech2();
        Image::finite(x, (product::<S>(&self.w, &self.u) * slope).ln_1p())
    }
}
