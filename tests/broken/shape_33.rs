use super::prelude::*;
use crate::layers::{Elementwise, Map, Permutation};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-33",
    slip: "a reshape to two rows keeps event rank 0 in a chain, which then sums the next layer's log-det over one \
           axis only",
    reference: "tensorflow/probability commit 4a4cdc1ad",
    missed_because: "",
    caught_by: &["log-dets-add"],
    diagnosis: "",
    broken: || {
        let reshape = Permutation::new(&[0, 2, 1, 3]).expect("a permutation");
        Box::new(Chained(vec![Box::new(reshape), Box::new(Elementwise::new(Map::Sinh, 4).expect("d ≥ 1"))]))
    },
    degenerate: None,
};

#[derive(Debug)]
struct Chained(Vec<Box<dyn Layer>>);

impl<S: Scalar> Flow<S> for Chained {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let shaped = S::view(&*self.0[0]).forward(z)?;
        let image = S::view(&*self.0[1]).forward(&shaped.point)?;
        // The first row's entries only.
        Image::finite(image.point, shaped.point[..2].iter().map(|z| z.ln_cosh()).sum::<S>())
    }
}
impl Layer for Chained {
    fn dim(&self) -> usize {
        4
    }
    fn parts(&self) -> Vec<&dyn Layer> {
        self.0.iter().map(|part| &**part).collect()
    }
}
