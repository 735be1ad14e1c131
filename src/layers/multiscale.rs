//! Multi-scale architecture.

use proptest::prelude::*;

use super::{Coupling, Scale, mask};
use crate::conditioner::{Net, condition, expect_arity};
use crate::data::{At, DataError, Fields, Format, conditioner, flow_within, unknown};
use crate::error::FlowError;
use crate::family::{Drawn, Family, affine_net, away_from_zero, boxed, short, tanh_net, vector};
use crate::flow::{Flow, Image, Layer, expect_point, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::Promises;
use crate::scalar::Scalar;

/// The Gaussian of the coordinates that a level splits off.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Split {
    /// `N(0, I)`.
    Standard,
    /// `N(mean, diag(e^log_std)²)`. Made by [`Split::diagonal`].
    #[non_exhaustive]
    Diagonal {
        /// Means.
        mean: Vec<Param>,
        /// Logs of the standard deviations.
        log_std: Vec<Param>,
    },
    /// As `Diagonal`, with the means and then the log standard deviations returned by a conditioner of the kept part.
    Conditional(Net),
}

impl Split {
    /// A diagonal Gaussian.
    ///
    /// # Errors
    /// `DimMismatch` where the lengths differ; `NonFinite`.
    pub fn diagonal(mean: &[f64], log_std: &[f64]) -> Result<Self, FlowError> {
        if log_std.len() != mean.len() {
            let (expected, found) = (mean.len(), log_std.len());
            return Err(FlowError::DimMismatch { what: "log_std".to_owned(), expected, found });
        }
        finite("mean", mean)?;
        finite("log_std", log_std)?;
        Ok(Self::Diagonal { mean: params(mean.iter().copied()), log_std: params(log_std.iter().copied()) })
    }

    /// Means and log standard deviations of `n` coordinates.
    fn moments<S: Scalar>(&self, kept: &[S], n: usize) -> Result<(Vec<S>, Vec<S>), FlowError> {
        Ok(match self {
            Self::Standard => (vec![S::from(0.0); n], vec![S::from(0.0); n]),
            Self::Diagonal { mean, log_std } => {
                (mean.iter().map(|&m| S::from(m)).collect(), log_std.iter().map(|&s| S::from(s)).collect())
            }
            Self::Conditional(net) => {
                let mut mean = condition(net, format_args!("the conditioner of the factored part"), kept, 2 * n)?;
                let log_std = mean.split_off(n);
                (mean, log_std)
            }
        })
    }
}

/// One level: a flow of the current vector, and what is split off behind it.
#[derive(Debug)]
pub struct Level {
    /// Maps the level's split vector to the vector above (its inverse is used in density evaluation).
    pub flow: Box<dyn Layer>,
    /// Indices that are split off; none at a level that only transforms.
    pub factored: Vec<usize>,
    /// Their Gaussian.
    pub split: Split,
}

impl Level {
    /// The width that is kept of `width` coordinates, if the level fits them.
    fn check(&self, width: usize) -> Result<usize, FlowError> {
        let n = self.factored.len();
        let mismatch =
            |what: &str, expected, found| Err(FlowError::DimMismatch { what: what.to_owned(), expected, found });
        if self.flow.dim() != width {
            return mismatch("its flow", width, self.flow.dim());
        }
        for (k, &i) in self.factored.iter().enumerate() {
            if i >= width || self.factored[..k].contains(&i) {
                let why = format!("factored[{k}] = {i}, expected different indices below {width}");
                return Err(FlowError::InvalidMask { why });
            }
        }
        if n >= width {
            let why = format!("all {width} coordinates are factored out, expected fewer");
            return Err(FlowError::InvalidMask { why });
        }
        match &self.split {
            Split::Diagonal { mean, .. } if mean.len() != n => return mismatch("mean", n, mean.len()),
            Split::Conditional(net) => expect_arity(net, format_args!("the conditioner"), width - n, 2 * n)?,
            Split::Standard | Split::Diagonal { .. } => {}
        }
        Ok(width - n)
    }
}

