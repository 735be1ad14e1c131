use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-12",
    slip: "the inverse of an invertible residual block solves the fixed point and returns +ln|det J| of the forward \
           map",
    reference: "davidnabergoj/torchflows commit abb32dce1",
    missed_because: "",
    caught_by: &["inverse-log-det-negates", "inverse-log-det-is-jacobian"],
    diagnosis: "the inverse returns the forward log-det: its sign is not negated",
    broken: || Box::new(Residual { k: params([0.5, -0.75]) }),
    degenerate: None,
};

layer! { Residual { k: Vec<Param> } dim 2, Promises::default().structure(Structure::Diagonal);
    forward(self, z) {
        let x: Vec<S> = z.iter().zip(&self.k).map(|(&z, k)| z + k * z.tanh()).collect();
        Image::finite(x, z.iter().zip(&self.k).map(|(&z, k)| (k * z.sech2()).ln_1p()).sum::<S>())
    }
    inverse(self, x) {
        let solve = |(&x, k): (&S, &Param)| {
            S::root(x - 1.0, x + 1.0, |t| (t + k * t.tanh() - x, k * t.sech2() + 1.0))
        };
        let z = x.iter().zip(&self.k).map(solve).collect::<Result<Vec<S>, _>>()?;
        let log_det = z.iter().zip(&self.k).map(|(&z, k)| (k * z.sech2()).ln_1p()).sum::<S>();
        Image::finite(z, log_det)
    }
}
