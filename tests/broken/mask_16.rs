use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-16",
    slip: "the distribution function of y = f(x) is F(f⁻¹(y)) for decreasing f too: it falls",
    reference: "tensorflow/probability commit 42fa2e2e3",
    missed_because: "",
    caught_by: &["slopes-are-positive"],
    diagnosis: "promised: positive",
    broken: || Box::new(Distribution { a: (-0.75).into() }),
    degenerate: None,
};

const UNIT: Interval = Interval { lo: 0.0, hi: 1.0 };

// y = x/a has the distribution function F(a y); F is logistic.
layer! { Distribution { a: Param } dim 1, Promises::default().codomain(Domain::Each(UNIT)).increasing();
    forward(self, y) {
        let x = self.a * y[0];
        within(UNIT, x.sigmoid(), x.log_sigmoid() + (-x).log_sigmoid() + S::from(self.a).ln_abs())
    }
}
