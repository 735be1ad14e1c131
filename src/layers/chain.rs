//! Composition.

use crate::data::{DataError, Fields, Format, flow_within};
use crate::error::FlowError;
use crate::family::Family;
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::promises::{Domain, LogDetCost, Promises};
use crate::scalar::Scalar;

/// Layers one after the other, in list order: the first in the list is applied first.
///
/// - formula: `f = f_K ∘ … ∘ f_1`
/// - log-det: `Σ_k log|det J_{f_k}|`, each at the point its layer receives
/// - inverse: the inverses in reverse order
/// - domain → codomain: those of the first and the last layer
/// - parameters: layers of one dimension `d`; an empty list is the identity of a stated dimension
/// - source: chain rule; Rezende & Mohamed 2015 (arXiv:1505.05770), eqs. 6–7
/// - loses precision: as its layers do; error bounds grow along the chain, so it is also judged link by link
#[derive(Debug)]
pub struct Chain {
    layers: Vec<Box<dyn Layer>>,
    dim: usize,
}

impl Chain {
    /// The composition of at least one layer.
    ///
    /// # Errors
    /// `DimMismatch` (inside `InLayer`) where a layer's dimension is not the first one's, or the list is empty: use
    /// [`Chain::identity`] to say the dimension.
    pub fn new(layers: Vec<Box<dyn Layer>>) -> Result<Self, FlowError> {
        let Some(dim) = layers.first().map(Layer::dim) else {
            return Err(FlowError::DimMismatch { what: "the list of layers".to_owned(), expected: 1, found: 0 });
        };
        for (index, layer) in layers.iter().enumerate() {
            if layer.dim() != dim {
                let source = FlowError::DimMismatch { what: "its point".to_owned(), expected: dim, found: layer.dim() };
                return Err(FlowError::InLayer { index, source: Box::new(source) });
            }
        }
        Ok(Self { layers, dim })
    }

    /// The empty composition, which is the identity of ℝᵈ.
    pub fn identity(dim: usize) -> Self {
        Self { layers: Vec::new(), dim }
    }
}

fn in_layer(index: usize) -> impl FnOnce(FlowError) -> FlowError {
    move |source| FlowError::InLayer { index, source: Box::new(source) }
}

impl<S: Scalar> Flow<S> for Chain {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        self.layers.iter().enumerate().try_fold(Image::new(z, 0.0), |at, (i, layer)| {
            let next = S::view(&**layer).forward(&at.point).map_err(in_layer(i))?;
            Ok(Image::new(next.point, at.log_det + next.log_det))
        })
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        self.layers.iter().enumerate().rev().try_fold(Image::new(x, 0.0), |at, (i, layer)| {
            let next = S::view(&**layer).inverse(&at.point).map_err(in_layer(i))?;
            Ok(Image::new(next.point, at.log_det + next.log_det))
        })
    }
}

impl Layer for Chain {
    fn dim(&self) -> usize {
        self.dim
    }

    fn promises(&self) -> Promises {
        let each: Vec<Promises> = self.layers.iter().map(Layer::promises).collect();
        let (Some(first), Some(last)) = (each.first(), each.last()) else {
            return Promises::default().identity();
        };
        let exponent = each.iter().map(|p| p.log_det_cost.exponent()).fold(1.0, f64::max);
        let mut promises = Promises::default()
            .domain(first.domain.clone())
            .codomain(last.codomain.clone())
            .log_det_cost(LogDetCost::Power(exponent));
        // The codomain is only that of the last layer if every layer covers the domain of the next.
        if each.windows(2).any(|pair| pair[0].codomain != pair[1].domain) {
            promises = promises.domain(Domain::Reals).codomain(Domain::Reals);
        }
        if each.iter().all(|p| p.constant_log_det) {
            promises = promises.constant_log_det();
        }
        if each.iter().all(|p| p.volume_preserving) {
            promises = promises.volume_preserving();
        }
        if each.iter().any(|p| !p.twice_differentiable) {
            promises = promises.once_differentiable();
        }
        promises
    }

    fn parts(&self) -> Vec<&dyn Layer> {
        self.layers.iter().map(|layer| &**layer).collect()
    }
}

pub(super) const FAMILIES: &[Family] = &[];

pub(super) const FORMATS: &[Format] = &[Format { name: "composition", read }];

fn read(fields: &Fields<'_>, depth: usize) -> Result<Box<dyn Layer>, DataError> {
    let at = fields.required("layers")?;
    if at.list()?.is_empty() {
        return Ok(Box::new(Chain::identity(fields.dim()?)));
    }
    let layers = at.list()?.iter().map(|layer| flow_within(layer, depth + 1)).collect::<Result<Vec<_>, _>>()?;
    Ok(Box::new(Chain::new(layers).map_err(|e| at.refuse(&e))?))
}
