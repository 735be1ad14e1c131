use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-06",
    slip: "the recursion y_t = A y_{t−1} + x_t is given the log-det T·ln|A|, but ∂y/∂x is unit triangular",
    reference: "pyro-ppl/numpyro commit 9b245b759",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "det J = ±1 here, so the log-det is 0",
    broken: || Box::new(Recursion { a: 0.5.into() }),
    degenerate: None,
};

layer! { Recursion { a: Param } dim 3, Promises::default().lower_triangular(3).constant_log_det();
    forward(self, x) {
        let next = |y: &mut S, x: &S| { *y = self.a * *y + *x; Some(*y) };
        let y: Vec<S> = x.iter().scan(S::from(0.0), next).collect();
        Image::finite(y, S::from(self.a).ln_abs() * 3.0)
    }
    inverse(self, y) {
        let x = [y[0], y[1] - self.a * y[0], y[2] - self.a * y[1]];
        Image::finite(x, S::from(self.a).ln_abs() * -3.0)
    }
}
