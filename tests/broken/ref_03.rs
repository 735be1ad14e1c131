use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "ref-03",
    slip: "a mixed base samples its uniform coordinates first and does not put them back in the declared order",
    reference: "VincentStimper/normalizing-flows commit 054bce3e7",
    missed_because: "",
    caught_by: &["inverse-undoes-forward", "images-lie-in-codomain", "samples-follow-density"],
    diagnosis: "",
    broken: || Box::new(Mixed {}),
    degenerate: None,
};

const UNIT: Interval = Interval { lo: 0.0, hi: 1.0 };

// Coordinate 1 is declared uniform on (0, 1), coordinate 0 normal.
layer! { Mixed {} dim 2, Promises::default().codomain(Domain::Coordinates(vec![Interval::REALS, UNIT]));
    forward(self, z) {
        Image::finite([z[1].sigmoid(), z[0]], z[1].log_sigmoid() + (-z[1]).log_sigmoid())
    }
    inverse(self, x) {
        expect_inside(x[1], 1, UNIT)?;
        let z = x[1].ln() - (-x[1]).ln_1p();
        Image::finite([x[0], z], -(z.log_sigmoid() + (-z).log_sigmoid()))
    }
}
