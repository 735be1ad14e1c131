use std::sync::Mutex;

use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "state-09",
    slip: "in training the inverse of a batch norm takes the statistics of the last batch that went forward",
    reference: "ikostrikov/pytorch-flows issue #8",
    missed_because: "",
    caught_by: &["evaluation-is-pure"],
    diagnosis: "gives other bits the second time",
    broken: || Box::new(BatchNorm { gamma: 1.5.into(), spread: Mutex::new(1.0) }),
    degenerate: None,
};

// A batch of two numbers, scaled by γ over its spread.
layer! { BatchNorm { gamma: Param, spread: Mutex<f64> } dim 2, Promises::default();
    forward(self, z) {
        let spread = ((z[0] - z[1]) * (z[0] - z[1]) + 1.0).sqrt();
        remember(&self.spread, spread);
        let scale = self.gamma * spread.recip();
        Image::finite([z[0] * scale, z[1] * scale], scale.ln() * 2.0)
    }
    inverse(self, x) {
        let scale = self.gamma * S::from(recall(&self.spread)).recip();
        Image::finite([x[0] / scale, x[1] / scale], scale.ln() * -2.0)
    }
}
