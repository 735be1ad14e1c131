use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-13",
    slip: "by precedence the logs of the diagonal multiply only the end of a range of weights, not each weight",
    reference: "TuringLang/Bijectors.jl commit b219eec3d",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Definite {}),
    degenerate: None,
};

// A = LLᵀ, L = [[e^p, 0], [l, e^q]]: the log-det is 2 ln 2 + 3p + 2q.
layer! { Definite {} dim 3,
    Promises::default().lower_triangular(3)
        .codomain(Domain::Coordinates(vec![Interval::POSITIVE, Interval::REALS, Interval::POSITIVE]));
    forward(self, z) {
        let (p, l, q) = (z[0].exp(), z[1], z[2].exp());
        Image::finite([p * p, l * p, l * l + q * q], S::ln_2() * 2.0 + 3.0 + z[2] * 2.0)
    }
}
