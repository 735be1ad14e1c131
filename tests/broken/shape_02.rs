use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-02",
    slip: "mixing the last axis of a set multiplies ln|det W| by the set's size, and broadcasting adds it once for \
           each element again",
    reference: "bayesflow-org/bayesflow pull #722",
    missed_because: "the shapes went through by lucky broadcasting",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value is 3 times too large",
    broken: || Box::new(Mixing { w: params([2.0, 0.5, -1.0, 3.0]) }),
    degenerate: Some(|| Box::new(Mixing { w: params([0.0, -1.0, 1.0, 0.0]) })),
};

/// Elements of the set.
const SET: usize = 3;

layer! { Mixing { w: Vec<Param> } dim 2 * SET, Promises::default().constant_log_det();
    forward(self, z) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| S::from(self.w[i]));
        let x: Vec<S> = z.chunks(2).flat_map(|z| [a * z[0] + b * z[1], c * z[0] + d * z[1]]).collect();
        Image::finite(x, (a * d - b * c).ln_abs() * (SET * SET) as f64)
    }
    inverse(self, x) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| S::from(self.w[i]));
        let det = a * d - b * c;
        let z: Vec<S> = x.chunks(2).flat_map(|x| [(d * x[0] - b * x[1]) / det, (a * x[1] - c * x[0]) / det]).collect();
        Image::finite(z, det.ln_abs() * -((SET * SET) as f64))
    }
}
