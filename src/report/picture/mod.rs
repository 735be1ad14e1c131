//! What there is to draw of a layer, computed; [`html`](super::html) draws it.

use crate::check::SEED;
use crate::digits::Map;
use crate::evidence::Subject;
use crate::family::Family;
use crate::flow::Layer;

mod pattern;
mod plane;

pub(super) use pattern::{Mark, Pattern};
pub(super) use plane::{Plane, Quad};

/// Pictures of one layer of a row: the pattern of its Jacobian, where it loses digits, and in the plane the image of a
/// grid and the density.
#[derive(Clone, Debug)]
pub struct Pictures {
    pub(super) row: String,
    /// The layer, as its `Debug` prints it.
    pub(super) layer: String,
    pub(super) pattern: Result<Pattern, String>,
    pub(super) digits: Map,
    pub(super) plane: Result<Plane, String>,
}

/// Members of a family looked at in search of one of the plane.
const MEMBERS: usize = 40;

impl Pictures {
    /// Of the first member of a family that is a flow of the plane, or else of the one whose dimension is nearest to
    /// that, for the row of the family's name.
    pub fn of_family(family: &Family) -> Option<Self> {
        let nearest = family.members(SEED, MEMBERS).min_by_key(|layer| layer.dim().abs_diff(2))?;
        Some(Self::of(family.name, &*nearest))
    }

    /// Of a layer, for the row of this name.
    pub fn of(row: &str, layer: &dyn Layer) -> Self {
        let subject = Subject::of_dyn(layer);
        Self {
            row: row.to_owned(),
            layer: format!("{layer:?}"),
            pattern: Pattern::of(&subject),
            digits: Map::of(layer, false),
            plane: Plane::of(&subject),
        }
    }
}
