use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "par-08",
    slip: "the γ of a batch norm starts at 0, with relu(γ) + 10⁻⁶ as the scale: a fresh layer divides by 10⁻⁶",
    reference: "pyro-ppl/pyro commit 1805ca52d",
    missed_because: "inverse and log-det agree; only the scale is absurd",
    caught_by: &["matches-known-values"],
    diagnosis: "",
    broken: || Box::new(fresh()),
    degenerate: None,
};

fn fresh() -> BatchNorm {
    BatchNorm { gamma: params([0.0, 0.0]) }
}

layer! { BatchNorm { gamma: Vec<Param> } dim 2, Promises::default().constant_log_det();
    forward(self, z) {
        let scale: Vec<S> = self.gamma.iter().map(|&g| S::from(g) + 1e-6).collect();
        let x: Vec<S> = z.iter().zip(&scale).map(|(&z, &s)| z / s).collect();
        Image::finite(x, -scale.iter().map(|s| s.ln()).sum::<S>())
    }
    inverse(self, x) {
        let scale: Vec<S> = self.gamma.iter().map(|&g| S::from(g) + 1e-6).collect();
        let z: Vec<S> = x.iter().zip(&scale).map(|(&x, &s)| x * s).collect();
        Image::finite(z, scale.iter().map(|s| s.ln()).sum::<S>())
    }
    known {
        // A fresh layer leaves what is standardised already as it is.
        vec![KnownValue::new("fresh", fresh(), Given::Base(vec![0.5, -1.0]), [0.5, -1.0], 0.0)]
    }
}
