use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-20",
    slip: "a look-up of the map from a distribution's support to the reals returns the opposite one",
    reference: "TuringLang/Turing.jl pull #1168",
    missed_because: "it was not used internally",
    caught_by: &["outside-is-refused", "forward-undoes-inverse"],
    diagnosis: "forward accepts",
    broken: || Box::new(Link {}),
    degenerate: None,
};

// Declared: from the support (0, ∞) to ℝ, as ln is.
layer! { Link {} dim 1, Promises::default().domain(Domain::Each(Interval::POSITIVE));
    forward(self, z) { Image::finite([z[0].exp()], z[0]) }
    inverse(self, x) {
        expect_inside(x[0], 0, Interval::POSITIVE)?;
        Image::finite([x[0].ln()], -x[0].ln())
    }
}
