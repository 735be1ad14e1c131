//! A layer on some of the coordinates.

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::Planar;
use crate::data::{DataError, Fields, Format, flow_within};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, boxed, vector};
use crate::flow::{Flow, Image, Layer, expect_dim, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Block, Domain, Promises, Structure};
use crate::scalar::Scalar;

/// A layer that acts on some coordinates and leaves the others as they are.
///
/// - formula: `x_c = f(z_c)` on the coordinates `c`, in the order listed; `x_i = z_i` elsewhere
/// - log-det: that of `f` at `z_c`
/// - inverse: `z_c = f⁻¹(x_c)`
/// - domain → codomain: those of `f` on the coordinates `c`, ℝ elsewhere
/// - parameters: `d`; at least one coordinate, none twice; a layer of their number
/// - source: definition
/// - loses precision: as `f` does
#[derive(Clone, Debug)]
pub struct Embed<L: Layer = Box<dyn Layer>> {
    layer: L,
    coords: Vec<usize>,
    dim: usize,
}

impl<L: Layer> Embed<L> {
    /// `layer` on the coordinates `coords` of ℝᵈ, `d = dim`: its coordinate `k` is `coords[k]`.
    ///
    /// # Errors
    /// `InvalidMask` unless the coordinates differ, lie below `dim`, and there is one; `DimMismatch` unless the layer
    /// takes as many; `DomainMismatch` where its domain is no product of intervals.
    pub fn new(dim: usize, coords: &[usize], layer: L) -> Result<Self, FlowError> {
        if coords.is_empty() {
            return Err(FlowError::InvalidMask { why: "no coordinate is given, expected at least one".to_owned() });
        }
        if let Some(k) = (0..coords.len()).find(|&k| coords[k] >= dim || coords[..k].contains(&coords[k])) {
            let why = format!("coords[{k}] = {}, expected different indices below {dim}", coords[k]);
            return Err(FlowError::InvalidMask { why });
        }
        expect_dim(&layer, coords.len())?;
        Ok(Self { layer, coords: coords.to_vec(), dim })
    }

    fn pass<S: Scalar>(
        &self,
        point: &[S],
        apply: impl FnOnce(&dyn Flow<S>, &[S]) -> Result<Image<S>, FlowError>,
    ) -> Result<Image<S>, FlowError> {
        expect_point(point, self.dim)?;
        let inner: Vec<S> = self.coords.iter().map(|&c| point[c]).collect();
        let image = apply(S::view(&self.layer), &inner)?;
        let mut all = Image::new(point, image.log_det);
        self.coords.iter().zip(image.point).for_each(|(&c, x)| all.point[c] = x);
        Ok(all)
    }
}

impl<S: Scalar, L: Layer> Flow<S> for Embed<L> {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.pass(z, |layer, z| layer.forward(z))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.pass(x, |layer, x| layer.inverse(x))
    }
}

impl<L: Layer> Layer for Embed<L> {
    fn dim(&self) -> usize {
        self.dim
    }

    fn known_values(&self) -> Vec<KnownValue> {
        known::with_parts("embed.", std::iter::once(&self.layer as &dyn Layer))
    }
    fn promises(&self) -> Promises {
        let inner = self.layer.promises();
        let embedded = |domain: &Domain| Domain::blocks(self.dim, vec![(self.coords.clone(), domain.clone())]);
        let kept: Vec<usize> = (0..self.dim).filter(|i| !self.coords.contains(i)).collect();
        let still = Structure::Permutation((0..kept.len()).collect());
        Promises {
            domain: embedded(&inner.domain),
            codomain: embedded(&inner.codomain),
            structure: Structure::Blocks(vec![
                Block { coords: self.coords.clone(), structure: inner.structure },
                Block { coords: kept, structure: still },
            ]),
            kept: inner.kept.iter().map(|&k| self.coords[k]).collect(),
            ..inner
        }
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "embed",
    formula: "x_c = f(z_c), the other coordinates unchanged",
    source: "definition",
    draw,
    at_dim: Some(|d| {
        let coords: Vec<usize> = (0..d).filter(|i| i % 3 != 1).rev().collect();
        let planar = (super::planar::FAMILIES[0].at_dim.expect("a planar family"))(coords.len());
        Box::new(Embed::new(d, &coords, planar).expect("different coordinates"))
    }),
}];

