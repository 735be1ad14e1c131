use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-23",
    slip: "on events of several axes a radial flow's factor is one a row, spread along the wrong axis, while the \
           log-det takes it for one number",
    reference: "VincentStimper/normalizing-flows commit d45d9459d",
    missed_because: "only events of one axis were tested",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Radial { centre: params([0.3, -0.7, 0.1, 0.9]), a: 1.5.into(), b: 0.75.into() }),
    degenerate: None,
};

// An event of two rows of two.
layer! { Radial { centre: Vec<Param>, a: Param, b: Param } dim 4, Promises::default();
    forward(self, z) {
        let away: Vec<S> = z.iter().zip(&self.centre).map(|(&z, &c)| z - c).collect();
        let h: Vec<S> = away.chunks(2).map(|d| ((d[0] * d[0] + d[1] * d[1]).sqrt() + self.a).recip()).collect();
        let x: Vec<S> = (0..4).map(|i| z[i] + away[i] * h[i % 2] * self.b).collect();
        let (h, a, b) = (h[0], S::from(self.a), S::from(self.b));
        Image::finite(x, (h * b).ln_1p() * 3.0 + (h * h * a * b).ln_1p())
    }
}
