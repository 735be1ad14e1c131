use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-22",
    slip: "softplus is ln(1 + eˣ), and its inverse ln(eʸ − 1): both overflow",
    reference: "GPflow/GPflow issue #302",
    missed_because: "",
    caught_by: &["finite-inside"],
    diagnosis: "returns inf",
    broken: || Box::new(Softplus {}),
    degenerate: None,
};

layer! { Softplus {} dim 1, Promises::default().codomain(Domain::Each(Interval::POSITIVE));
    forward(self, z) { Ok(Image::new([(z[0].exp() + 1.0).ln()], z[0].log_sigmoid())) }
    inverse(self, y) {
        crate::flow::expect_inside(y[0], 0, Interval::POSITIVE)?;
        let z = (y[0].exp() - 1.0).ln();
        Ok(Image::new([z], -z.log_sigmoid()))
    }
}
