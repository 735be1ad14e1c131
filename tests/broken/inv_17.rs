use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-17",
    slip: "the inverse of a binned spline asks whether y lies below the top x-knot",
    reference: "vislearn/FrEIA commit fa7b45d91",
    missed_because: "the two ranges usually coincide",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "",
    broken: || Box::new(Binned { f: Spline::new([-1.0, 0.2, 1.0], [-2.0, -0.4, 2.0], [1.0, 3.0, 1.0]) }),
    degenerate: None,
};

layer! { Binned { f: Spline } dim 1, Promises::default().structure(Structure::Diagonal).once_differentiable();
    forward(self, z) { let (x, slope) = self.f.forward(z[0]); Image::finite([x], slope) }
    inverse(self, x) {
        let top = S::from(self.f.x[2]);
        let (z, slope) = if (-x[0]).is_below(-top) {
            (top + (x[0] - self.f.y[2]) / self.f.d[2], S::from(self.f.d[2]).ln())
        } else {
            self.f.inverse(x[0])
        };
        Image::finite([z], -slope)
    }
}
