//! Slips that show in a density, in the product of two Jacobians, or in what a log-det costs.

use pushforward::proptest::strategy::Strategy;
use pushforward::{Check, laws};

use super::*;

#[test]
fn a_density_with_a_sign_wrong() {
    let layer = InverseSign { s: scales(S3) };
    caught(&layer, "both-forms-agree", "a log-det enters with the wrong sign");
    caught(&layer, "sampled-density-agrees", "a log-det enters with the wrong sign");
}

#[test]
fn a_density_that_is_none() {
    caught(&ThinnerThanItSays {}, "mass-is-one", "");
    caught(&ThinnerThanItSays {}, "samples-follow-density", "apart by");
}

#[test]
fn jacobians_that_are_not_inverse() {
    caught(&InverseIsForward { s: scales(S3) }, "jacobians-are-inverse", "");
    caught(&InverseIdles { s: scales(S3) }, "jacobians-are-inverse", "");
}

/// `x = 2z`, with a log-det whose terms are summed `times` for each coordinate and averaged.
#[derive(Debug)]
struct Costly {
    dim: usize,
    times: usize,
}
impl<S: Scalar> Flow<S> for Costly {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let x: Vec<S> = z.iter().map(|&z| z * 2.0).collect();
        let sum: S = z.iter().flat_map(|_| (0..self.times).map(|_| S::ln_2() * 1.0)).sum();
        Image::finite(x, sum / self.times as f64)
    }
}
impl Layer for Costly {
    fn dim(&self) -> usize {
        self.dim
    }
}

fn costs(times: fn(usize) -> usize) -> Verdict {
    let layers = (2usize..=24).prop_map(move |dim| Box::new(Costly { dim, times: times(dim) }) as Box<dyn Layer>);
    let law = laws::find("log-det-costs-no-more-than-promised").expect("a law of this name");
    let report = Check::new().laws([law]).run_strategy("costly", layers.boxed());
    report.verdict(law.name).expect("the law asked").clone()
}

#[test]
fn a_log_det_that_costs_the_square_of_the_dimension() {
    let Verdict::Fails(found) = costs(|dim| dim) else { panic!("{:?}", costs(|dim| dim)) };
    let what = found.violation.expect("growth is told in words");
    assert!(what.starts_with("log-det operations grow like d^"), "{what}");
    assert!(matches!(costs(|_| 3), Verdict::Holds(_)), "{:?}", costs(|_| 3));
}
