use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-04",
    slip: "the inverse of a rational spline returns the log-det of the forward map",
    reference: "facebookincubator/flowtorch pull #100",
    missed_because: "both log-dets of the test were read from the cache of the forward pass",
    caught_by: &["inverse-log-det-negates", "inverse-log-det-is-jacobian"],
    diagnosis: "the inverse returns the forward log-det: its sign is not negated",
    broken: || Box::new(Rational { f: Spline::new([-2.0, -0.3, 2.0], [-2.0, 0.6, 2.0], [1.0, 1.5, 1.0]) }),
    degenerate: None,
};

layer! { Rational { f: Spline } dim 1, Promises::default().structure(Structure::Diagonal).once_differentiable();
    forward(self, z) { let (x, slope) = self.f.forward(z[0]); Image::finite([x], slope) }
    inverse(self, x) { let (z, slope) = self.f.inverse(x[0]); Image::finite([z], slope) }
}
