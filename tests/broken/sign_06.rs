use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-06",
    slip: "standardising reports the log of the standard deviation with both signs flipped",
    reference: "bayesflow-org/bayesflow pull #471",
    missed_because: "round trips hold and the two log-dets cancel; nothing compared them with a Jacobian",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the sides differ in sign only",
    broken: || standardize([2.0, 4.0]),
    degenerate: Some(|| standardize([1.0, 1.0])),
};

fn standardize(sd: [f64; 2]) -> Box<dyn Layer> {
    Box::new(Standardize { mean: params([1.0, -0.5]), sd: params(sd) })
}

layer! { Standardize { mean: Vec<Param>, sd: Vec<Param> } dim 2,
    Promises::default().structure(Structure::Diagonal).constant_log_det();
    forward(self, z) {
        let x: Vec<S> = (0..2).map(|i| (z[i] - self.mean[i]) / self.sd[i]).collect();
        Image::finite(x, log_scale::<S>(&self.sd))
    }
    inverse(self, x) { Image::finite(affine(&self.sd, &self.mean, x), -log_scale::<S>(&self.sd)) }
}
