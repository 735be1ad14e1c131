use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-15",
    slip: "an additive coupling adds net(x₂) to x₂ itself, and the inverse subtracts net(x₁)",
    reference: "slimgroup/InvertibleNetworks.jl commit b194c6659",
    missed_because: "",
    caught_by: &["inverse-undoes-forward", "log-det-is-jacobian"],
    diagnosis: "the fast value is 0: the log-det is missing",
    broken: || Box::new(Additive { w: 0.75.into() }),
    degenerate: None,
};

layer! { Additive { w: Param } dim 2, Promises::default().structure(Structure::PassThrough { kept: vec![0] });
    forward(self, z) { Image::finite([z[0], z[1] + (self.w * z[1]).tanh()], 0.0) }
    inverse(self, x) { Image::finite([x[0], x[1] - (self.w * x[0]).tanh()], 0.0) }
}
