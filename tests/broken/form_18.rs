use super::form_20::Radius;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-18",
    slip: "the radial factor of a radial flow's determinant lacks the derivative of h",
    reference: "tonyduan/normalizing-flows commit 991e6fbaa",
    missed_because: "there were no tests",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Radial { centre: params([0.3, -0.7]), a: 1.5.into(), b: 0.75.into() }),
    degenerate: None,
};

layer! { Radial { centre: Vec<Param>, a: Param, b: Param } dim 2, Promises::default();
    forward(self, z) {
        let Radius { x, h, .. } = Radius::of(&self.centre, self.a, self.b, z);
        let bh = h * self.b;
        Image::finite(x, bh.ln_1p() + (bh + self.b).ln_1p())
    }
}
