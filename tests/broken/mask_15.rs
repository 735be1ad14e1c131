use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-15",
    slip: "softplus declares that its Jacobian is constant",
    reference: "lockwo/distreqx pull #67",
    missed_because: "a reader saw it; no test would have",
    caught_by: &["log-det-is-as-promised"],
    diagnosis: "the log-det is promised to be constant",
    broken: || Box::new(Softplus {}),
    degenerate: None,
};

layer! { Softplus {} dim 1, Promises::default().codomain(Domain::Each(Interval::POSITIVE)).constant_log_det();
    forward(self, z) { within(Interval::POSITIVE, z[0].softplus(), z[0].log_sigmoid()) }
    inverse(self, x) {
        expect_inside(x[0], 0, Interval::POSITIVE)?;
        let z = x[0] + (-(-x[0]).exp_m1()).ln();
        Image::finite([z], -z.log_sigmoid())
    }
}
