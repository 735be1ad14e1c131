use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-10",
    slip: "the Kumaraswamy map 1 − (1 − y^a)^b is formed as exp(ln(1 − (1 − y^a)^b)), which loses small results",
    reference: "tensorflow/probability commit 0d80325be",
    missed_because: "",
    caught_by: &["digits-kept"],
    diagnosis: "digits lost beyond the condition",
    broken: || Box::new(Kumaraswamy { a: 2.0.into(), b: 3.0.into() }),
    degenerate: None,
};

const UNIT: Interval = Interval { lo: 0.0, hi: 1.0 };

layer! { Kumaraswamy { a: Param, b: Param } dim 1,
    Promises::default().domain(Domain::Each(UNIT)).codomain(Domain::Each(UNIT));
    forward(self, y) {
        expect_inside(y[0], 0, UNIT)?;
        let (a, b) = (S::from(self.a), S::from(self.b));
        let rest = (-(a * y[0].ln()).exp()).ln_1p();
        let log_det = a.ln() + b.ln() + (a - 1.0) * y[0].ln() + (b - 1.0) * rest;
        within(UNIT, (-(b * rest).exp()).ln_1p().exp(), log_det)
    }
}
