use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-01",
    slip: "a coupling splits even and odd coordinates and concatenates the halves side by side; the inverse splits \
           even and odd again",
    reference: "karpathy/pytorch-normalizing-flows issue #5",
    missed_because: "every demonstration has d = 2, where interleaving and concatenating are the same",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "only coordinates [1, 2, 3] come back wrong",
    broken: || Box::new(Half { w: params([0.75, -0.5]), c: 0.25.into() }),
    degenerate: None,
};

layer! { Half { w: Vec<Param>, c: Param } dim 4, Promises::default();
    forward(self, z) {
        let (even, odd) = ([z[0], z[2]], [z[1], z[3]]);
        let s = net(&self.w, &even) + self.c;
        Image::finite([even[0], even[1], odd[0] * s.exp(), odd[1] * s.exp()], s * 2.0)
    }
    inverse(self, x) {
        let (even, odd) = ([x[0], x[2]], [x[1], x[3]]);
        let s = net(&self.w, &even) + self.c;
        Image::finite([even[0], even[1], odd[0] * (-s).exp(), odd[1] * (-s).exp()], s * -2.0)
    }
}
