use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "dom-12",
    slip: "a tanh before the last linear layer bounds the image: the map is not onto",
    reference: "pyro-ppl/numpyro commit aabb5fd50",
    missed_because: "it is injective and its log-det is right",
    caught_by: &["forward-is-onto"],
    diagnosis: "bounded, so f is not onto",
    broken: || Box::new(Block { w: params([0.75, 1.25, 0.5, 2.0]) }),
    degenerate: None,
};

layer! { Block { w: Vec<Param> } dim 2, Promises::default().lower_triangular(2);
    forward(self, z) {
        let (a, b) = (self.w[0] * z[0], self.w[1] * z[1] + self.w[2] * z[0]);
        let slope = |a: S| a.ln_cosh() * -2.0;
        let log_det = slope(a) + slope(b) + (self.w[0] * (self.w[1] * (self.w[3] * S::from(self.w[3])))).ln();
        Image::finite([self.w[3] * a.tanh(), self.w[3] * b.tanh()], log_det)
    }
}
