use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-03",
    slip: "the sampling pass of a MAF returns the log-det of the density pass",
    reference: "ikostrikov/pytorch-flows issue #16",
    missed_because: "",
    caught_by: &["log-det-is-jacobian", "inverse-log-det-negates"],
    diagnosis: "the sides differ in sign only",
    broken: || Box::new(Maf { a: params([0.5, 0.25, -0.75]), m: params([1.0, -0.5, 0.75]) }),
    degenerate: None,
};

layer! { Maf { a: Vec<Param>, m: Vec<Param> } dim 3, Promises::default().lower_triangular(3);
    forward(self, u) {
        let mut x: Vec<S> = Vec::new();
        let mut log_det = S::from(0.0);
        for (i, &u) in u.iter().enumerate() {
            let (a, m) = (net(&self.a[..i], &x) + self.a[i], net(&self.m[..i], &x) + self.m[i]);
            x.push(u * a.exp() + m);
            log_det -= a;
        }
        Image::finite(x, log_det)
    }
    inverse(self, x) {
        let raw = |i: usize| (net(&self.a[..i], x) + self.a[i], net(&self.m[..i], x) + self.m[i]);
        let (u, a): (Vec<S>, Vec<S>) = (0..3).map(|i| { let (a, m) = raw(i); ((x[i] - m) * (-a).exp(), a) }).unzip();
        Image::finite(u, -a.into_iter().sum::<S>())
    }
}
