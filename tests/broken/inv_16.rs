use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-16",
    slip: "the inverse of a softplus of sharpness β multiplies β to expm1 from outside",
    reference: "bayesflow-org/bayesflow pull #764",
    missed_because: "every call in the tree has β = 1",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "",
    broken: || Box::new(Softplus { beta: 2.0.into() }),
    degenerate: None,
};

layer! { Softplus { beta: Param } dim 1, Promises::default().codomain(Domain::Each(Interval::POSITIVE));
    forward(self, z) {
        let scaled = self.beta * z[0];
        within(Interval::POSITIVE, scaled.softplus() / self.beta, scaled.log_sigmoid())
    }
    inverse(self, x) {
        expect_inside(x[0], 0, Interval::POSITIVE)?;
        let z = (self.beta * x[0].exp_m1()).ln() / self.beta;
        Image::finite([z], -(self.beta * z).log_sigmoid())
    }
}
