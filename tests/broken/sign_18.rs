use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-18",
    slip: "a 1×1 convolution takes h·w times the log of det W, which is NaN for a reflection",
    reference: "chaiyujin/glow-pytorch commit d58feb090",
    missed_because: "half of all random orthogonal starts have det W = +1",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "det J < 0 here: the log of a negative number; use ln_abs",
    broken: || Box::new(Conv { w: params([0.5, 2.0, 1.5, -1.0]) }),
    degenerate: Some(|| Box::new(Conv { w: params([0.5, -2.0, 1.5, 1.0]) })),
};

/// Positions of the image, h·w.
const POSITIONS: usize = 3;

layer! { Conv { w: Vec<Param> } dim 2 * POSITIONS,
    Promises::default().constant_log_det().orientation(Orientation::Either)
        .structure(Structure::PerPosition { channels: 2, positions: POSITIONS });
    forward(self, z) {
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| S::from(self.w[i]));
        let (p, q) = z.split_at(POSITIONS);
        let mix = |a: S, b: S| p.iter().zip(q).map(move |(&p, &q)| a * p + b * q);
        let x: Vec<S> = mix(a, b).chain(mix(c, d)).collect();
        Ok(Image::new(x, (a * d - b * c).ln() * POSITIONS as f64))
    }
}
