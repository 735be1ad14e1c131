use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-16",
    slip: "in the linear tails of a Bernstein polynomial the log-det is the slope, not its log",
    reference: "probabilists/zuko commit b0ad99515",
    missed_because: "no test point lay outside the bound",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "the log is forgotten: the fast value is det J itself",
    broken: || Box::new(Tailed { bound: 1.03125.into(), c: 0.5.into() }),
    degenerate: Some(|| Box::new(Tailed { bound: 1e15.into(), c: 0.5.into() })),
};

// z + c z³ up to the bound, its tangent beyond.
layer! { Tailed { bound: Param, c: Param } dim 1, Promises::default().once_differentiable();
    forward(self, z) {
        let (z, bound) = (z[0], S::from(self.bound));
        let (cubic, slope) = (|t: S| t + self.c * t * t * t, |t: S| self.c * t * t * 3.0 + 1.0);
        if z.is_below(-bound) {
            return Image::finite([(z + bound) * slope(bound) - cubic(bound)], slope(bound));
        }
        if (-z).is_below(-bound) {
            return Image::finite([(z - bound) * slope(bound) + cubic(bound)], slope(bound));
        }
        Image::finite([cubic(z)], slope(z).ln())
    }
}
