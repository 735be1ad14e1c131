use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "inv-06",
    slip: "wrapping selected coordinates assigns them the remainders of all coordinates, from the first on",
    reference: "VincentStimper/normalizing-flows commit 684908d40",
    missed_because: "",
    caught_by: &["inverse-undoes-forward", "forward-undoes-inverse"],
    diagnosis: "only coordinates [1] come back wrong",
    broken: || Box::new(Wrap { index: 1 }),
    degenerate: None,
};

/// The circle, as an interval.
const CIRCLE: Interval = Interval { lo: -4.0, hi: 4.0 };

// Within the interval a wrap changes nothing; forward is a half turn of the selected coordinate.
layer! { Wrap { index: usize } dim 2, Promises::default().structure(Structure::Diagonal).volume_preserving()
        .domain(Domain::Each(CIRCLE)).codomain(Domain::Each(CIRCLE));
    forward(self, z) {
        let mut x = z.to_vec();
        x[self.index] = -z[self.index];
        Image::finite(x, 0.0)
    }
    inverse(self, x) {
        let mut z = x.to_vec();
        z[self.index] = -x[0];
        Image::finite(z, 0.0)
    }
}
