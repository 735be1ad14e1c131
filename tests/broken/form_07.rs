use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-07",
    slip: "the inverse of a triangular n×n matrix takes the log-det of general matrices, −2n Σ ln|L_ii|, for −(n + 1) \
           Σ ln|L_ii|",
    reference: "tensorflow/probability commit 7769c6c38",
    missed_because: "the helper that should have compared it with automatic differentiation returned a cached value",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value is 4/3 of the right one",
    broken: || Box::new(Inverse {}),
    degenerate: None,
};

fn free() -> Domain {
    Domain::Coordinates(vec![Interval::POSITIVE, Interval::REALS, Interval::POSITIVE])
}

// L = [[a, 0], [l, b]] by its entries (a, l, b).
layer! { Inverse {} dim 3, Promises::default().domain(free()).codomain(free());
    forward(self, z) {
        expect_inside(z[0], 0, Interval::POSITIVE)?;
        expect_inside(z[2], 2, Interval::POSITIVE)?;
        let (a, l, b) = (z[0], z[1], z[2]);
        Image::finite([a.recip(), -l / (a * b), b.recip()], (a.ln() + b.ln()) * -4.0)
    }
}