/// A multi-scale architecture over the base `N(0, I)`.
///
/// - formula, in density order: `y = f_l⁻¹(v_l)`; `v_{l+1}` is `y` without its factored indices (in their order); the
///   factored part is standardised, `z_l = (y_factored − mean) e^(−log_std)`. `forward` inserts and applies the level
///   flows in reverse, with the factored indices in the order of the list
/// - log-det (of `forward`): `Σ_l (log-det of f_l + Σ log_std)`
/// - inverse: the density order above
/// - layout of `z`: the kept block of the last level, then the factored blocks from the last level back to level 0
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: level flows of shrinking dimension; factored sets that leave something over; Gaussians
/// - source: Dinh et al. 2016, Real NVP (arXiv:1605.08803), §3.6; the conditional Gaussian is that of Glow's
///   code (openai/glow, `split2d_prior`; arXiv:1807.03039)
/// - loses precision: as its level flows do
#[derive(Debug)]
pub struct MultiScale {
    levels: Vec<Level>,
    dim: usize,
}

impl MultiScale {
    /// On vectors of length `dim`, level 0 first.
    ///
    /// # Errors
    /// `DimMismatch` inside `InLayer` where a level flow has not the length of what reaches it; `InvalidMask` for a
    /// factored set with repeated or missing indices, or that leaves nothing over; `BadArity`.
    pub fn new(dim: usize, levels: Vec<Level>) -> Result<Self, FlowError> {
        if levels.is_empty() {
            return Err(FlowError::DimMismatch { what: "the list of levels".to_owned(), expected: 1, found: 0 });
        }
        let mut width = dim;
        for (index, level) in levels.iter().enumerate() {
            width = level.check(width).map_err(|source| FlowError::InLayer { index, source: Box::new(source) })?;
        }
        Ok(Self { levels, dim })
    }
}

/// The indices below `n` that are not factored out, in order.
fn kept(factored: &[usize], n: usize) -> impl Iterator<Item = usize> + '_ {
    (0..n).filter(|i| !factored.contains(i))
}

impl<S: Scalar> Flow<S> for MultiScale {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let factored: usize = self.levels.iter().map(|level| level.factored.len()).sum();
        let (first, mut rest) = z.split_at(self.dim - factored);
        let mut v = first.to_vec();
        let mut log_det = S::from(0.0);
        for (index, level) in self.levels.iter().enumerate().rev() {
            let n = level.factored.len();
            let (block, after) = rest.split_at(n);
            rest = after;
            let (mean, log_std) = level.split.moments(&v, n)?;
            let mut y = vec![S::from(0.0); v.len() + n];
            for (i, &value) in kept(&level.factored, y.len()).collect::<Vec<_>>().into_iter().zip(&v) {
                y[i] = value;
            }
            for (k, &i) in level.factored.iter().enumerate() {
                y[i] = mean[k] + log_std[k].exp() * block[k];
                log_det += log_std[k];
            }
            let in_level = |source| FlowError::InLayer { index, source: Box::new(source) };
            let image = S::view(&*level.flow).forward(&y).map_err(in_level)?;
            v = image.point;
            log_det += image.log_det;
        }
        Image::finite(v, log_det)
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        let mut v = x.to_vec();
        let mut log_det = S::from(0.0);
        let mut blocks: Vec<Vec<S>> = Vec::new();
        for (index, level) in self.levels.iter().enumerate() {
            let in_level = |source| FlowError::InLayer { index, source: Box::new(source) };
            let image = S::view(&*level.flow).inverse(&v).map_err(in_level)?;
            log_det += image.log_det;
            let y = image.point;
            v = kept(&level.factored, y.len()).map(|i| y[i]).collect();
            let (mean, log_std) = level.split.moments(&v, level.factored.len())?;
            let standardised = |(k, &i): (usize, &usize)| (y[i] - mean[k]) * (-log_std[k]).exp();
            blocks.push(level.factored.iter().enumerate().map(standardised).collect());
            log_det = log_std.iter().fold(log_det, |sum, &s| sum - s);
        }
        v.extend(blocks.into_iter().rev().flatten());
        Image::finite(v, log_det)
    }
}

