use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-18",
    slip: "what remains of a row's norm is found by repeated subtraction from 1 and becomes negative",
    reference: "TuringLang/Bijectors.jl issue #279",
    missed_because: "",
    caught_by: &["finite-inside"],
    diagnosis: "the log of a value that has rounded to 0",
    broken: || Box::new(Row {}),
    degenerate: None,
};

// The last row of a 4×4 correlation factor, from three free numbers.
layer! { Row {} dim 3,
    Promises::default().lower_triangular(3).codomain(Domain::Each(Interval { lo: -1.0, hi: 1.0 }));
    forward(self, z) {
        let mut rest = S::from(1.0);
        let mut log_det = S::from(0.0);
        let mut x = Vec::new();
        for &z in z {
            let w = z.tanh() * rest.sqrt();
            log_det += z.ln_cosh() * -2.0 + rest.ln() * 0.5;
            rest -= w * w;
            x.push(w);
        }
        Ok(Image::new(x, log_det))
    }
}
