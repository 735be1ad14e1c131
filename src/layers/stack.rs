//! Layers side by side.

use proptest::prelude::*;

use super::{Coupling, Elementwise, Map, Planar, Scale, mask};
use crate::data::{At, DataError, Fields, Format, flow_within};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, boxed, tanh_net, vector};
use crate::flow::{Flow, Image, Layer, expect_dim, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Block, Domain, Promises, Structure};
use crate::scalar::Scalar;

/// Layers on consecutive blocks of coordinates: the first on the first `d_1`, the next on the `d_2` after them.
///
/// - formula: `x = (f_1(z_1), …, f_K(z_K))`, `z = (z_1, …, z_K)`
/// - log-det: `Σ_k log|det J_{f_k}(z_k)|`: the Jacobian is block diagonal
/// - inverse: block by block
/// - domain → codomain: the products of those of the layers
/// - parameters: at least one layer; any dimensions
/// - source: definition
/// - loses precision: as its layers do
#[derive(Debug)]
pub struct Stack {
    layers: Vec<Box<dyn Layer>>,
}

impl Stack {
    /// The layers, in the order of their coordinates.
    ///
    /// # Errors
    /// `DimMismatch` for an empty list.
    pub fn new(layers: Vec<Box<dyn Layer>>) -> Result<Self, FlowError> {
        if layers.is_empty() {
            return Err(FlowError::DimMismatch { what: "the list of layers".to_owned(), expected: 1, found: 0 });
        }
        Ok(Self { layers })
    }

    fn pass<S: Scalar>(
        &self,
        point: &[S],
        apply: impl Fn(&dyn Flow<S>, &[S]) -> Result<Image<S>, FlowError>,
    ) -> Result<Image<S>, FlowError> {
        expect_point(point, self.dim())?;
        let mut start = 0;
        let mut all = Image::new(Vec::with_capacity(point.len()), 0.0);
        for (index, layer) in self.layers.iter().enumerate() {
            let end = start + layer.dim();
            let image = apply(S::view(&**layer), &point[start..end])
                .map_err(|source| FlowError::InLayer { index, source: Box::new(source) })?;
            all.point.extend(image.point);
            all.log_det += image.log_det;
            start = end;
        }
        Ok(all)
    }
}

impl<S: Scalar> Flow<S> for Stack {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.pass(z, |layer, z| layer.forward(z))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.pass(x, |layer, x| layer.inverse(x))
    }
}

impl Layer for Stack {
    fn dim(&self) -> usize {
        self.layers.iter().map(Layer::dim).sum()
    }

    fn known_values(&self) -> Vec<KnownValue> {
        known::with_parts("stack.", self.layers.iter().map(|layer| &**layer))
    }
    fn promises(&self) -> Promises {
        let each: Vec<Promises> = self.layers.iter().map(Layer::promises).collect();
        let mut start = 0;
        let coords = self.layers.iter().map(|layer| {
            start += layer.dim();
            (start - layer.dim()..start).collect()
        });
        let coords: Vec<Vec<usize>> = coords.collect();
        let product = |of: fn(&Promises) -> &Domain| {
            let blocks = coords.iter().cloned().zip(each.iter().map(|p| of(p).clone()));
            Domain::blocks(self.dim(), blocks.collect())
        };
        let blocks = coords.iter().zip(&each);
        let kept = blocks.clone().flat_map(|(coords, p)| p.kept.iter().map(|&k| coords[k]));
        let blocks = blocks.clone().map(|(coords, p)| Block { coords: coords.clone(), structure: p.structure.clone() });
        Promises {
            structure: Structure::Blocks(blocks.collect()),
            kept: kept.collect(),
            reaches_all: each.iter().all(|p| p.reaches_all),
            increasing: each.iter().all(|p| p.increasing),
            ..Promises::of_all(&each).domain(product(|p| &p.domain)).codomain(product(|p| &p.codomain))
        }
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "stack",
    formula: "x = (f_1(z_1), …, f_K(z_K))",
    source: "definition",
    draw,
    at_dim: Some(|d| {
        let planar = super::planar::FAMILIES[0].at_dim.expect("a planar family");
        Box::new(Stack::new(vec![planar(d.div_ceil(2)), planar(d / 2)]).expect("two layers"))
    }),
}];

