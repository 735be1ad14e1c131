use super::prelude::*;
use crate::flow::expect_inside;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-14",
    slip: "the density of a uniform box subtracts −ln(volume), which is negative already",
    reference: "uofgravity/glasflow commit 3547fabac",
    missed_because: "a box of volume 1 hides it: ln 1 = 0",
    caught_by: &["inverse-log-det-negates", "inverse-log-det-is-jacobian"],
    diagnosis: "the inverse returns the forward log-det: its sign is not negated",
    broken: || Box::new(Uniform { width: params([2.0, 4.0]) }),
    degenerate: Some(|| Box::new(Uniform { width: params([1.0, 1.0]) })),
};

layer! { Uniform { width: Vec<Param> } dim(self) 2, {
        let to = |width: &Param| Interval { lo: 0.0, hi: (*width).into() };
        Promises::default().structure(Structure::Diagonal).constant_log_det()
            .domain(Domain::Each(Interval { lo: 0.0, hi: 1.0 }))
            .codomain(Domain::Coordinates(self.width.iter().map(to).collect()))
    };
    forward(self, z) {
        for (i, &z) in z.iter().enumerate() {
            expect_inside(z, i, Interval { lo: 0.0, hi: 1.0 })?;
        }
        let x: Vec<S> = self.width.iter().zip(z).map(|(w, &z)| w * z).collect();
        Image::finite(x, log_scale::<S>(&self.width))
    }
    inverse(self, x) {
        for (i, &x) in x.iter().enumerate() {
            expect_inside(x, i, Interval { lo: 0.0, hi: self.width[i].into() })?;
        }
        let z: Vec<S> = self.width.iter().zip(x).map(|(&w, &x)| x / w).collect();
        Image::finite(z, log_scale::<S>(&self.width))
    }
}
