use std::sync::Mutex;

use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "state-05",
    slip: "the boundary slopes of a spline are written into the caller's own parameters",
    reference: "VincentStimper/normalizing-flows commit 033b98bba",
    missed_because: "",
    caught_by: &["evaluation-is-pure"],
    diagnosis: "gives other bits the second time",
    broken: || Box::new(InPlace { slope: Mutex::new(2.0) }),
    degenerate: None,
};

// Forward is the line of the slope it finds, and leaves its boundary slope there.
layer! { InPlace { slope: Mutex<f64> } dim 1, Promises::default().constant_log_det();
    forward(self, z) {
        let slope = S::from(recall(&self.slope));
        remember(&self.slope, S::from(1.0));
        Image::finite([z[0] * slope], slope.ln())
    }
}
