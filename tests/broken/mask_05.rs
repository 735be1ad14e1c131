use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-05",
    slip: "a helper that puts flips between layers returns the list that it was given",
    reference: "danielward27/flowjax commit d74d91c4c",
    missed_because: "the result is a valid flow",
    caught_by: &["promised-entries-are-reached"],
    diagnosis: "x[0] does not depend on z[1]",
    broken: || Box::new(Flipped { w: params([0.75, -0.5]), c: params([0.25, 0.5]) }),
    degenerate: None,
};

// Two couplings; with the flip between them the Jacobian would be full.
layer! { Flipped { w: Vec<Param>, c: Vec<Param> } dim 2, Promises::default().reaches_all();
    forward(self, z) {
        let s = [0, 1].map(|k| net(&self.w[k..=k], z) + self.c[k]);
        Image::finite([z[0], z[1] * s[0].exp() * s[1].exp()], s[0] + s[1])
    }
    inverse(self, x) {
        let s = [0, 1].map(|k| net(&self.w[k..=k], x) + self.c[k]);
        Image::finite([x[0], x[1] * (-s[1]).exp() * (-s[0]).exp()], -(s[0] + s[1]))
    }
}
