use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-07",
    slip: "scale and shift of a coupling are both read from the first half of the net's output",
    reference: "VincentStimper/normalizing-flows commit ddaeab7be",
    missed_because: "both directions agree and the log-det is right",
    caught_by: &["parameters-matter"],
    diagnosis: "changes neither x nor the log-det",
    broken: || Box::new(Coupling { w: params([0.75, -0.5]), c: params([0.25, 0.5]) }),
    degenerate: None,
};

// The net's k-th output is tanh(w_k z₀) + c_k.
layer! { Coupling { w: Vec<Param>, c: Vec<Param> } dim 2,
    Promises::default().structure(Structure::PassThrough { kept: vec![0] });
    forward(self, z) {
        let output = |k: usize| net(&self.w[k..=k], z) + self.c[k];
        let (shift, scale) = (output(0), output(0));
        Image::finite([z[0], z[1] * scale.exp() + shift], scale)
    }
    inverse(self, x) {
        let output = |k: usize| net(&self.w[k..=k], x) + self.c[k];
        let (shift, scale) = (output(0), output(0));
        Image::finite([x[0], (x[1] - shift) * (-scale).exp()], -scale)
    }
}
