use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-03",
    slip: "a scaled unit-lower Cholesky factor sums softplus(dᵢ)·i where it means ln softplus(dᵢ)·i",
    reference: "pyro-ppl/numpyro commit 4afc3b559",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the log of coordinate 2's slope is forgotten",
    broken: || Box::new(Cholesky {}),
    degenerate: None,
};

// Free entries (d₀, d₁, l) of a 2×2 factor: the diagonal is softplus(d), the entry below it l·softplus(d₀).
layer! { Cholesky {} dim 3,
    Promises::default().lower_triangular(3)
        .codomain(Domain::Coordinates(vec![Interval::POSITIVE, Interval::POSITIVE, Interval::REALS]));
    forward(self, z) {
        let (d0, d1) = (z[0].softplus(), z[1].softplus());
        Image::finite([d0, d1, z[2] * d0], d0 + z[0].log_sigmoid() + z[1].log_sigmoid())
    }
}
