use super::num_07::SATURATED;
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "par-09",
    slip: "nothing keeps the free matrix of a 1×1 convolution away from singular",
    reference: "openai/glow issue #40",
    missed_because: "it takes thousands of steps to appear",
    caught_by: &["finite-inside"],
    diagnosis: SATURATED,
    broken: || Box::new(Conv { w: params([0.5, 2.0, 0.5, 2.0]) }),
    degenerate: None,
};

layer! { Conv { w: Vec<Param> } dim 2, Promises::default().constant_log_det();
    forward(self, z) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| S::from(self.w[i]));
        Ok(Image::new([a * z[0] + b * z[1], c * z[0] + d * z[1]], (a * d - b * c).ln_abs()))
    }
}
