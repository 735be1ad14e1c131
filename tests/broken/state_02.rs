use std::sync::Mutex;

use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "state-02",
    slip: "the inverse of an autoregressive layer leaves the scale of the last coordinate, no log of it, in the cache \
           of log-scales",
    reference: "pyro-ppl/pyro commit a5f13b04e",
    missed_because: "no test asked for the log-det after an inverse",
    caught_by: &["evaluation-is-pure"],
    diagnosis: "gives other bits the second time",
    broken: || Box::new(Stable { a: params([0.5, -0.25]), cache: Mutex::new(f64::NAN) }),
    degenerate: None,
};

layer! { Stable { a: Vec<Param>, cache: Mutex<f64> } dim 2, Promises::default().lower_triangular(2);
    forward(self, z) {
        let s = [S::from(self.a[0]), self.a[1] * z[0].tanh()];
        let cached = recall(&self.cache);
        let log_det = if cached.is_nan() { s[0] + s[1] } else { S::from(cached) };
        Image::finite([z[0] * s[0].exp(), z[1] * s[1].exp()], log_det)
    }
    inverse(self, x) {
        let z0 = x[0] * (-S::from(self.a[0])).exp();
        let s = [S::from(self.a[0]), self.a[1] * z0.tanh()];
        remember(&self.cache, s[1].exp());
        Image::finite([z0, x[1] * (-s[1]).exp()], -(s[0] + s[1]))
    }
}
