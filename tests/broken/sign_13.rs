use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-13",
    slip: "a continuous flow integrates −div f where the caller adds the result as +log-det",
    reference: "davidnabergoj/torchflows commit 549e5c083",
    missed_because: "tests of stochastic log-dets were skipped at the time",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the sides differ in sign only",
    broken: || Box::new(Ode { a: params([0.5, -0.125, 0.25]) }),
    degenerate: Some(|| Box::new(Ode { a: params([0.0, 0.0, 0.0]) })),
};

/// The time integrated over.
const T: f64 = 1.5;

// dz/dt = a z, solved exactly: z(T) = e^{aT} z(0) and ∫ div f dt = T Σ a.
layer! { Ode { a: Vec<Param> } dim 3, Promises::default().structure(Structure::Diagonal).constant_log_det();
    forward(self, z) {
        let x: Vec<S> = z.iter().zip(&self.a).map(|(&z, &a)| z * (S::from(a) * T).exp()).collect();
        Image::finite(x, -self.a.iter().map(|&a| S::from(a) * T).sum::<S>())
    }
    inverse(self, x) {
        let z: Vec<S> = x.iter().zip(&self.a).map(|(&x, &a)| x * (S::from(a) * -T).exp()).collect();
        Image::finite(z, self.a.iter().map(|&a| S::from(a) * T).sum::<S>())
    }
}
