use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-11",
    slip: "for w·u = 0 the bracket of a planar flow's inverse has no width, and the root finder raises",
    reference: "TuringLang/Bijectors.jl pull #205",
    missed_because: "",
    caught_by: &["finite-inside", "inverse-undoes-forward"],
    diagnosis: "inverse(x) refuses a legal point",
    broken: || Box::new(Planar { u: params([1.0, -0.5]), w: params([0.5, 1.0]) }),
    degenerate: None,
};

layer! { Planar { u: Vec<Param>, w: Vec<Param> } dim 2, Promises::default();
    forward(self, z) {
        let a = dot(&self.w, z);
        let x: Vec<S> = z.iter().zip(&self.u).map(|(&z, u)| z + u * a.tanh()).collect();
        Image::finite(x, (product::<S>(&self.w, &self.u) * a.sech2()).ln_1p())
    }
    inverse(self, x) {
        let (wu, wx) = (product::<S>(&self.w, &self.u), dot(&self.w, x));
        if !(-(wu * wu)).is_below(0.0) {
            return Err(FlowError::NotConverged { what: "a bracket without width".to_owned() });
        }
        let reach = (wu * wu).sqrt();
        let a = S::root(wx - reach, wx + reach, |a| (a + wu * a.tanh() - wx, wu * a.sech2() + 1.0))?;
        let z: Vec<S> = x.iter().zip(&self.u).map(|(&x, u)| x - u * a.tanh()).collect();
        Image::finite(z, -(wu * a.sech2()).ln_1p())
    }
}