/// Two or three blocks, of one to three coordinates each: dense, pass-through or diagonal.
fn draw() -> Drawn {
    let planar = (1usize..=3).prop_flat_map(|d| {
        let direction = vector(away_from_zero(0.125, 0.5), d);
        (direction.clone(), direction, away_from_zero(0.125, 1.0))
            .prop_map(|(u, w, b)| Box::new(Planar::new(&u, &w, b).expect("w·u > −1")) as Box<dyn Layer>)
    });
    let coupling = (2usize..=3).prop_flat_map(|d| {
        let (a, b) = mask::alternating(d, d == 2);
        tanh_net(a.len(), 2 * b.len()).prop_map(move |net| {
            Box::new(Coupling::new(&a, &b, Scale::Exp, net).expect("a partition")) as Box<dyn Layer>
        })
    });
    let each = (prop_oneof![Just(Map::Exp), Just(Map::Sinh)], 1usize..=2)
        .prop_map(|(map, d)| Box::new(Elementwise::new(map, d).expect("d ≥ 1")) as Box<dyn Layer>);
    let one = prop_oneof![planar, coupling, each];
    boxed(proptest::collection::vec(one, 2..=3).prop_map(|layers| Stack::new(layers).expect("two layers or more")))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "stack", read }];

/// `dims` says how many coordinates each layer takes.
fn read(fields: &Fields<'_>, depth: usize) -> Result<Box<dyn Layer>, DataError> {
    let (at, dims_at) = (fields.required("layers")?, fields.required("dims")?);
    let (list, dims) = (at.list()?, dims_at.indices()?);
    if dims.len() != list.len() {
        let what = "dims".to_owned();
        return Err(dims_at.refuse(&FlowError::DimMismatch { what, expected: list.len(), found: dims.len() }));
    }
    let one = |(at, dim): (At<'_>, usize)| {
        let at = at.in_dim(dim);
        let layer = flow_within(&at, depth + 1)?;
        expect_dim(&*layer, dim).map_err(|e| at.refuse(&e))?;
        Ok(layer)
    };
    let layers = list.into_iter().zip(dims).map(one).collect::<Result<Vec<_>, DataError>>()?;
    Ok(Box::new(Stack::new(layers).map_err(|e| at.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::super::{Permutation, ScalarAffine};
    use super::*;
    use crate::promises::Interval;

    #[test]
    fn blocks_move_on_their_own_and_their_log_dets_add() {
        let parts: Vec<Box<dyn Layer>> = vec![
            Box::new(Permutation::new(&[1, 0]).unwrap()),
            Box::new(Elementwise::new(Map::Exp, 1).unwrap()),
            Box::new(ScalarAffine::new(-2.0, 1.0, 2).unwrap()),
        ];
        let stack = Stack::new(parts).unwrap();
        let image = Flow::<f64>::forward(&stack, &[1.0, 2.0, 0.0, 3.0, 4.0]).unwrap();
        assert_eq!(image.point, [2.0, 1.0, 1.0, -5.0, -7.0]);
        assert_eq!(image.log_det, 2.0 * 2f64.ln());
        assert_eq!(Flow::<f64>::inverse(&stack, &image.point).unwrap().point, [1.0, 2.0, 0.0, 3.0, 4.0]);
        let promises = stack.promises();
        assert_eq!(promises.codomain.interval(2), Interval::POSITIVE);
        assert_eq!(promises.codomain.interval(3), Interval::REALS);
        assert!(promises.structure.passes_through(1) && !promises.structure.passes_through(2));
    }
}
