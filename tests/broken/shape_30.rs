use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-30",
    slip: "a concatenation is split at the sizes of its parts instead of at their running sums",
    reference: "danielward27/flowjax commit 8abfed02b",
    missed_because: "with two parts the two are the same",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "",
    broken: || Box::new(Concatenated { a: params([2.0, 0.25, 5.0]) }),
    degenerate: None,
};

/// Sizes of the three parts; each part multiplies by one number.
const SIZES: [usize; 3] = [1, 2, 1];

// Split at 1 and 2: the parts receive one, one and two coordinates.
layer! { Concatenated { a: Vec<Param> } dim 4, Promises::default().structure(Structure::Diagonal).constant_log_det();
    forward(self, z) {
        let x = [self.a[0] * z[0], self.a[1] * z[1], self.a[2] * z[2], self.a[2] * z[3]];
        Image::finite(x, SIZES.iter().zip(&self.a).map(|(&n, &a)| S::from(a).ln() * n as f64).sum::<S>())
    }
    inverse(self, x) {
        let z = [x[0] / self.a[0], x[1] / self.a[1], x[2] / self.a[2], x[3] / self.a[2]];
        Image::finite(z, SIZES.iter().zip(&self.a).map(|(&n, &a)| S::from(a).ln() * -(n as f64)).sum::<S>())
    }
}
