use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-21",
    slip: "a chain applies its list from right to left, so that the shift comes before the exponential and bounds \
           nothing",
    reference: "rs-station/careless pull #122",
    missed_because: "",
    caught_by: &["images-lie-in-codomain"],
    diagnosis: "in the codomain x[0] > 2",
    broken: || Box::new(Chained { shift: 2.0.into() }),
    degenerate: None,
};

// Declared: shift + eᶻ.
layer! { Chained { shift: Param } dim(self) 1,
    Promises::default().codomain(Domain::Each(Interval { lo: self.shift.into(), hi: f64::INFINITY }));
    forward(self, z) { Image::finite([(z[0] + self.shift).exp()], z[0] + self.shift) }
}
