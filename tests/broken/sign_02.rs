use super::prelude::*;
use crate::Net;
use crate::layers::{Coupling, Scale};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "sign-02",
    slip: "a composition subtracts its parts' forward log-dets instead of adding them",
    reference: "VincentStimper/normalizing-flows issue #27",
    missed_because: "the test's networks were initialised to zero, so that every log-det was 0",
    caught_by: &["log-dets-add"],
    diagnosis: "the sides differ in sign only",
    broken: || model(0.75),
    degenerate: Some(|| model(0.0)),
};

#[derive(Debug)]
struct Model(Vec<Box<dyn Layer>>);

fn model(w: f64) -> Box<dyn Layer> {
    let net = |c: f64| Net::affine(1, &[vec![w], vec![w]], &[c * w, w]).expect("two rows of one");
    let coupling = |a, b, c| Box::new(Coupling::new(&[a], &[b], Scale::Exp, net(c)).expect("a partition")) as _;
    Box::new(Model(vec![coupling(0, 1, 0.5), coupling(1, 0, -0.25)]))
}

impl<S: Scalar> Flow<S> for Model {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.0.iter().try_fold(Image::new(z, 0.0), |at, part| {
            let next = S::view(&**part).forward(&at.point)?;
            Ok(Image::new(next.point, at.log_det - next.log_det))
        })
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.0.iter().rev().try_fold(Image::new(x, 0.0), |at, part| {
            let next = S::view(&**part).inverse(&at.point)?;
            Ok(Image::new(next.point, at.log_det + next.log_det))
        })
    }
}
impl Layer for Model {
    fn dim(&self) -> usize {
        2
    }
    fn parts(&self) -> Vec<&dyn Layer> {
        self.0.iter().map(|part| &**part).collect()
    }
}
