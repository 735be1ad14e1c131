use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "state-03",
    slip: "parameters are normalised once, in the constructor, so that training them changes nothing",
    reference: "pyro-ppl/pyro commit d0bb36d6e",
    missed_because: "no test had trained a layer",
    caught_by: &["parameters-matter"],
    diagnosis: "changes neither x nor the log-det",
    broken: || {
        let raw = [0.5, -0.25];
        Box::new(Frozen { raw: params(raw), scale: raw.map(|r| f64::from(r as f32).exp().ln_1p()).to_vec() })
    },
    degenerate: None,
};

layer! { Frozen { #[expect(dead_code, reason = "that is the slip")] raw: Vec<Param>, scale: Vec<f64> } dim 2, Promises::default().constant_log_det();
    forward(self, z) {
        let x: Vec<S> = z.iter().zip(&self.scale).map(|(&z, &s)| z * s).collect();
        Image::finite(x, self.scale.iter().map(|&s| S::from(s).ln()).sum::<S>())
    }
    inverse(self, x) {
        let z: Vec<S> = x.iter().zip(&self.scale).map(|(&x, &s)| x / s).collect();
        Image::finite(z, -self.scale.iter().map(|&s| S::from(s).ln()).sum::<S>())
    }
}
