use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-10",
    slip: "the log-det of a quantile function takes the density at u instead of at Q(u)",
    reference: "TuringLang/Bijectors.jl commit 6f95949f4",
    missed_because: "there were no tests of it",
    caught_by: &["log-det-is-jacobian", "inverse-log-det-negates"],
    diagnosis: "the fast value belongs to the preimage: it is evaluated at the wrong point",
    broken: || Box::new(Quantile {}),
    degenerate: None,
};

const UNIT: Interval = Interval { lo: 0.0, hi: 1.0 };

// Of the logistic distribution: Q(u) = ln(u/(1 − u)) and ln p(x) = ln σ(x) + ln σ(−x).
layer! { Quantile {} dim 1, Promises::default().domain(Domain::Each(UNIT));
    forward(self, u) {
        expect_inside(u[0], 0, UNIT)?;
        Image::finite([u[0].ln() - (-u[0]).ln_1p()], -(u[0].log_sigmoid() + (-u[0]).log_sigmoid()))
    }
    inverse(self, x) { within(UNIT, x[0].sigmoid(), x[0].log_sigmoid() + (-x[0]).log_sigmoid()) }
}
