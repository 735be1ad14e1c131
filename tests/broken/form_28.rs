use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-28",
    slip: "the Jacobian is taken at the back-transformed value instead of the unconstrained one",
    reference: "aesara-devs/aeppl pull #30",
    missed_because: "there was no numerical test; the one that was added fails",
    caught_by: &["log-det-is-jacobian", "inverse-log-det-negates"],
    diagnosis: "the fast value belongs to the image: it is evaluated at the wrong point",
    broken: || Box::new(Softplus {}),
    degenerate: None,
};

layer! { Softplus {} dim 1, Promises::default().codomain(Domain::Each(Interval::POSITIVE));
    forward(self, z) { let x = z[0].softplus(); within(Interval::POSITIVE, x, x.log_sigmoid()) }
    inverse(self, x) {
        expect_inside(x[0], 0, Interval::POSITIVE)?;
        let z = x[0] + (-(-x[0]).exp_m1()).ln();
        Image::finite([z], -z.log_sigmoid())
    }
}
