use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-07",
    slip: "a 1×1 convolution that applies W⁻¹ forward reports +ln|det W|, and the inverse the opposite",
    reference: "VincentStimper/normalizing-flows commit 7ce9356b3",
    missed_because: "W starts orthogonal, where ln|det W| = 0",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the sides differ in sign only",
    broken: || Box::new(Conv { w: params([2.0, 0.5, -1.0, 3.0]) }),
    degenerate: Some(|| Box::new(Conv { w: params([0.0, -1.0, 1.0, 0.0]) })),
};

layer! { Conv { w: Vec<Param> } dim 2, Promises::default().constant_log_det();
    forward(self, z) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| S::from(self.w[i]));
        let det = a * d - b * c;
        Image::finite([(d * z[0] - b * z[1]) / det, (a * z[1] - c * z[0]) / det], det.ln_abs())
    }
    inverse(self, x) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| S::from(self.w[i]));
        Image::finite([a * x[0] + b * x[1], c * x[0] + d * x[1]], -(a * d - b * c).ln_abs())
    }
}
