use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-13",
    slip: "a vector layer declares scalar events, so that its log-dets are summed over the batch and given to every \
           row",
    reference: "acids-ircam/pytorch_flows issue #2",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value is 3 times too large",
    broken: || Box::new(Batch { s: params([0.5, -0.25]) }),
    degenerate: None,
};

/// Rows of the batch.
const ROWS: usize = 3;

layer! { Batch { s: Vec<Param> } dim 2 * ROWS, Promises::default().structure(Structure::Diagonal);
    forward(self, z) {
        let x: Vec<S> = z.chunks(2).flat_map(|row| stretch(&self.s, row)).collect();
        let summed: S = z.chunks(2).map(|row| stretch_log_det(&self.s, row)).sum();
        Image::finite(x, (0..ROWS).map(|_| summed).sum::<S>())
    }
    inverse(self, x) {
        let z: Vec<S> = x.chunks(2).flat_map(|row| unstretch(&self.s, row)).collect();
        let summed: S = z.chunks(2).map(|row| stretch_log_det(&self.s, row)).sum();
        Image::finite(z, -(0..ROWS).map(|_| summed).sum::<S>())
    }
}
