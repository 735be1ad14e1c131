use super::prelude::*;

pub(super) const EXHIBIT: Exhibit = Exhibit {
    id: "form-22",
    slip: "actnorm on images counts each channel's log-scale once, not at each of the h·w positions",
    reference: "VincentStimper/normalizing-flows commit d39b1fde4",
    missed_because: "images of one pixel, or flat inputs, hide it",
    caught_by: &["log-det-is-jacobian"],
    diagnosis: "a factor 4 is lost: a count such as h·w",
    broken: || Box::new(ActNorm::<4> { s: params([0.5, -0.25]), t: params([1.0, 2.0]) }),
    degenerate: None,
};

/// `x = eˢ z + t`, a scale and a shift for each channel, at `N` positions.
#[derive(Debug)]
pub(super) struct ActNorm<const N: usize> {
    pub(super) s: Vec<Param>,
    pub(super) t: Vec<Param>,
}

impl<S: Scalar, const N: usize> Flow<S> for ActNorm<N> {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        let x: Vec<S> = z.iter().enumerate().map(|(i, &z)| z * S::from(self.s[i / N]).exp() + self.t[i / N]).collect();
        Image::finite(x, self.s.iter().map(|&s| S::from(s)).sum::<S>())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        let z = x.iter().enumerate().map(|(i, &x)| (x - self.t[i / N]) * (-S::from(self.s[i / N])).exp());
        Image::finite(z.collect::<Vec<S>>(), -self.s.iter().map(|&s| S::from(s)).sum::<S>())
    }
}
impl<const N: usize> Layer for ActNorm<N> {
    fn dim(&self) -> usize {
        self.s.len() * N
    }
    fn promises(&self) -> Promises {
        Promises::default().structure(Structure::Diagonal).constant_log_det()
    }
}
