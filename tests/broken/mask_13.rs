use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-13",
    slip: "a soft clamp of log-scales is clamp·tanh(a), which scales them, not clamp·tanh(a/clamp), which limits them",
    reference: "vislearn/FrEIA commit ae74fd4cd",
    missed_because: "every law of a flow holds",
    caught_by: &["matches-known-values"],
    diagnosis: "",
    broken: || Box::new(coupling()),
    degenerate: None,
};

fn coupling() -> Coupling {
    Coupling { clamp: 2.0.into(), w: 1.0.into(), t: 0.5.into() }
}

layer! { Coupling { clamp: Param, w: Param, t: Param } dim 2,
    Promises::default().structure(Structure::PassThrough { kept: vec![0] });
    forward(self, z) {
        let s = self.clamp * (self.w * z[0]).tanh();
        Image::finite([z[0], z[1] * s.exp() + self.t], s)
    }
    inverse(self, x) {
        let s = self.clamp * (self.w * x[0]).tanh();
        Image::finite([x[0], (x[1] - self.t) * (-s).exp()], -s)
    }
    known {
        // e^{2 tanh ½} · 3 + ½ and 2 tanh ½, to 17 digits.
        let image = [1.0, 8.059_814_124_540_028];
        vec![KnownValue::new("soft clamp", coupling(), Given::Base(vec![1.0, 3.0]), image, 0.924_234_314_520_019_5)]
    }
}
