use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-04",
    slip: "the unmasked condition of a masked net is made from x itself, so that every output sees every input",
    reference: "tensorflow/probability commit 5de6faac5",
    missed_because: "",
    caught_by: &["jacobian-has-promised-zeros", "log-det-is-jacobian"],
    diagnosis: "a triangular Jacobian was promised",
    broken: || Box::new(Made { w: params([0.5, -0.25]), c: params([0.25, 0.75]) }),
    degenerate: None,
};

layer! { Made { w: Vec<Param>, c: Vec<Param> } dim 2, Promises::default().lower_triangular(2);
    forward(self, z) {
        let condition = net(&self.w, z);
        let s = [condition * self.c[0], condition * self.c[1] + z[0].tanh()];
        Image::finite([z[0] * s[0].exp(), z[1] * s[1].exp()], s[0] + s[1])
    }
}
