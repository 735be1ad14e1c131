use super::par_01::Planar;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "par-04",
    slip: "the planar û divides by the root of the squared norm",
    reference: "LukasRinder/normalizing-flows issue #2",
    missed_because: "",
    caught_by: &["forward-is-injective", "orientation-is-constant"],
    diagnosis: "f(z) = f(z′)",
    broken: || Box::new(Planar { u: params([-9.0]), w: params([0.5]), b: 0.125.into() }),
    degenerate: None,
};
