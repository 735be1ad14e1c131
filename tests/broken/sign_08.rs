use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-08",
    slip: "a wrapper passes on a running change of log-density, −ln|det J|, as if it were the log-det",
    reference: "VincentStimper/normalizing-flows commit 143655118",
    missed_because: "the two log-dets still cancel",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the sides differ in sign only",
    broken: || Box::new(Wrapped { a: 0.5.into() }),
    degenerate: None,
};

layer! { Wrapped { a: Param } dim 1, Promises::default();
    forward(self, z) {
        let (sin, cos) = z[0].sin_cos();
        Image::finite([z[0] + self.a * sin], -(self.a * cos).ln_1p())
    }
    inverse(self, x) {
        let z = S::root(x[0] - 1.0, x[0] + 1.0, |t| {
            let (sin, cos) = t.sin_cos();
            (t + self.a * sin - x[0], self.a * cos + 1.0)
        })?;
        Image::finite([z], (self.a * z.sin_cos().1).ln_1p())
    }
}
