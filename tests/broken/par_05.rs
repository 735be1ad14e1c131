use super::par_01::Planar;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "par-05",
    slip: "the planar û divides by ‖w‖, not by its square",
    reference: "abdulfatir/planar-flow-pytorch issue #1",
    missed_because: "",
    caught_by: &["forward-is-injective", "orientation-is-constant"],
    diagnosis: "f(z) = f(z′)",
    broken: || Box::new(Planar { u: params([3.0, -12.0]), w: params([-0.3, 0.4]), b: 0.0.into() }),
    degenerate: None,
};
