use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "dom-11",
    slip: "the check of a constraint applies its tolerance on the wrong side: spectrum > +tol",
    reference: "pyro-ppl/numpyro commit c3527677e",
    missed_because: "",
    caught_by: &["inverse-undoes-forward", "finite-inside"],
    diagnosis: "inverse(x) refuses a legal point",
    broken: || Box::new(Spectrum { tolerance: 0.125 }),
    degenerate: None,
};

layer! { Spectrum { tolerance: f64 } dim 1, Promises::default().codomain(Domain::Each(Interval::POSITIVE));
    forward(self, z) { within(Interval::POSITIVE, z[0].exp(), z[0]) }
    inverse(self, x) {
        expect_inside(x[0], 0, Interval { lo: self.tolerance, hi: f64::INFINITY })?;
        Image::finite([x[0].ln()], -x[0].ln())
    }
}
