use super::num_07::SATURATED;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-21",
    slip: "stick breaking takes ln(y σ(x)) − x, which underflows before the log",
    reference: "pyro-ppl/numpyro commit f936572b7",
    missed_because: "",
    caught_by: &["finite-inside"],
    diagnosis: SATURATED,
    broken: || Box::new(Stick { y: 0.5.into() }),
    degenerate: None,
};

layer! { Stick { y: Param } dim(self) 1,
    Promises::default().codomain(Domain::Each(Interval { lo: 0.0, hi: self.y.into() }));
    forward(self, x) {
        let z = self.y * x[0].sigmoid();
        Ok(Image::new([z], z.ln() - x[0] - x[0].softplus() + x[0]))
    }
}
