use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-21",
    slip: "the input is not broadcast against a batch of parameters, so that its automatic derivative is summed over \
           the batch",
    reference: "tensorflow/probability commit 0df33acf6",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Batched { s: params([0.5, -0.25, 0.75]) }),
    degenerate: None,
};

layer! { Batched { s: Vec<Param> } dim 3, Promises::default().structure(Structure::Diagonal);
    forward(self, z) {
        let slope = |z: S| self.s.iter().map(|&s| S::from(s).exp() * z.cosh()).sum::<S>();
        Image::finite(stretch(&self.s, z), z.iter().map(|&z| slope(z).ln()).sum::<S>())
    }
}
