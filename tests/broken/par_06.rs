use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "par-06",
    slip: "nothing constrains u in a planar flow",
    reference: "ex4sperans/variational-inference-with-normalizing-flows issue #2",
    missed_because: "the author took invertibility to be unnecessary for minimising a divergence",
    caught_by: &["forward-is-injective", "orientation-is-constant"],
    diagnosis: "f(z) = f(z′)",
    broken: || Box::new(Planar { u: params([-1.0, -1.0]), w: params([1.0, 1.0]), b: 0.25.into() }),
    degenerate: None,
};

layer! { Planar { u: Vec<Param>, w: Vec<Param>, b: Param } dim 2, Promises::default();
    forward(self, z) {
        let a = dot(&self.w, z) + self.b;
        let x: Vec<S> = z.iter().zip(&self.u).map(|(&z, u)| z + u * a.tanh()).collect();
        Image::finite(x, (product::<S>(&self.w, &self.u) * a.sech2() + 1.0).ln_abs())
    }
}
