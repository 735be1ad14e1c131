use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-19",
    slip: "stick breaking adds ε to both logs instead of bounding them: every value is biased",
    reference: "TuringLang/Bijectors.jl commit 97ccf6ce6",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Stick { epsilon: f64::EPSILON }),
    degenerate: None,
};

layer! { Stick { epsilon: f64 } dim 1, Promises::default().codomain(Domain::Each(Interval { lo: 0.0, hi: 1.0 }));
    forward(self, z) {
        let (x, rest) = (z[0].sigmoid(), (-z[0]).sigmoid());
        Image::finite([x], (x + self.epsilon).ln() + (rest + self.epsilon).ln())
    }
}
