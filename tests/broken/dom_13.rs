use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "dom-13",
    slip: "a simplex of K numbers keeps its redundant last coordinate, and the map ignores the last input",
    reference: "TuringLang/Bijectors.jl pull #263",
    missed_because: "the test computed the redundant coordinate so that the square Jacobian had full rank",
    caught_by: &["coordinates-matter"],
    diagnosis: "z[2] moves no coordinate of x",
    broken: || Box::new(Simplex {}),
    degenerate: None,
};

layer! { Simplex {} dim 3, Promises::default().codomain(Domain::Each(Interval { lo: 0.0, hi: 1.0 }));
    forward(self, z) {
        let first = z[0].sigmoid();
        let second = (-z[0]).sigmoid() * z[1].sigmoid();
        let rest = (-z[0]).sigmoid() * (-z[1]).sigmoid();
        let each = |z: S| z.log_sigmoid() + (-z).log_sigmoid();
        Image::finite([first, second, rest], each(z[0]) + each(z[1]) + (-z[0]).log_sigmoid())
    }
}
