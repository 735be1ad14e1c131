use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "own-06",
    slip: "every bin of a spline takes the slope at its left knot for both of its ends",
    reference: "",
    missed_because: "",
    caught_by: &["branches-meet"],
    diagnosis: "the slope jumps where two branches meet",
    broken: || {
        Box::new(LeftSlopes { f: Spline::new([-2.0, -0.5, 0.75, 2.0], [-1.5, -0.5, 0.25, 2.0], [0.5, 1.5, 0.75, 2.0]) })
    },
    degenerate: None,
};

// Increasing, with an inverse and the log-det of its own slope: a flow, but not of class C¹.
layer! { LeftSlopes { f: Spline } dim 1, Promises::default().structure(Structure::Diagonal).increasing().once_differentiable();
    forward(self, z) {
        let k = Spline::bin(&self.f.x, z[0]);
        let (x, log) = if (1..self.f.x.len()).contains(&k) { self.at(k - 1, z[0]) } else { self.f.forward(z[0]) };
        Image::finite([x], log)
    }
    inverse(self, x) {
        let k = Spline::bin(&self.f.y, x[0]);
        if !(1..self.f.y.len()).contains(&k) {
            let (z, log) = self.f.inverse(x[0]);
            return Image::finite([z], -log);
        }
        let [x0, w, y0, h, d, _]: [S; 6] = self.f.ends(k - 1);
        let (s, up) = (h / w, x[0] - y0);
        let bend = (d - s) * 2.0 * up;
        let (a, b, c) = (h * (s - d) + bend, h * d - bend, -s * up);
        let z = c * 2.0 / (-b - (b * b - a * c * 4.0).sqrt()) * w + x0;
        Image::finite([z], -self.at(k - 1, z).1)
    }
}

impl LeftSlopes {
    fn at<S: Scalar>(&self, k: usize, z: S) -> (S, S) {
        let [x0, w, y0, h, d, _]: [S; 6] = self.f.ends(k);
        let (s, t) = (h / w, (z - x0) / w);
        let (u, v) = (lit(1.0) - t, t * (lit(1.0) - t));
        let below = s + (d - s) * 2.0 * v;
        let slope = s * s * (d * t * t + s * v * 2.0 + d * u * u) / (below * below);
        (y0 + h * (s * t * t + d * v) / below, slope.ln())
    }
}
