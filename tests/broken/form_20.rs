use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-20",
    slip: "in a radial flow's log-det h, which is 1/(a + r) already, is inverted again",
    reference: "davidnabergoj/torchflows commit f0b32794c",
    missed_because: "the test asked only whether the log-det is finite",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Radial { centre: params([0.3, -0.7]), a: 1.5.into(), b: 0.75.into() }),
    degenerate: None,
};

/// `x = c + (z − c)(1 + b h)` with `h = 1/(a + r)`.
pub(super) struct Radius<S> {
    pub(super) x: Vec<S>,
    pub(super) h: S,
    /// `ln(1 + b h + b h′ r) = ln(1 + a b h²)`.
    pub(super) along: S,
}

impl<S: Scalar> Radius<S> {
    pub(super) fn of(centre: &[Param], a: Param, b: Param, z: &[S]) -> Self {
        let away: Vec<S> = z.iter().zip(centre).map(|(&z, &c)| z - c).collect();
        let h = (away.iter().map(|&d| d * d).sum::<S>().sqrt() + a).recip();
        let x = z.iter().zip(&away).map(|(&z, &d)| z + d * h * b).collect();
        Self { x, h, along: (h * h * a * b).ln_1p() }
    }
}

layer! { Radial { centre: Vec<Param>, a: Param, b: Param } dim 2, Promises::default();
    forward(self, z) {
        let Radius { x, h, .. } = Radius::of(&self.centre, self.a, self.b, z);
        Image::finite(x, (h * self.b).ln_1p() + ((h * h).recip() * self.a * self.b).ln_1p())
    }
}
