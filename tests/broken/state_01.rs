use std::sync::Mutex;

use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "state-01",
    slip: "the log-det is that of the last forward call, whatever point it is asked for",
    reference: "pyro-ppl/pyro pull #2384",
    missed_because: "",
    caught_by: &["evaluation-is-pure"],
    diagnosis: "gives other bits the second time",
    broken: || Box::new(Cached { s: params([0.5, -0.75]), last: Mutex::new(0.0) }),
    degenerate: None,
};

layer! { Cached { s: Vec<Param>, last: Mutex<f64> } dim 2, Promises::default();
    forward(self, z) {
        remember(&self.last, stretch_log_det(&self.s, z));
        Image::finite(stretch(&self.s, z), stretch_log_det(&self.s, z))
    }
    inverse(self, x) { Image::finite(unstretch(&self.s, x), -S::from(recall(&self.last))) }
}
