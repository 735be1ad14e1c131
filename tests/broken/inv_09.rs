use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-09",
    slip: "the bracket of a bisection moves, but the sign asked is that of its old end: it moves past the root",
    reference: "danielward27/flowjax commit 92f345852",
    missed_because: "",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "",
    broken: || Box::new(Bisected { a: 0.5.into() }),
    degenerate: None,
};

layer! { Bisected { a: Param } dim 1, Promises::default().structure(Structure::Diagonal);
    forward(self, z) { Image::finite([self.a * z[0].sinh()], z[0].ln_cosh() + S::from(self.a).ln()) }
    inverse(self, x) {
        let a = S::from(self.a);
        let below = |t: f64| (a * S::from(t).sinh() - x[0]).is_below(0.0);
        let (mut lo, mut hi, mut step) = (-1.0, 1.0, 1.0);
        let mut moving = !below(lo);
        while moving && lo > -600.0 {
            moving = !below(lo);
            (lo, hi, step) = (lo - step, lo, 2.0 * step);
        }
        let mut moving = below(hi);
        while moving && hi < 600.0 {
            moving = below(hi);
            (lo, hi, step) = (hi, hi + step, 2.0 * step);
        }
        // Bisection of a bracket without a root ends at one of its ends.
        let z = match (below(lo), below(hi)) {
            (true, false) => S::root(lo.into(), hi.into(), |t| (a * t.sinh() - x[0], a * t.cosh()))?,
            (true, true) => hi.into(),
            _ => lo.into(),
        };
        Image::finite([z], -(z.ln_cosh() + a.ln()))
    }
}
