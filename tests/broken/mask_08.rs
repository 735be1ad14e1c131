use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-08",
    slip: "heights and slopes of a conditional spline are reshaped from its widths",
    reference: "pyro-ppl/pyro commit 10c883923",
    missed_because: "it is a valid spline, close to the identity",
    caught_by: &["parameters-matter"],
    diagnosis: "changes neither x nor the log-det",
    broken: || Box::new(Conditional { w: 1.5.into(), h: 2.5.into(), d: 0.5.into() }),
    degenerate: None,
};

impl Conditional {
    fn spline(&self) -> Spline {
        let (w, h, d) = (self.w, self.w, self.w);
        Spline { x: vec![0.0.into(), w], y: vec![0.0.into(), h], d: vec![d, 2.0.into()] }
    }
}

layer! { Conditional { w: Param, #[expect(dead_code, reason = "that is the slip")] h: Param, #[expect(dead_code, reason = "that is the slip")] d: Param } dim 1,
    Promises::default().structure(Structure::Diagonal).once_differentiable();
    forward(self, z) { let (x, slope) = self.spline().forward(z[0]); Image::finite([x], slope) }
    inverse(self, x) { let (z, slope) = self.spline().inverse(x[0]); Image::finite([z], -slope) }
}
