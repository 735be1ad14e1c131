use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "own-03",
    slip: "a shift is computed outside of automatic differentiation: value and Jacobian part company",
    reference: "",
    missed_because: "",
    caught_by: &["finite-differences-agree"],
    diagnosis: "the derivative is lost",
    broken: || Box::new(Detached { a: 2.0.into() }),
    degenerate: None,
};

layer! { Detached { a: Param } dim 2, Promises::default().constant_log_det();
    forward(self, z) { Image::finite([self.a * z[0], self.a * z[1] + detached(z[0].sinh())], S::from(self.a).ln() * 2.0) }
}
