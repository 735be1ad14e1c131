use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-07",
    slip: "the log-det of tanh is ln(1 − tanh² x), −∞ once tanh rounds to 1",
    reference: "tensorflow/probability commit ef6bb176e",
    missed_because: "the test stayed within [−5, 5]",
    caught_by: &["finite-inside"],
    diagnosis: SATURATED,
    broken: || Box::new(Tanh {}),
    degenerate: None,
};

/// What the report says of every log of a saturated value.
pub(super) const SATURATED: &str = "the log of a value that has rounded to 0";

const RANGE: Interval = Interval { lo: -1.0, hi: 1.0 };

layer! { Tanh {} dim 1, Promises::default().codomain(Domain::Each(RANGE));
    forward(self, z) { let x = z[0].tanh(); Ok(Image::new([x], (-x * x).ln_1p())) }
}
