use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-24",
    slip: "the inverse of a sigmoidal flow computes x and returns its input z",
    reference: "davidnabergoj/torchflows commit 98151a4b1",
    missed_because: "the test allowed 1e-2, and the map starts close to the identity",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "the inverse returns its input",
    broken: || Box::new(Sigmoidal { k: 2.0.into() }),
    degenerate: Some(|| Box::new(Sigmoidal { k: 0.0.into() })),
};

layer! { Sigmoidal { k: Param } dim 1, Promises::default().structure(Structure::Diagonal);
    forward(self, z) { Image::finite([z[0] + self.k * z[0].tanh()], (self.k * z[0].sech2()).ln_1p()) }
    inverse(self, x) {
        let z = S::root(x[0] - 3.0, x[0] + 3.0, |t| (t + self.k * t.tanh() - x[0], self.k * t.sech2() + 1.0))?;
        Image::finite(x, -(self.k * z.sech2()).ln_1p())
    }
}
