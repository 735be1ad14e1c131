use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-01",
    slip: "the log-det of a triangular affine map is the sum of the diagonal: the log is forgotten",
    reference: "danielward27/flowjax commit 0526af839",
    missed_because: "no test compared a log-det with automatic differentiation; the first that did found it",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the log is forgotten: the fast value is the sum of the diagonal",
    broken: || Box::new(Triangular { a: params([2.0, 3.0]), l: 0.5.into() }),
    degenerate: None,
};

layer! { Triangular { a: Vec<Param>, l: Param } dim 2,
    Promises::default().lower_triangular(2).constant_log_det();
    forward(self, z) {
        let x = [self.a[0] * z[0], self.a[1] * z[1] + self.l * z[0]];
        Image::finite(x, S::from(self.a[0]) + self.a[1])
    }
    inverse(self, x) {
        let z = x[0] / self.a[0];
        Image::finite([z, (x[1] - self.l * z) / self.a[1]], -(S::from(self.a[0]) + self.a[1]))
    }
}
