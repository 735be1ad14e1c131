use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-28",
    slip: "actnorm keeps parameters for each channel and row, but counts every one at all h·w positions",
    reference: "vislearn/FrEIA commit ec8dab69e",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the fast value is 2 times too large",
    broken: || Box::new(ActNorm { s: params([0.5, -0.25, 0.75, 0.125]) }),
    degenerate: None,
};

/// Rows and columns of the image.
const SIZE: (usize, usize) = (2, 3);

layer! { ActNorm { s: Vec<Param> } dim 2 * SIZE.0 * SIZE.1,
    Promises::default().structure(Structure::Diagonal).constant_log_det();
    forward(self, z) {
        let x: Vec<S> = z.iter().enumerate().map(|(i, &z)| z * S::from(self.s[i / SIZE.1]).exp()).collect();
        Image::finite(x, self.s.iter().map(|&s| S::from(s)).sum::<S>() * (SIZE.0 * SIZE.1) as f64)
    }
    inverse(self, x) {
        let z: Vec<S> = x.iter().enumerate().map(|(i, &x)| x * (-S::from(self.s[i / SIZE.1])).exp()).collect();
        Image::finite(z, self.s.iter().map(|&s| S::from(s)).sum::<S>() * -((SIZE.0 * SIZE.1) as f64))
    }
}
