use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-08",
    slip: "the log-det of an ordered vector is broadcast against the log-densities of its elements and counted once \
           for each",
    reference: "pymc-devs/pymc pull #6903",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value is 3 times too large (= d = 3)",
    broken: || Box::new(Ordered {}),
    degenerate: None,
};

layer! { Ordered {} dim 3, Promises::default().lower_triangular(3).increasing();
    forward(self, z) {
        let next = z[0] + z[1].exp();
        Image::finite([z[0], next, next + z[2].exp()], (z[1] + z[2]) * 3.0)
    }
}
