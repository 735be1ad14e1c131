use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-23",
    slip: "softplus is ln(eˣ + 1), which is 0 where it should be eˣ",
    reference: "sims1253/bayesfam issue #31",
    missed_because: "",
    caught_by: &["digits-kept"],
    diagnosis: "digits lost beyond the condition",
    broken: || Box::new(Softplus {}),
    degenerate: None,
};

layer! { Softplus {} dim 1, Promises::default().codomain(Domain::Each(Interval::POSITIVE));
    forward(self, z) { within(Interval::POSITIVE, (z[0].exp() + 1.0).ln(), z[0].log_sigmoid()) }
}
