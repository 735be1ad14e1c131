use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-26",
    slip: "the k-th term of the exact power series of ln det(I + A) lacks (−1)^{k+1}/k",
    reference: "rtqichen/residual-flows commit 1c24a7bc6",
    missed_because: "the exact branch was there to check the estimator, and nothing checked it",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Series { a: params([0.5, 0.125, -0.25, 0.375]) }),
    degenerate: None,
};

layer! { Series { a: Vec<Param> } dim 2, Promises::default().constant_log_det();
    forward(self, z) {
        let a: [S; 4] = [0, 1, 2, 3].map(|i| S::from(self.a[i]));
        let times = |m: [S; 4]| {
            [m[0] * a[0] + m[1] * a[2], m[0] * a[1] + m[1] * a[3], m[2] * a[0] + m[3] * a[2], m[2] * a[1] + m[3] * a[3]]
        };
        let powers = std::iter::successors(Some(a), |&m| Some(times(m)));
        let log_det: S = powers.take(60).map(|m| m[0] + m[3]).sum();
        Image::finite([z[0] + a[0] * z[0] + a[1] * z[1], z[1] + a[2] * z[0] + a[3] * z[1]], log_det)
    }
}
