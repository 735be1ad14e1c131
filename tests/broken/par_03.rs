use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "par-03",
    slip: "the planar bias has d entries, so that the map is not of rank one, as its log-det takes it to be",
    reference: "pyro-ppl/pyro pull #2192",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Planar { u: params([0.75, 0.5]), w: params([0.5, 1.0]), b: params([0.25, -1.0]) }),
    degenerate: None,
};

layer! { Planar { u: Vec<Param>, w: Vec<Param>, b: Vec<Param> } dim 2, Promises::default();
    forward(self, z) {
        let a: Vec<S> = self.b.iter().map(|&b| dot(&self.w, z) + b).collect();
        let x: Vec<S> = (0..2).map(|i| z[i] + self.u[i] * a[i].tanh()).collect();
        Image::finite(x, (product::<S>(&self.w, &self.u) * a[0].sech2()).ln_1p())
    }
}
