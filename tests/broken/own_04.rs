use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "own-04",
    slip: "the log-det is right in value and has lost its gradient",
    reference: "",
    missed_because: "",
    caught_by: &["log-det-gradient"],
    diagnosis: "the log-det carries no tangent",
    broken: || Box::new(Gradientless { s: params([0.5, -0.75]) }),
    degenerate: None,
};

layer! { Gradientless { s: Vec<Param> } dim 2, Promises::default();
    forward(self, z) {
        let fixed: Vec<S> = z.iter().map(|&z| detached(z)).collect();
        Image::finite(stretch(&self.s, z), stretch_log_det(&self.s, &fixed))
    }
}
