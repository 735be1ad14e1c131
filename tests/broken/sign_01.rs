use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-01",
    slip: "an inverse found by root finding returns the forward log-det at its result, not negated",
    reference: "danielward27/flowjax issue #208",
    missed_because: "the test wrapped a pure shift, whose log-det is 0",
    caught_by: &["inverse-log-det-negates", "inverse-log-det-is-jacobian"],
    diagnosis: "the inverse returns the forward log-det: its sign is not negated",
    broken: || Box::new(Solved { a: 2.0.into(), b: 0.5.into() }),
    degenerate: Some(|| Box::new(Solved { a: 1.0.into(), b: 0.5.into() })),
};

layer! { Solved { a: Param, b: Param } dim 1, Promises::default().constant_log_det();
    forward(self, z) { Image::finite([z[0] * self.a + self.b], S::from(self.a).ln_abs()) }
    inverse(self, x) {
        let a = S::from(self.a);
        let z = S::root(x[0] - 10.0, x[0] + 10.0, |t| (a * t + self.b - x[0], a))?;
        Image::finite([z], a.ln_abs())
    }
}
