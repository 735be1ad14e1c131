use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-18",
    slip: "the linear tails of a spline start at the x of the end knot where its y is meant, and the inverse's at the \
           y",
    reference: "google-deepmind/distrax commit 5904d200b",
    missed_because: "at the ends x and y are usually the same number",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "",
    broken: || Box::new(Tails { f: Spline::new([-1.0, 0.2, 1.0], [-1.5, -0.4, 1.5], [2.0, 3.0, 2.0]) }),
    degenerate: None,
};

layer! { Tails { f: Spline } dim 1, Promises::default().structure(Structure::Diagonal).once_differentiable();
    forward(self, z) {
        let (end, slope) = (S::from(self.f.x[2]), S::from(self.f.d[2]));
        if (-z[0]).is_below(-end) {
            return Image::finite([(z[0] - end) * slope + end], slope.ln());
        }
        let (x, slope) = self.f.forward(z[0]);
        Image::finite([x], slope)
    }
    inverse(self, x) {
        let (end, slope) = (S::from(self.f.y[2]), S::from(self.f.d[2]));
        if (-x[0]).is_below(-end) {
            return Image::finite([(x[0] - end) / slope + end], -slope.ln());
        }
        let (z, slope) = self.f.inverse(x[0]);
        Image::finite([z], -slope)
    }
}
