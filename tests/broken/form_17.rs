use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-17",
    slip: "the log-det of a fixed matrix is Σ ln diag of its Cholesky factor: half of it",
    reference: "vislearn/FrEIA commit ed952d018",
    missed_because: "for the identity matrix both are 0",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "a factor 2 is lost",
    broken: || Box::new(Fixed { m: params([4.0, 1.5, 2.0]) }),
    degenerate: Some(|| Box::new(Fixed { m: params([1.0, 1.0, 1.0]) })),
};

// M = [[m₀, 1, 0], [1, m₁, 0], [0, 0, m₂]], or the identity where every m is 1.
layer! { Fixed { m: Vec<Param> } dim(self) 3, Promises::default().constant_log_det();
    forward(self, z) {
        let off = if self.m.iter().all(|&m| f64::from(m) == 1.0) { 0.0 } else { 1.0 };
        let det = (S::from(self.m[0]) * self.m[1] - off) * self.m[2];
        let x = [self.m[0] * z[0] + z[1] * off, z[0] * off + self.m[1] * z[1], self.m[2] * z[2]];
        Image::finite(x, det.ln() * 0.5)
    }
}
