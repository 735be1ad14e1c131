use super::num_07::SATURATED;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-26",
    slip: "w·û = −1 + ln(1 + e^{w·u}) rounds to −1 exactly, and det J to 0 on the hyperplane",
    reference: "VincentStimper/normalizing-flows snapshot c6616b1a9",
    missed_because: "small initial weights keep w·u close to 0",
    caught_by: &["finite-inside"],
    diagnosis: SATURATED,
    broken: || Box::new(Planar { u: (-20.0).into(), w: 2.0.into() }),
    degenerate: None,
};

layer! { Planar { u: Param, w: Param } dim 1, Promises::default();
    forward(self, z) {
        let (u, w) = (S::from(self.u), S::from(self.w));
        let wu = ((w * u).exp() + 1.0).ln() - 1.0;
        let a = w * z[0];
        Ok(Image::new([z[0] + wu / w * a.tanh()], (wu * a.sech2() + 1.0).ln()))
    }
}
