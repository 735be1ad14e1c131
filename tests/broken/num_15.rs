use super::num_07::SATURATED;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-15",
    slip: "the log-det of a bounded interval is computed from the constrained value, which has saturated",
    reference: "TuringLang/Bijectors.jl pull #325",
    missed_because: "no test compared it with arithmetic of more digits",
    caught_by: &["finite-inside"],
    diagnosis: SATURATED,
    broken: || Box::new(Bounded {}),
    degenerate: None,
};

layer! { Bounded {} dim 1, Promises::default().codomain(Domain::Each(Interval { lo: -1.0, hi: 1.0 }));
    forward(self, z) {
        let x = z[0].sigmoid() * 2.0 - 1.0;
        Ok(Image::new([x], (x + 1.0).ln() + (-x + 1.0).ln() - S::ln_2()))
    }
}
