use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "mask-10",
    slip: "vectors of a Householder product are made in n/2 pairs: an odd n loses one reflection",
    reference: "bayesiains/nflows commit f8209ade9",
    missed_because: "",
    caught_by: &["orientation-is-constant"],
    diagnosis: "det J has sign 1",
    broken: || Box::new(Householder { v: [params([1.0, 2.0, -0.5]), params([0.5, -1.0, 1.0])] }),
    degenerate: None,
};

// Three reflections were asked for.
layer! { Householder { v: [Vec<Param>; 2] } dim 3, Promises::default().structure(Structure::Orthogonal)
        .volume_preserving().orientation(Orientation::Negative);
    forward(self, z) { Image::finite(self.v.iter().fold(z.to_vec(), reflect), 0.0) }
    inverse(self, x) { Image::finite(self.v.iter().rev().fold(x.to_vec(), reflect), 0.0) }
}

fn reflect<S: Scalar>(z: Vec<S>, v: &Vec<Param>) -> Vec<S> {
    let by = dot(v, &z) * 2.0 / product::<S>(v, v);
    z.iter().zip(v).map(|(&z, v)| z - v * by).collect()
}
