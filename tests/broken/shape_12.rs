use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-12",
    slip: "a stack of scalar maps declares itself a vector map and returns the unsummed log-dets",
    reference: "pytorch/pytorch issue #121220",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value lacks coordinate 1's term",
    broken: || Box::new(Stack {}),
    degenerate: None,
};

layer! { Stack {} dim 2, Promises::default().structure(Structure::Diagonal);
    forward(self, z) { Image::finite([z[0].sinh(), z[1] + z[1].tanh()], z[0].ln_cosh()) }
}
