use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-17",
    slip: "the automatic log-det is the log of det J, not of |det J|",
    reference: "kazewong/jim issue #126",
    missed_because: "",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "det J < 0 here: the log of a negative number; use ln_abs",
    broken: || Box::new(Swap { a: params([2.0, 0.5]) }),
    degenerate: None,
};

layer! { Swap { a: Vec<Param> } dim 2, Promises::default().orientation(Orientation::Negative);
    forward(self, z) {
        let [a, b] = [0, 1].map(|i| S::from(self.a[i]));
        // J = [[0, a sech² …], [b, 0]], so det J = −a b cosh z₁.
        Ok(Image::new([a * z[1].sinh(), b * z[0]], (-a * b * z[1].cosh()).ln()))
    }
}
