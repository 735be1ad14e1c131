use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-13",
    slip: "the log-det of tanh is ln(1 − z² + 10⁻⁴⁵): never −∞, but it saturates",
    reference: "didriknielsen/survae_flows commit ecd90310b",
    missed_because: "a finite answer was all that the test asked for",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Tanh { epsilon: 1e-45 }),
    degenerate: None,
};

layer! { Tanh { epsilon: f64 } dim 1, Promises::default().codomain(Domain::Each(Interval { lo: -1.0, hi: 1.0 }));
    forward(self, z) { let x = z[0].tanh(); Ok(Image::new([x], (lit(1.0) - x * x + self.epsilon).ln())) }
}
