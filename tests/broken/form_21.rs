use super::form_20::Radius;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-21",
    slip: "a radial flow returns the absolute value of its log-det",
    reference: "davidnabergoj/torchflows commit f0b32794c",
    missed_because: "an expansion, β > 0, is right by accident",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the sides differ in sign only",
    broken: || Box::new(Radial { centre: params([0.3, -0.7]), a: 1.5.into(), b: (-0.75).into() }),
    degenerate: None,
};

layer! { Radial { centre: Vec<Param>, a: Param, b: Param } dim 2, Promises::default();
    forward(self, z) {
        let Radius { x, h, along } = Radius::of(&self.centre, self.a, self.b, z);
        Image::finite(x, ((h * self.b).ln_1p() + along).abs())
    }
}