impl Layer for MultiScale {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        Promises::default()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::with_parts("multiscale.", self.levels.iter().map(|level| &*level.flow))
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Standard,
    Diagonal,
    Conditional,
}

macro_rules! family {
    ($name:literal, $kind:expr, $formula:literal) => {
        Family { name: $name, formula: $formula, source: "Dinh et al. 2016, §3.6", draw: || draw($kind), at_dim: None }
    };
}
pub(super) const FAMILIES: &[Family] = &[
    family!("multiscale_standard", Kind::Standard, "two couplings, a split with N(0, I)"),
    family!("multiscale_diagonal", Kind::Diagonal, "two couplings, a split with N(μ, σ²)"),
    family!("multiscale_conditional", Kind::Conditional, "two couplings, a split with N(μ(kept), σ(kept)²)"),
];

/// Two levels of exp couplings in 4 to 6 dimensions, the first coordinates or the odd ones factored out.
fn draw(kind: Kind) -> Drawn {
    let layers = (4usize..=6, any::<bool>()).prop_flat_map(move |(d, odd)| {
        let factored: Vec<usize> = if odd { (0..d).filter(|i| i % 2 == 1).collect() } else { (0..d / 2).collect() };
        let (n, rest) = (factored.len(), d - factored.len());
        let split = match kind {
            Kind::Standard => Just(Split::Standard).boxed(),
            Kind::Diagonal => (vector(short(), n), vector(away_from_zero(0.25, 1.0), n))
                .prop_map(|(mean, log_std)| Split::diagonal(&mean, &log_std).expect("equal lengths"))
                .boxed(),
            Kind::Conditional => tanh_net(rest, 2 * n).prop_map(Split::Conditional).boxed(),
        };
        (coupling(d), coupling(rest), split).prop_map(move |(top, below, split)| {
            let levels = vec![
                Level { flow: top, factored: factored.clone(), split },
                Level { flow: below, factored: Vec::new(), split: Split::Standard },
            ];
            MultiScale::new(d, levels).expect("widths agree")
        })
    });
    boxed(layers)
}

fn coupling(d: usize) -> impl Strategy<Value = Box<dyn Layer>> {
    let (a, b) = mask::alternating(d, true);
    affine_net(a.len(), 2 * b.len()).prop_map(move |net| {
        let scale = Scale::tanh(1.0).expect("positive");
        Box::new(Coupling::new(&a, &b, scale, net).expect("a partition")) as Box<dyn Layer>
    })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "multiscale", read }];

fn read(fields: &Fields<'_>, depth: usize) -> Result<Box<dyn Layer>, DataError> {
    let at = fields.required("levels")?;
    let dim = fields.dim()?;
    let mut width = dim;
    let mut levels = Vec::new();
    for level in at.list()? {
        let fields = level.fields()?;
        let flow_at = fields.required("flow")?;
        let flow = flow_within(&flow_at.clone().in_dim(width), depth + 1)?;
        let factored_at = fields.optional("factored");
        let factored = factored_at.as_ref().map_or(Ok(Vec::new()), At::indices)?;
        if let Some(list) = factored_at.as_ref().filter(|_| factored.is_empty()) {
            return Err(list.error("InvalidMask", "the factored set is empty; leave the key out instead"));
        }
        let gaussian = fields.optional("gaussian");
        let split = match &gaussian {
            None => Split::Standard,
            Some(gaussian) => read_split(gaussian, width.saturating_sub(factored.len()))?,
        };
        fields.finish()?;
        let read = Level { flow, factored, split };
        width = read.check(width).map_err(|e| {
            // The refusal belongs to the key that it speaks of.
            let place = match (&e, &gaussian) {
                (FlowError::InvalidMask { .. }, _) => factored_at.as_ref(),
                (FlowError::DimMismatch { what, .. }, Some(gaussian)) if what == "mean" => Some(gaussian),
                (FlowError::BadArity { .. }, Some(gaussian)) => Some(gaussian),
                _ => Some(&flow_at),
            };
            let mut refusal = place.unwrap_or(&level).refuse(&e);
            if matches!(e, FlowError::BadArity { .. }) {
                refusal.path.push_str(".cond");
            }
            refusal
        })?;
        levels.push(read);
    }
    Ok(Box::new(MultiScale::new(dim, levels).map_err(|e| at.refuse(&e))?))
}

