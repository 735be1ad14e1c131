use super::prelude::*;
use crate::layers::{Elementwise, Map, ScalarAffine};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "own-01",
    slip: "the inverse of a composition undoes its parts in the order in which they were applied",
    reference: "",
    missed_because: "",
    caught_by: &["chain-inverse-reverses", "inverse-undoes-forward"],
    diagnosis: "",
    broken: || {
        let affine = ScalarAffine::new(2.0, 0.5, 1).expect("a ≠ 0");
        Box::new(InOrder(vec![Box::new(Elementwise::new(Map::Sinh, 1).expect("d ≥ 1")), Box::new(affine)]))
    },
    degenerate: None,
};

#[derive(Debug)]
struct InOrder(Vec<Box<dyn Layer>>);

impl<S: Scalar> Flow<S> for InOrder {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.0.iter().try_fold(Image::new(z, 0.0), |at, part| {
            let next = S::view(&**part).forward(&at.point)?;
            Ok(Image::new(next.point, at.log_det + next.log_det))
        })
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.0.iter().try_fold(Image::new(x, 0.0), |at, part| {
            let next = S::view(&**part).inverse(&at.point)?;
            Ok(Image::new(next.point, at.log_det + next.log_det))
        })
    }
}
impl Layer for InOrder {
    fn dim(&self) -> usize {
        1
    }
    fn parts(&self) -> Vec<&dyn Layer> {
        self.0.iter().map(|part| &**part).collect()
    }
}
