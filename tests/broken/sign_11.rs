use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-11",
    slip: "one log-det, computed before the direction is looked at, is returned in both",
    reference: "Information-Fusion-Lab-Umass/NuX issue #10",
    missed_because: "",
    caught_by: &["inverse-log-det-negates", "inverse-log-det-is-jacobian"],
    diagnosis: "the inverse returns the forward log-det: its sign is not negated",
    broken: || Box::new(Centre { s: params([0.5, 3.0]), b: params([1.0, -2.0]) }),
    degenerate: None,
};

layer! { Centre { s: Vec<Param>, b: Vec<Param> } dim 2, Promises::default().constant_log_det();
    forward(self, z) { Image::finite(affine(&self.s, &self.b, z), log_scale::<S>(&self.s)) }
    inverse(self, x) { Image::finite(unaffine(&self.s, &self.b, x), log_scale::<S>(&self.s)) }
}
