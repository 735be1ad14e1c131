use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-09",
    slip: "the log-det of a correlation Cholesky factor is that of the sphere's surface, though the density is stated \
           in the entries",
    reference: "tensorflow/probability commit c21fa9ef1",
    missed_because: "each formula is right for some measure",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "half of coordinate 1's term is lacking",
    broken: || Box::new(Correlation {}),
    degenerate: None,
};

// Entries (r₁₀, r₂₀, r₂₁) below the diagonal of a 3×3 factor.
layer! { Correlation {} dim 3,
    Promises::default().lower_triangular(3).codomain(Domain::Each(Interval { lo: -1.0, hi: 1.0 }));
    forward(self, z) {
        let rest = z[1].sech2();
        Image::finite([z[0].tanh(), z[1].tanh(), z[2].tanh() * rest.sqrt()], z.iter().map(|z| z.sech2().ln()).sum::<S>())
    }
}
