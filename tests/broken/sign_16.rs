use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-16",
    slip: "the default log-det is ln(det J), without the absolute value",
    reference: "aesara-devs/aeppl issue #111",
    missed_because: "every map in the tests was increasing",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "det J < 0 here: the log of a negative number; use ln_abs",
    broken: || Box::new(Mapped { a: (-1.5).into() }),
    degenerate: Some(|| Box::new(Mapped { a: 1.5.into() })),
};

layer! { Mapped { a: Param } dim 1,
    Promises::default().orientation(Orientation::Either);
    forward(self, z) {
        Ok(Image::new([self.a * (z[0] + z[0].tanh())], (self.a * (z[0].sech2() + 1.0)).ln()))
    }
}
