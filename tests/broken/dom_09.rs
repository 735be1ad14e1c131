use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "dom-09",
    slip: "a leaky rectifier declares that its image is positive",
    reference: "pyro-ppl/pyro commit c35fdc0cf",
    missed_because: "",
    caught_by: &["images-lie-in-codomain"],
    diagnosis: "in the codomain x[0] > 0",
    broken: || Box::new(Leaky { s: 0.25.into() }),
    degenerate: None,
};

layer! { Leaky { s: Param } dim 1,
    Promises::default().once_differentiable().codomain(Domain::Each(Interval::POSITIVE));
    forward(self, z) {
        let slope = z[0].select(0.0, || self.s.into(), || S::from(1.0));
        Image::finite([z[0] * slope], slope.ln())
    }
    inverse(self, x) {
        let slope = x[0].select(0.0, || self.s.into(), || S::from(1.0));
        Image::finite([x[0] / slope], -slope.ln())
    }
}
