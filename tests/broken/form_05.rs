use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-05",
    slip: "the log-det of a real Fourier transform is an array of ones",
    reference: "pyro-ppl/numpyro commit b902f4534",
    missed_because: "the new test compared only shapes",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value is 1: an array of ones stands for it",
    broken: || Box::new(Fourier {}),
    degenerate: None,
};

// Of four reals: x₀ = Σz, Re x₁, Im x₁, x₂; |det| = 8.
layer! { Fourier {} dim 4, Promises::default().constant_log_det();
    forward(self, z) {
        let (even, odd) = (z[0] + z[2], z[1] + z[3]);
        Image::finite([even + odd, z[0] - z[2], z[3] - z[1], even - odd], 1.0)
    }
    inverse(self, x) {
        let (even, odd) = ((x[0] + x[3]) * 0.5, (x[0] - x[3]) * 0.5);
        let half = |a: S| a * 0.5;
        Image::finite([half(even + x[1]), half(odd - x[2]), half(even - x[1]), half(odd + x[2])], -1.0)
    }
}
