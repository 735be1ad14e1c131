use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "num-01",
    slip: "the inverse of a rational-quadratic spline asserts that b² − 4ac ≥ 0, which rounding breaks close to a \
           flat knot",
    reference: "bayesiains/nflows pull #71",
    missed_because: "it takes long runs of sampling to meet",
    caught_by: &["finite-inside"],
    diagnosis: "inverse(x) refuses a legal point",
    broken: || Box::new(Asserting { f: flat() }),
    degenerate: None,
};

/// Almost flat at the knot in the middle, which lies just above y = 0.
pub(super) fn flat() -> Spline {
    Spline::new([-1.0, 0.3, 1.0], [-0.7, 1e-17, 1.0], [1.0, 1e-9, 1.0])
}

/// Preimage and log-slope by the formula of bin `k`, given what becomes of the discriminant's root.
pub(super) fn unat<S: Scalar>(
    f: &Spline,
    k: usize,
    x: S,
    root: impl Fn(S) -> Result<S, FlowError>,
) -> Result<(S, S), FlowError> {
    let [x0, w, y0, h, d0, d1]: [S; 6] = f.ends(k);
    let (s, up) = (h / w, x - y0);
    let bend = (d1 + d0 - s * 2.0) * up;
    let (a, b, c) = (h * (s - d0) + bend, h * d0 - bend, -s * up);
    let t = c * 2.0 / (-b - root(b * b - a * c * 4.0)?);
    let z = t * w + x0;
    Ok((z, f.at(k, z).1))
}

layer! { Asserting { f: Spline } dim 1, Promises::default().structure(Structure::Diagonal).once_differentiable();
    forward(self, z) { let (x, slope) = self.f.forward(z[0]); Image::finite([x], slope) }
    inverse(self, x) {
        let k = Spline::bin(&self.f.y, x[0]);
        let (z, slope) = if (1..3).contains(&k) {
            unat(&self.f, k - 1, x[0], |disc| {
                if disc.is_below(0.0) {
                    return Err(FlowError::Singular { what: "the discriminant is negative".to_owned() });
                }
                Ok(disc.sqrt())
            })?
        } else {
            self.f.inverse(x[0])
        };
        Image::finite([z], -slope)
    }
}