/// A planar flow of some coordinates, in any order, of which at least one is left out.
fn draw() -> Drawn {
    let coords = (2usize..=5)
        .prop_flat_map(|d| (Just(d), subsequence((0..d).collect::<Vec<_>>(), 1..d)))
        .prop_flat_map(|(d, coords)| (Just(d), Just(coords).prop_shuffle()));
    boxed(coords.prop_flat_map(|(d, coords)| {
        let direction = vector(away_from_zero(0.125, 0.4375), coords.len());
        (direction.clone(), direction, away_from_zero(0.125, 1.0)).prop_map(move |(u, w, b)| {
            let planar = Planar::new(&u, &w, b).expect("w·u > −1");
            Embed::new(d, &coords, planar).expect("different coordinates")
        })
    }))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "embed", read }];

fn read(fields: &Fields<'_>, depth: usize) -> Result<Box<dyn Layer>, DataError> {
    let (coords_at, of) = (fields.required("coords")?, fields.required("of")?);
    let coords = coords_at.indices()?;
    let dim = fields.dim()?;
    let layer = flow_within(&of.clone().in_dim(coords.len()), depth + 1)?;
    let place = |e: &FlowError| if matches!(e, FlowError::DimMismatch { .. }) { &of } else { &coords_at };
    Ok(Box::new(Embed::new(dim, &coords, layer).map_err(|e| place(&e).refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::super::{Elementwise, Map, Permutation};
    use super::*;
    use crate::promises::Interval;

    #[test]
    fn coordinates_are_taken_in_the_order_listed() {
        let turn = Permutation::new(&[1, 2, 0]).unwrap();
        let layer = Embed::new(4, &[3, 0, 2], turn).unwrap();
        let image = Flow::<f64>::forward(&layer, &[10.0, 11.0, 12.0, 13.0]).unwrap();
        assert_eq!(image.point, [12.0, 11.0, 13.0, 10.0]);
        assert_eq!(Flow::<f64>::inverse(&layer, &image.point).unwrap().point, [10.0, 11.0, 12.0, 13.0]);
        let exp = Embed::new(3, &[1], Elementwise::new(Map::Exp, 1).unwrap()).unwrap().promises();
        assert_eq!(exp.codomain.interval(1), Interval::POSITIVE);
        assert_eq!(exp.codomain.interval(2), Interval::REALS);
        assert!(exp.structure.passes_through(0) && !exp.structure.passes_through(1));
    }

    #[test]
    fn refusals() {
        let kind = |dim, coords: &[usize]| {
            let inner = Elementwise::new(Map::Sinh, 2).unwrap();
            Embed::new(dim, coords, inner).map_err(|e| e.kind()).err()
        };
        assert_eq!(kind(3, &[2, 0]), None);
        assert_eq!(kind(3, &[2, 2]), Some("InvalidMask"));
        assert_eq!(kind(2, &[2, 0]), Some("InvalidMask"));
        assert_eq!(kind(3, &[]), Some("InvalidMask"));
        assert_eq!(kind(3, &[1]), Some("DimMismatch"));
    }

    #[test]
    fn the_set_of_a_chart_stays_whole() {
        let layer = Embed::new(4, &[3, 1], super::super::Ordered::new(2).unwrap()).unwrap();
        let promises = layer.promises();
        assert_eq!(promises.kept, [3]);
        assert!(
            promises.codomain.contains(&[0.0, 2.0, 0.0, 1.0]) && !promises.codomain.contains(&[0.0, 1.0, 0.0, 2.0])
        );
        let report = crate::check(&layer);
        assert!(report.failures().is_empty(), "{report}");
    }
}
