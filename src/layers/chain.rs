//! Composition.

use proptest::prelude::*;

use super::mask::alternating;
use super::{Autoregressive, Convention, Coupling, Planar, Scale, Tau};
use crate::data::{DataError, Fields, Format, flow_within};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, boxed, tanh_net, vector, wave_net};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Domain, Promises};
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
        // The codomain is only that of the last layer if every layer covers the domain of the next.
        let (domain, codomain) = if each.windows(2).any(|pair| pair[0].codomain != pair[1].domain) {
            (Domain::Reals, Domain::Reals)
        } else {
            (first.domain.clone(), last.codomain.clone())
        };
        Promises::of_all(&each).domain(domain).codomain(codomain)
    }

    fn parts(&self) -> Vec<&dyn Layer> {
        self.layers.iter().map(|layer| &**layer).collect()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::with_parts("composition.", self.layers.iter().map(|layer| &**layer))
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "composition",
    formula: "x = (f_K ∘ … ∘ f_1)(z)",
    source: "Rezende & Mohamed 2015, eqs. 6–7",
    draw,
    at_dim: Some(|d| {
        let coupling = |even: bool, phase: f64| -> Box<dyn Layer> {
            let (a, b) = alternating(d, even);
            let net = wave_net(a.len(), 2 * b.len(), phase);
            Box::new(Coupling::new(&a, &b, Scale::Exp, net).expect("a partition"))
        };
        let wave = |phase: f64| (0..d).map(|i| (i as f64 + phase).sin() / (d as f64).sqrt()).collect::<Vec<_>>();
        let planar = Planar::new(&wave(0.3), &wave(0.5), 0.25).expect("w·u > 0");
        Box::new(Chain::new(vec![coupling(true, 0.3), Box::new(planar), coupling(false, 0.7)]).expect("one dimension"))
    }),
}];

/// Two parts in half of the draws, three or four in the others. The log-det of every part varies, and neighbours act on
/// each other's coordinates, so that neither the order nor the point of evaluation can be mistaken unseen.
fn draw() -> Drawn {
    let shapes = (2usize..=4, prop_oneof![2 => Just(2usize), 1 => Just(3), 1 => Just(4)]);
    boxed(shapes.prop_flat_map(|(d, k)| {
        let parts: Vec<_> = (0..k).map(|at| part(d, at % 2 == 0)).collect();
        parts.prop_map(|parts| Chain::new(parts).expect("one dimension"))
    }))
}

fn part(d: usize, even: bool) -> Drawn {
    let (a, b) = alternating(d, even);
    let scales = prop_oneof![
        Just(Scale::Exp),
        Just(Scale::tanh(1.25).expect("clamp > 0")),
        Just(Scale::sigmoid(0.375, 2.25).expect("0 < min < max")),
    ];
    let coupling = (scales, tanh_net(a.len(), 2 * b.len()))
        .prop_map(move |(scale, net)| Coupling::new(&a, &b, scale, net).expect("a partition"));
    // At most 4 · (7/16)² = 0.77 in absolute value, so w·u > −1.
    let direction = vector(away_from_zero(0.125, 0.4375), d);
    let planar = (direction.clone(), direction, away_from_zero(0.125, 1.0))
        .prop_map(|(u, w, b)| Planar::new(&u, &w, b).expect("w·u > −1"));
    let nets: Vec<_> = (0..d).map(|i| tanh_net(i, 2)).collect();
    let conventions = prop_oneof![Just(Convention::Z), Just(Convention::X)];
    let autoregressive = (conventions, nets)
        .prop_map(|(side, nets)| Autoregressive::new(side, Tau::AffineExp, nets).expect("i inputs each"));
    prop_oneof![2 => boxed(coupling), 1 => boxed(planar), 1 => boxed(autoregressive)].boxed()
}

pub(super) const FORMATS: &[Format] = &[Format { name: "composition", read }];

fn read(fields: &Fields<'_>, depth: usize) -> Result<Box<dyn Layer>, DataError> {
    let at = fields.required("layers")?;
    if at.list()?.is_empty() {
        return Ok(Box::new(Chain::identity(fields.dim()?)));
    }
    let layers = at.list()?.iter().map(|layer| flow_within(layer, depth + 1)).collect::<Result<Vec<_>, _>>()?;
    Ok(Box::new(Chain::new(layers).map_err(|e| at.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Net, Orientation};

    fn scaled(raw: f64) -> Box<dyn Layer> {
        let net = Net::constant(&[raw, 0.5]).unwrap();
        Box::new(Coupling::new(&[0], &[1], Scale::Exp, net).unwrap())
    }

    /// Planar, then coupling, by hand: `x_1 = z_1 + tanh(z_1 + 2 z_2)`. References computed with mpmath.
    #[test]
    #[expect(clippy::excessive_precision, reason = "references are kept as computed")]
    fn parts_apply_in_list_order_and_log_dets_add() {
        let planar = || -> Box<dyn Layer> { Box::new(Planar::new(&[1.0, 0.0], &[1.0, 2.0], 0.0).unwrap()) };
        let image = |parts| Flow::<f64>::forward(&Chain::new(parts).unwrap(), &[0.5, 1.0]).unwrap();
        let (first, second) = (image(vec![planar(), scaled(0.5)]), image(vec![scaled(0.5), planar()]));
        for (image, x0, log_det) in [
            (&first, 1.4866142981514302889, 0.52624479921121075124),
            (&second, 1.4998638571663566189, 0.50027223007444620503),
        ] {
            assert!((image.point[0] - x0).abs() < 1e-15, "{image:?}");
            assert!((image.log_det - log_det).abs() < 1e-15, "{image:?}");
        }
    }

    #[test]
    fn an_error_names_its_layer() {
        let chain = Chain::new(vec![scaled(0.5), scaled(800.0)]).unwrap();
        let error = Flow::<f64>::forward(&chain, &[1.0, 1.0]).unwrap_err();
        assert!(matches!(&error, FlowError::InLayer { index: 1, .. }), "{error}");
        assert_eq!(error.kind(), "OutOfRange");
        let wide = Box::new(Chain::identity(3));
        let error = Chain::new(vec![scaled(0.5), wide]).unwrap_err();
        assert!(matches!(&error, FlowError::InLayer { index: 1, source } if source.kind() == "DimMismatch"), "{error}");
        assert_eq!(Chain::new(Vec::new()).unwrap_err().kind(), "DimMismatch");
    }

    #[test]
    fn signs_multiply_only_if_all_are_promised() {
        #[derive(Debug)]
        struct Signed(Option<Orientation>);
        impl<S: Scalar> Flow<S> for Signed {
            fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
                Ok(Image::new(z, 0.0))
            }
        }
        impl Layer for Signed {
            fn dim(&self) -> usize {
                2
            }
            fn promises(&self) -> Promises {
                Promises { orientation: self.0, ..Promises::default() }
            }
        }
        let sign = |all: &[Option<Orientation>]| {
            let parts = all.iter().map(|&o| Box::new(Signed(o)) as Box<dyn Layer>).collect();
            Chain::new(parts).unwrap().promises().orientation
        };
        let [positive, negative, either] =
            [Orientation::Positive, Orientation::Negative, Orientation::Either].map(Some);
        assert_eq!(sign(&[negative, negative, positive]), positive);
        assert_eq!(sign(&[negative, positive]), negative);
        assert_eq!(sign(&[negative, either]), either);
        assert_eq!(sign(&[either, None]), None);
    }
}
