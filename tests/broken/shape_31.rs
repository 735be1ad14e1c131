use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-31",
    slip: "a conditional coupling overwrites the kept coordinates by their concatenation with the condition and \
           returns both",
    reference: "danielward27/flowjax commit a31d421bd",
    missed_because: "",
    caught_by: &["finite-inside"],
    diagnosis: "the image has length 3, expected 2",
    broken: || Box::new(Conditional { condition: 0.5.into(), w: params([0.75, -0.5]) }),
    degenerate: None,
};

layer! { Conditional { condition: Param, w: Vec<Param> } dim 2, Promises::default();
    forward(self, z) {
        let kept = [z[0], self.condition.into()];
        let s = net(&self.w, &kept);
        Image::finite([kept[0], kept[1], z[1] * s.exp()], s)
    }
}
