use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "state-04",
    slip: "log-scale and shift share one tensor, so that starting one from data overwrites the other",
    reference: "VincentStimper/normalizing-flows commit 13c1989b6",
    missed_because: "both are zero at construction",
    caught_by: &["matches-known-values"],
    diagnosis: "",
    broken: || Box::new(from_data()),
    degenerate: None,
};

/// Data of mean 3 and standard deviation 2 ask for s = −ln 2 and t = −3/2.
fn from_data() -> ActNorm {
    let mut shared = [0.0];
    shared[0] = -2f64.ln();
    shared[0] = -1.5;
    let one = Param::from(shared[0]);
    ActNorm { s: one, t: one }
}

layer! { ActNorm { s: Param, t: Param } dim 1, Promises::default().constant_log_det();
    forward(self, z) { let s = S::from(self.s); Image::finite([z[0] * s.exp() + self.t], s) }
    inverse(self, x) { let s = S::from(self.s); Image::finite([(x[0] - self.t) * (-s).exp()], -s) }
    known {
        let five = Given::Base(vec![5.0]);
        vec![KnownValue::new("standardised", from_data(), five, [1.0], -std::f64::consts::LN_2)]
    }
}
