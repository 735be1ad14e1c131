use super::num_07::SATURATED;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-17",
    slip: "ln sech² y is written 2 ln(2/(e^y + e^{−y})), which overflows in its turn",
    reference: "TuringLang/Bijectors.jl commit 21ec0e008",
    missed_because: "",
    caught_by: &["finite-inside"],
    diagnosis: SATURATED,
    broken: || Box::new(Correlation {}),
    degenerate: None,
};

layer! { Correlation {} dim 1, Promises::default().codomain(Domain::Each(Interval { lo: -1.0, hi: 1.0 }));
    forward(self, z) {
        let log = (lit(2.0) / (z[0].exp() + (-z[0]).exp())).ln();
        Ok(Image::new([z[0].tanh()], log * 2.0))
    }
}
