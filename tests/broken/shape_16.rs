use super::prelude::*;
use crate::layers::{Elementwise, Map, Planar};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "shape-16",
    slip: "log-dets of scalar and vector layers are added before they are summed to one rank: the vector layer's \
           enters once a coordinate",
    reference: "facebookincubator/flowtorch commit f1cefe105",
    missed_because: "where batch and dimension are equal the shapes broadcast",
    caught_by: &["log-dets-add"],
    diagnosis: "the log-det of part 1 enters 2 times",
    broken: || {
        let planar = Planar::new(&[0.75, 0.5], &[0.5, 1.0], 0.25).expect("w·u > −1");
        Box::new(Composed(vec![Box::new(Elementwise::new(Map::Sinh, 2).expect("d ≥ 1")), Box::new(planar)]))
    },
    degenerate: None,
};

#[derive(Debug)]
struct Composed(Vec<Box<dyn Layer>>);

impl<S: Scalar> Flow<S> for Composed {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let middle = S::view(&*self.0[0]).forward(z)?;
        let last = S::view(&*self.0[1]).forward(&middle.point)?;
        Image::finite(last.point, middle.log_det + last.log_det * z.len() as f64)
    }
}
impl Layer for Composed {
    fn dim(&self) -> usize {
        2
    }
    fn parts(&self) -> Vec<&dyn Layer> {
        self.0.iter().map(|part| &**part).collect()
    }
}
