use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "dom-02",
    slip: "a batch of which no point lies inside the interval takes the minimum and maximum of an empty array, which \
           raises",
    reference: "bayesiains/nflows issue #23",
    missed_because: "a random batch lies wholly in the tails very rarely",
    caught_by: &["finite-inside"],
    diagnosis: "forward(z) refuses a legal point",
    broken: || Box::new(Batch { f: Spline::new([-1.0, -0.3, 1.0], [-1.0, 0.4, 1.0], [1.0, 1.5, 1.0]) }),
    degenerate: None,
};

// A batch of two numbers.
layer! { Batch { f: Spline } dim 2, Promises::default().structure(Structure::Diagonal).once_differentiable();
    forward(self, z) {
        let inside = z.iter().filter(|&&z| (1..3).contains(&Spline::bin(&self.f.x, z))).count();
        if inside == 0 {
            return Err(FlowError::BadArity { what: "the minimum of an array".to_owned(), expected: 1, found: 0 });
        }
        let (x, slopes): (Vec<S>, Vec<S>) = z.iter().map(|&z| self.f.forward(z)).unzip();
        Image::finite(x, slopes.into_iter().sum::<S>())
    }
}
