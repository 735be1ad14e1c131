use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "dom-05",
    slip: "outside a bounded image the inverse is NaN, and the log-density NaN where −∞ is meant",
    reference: "danielward27/flowjax commit caf955a7b",
    missed_because: "",
    caught_by: &["outside-is-refused"],
    diagnosis: "inverse accepts",
    broken: || Box::new(Squash {}),
    degenerate: None,
};

const UNIT: Interval = Interval { lo: 0.0, hi: 1.0 };

layer! { Squash {} dim 1, Promises::default().codomain(Domain::Each(UNIT));
    forward(self, z) { within(UNIT, z[0].sigmoid(), z[0].log_sigmoid() + (-z[0]).log_sigmoid()) }
    inverse(self, x) {
        let z = x[0].ln() - (-x[0]).ln_1p();
        Ok(Image::new([z], -(z.log_sigmoid() + (-z).log_sigmoid())))
    }
}
