use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "ref-01",
    slip: "a soft floor lacks a constant: at high temperature it tends to x − ½ instead of x",
    reference: "tensorflow/probability commit 913085acf",
    missed_because: "only the limit of low temperature was tested",
    caught_by: &["matches-known-values"],
    diagnosis: "",
    broken: || Box::new(soft_floor()),
    degenerate: None,
};

fn soft_floor() -> SoftFloor {
    SoftFloor { t: 0.25.into() }
}

/// Whole numbers inside the domain.
const WHOLE: [f64; 3] = [-1.0, 0.0, 1.0];

// ⌊z⌋ + (σ((c − ½)/t) − σ(−½/t))/(σ(½/t) − σ(−½/t)), c = z − ⌊z⌋, with ½ in place of the second σ.
layer! { SoftFloor { t: Param } dim 1, Promises::default().once_differentiable()
        .domain(Domain::Each(Interval { lo: -2.0, hi: 2.0 })).codomain(Domain::Each(Interval { lo: -2.5, hi: 1.5 }));
    forward(self, z) {
        crate::flow::expect_inside(z[0], 0, Interval { lo: -2.0, hi: 2.0 })?;
        let floor = z[0].bin(&WHOLE.map(S::from)) as f64 - 2.0;
        let at = |c: S| (c / self.t).sigmoid();
        let high = at(S::from(0.5)) - at(S::from(-0.5));
        let c = z[0] - floor - 0.5;
        let scaled = c / self.t;
        let log_slope = scaled.log_sigmoid() + (-scaled).log_sigmoid() - (self.t * high).ln();
        Image::finite([(at(c) - 0.5) / high + floor], log_slope)
    }
    known {
        // By the formula above in 40 digits.
        let image = [1.803_388_066_758_518];
        let given = Given::Base(vec![1.75]);
        vec![KnownValue::new("soft floor", soft_floor(), given, image, 0.032_112_454_995_276_504)]
    }
}
