use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-26",
    slip: "the search for bins does not broadcast knots against inputs: rows are paired with other rows' knots",
    reference: "probabilists/zuko commit 58558dca0",
    missed_because: "the test had as many sets of knots as inputs",
    caught_by: &["inverse-undoes-forward"],
    diagnosis: "only coordinates [1] come back wrong",
    broken: || {
        let first = Spline::new([-2.0, -0.3, 2.0], [-2.0, 0.6, 2.0], [1.0, 1.5, 1.0]);
        let second = Spline::new([-2.0, 1.2, 2.0], [-2.0, -0.9, 2.0], [1.0, 0.75, 1.0]);
        Box::new(Rows { f: [first, second] })
    },
    degenerate: None,
};

layer! { Rows { f: [Spline; 2] } dim 2, Promises::default().structure(Structure::Diagonal).once_differentiable();
    forward(self, z) {
        // Both rows search the first row's knots; the second clamps what it finds.
        let k = Spline::bin(&self.f[0].x, z[1]);
        let (x0, l0) = self.f[0].forward(z[0]);
        let (x1, l1) = if (1..3).contains(&k) { self.f[1].at(k - 1, z[1]) } else { self.f[1].forward(z[1]) };
        Image::finite([x0, x1], l0 + l1)
    }
    inverse(self, x) {
        let ((z0, l0), (z1, l1)) = (self.f[0].inverse(x[0]), self.f[1].inverse(x[1]));
        Image::finite([z0, z1], -(l0 + l1))
    }
}
