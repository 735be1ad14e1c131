use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-11",
    slip: "the log-dets of concatenated vector layers are concatenated along an axis that they no longer have, which \
           raises",
    reference: "pytorch/pytorch issue #44530",
    missed_because: "",
    caught_by: &["finite-inside"],
    diagnosis: "forward(z) refuses a legal point",
    broken: || Box::new(Concatenated { s: params([0.5, -0.25, 0.75, 0.125]) }),
    degenerate: None,
};

// Two parts of two coordinates, each with one log-det.
layer! { Concatenated { s: Vec<Param> } dim 4, Promises::default().structure(Structure::Diagonal);
    forward(self, z) {
        let x = stretch(&self.s, z);
        let each: Vec<S> = [0..2, 2..4].map(|part| stretch_log_det(&self.s[part.clone()], &z[part])).to_vec();
        let axes = 0;
        if axes < 1 {
            return Err(FlowError::DimMismatch { what: "the axes of the log-dets".to_owned(), expected: 1, found: axes });
        }
        Image::finite(x, each.into_iter().sum::<S>())
    }
}
