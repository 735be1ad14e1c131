//! What there is to draw of a layer, computed; [`html`](super::html) draws it.

use crate::check::SEED;
use crate::digits::Map;
use crate::evidence::AsSubject;
use crate::family::Family;

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
    /// A black box shows no formula to hold its digits against.
    pub(super) digits: Option<Map>,
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

    /// Of a layer or a black box, for the row of this name.
    pub fn of(row: &str, subject: &(impl AsSubject + ?Sized)) -> Self {
        let subject = subject.as_subject();
        Self {
            row: row.to_owned(),
            layer: subject.shown(),
            pattern: Pattern::of(&subject),
            digits: subject.layer().map(|layer| Map::of(layer, false)),
            plane: Plane::of(&subject),
        }
    }
}
