use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-09",
    slip: "the inverse of an affine coupling returns +Σs, copied from the forward pass",
    reference: "ChrisWaites/jax-flows snapshot 26dce8144",
    missed_because: "the tests look at values and at the shape of the log-det, never at its value",
    caught_by: &["inverse-log-det-negates", "inverse-log-det-is-jacobian"],
    diagnosis: "the inverse returns the forward log-det: its sign is not negated",
    broken: || Box::new(Coupling { s: params([0.5, 0.25]), t: params([-1.0, 0.5]) }),
    degenerate: None,
};

layer! { Coupling { s: Vec<Param>, t: Vec<Param> } dim 2,
    Promises::default().structure(Structure::PassThrough { kept: vec![0] });
    forward(self, z) {
        let (s, t) = (net(&self.s[..1], z) + self.s[1], net(&self.t[..1], z) + self.t[1]);
        Image::finite([z[0], z[1] * s.exp() + t], s)
    }
    inverse(self, x) {
        let (s, t) = (net(&self.s[..1], x) + self.s[1], net(&self.t[..1], x) + self.t[1]);
        Image::finite([x[0], (x[1] - t) * (-s).exp()], s)
    }
}
