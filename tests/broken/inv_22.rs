use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-22",
    slip: "the density pass of a multi-scale flow merges forward where it should undo the merge of the level below",
    reference: "VincentStimper/normalizing-flows commit 5ea930e37",
    missed_because: "one level hides it",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "the inverse returns the right coordinates in the wrong order",
    broken: || Box::new(Merged { s: params([0.5, -0.75, 0.25]) }),
    degenerate: None,
};

// The merge is a cyclic shift, which is not its own inverse.
layer! { Merged { s: Vec<Param> } dim 3, Promises::default();
    forward(self, z) {
        let merged = [z[1], z[2], z[0]];
        Image::finite(stretch(&self.s, &merged), stretch_log_det(&self.s, &merged))
    }
    inverse(self, x) {
        let z = unstretch(&self.s, x);
        let log_det = -stretch_log_det(&self.s, &z);
        Image::finite([z[1], z[2], z[0]], log_det)
    }
}
