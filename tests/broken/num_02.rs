use super::num_01::{flat, unat};
use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-02",
    slip: "the root of the discriminant is clipped at 0 after the square root, when a negative one is NaN already",
    reference: "davidnabergoj/torchflows commit 2bb5c503c",
    missed_because: "",
    caught_by: &["finite-inside"],
    diagnosis: "returns NaN",
    broken: || Box::new(Clipped { f: flat() }),
    degenerate: None,
};

layer! { Clipped { f: Spline } dim 1, Promises::default().structure(Structure::Diagonal).once_differentiable();
    forward(self, z) { let (x, slope) = self.f.forward(z[0]); Image::finite([x], slope) }
    inverse(self, x) {
        let k = Spline::bin(&self.f.y, x[0]);
        let (z, slope) = if (1..3).contains(&k) {
            unat(&self.f, k - 1, x[0], |disc| Ok(disc.sqrt().select(0.0, || S::from(0.0), || disc.sqrt())))?
        } else {
            self.f.inverse(x[0])
        };
        Ok(Image::new([z], -slope))
    }
}
