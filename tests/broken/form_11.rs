use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-11",
    slip: "the inverse of exp returns −y for −ln y",
    reference: "tpapp/TransformVariables.jl commit 67f1eb405",
    missed_because: "nothing tested the inverse together with its log-det",
    caught_by: &["inverse-log-det-is-jacobian", "inverse-log-det-negates"],
    diagnosis: "the log is forgotten",
    broken: || Box::new(Exp {}),
    degenerate: None,
};

layer! { Exp {} dim 1, Promises::default().codomain(Domain::Each(Interval::POSITIVE));
    forward(self, z) { within(Interval::POSITIVE, z[0].exp(), z[0]) }
    inverse(self, y) {
        expect_inside(y[0], 0, Interval::POSITIVE)?;
        Image::finite([y[0].ln()], -y[0])
    }
}
