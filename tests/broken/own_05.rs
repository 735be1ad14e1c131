use super::prelude::*;
use crate::estimate::{Estimate, Estimator};

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "own-05",
    slip: "an estimate of a trace sums over its probes and does not divide by their number",
    reference: "",
    missed_because: "",
    caught_by: &["estimator-is-unbiased"],
    diagnosis: "estimates at z =",
    broken: || Box::new(Probed { a: params([0.25, 0.125]) }),
    degenerate: None,
};

/// Vectors of random signs, one estimate from all of them.
const PROBES: u64 = 2;

// x = z + A z with A = [[½, a₀], [a₁, ½]]: ln det(I + A) = ln(9/4 − a₀a₁).
#[derive(Debug)]
struct Probed {
    a: Vec<Param>,
}

impl<S: Scalar> Flow<S> for Probed {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let log_det = (lit(2.25) - self.a[0] * S::from(self.a[1])).ln();
        Image::finite([z[0] * 1.5 + self.a[0] * z[1], z[1] * 1.5 + self.a[1] * z[0]], log_det)
    }
}
impl Layer for Probed {
    fn dim(&self) -> usize {
        2
    }
    fn promises(&self) -> Promises {
        Promises::default().constant_log_det()
    }
    fn estimate(&self, _z: &[f64], seed: u64) -> Option<Result<Estimate, FlowError>> {
        let [a, b] = [0, 1].map(|i| f64::from(self.a[i]));
        let one = |probe: u64| {
            let estimator = Estimator::Truncated { terms: 80 };
            estimator.estimate(2, 0.75, seed.wrapping_add(probe << 54), |v| {
                vec![0.5 * v[0] + a * v[1], b * v[0] + 0.5 * v[1]]
            })
        };
        let probes: Vec<Estimate> = (0..PROBES).map(one).collect();
        let value = probes.iter().map(|probe| probe.value).sum();
        Some(Ok(Estimate { value, reach: 2.0 * probes[0].reach, ..probes[0] }))
    }
}
