use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-29",
    slip: "diagonal weights are divided by their root mean square, not their geometric mean, and volume preservation \
           is declared",
    reference: "pyro-ppl/pyro commit 3a63f1e56",
    missed_because: "the test used equal weights only",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value is 0: the log-det is missing",
    broken: || Box::new(Weighted { w: params([1.0, 2.0, 4.0]) }),
    degenerate: None,
};

layer! { Weighted { w: Vec<Param> } dim 3, Promises::default().volume_preserving();
    forward(self, z) {
        let rms = (self.w.iter().map(|w| w * S::from(*w)).sum::<S>() / 3.0).sqrt();
        let x: Vec<S> = z.iter().zip(&self.w).map(|(&z, w)| w * z / rms).collect();
        Image::finite([x[1], x[2], x[0]], 0.0)
    }
}
