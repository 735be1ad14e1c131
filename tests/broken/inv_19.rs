use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-19",
    slip: "forward maps ordered vectors to free ones, the opposite of every other map in the library",
    reference: "tensorflow/probability issue #765",
    missed_because: "with itself it is consistent: every law of inversion and volume holds",
    caught_by: &["finite-inside"],
    diagnosis: "forward(z) refuses a legal point",
    broken: || Box::new(Ordered {}),
    degenerate: None,
};

// Declared: from all of ℝ² to pairs with x₁ > x₀.
layer! { Ordered {} dim 2, Promises::default().lower_triangular(2);
    forward(self, z) {
        let gap = z[1] - z[0];
        expect_inside(gap, 1, Interval::POSITIVE)?;
        Image::finite([z[0], gap.ln()], -gap.ln())
    }
    inverse(self, x) { Image::finite([x[0], x[0] + x[1].exp()], x[1]) }
}
