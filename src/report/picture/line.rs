//! A flow of the line: its graph, and the density to which the standard normal is pushed forward.

use super::{REACH, base, pair};
use crate::evidence::Subject;
use crate::flow::Image;

/// Steps along the line.
const STEPS: usize = 240;

/// A graph and a density.
#[derive(Clone, Debug)]
pub(in crate::report) struct Line {
    /// `z` and `x = f(z)`, with gaps where the map is refused or not finite.
    pub graph: Vec<Option<[f64; 2]>>,
    /// `x` and the density there as the layer's own log-det states it, or why there is none.
    pub density: Result<Vec<Option<[f64; 2]>>, String>,
}

impl Line {
    pub(super) fn of(subject: &Subject<'_>) -> Result<Self, String> {
        let numbers = (0..=STEPS).map(|step| REACH * (2.0 * step as f64 / STEPS as f64 - 1.0));
        let points: Vec<Vec<f64>> = numbers.map(|number| subject.promises().domain.point(&[number])).collect();
        let images: Vec<_> = points.iter().map(|z| subject.forward(z).ok()).collect();
        let seen = || points.iter().zip(&images);
        let graph = each(seen(), |z, image| Some([z[0], *image.point.first()?]));
        if graph.iter().all(Option::is_none) {
            return Err("no point of the line has an image".to_owned());
        }
        let density = base(subject).map(|base| {
            each(seen(), |z, image| Some([*image.point.first()?, (base.log_density(z).ok()? - image.log_det).exp()]))
        });
        Ok(Self { graph, density })
    }
}

/// A pair of numbers for each point that has an image.
fn each<'a>(
    seen: impl Iterator<Item = (&'a Vec<f64>, &'a Option<Image<f64>>)>,
    of: impl Fn(&[f64], &Image<f64>) -> Option<[f64; 2]>,
) -> Vec<Option<[f64; 2]>> {
    seen.map(|(z, image)| of(z, image.as_ref()?).and_then(|at| pair(&at))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Flow, FlowError, Layer, Scalar};

    #[derive(Debug)]
    struct Twice;
    impl<S: Scalar> Flow<S> for Twice {
        fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
            Image::finite([z[0] * 2.0], S::ln_2())
        }
    }
    impl Layer for Twice {
        fn dim(&self) -> usize {
            1
        }
    }

    /// Under x = 2z the density at x is that of the standard normal at x/2, halved.
    #[test]
    fn the_density_is_that_of_the_image() {
        let line = Line::of(&Subject::of_dyn(&Twice)).expect("a line");
        assert!(line.graph.iter().all(|point| point.is_some_and(|[z, x]| x == 2.0 * z)));
        for [x, density] in line.density.expect("a density").into_iter().flatten() {
            let right = (-x * x / 8.0).exp() / (8.0 * std::f64::consts::PI).sqrt();
            assert!((density - right).abs() < 1e-15, "{x}: {density}");
        }
    }
}
