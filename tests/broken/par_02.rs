use super::par_01::Planar;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "par-02",
    slip: "the planar û divides by ‖w‖ instead of ‖w‖²",
    reference: "pyro-ppl/pyro pull #2192",
    missed_because: "",
    caught_by: &["forward-is-injective", "orientation-is-constant"],
    diagnosis: "f(z) = f(z′)",
    broken: || Box::new(Planar { u: params([-6.0, 2.0, -4.0]), w: params([0.375, -0.25, 0.25]), b: (-0.5).into() }),
    degenerate: None,
};
