use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-01",
    slip: "a vectorised scalar spline returns its log-det per coordinate, and who expects a scalar reads the first",
    reference: "danielward27/flowjax commit 7dcf68e6f",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value lacks coordinate 1's term",
    broken: || Box::new(Splines { f: Spline::new([-2.0, -0.3, 2.0], [-2.0, 0.6, 2.0], [1.0, 1.5, 1.0]) }),
    degenerate: None,
};

layer! { Splines { f: Spline } dim 2, Promises::default().structure(Structure::Diagonal).once_differentiable();
    forward(self, z) {
        let (x, slopes): (Vec<S>, Vec<S>) = z.iter().map(|&z| self.f.forward(z)).unzip();
        Image::finite(x, slopes[0])
    }
    inverse(self, x) {
        let (z, slopes): (Vec<S>, Vec<S>) = x.iter().map(|&x| self.f.inverse(x)).unzip();
        Image::finite(z, -slopes[0])
    }
}
