use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-09",
    slip: "the shift of an additive coupling is the slice after the net's last output: it is empty",
    reference: "tensorflow/probability commit ecb9e43da",
    missed_because: "additive coupling had no test",
    caught_by: &["parameters-matter"],
    diagnosis: "changes neither x nor the log-det",
    broken: || Box::new(Additive { w: 0.75.into() }),
    degenerate: None,
};

layer! { Additive { w: Param } dim 2,
    Promises::default().structure(Structure::PassThrough { kept: vec![0] }).volume_preserving();
    forward(self, z) {
        let output = [(self.w * z[0]).tanh()];
        Image::finite([z[0], z[1] + output[1..].iter().copied().sum::<S>()], 0.0)
    }
    inverse(self, x) {
        let output = [(self.w * x[0]).tanh()];
        Image::finite([x[0], x[1] - output[1..].iter().copied().sum::<S>()], 0.0)
    }
}