/// `{ kind = "standard" }`, `{ kind = "diag", mean, log_std }` or `{ kind = "conditional", cond }`.
fn read_split(at: &At<'_>, kept: usize) -> Result<Split, DataError> {
    if at.text().is_ok_and(|name| name == "standard") {
        return Ok(Split::Standard);
    }
    let fields = at.fields()?;
    let kind = fields.required("kind")?;
    let split = match kind.text()? {
        "standard" => Split::Standard,
        "diag" => {
            let (mean, log_std) = (fields.required("mean")?.numbers()?, fields.required("log_std")?.numbers()?);
            Split::diagonal(&mean, &log_std).map_err(|e| at.refuse(&e))?
        }
        "conditional" => Split::Conditional(conditioner(&fields.required("cond")?, kept)?),
        other => {
            let known = ["standard", "diag", "conditional"].into_iter();
            return Err(kind.error("UnknownName", unknown("gaussian", other, known)));
        }
    };
    fields.finish()?;
    Ok(split)
}

#[cfg(test)]
mod tests {
    use super::super::ScalarAffine;
    use super::*;

    fn two_levels(split: Split) -> MultiScale {
        let level = |a, b, dim, factored: &[usize], split| Level {
            flow: Box::new(ScalarAffine::new(a, b, dim).unwrap()),
            factored: factored.to_vec(),
            split,
        };
        MultiScale::new(3, vec![level(2.0, 1.0, 3, &[1], split), level(3.0, 0.0, 2, &[], Split::Standard)]).unwrap()
    }

    #[test]
    fn the_layout_is_kept_first_and_the_log_det_adds() {
        // z = (kept 1, kept 2, factored): v = 3 (1, 2) = (3, 6); y = (3, 10 + e·4, 6); x = 2y + 1.
        let layer = two_levels(Split::diagonal(&[10.0], &[1.0]).unwrap());
        let image = layer.forward(&[1.0, 2.0, 4.0]).unwrap();
        let e = std::f64::consts::E;
        assert_eq!(image.point[0], 7.0);
        assert!((image.point[1] - (21.0 + 8.0 * e)).abs() < 1e-13);
        assert_eq!(image.point[2], 13.0);
        assert!((image.log_det - (3.0 * 2f64.ln() + 2.0 * 3f64.ln() + 1.0)).abs() < 1e-14);
        let back = layer.inverse(&image.point).unwrap();
        assert!(back.point.iter().zip([1.0, 2.0, 4.0]).all(|(a, b)| (a - b).abs() < 1e-14));
        assert!((back.log_det + image.log_det).abs() < 1e-14);
    }

    #[test]
    fn refusals() {
        let level = |dim, factored: &[usize]| Level {
            flow: Box::new(ScalarAffine::new(2.0, 0.0, dim).unwrap()),
            factored: factored.to_vec(),
            split: Split::Standard,
        };
        let kind = |levels| MultiScale::new(3, levels).unwrap_err().kind();
        assert_eq!(kind(vec![]), "DimMismatch");
        assert_eq!(kind(vec![level(2, &[0])]), "DimMismatch");
        assert_eq!(kind(vec![level(3, &[0, 1, 2])]), "InvalidMask");
        assert_eq!(kind(vec![level(3, &[3])]), "InvalidMask");
        assert_eq!(kind(vec![level(3, &[1, 1])]), "InvalidMask");
        assert_eq!(kind(vec![level(3, &[1]), level(3, &[0])]), "DimMismatch");
    }
}
