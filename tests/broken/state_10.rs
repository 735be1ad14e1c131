use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "state-10",
    slip: "the inverse of f(x) = C + ∫g loses its gradient by the constant C",
    reference: "probabilists/zuko commit 1b4b08e5a",
    missed_because: "the values are right; only the implicit gradient is wrong",
    caught_by: &["parameter-slopes-agree"],
    diagnosis: "the derivative is lost",
    broken: || Box::new(Integral { c: 0.5.into(), k: 0.75.into() }),
    degenerate: None,
};

layer! { Integral { c: Param, k: Param } dim 1, Promises::default();
    forward(self, z) {
        Image::finite([self.k * z[0].tanh() + z[0] + self.c], (self.k * z[0].sech2()).ln_1p())
    }
    inverse(self, x) {
        let y = x[0] - detached(S::from(self.c));
        let z = S::root(y - 1.0, y + 1.0, |t| (self.k * t.tanh() + t - y, self.k * t.sech2() + 1.0))?;
        Image::finite([z], -(self.k * z.sech2()).ln_1p())
    }
}
