//! The law of estimates: judged by their mean, with a stated probability of a false alarm.

use super::{Evidence, Gate, Law, Whole};
use crate::evidence::{PointKind, Site, Stop, Subject};
use crate::random::Stream;

pub(super) const LAWS: &[Law] = &[Law {
    name: "estimator-is-unbiased",
    statement: "mean over seeds of the estimated log-det = log|det J(z)|, up to the bias declared",
    why: "a model trained on an estimate of the log-det follows the gradient of its mean",
    source: "empirical Bernstein bound, Maurer & Pontil 2009 (arXiv:0907.3740), Theorem 4",
    catches: "a term of the series with the wrong sign or divisor, a lost survival probability, too few terms, one seed \
              for all draws",
    blind_to: "a bias below the resolution printed; layers that offer no estimate",
    gate: Gate::None,
    evidence: Evidence::Layer(unbiased, 6),
}];

/// Seeds drawn at one point.
const DRAWS: usize = 100_000;
/// The probability of a false alarm at one point.
const ALPHA: f64 = 1e-9;

fn unbiased(subject: &Subject<'_>, sites: &[Site<'_>]) -> Result<Whole, Stop> {
    let layer = subject.formula()?;
    if sites.first().is_none_or(|site| layer.estimate(&site.z, 0).is_none()) {
        return Err(Stop::DoesNotApply("no estimate is offered".to_owned()));
    }
    // Where the log-det is far from 0 a wrong sign shows.
    let moderate = sites.iter().filter(|site| site.kind == PointKind::Short);
    let known = moderate.filter_map(|site| site.log_abs_det().ok().map(|log_det| (site, log_det)));
    let Some((site, log_det)) = known.max_by(|a, b| a.1.value().abs().total_cmp(&b.1.value().abs())) else {
        return Err(Stop::Blurred("the log-det is resolved nowhere".to_owned()));
    };
    let mut seeds = Stream::new(subject.dim() as u64 ^ 0xe57);
    let (mut sum, mut squares, mut bias, mut reach) = (0.0, 0.0, 0.0f64, 0.0f64);
    for draw in 0..DRAWS {
        let seed = (seeds.uniform() * 2f64.powi(53)) as u64;
        let Some(estimate) = layer.estimate(&site.z, seed) else {
            return Err(Stop::DoesNotApply("no estimate is offered".to_owned()));
        };
        let estimate = estimate.map_err(|e| site.stop(&e))?;
        if estimate.value.is_nan() || estimate.value.abs() > estimate.reach * (1.0 + 1e-12) {
            return Err(Stop::Violated(format!(
                "seed {seed} at z = {:?} gives {:?}, beyond the reach declared, {:?}",
                site.z, estimate.value, estimate.reach
            )));
        }
        if draw == 0 && layer.estimate(&site.z, seed) != Some(Ok(estimate)) {
            return Err(Stop::Violated(format!("seed {seed} at z = {:?} gives two different estimates", site.z)));
        }
        let off = estimate.value - log_det.value();
        (sum, squares) = (sum + off, squares + off * off);
        (bias, reach) = (bias.max(estimate.bias), reach.max(estimate.reach));
    }
    let n = DRAWS as f64;
    let mean = sum / n;
    let variance = (squares - n * mean * mean).max(0.0) / (n - 1.0);
    // Each side with half of α.
    let confidence = (4.0 / ALPHA).ln();
    let chance = (2.0 * variance * confidence / n).sqrt() + 2.0 * reach * 7.0 * confidence / (3.0 * (n - 1.0));
    let allowed = chance + bias + 2.0 * log_det.error();
    if mean.abs() > allowed {
        return Err(Stop::Violated(format!(
            "{DRAWS} estimates at z = {:?} have mean {:.6}, and log|det J| = {:.6}: {:.1e} apart, allowed {allowed:.1e} \
             (of which bias {bias:.1e}, chance {chance:.1e} at a false-alarm rate of {ALPHA:.0e})",
            site.z,
            log_det.value() + mean,
            log_det.value(),
            mean.abs()
        )));
    }
    // A mean wrong by more than this is caught, but with probability α.
    let resolution = 2.0 * (chance + bias);
    if log_det.value().abs() <= resolution {
        return Err(Stop::Blurred(format!(
            "log|det J| = {:.1e} is within the resolution {resolution:.1e}: a missing estimate would not show",
            log_det.value()
        )));
    }
    Ok(Whole {
        note: format!("a shift of {resolution:.1e} is caught by {DRAWS} seeds but with probability {ALPHA:.0e}"),
        resolution,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FlowError;
    use crate::estimate::{Estimate, Estimator};
    use crate::flow::{Flow, Image, Layer};
    use crate::scalar::Scalar;

    /// `x = 1.5 z` in three dimensions, with an estimate to be got wrong: `ln det(I + ½ I)`.
    #[derive(Debug)]
    struct Scaled(fn(Estimate) -> Estimate);

    impl<S: Scalar> Flow<S> for Scaled {
        fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
            Image::finite(z.iter().map(|&z| z * 1.5).collect::<Vec<S>>(), S::from(1.5).ln() * 3.0)
        }
    }
    impl Layer for Scaled {
        fn dim(&self) -> usize {
            3
        }
        fn estimate(&self, _: &[f64], seed: u64) -> Option<Result<Estimate, FlowError>> {
            let half = |v: &[f64]| v.iter().map(|v| v * 0.5).collect();
            Some(Ok((self.0)(Estimator::Roulette { survival: 0.75 }.estimate(3, 0.5, seed, half))))
        }
    }

    #[test]
    fn a_mean_that_is_off_is_seen_and_a_right_one_is_not() {
        let judged = |change| {
            let layer = Scaled(change);
            let subject = Subject::of(&layer);
            let site = Site::new(&subject, &[0.5, -1.0, 2.0], &[0.25; 3], PointKind::Short);
            unbiased(&subject, &[site])
        };
        assert!(judged(|estimate| estimate).is_ok_and(|whole| whole.resolution < 0.1));
        for wrong in [
            |estimate: Estimate| Estimate { value: -estimate.value, ..estimate },
            |estimate: Estimate| Estimate { value: 0.9 * estimate.value, ..estimate },
            |estimate: Estimate| Estimate { reach: 0.5, ..estimate },
        ] {
            assert!(matches!(judged(wrong), Err(Stop::Violated(_))));
        }
        let declared = judged(|estimate| Estimate { value: 0.9 * estimate.value, bias: 0.15, ..estimate });
        assert!(declared.is_ok(), "{declared:?}");
    }
}
