use super::num_07::SATURATED;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-14",
    slip: "the log-det of a sigmoid is ln(1/((1 + eˣ)(1 + e⁻ˣ))), whose denominator overflows",
    reference: "vislearn/FrEIA commit f898f3462",
    missed_because: "",
    caught_by: &["finite-inside"],
    diagnosis: SATURATED,
    broken: || Box::new(Sigmoid {}),
    degenerate: None,
};

layer! { Sigmoid {} dim 1, Promises::default().codomain(Domain::Each(Interval { lo: 0.0, hi: 1.0 }));
    forward(self, z) {
        let slope = ((z[0].exp() + 1.0) * ((-z[0]).exp() + 1.0)).recip();
        Ok(Image::new([z[0].sigmoid()], slope.ln()))
    }
}
