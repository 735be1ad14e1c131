use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-01",
    slip: "no hidden unit of a conditional masked net has rank −1, so that the first output ignores the condition",
    reference: "danielward27/flowjax commit 498ff8884",
    missed_because: "the layer is still autoregressive and invertible; only a connection is lost",
    caught_by: &["promised-entries-are-reached"],
    diagnosis: "J[1][0] = 0 at all",
    broken: || Box::new(Conditional { a: params([0.5, 0.75, -0.25]), c: params([0.25, -0.5]) }),
    degenerate: None,
};

// Coordinate 0 is the condition.
layer! { Conditional { a: Vec<Param>, c: Vec<Param> } dim 3, Promises::default().lower_triangular(3).reaches_all();
    forward(self, z) {
        let (s1, s2) = (S::from(self.c[0]), net(&self.a[..2], z) + self.c[1]);
        Image::finite([z[0] * self.a[2], z[1] * s1.exp(), z[2] * s2.exp()], s1 + s2 + S::from(self.a[2]).ln_abs())
    }
    inverse(self, x) {
        let s1 = S::from(self.c[0]);
        let z = [x[0] / self.a[2], x[1] * (-s1).exp()];
        let s2 = net(&self.a[..2], &z) + self.c[1];
        Image::finite([z[0], z[1], x[2] * (-s2).exp()], -(s1 + s2 + S::from(self.a[2]).ln_abs()))
    }
}
