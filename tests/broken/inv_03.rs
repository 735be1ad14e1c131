use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-03",
    slip: "forward has two networks, for scale and shift; the inverse still asks the one that they replaced",
    reference: "ikostrikov/pytorch-flows commit 685949eca",
    missed_because: "",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "only coordinates [1] come back wrong",
    broken: || Box::new(Coupling { scale: 0.75.into(), shift: 0.5.into(), main: params([0.25, -0.5]) }),
    degenerate: None,
};

layer! { Coupling { scale: Param, shift: Param, main: Vec<Param> } dim 2,
    Promises::default().structure(Structure::PassThrough { kept: vec![0] });
    forward(self, z) {
        let (s, t) = ((self.scale * z[0]).tanh(), self.shift * z[0]);
        Image::finite([z[0], z[1] * s.exp() + t], s)
    }
    inverse(self, x) {
        let (s, t) = ((self.main[0] * x[0]).tanh(), self.main[1] * x[0]);
        Image::finite([x[0], (x[1] - t) * (-s).exp()], -s)
    }
}
