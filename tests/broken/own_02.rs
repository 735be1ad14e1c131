use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "own-02",
    slip: "a wrapper that should change nothing scales on the way back and undoes it, to rounding",
    reference: "",
    missed_because: "",
    caught_by: &["identity-is-neutral"],
    diagnosis: "inverse changes its input",
    broken: || Box::new(Neutral {}),
    degenerate: None,
};

layer! { Neutral {} dim 2, Promises::default().identity();
    forward(self, z) { Image::finite(z, 0.0) }
    inverse(self, x) { Image::finite(x.iter().map(|&x| x / 49.0 * 49.0).collect::<Vec<S>>(), 0.0) }
}
