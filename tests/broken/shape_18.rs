use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-18",
    slip: "summing the rightmost axes is told how many to keep instead of how many to sum: one axis of the event is \
           left",
    reference: "pyro-ppl/pyro commit 4bc3af704",
    missed_because: "with one batch axis and vector events the shape is right",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value lacks coordinate 3's term",
    broken: || Box::new(Rows { w: params([0.75, -0.5]), c: params([0.25, 0.5]) }),
    degenerate: None,
};

// An event of two rows of two: in each row the first entry is kept and decides how the second is scaled.
layer! { Rows { w: Vec<Param>, c: Vec<Param> } dim 4,
    Promises::default().structure(Structure::PassThrough { kept: vec![0, 2] });
    forward(self, z) {
        let s = |row: usize| net(&self.w[row..=row], &z[2 * row..]) + self.c[row];
        Image::finite([z[0], z[1] * s(0).exp(), z[2], z[3] * s(1).exp()], s(0))
    }
    inverse(self, x) {
        let s = |row: usize| net(&self.w[row..=row], &x[2 * row..]) + self.c[row];
        Image::finite([x[0], x[1] * (-s(0)).exp(), x[2], x[3] * (-s(1)).exp()], -s(0))
    }
}
