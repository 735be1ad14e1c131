use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "dom-04",
    slip: "every bin of a spline starts with the width of the whole domain instead of its share",
    reference: "vislearn/FrEIA commit 301d11aa6",
    missed_because: "",
    caught_by: &["forward-is-onto"],
    diagnosis: "",
    broken: || Box::new(Binned { heights: params([3.0, 1.0, 2.0]) }),
    degenerate: None,
};

/// The domain asked for.
const ASKED: Interval = Interval { lo: -3.0, hi: 3.0 };

// Three bins, each of width 6 where 2 is meant; with heights that add up to 6·3 the last two lie outside.
layer! { Binned { heights: Vec<Param> } dim 1, Promises::default().structure(Structure::Diagonal).once_differentiable()
        .domain(Domain::Each(ASKED)).codomain(Domain::Each(ASKED));
    forward(self, z) {
        crate::flow::expect_inside(z[0], 0, ASKED)?;
        let width = 6.0;
        let whole: S = self.heights.iter().map(|&h| S::from(h)).sum();
        let mut knot = (S::from(-3.0), S::from(-3.0));
        for &height in &self.heights {
            let slope = self.scaled::<S>(height, whole) / width;
            if z[0].is_below(knot.0 + width) {
                return Image::finite([knot.1 + (z[0] - knot.0) * slope], slope.ln());
            }
            knot = (knot.0 + width, knot.1 + slope * width);
        }
        Image::finite([knot.1 + z[0] - knot.0], 0.0)
    }
}
impl Binned {
    fn scaled<S: Scalar>(&self, height: Param, whole: S) -> S {
        height * (S::from(6.0) / whole)
    }
}
