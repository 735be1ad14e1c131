//! What there is to draw of a layer, computed; [`html`](mod@super::html) draws it.

use crate::check::SEED;
use crate::density::Gaussian;
use crate::digits::Map;
use crate::evidence::{AsSubject, Direction, Subject};
use crate::family::Family;
use crate::promises::Domain;

mod line;
mod pattern;
mod plane;

pub(super) use line::Line;
pub(super) use pattern::{Mark, Pattern};
pub(super) use plane::{Plane, Quad};

/// Pictures of one layer of a row: the pattern of its Jacobian, where it loses digits, and on the line or in the
/// plane its graph or the image of a grid, and the density.
#[derive(Clone, Debug)]
pub struct Pictures {
    pub(super) row: String,
    /// The layer, as its `Debug` prints it.
    pub(super) layer: String,
    pub(super) pattern: Result<Pattern, String>,
    pub(super) digits: Result<Map, String>,
    pub(super) map: Result<Drawable, String>,
}

/// A map of few enough dimensions.
#[derive(Clone, Debug)]
pub(super) enum Drawable {
    Line(Line),
    Plane(Plane),
}

/// Pictures reach from minus this to this, in the numbers from which points of the domain are made.
const REACH: f64 = 3.0;

/// Operations in both directions: a map in two coordinates looks at a thousand points and more, and should take seconds.
const WORK: usize = 4_000;

fn digits(subject: &Subject<'_>) -> Result<Map, String> {
    let layer = subject.layer().ok_or("a black box shows numbers only, not its formula")?;
    let middle = vec![0.5; subject.dim()];
    let work = |direction, set: &Domain| subject.graph(direction, &set.point(&middle)).map_or(0, |graph| graph.work());
    let promises = subject.promises();
    let work = work(Direction::Forward, &promises.domain) + work(Direction::Inverse, &promises.codomain);
    if subject.dim() > 1 && work > WORK {
        return Err(format!("{work} operations at each point take long; `pushforward digits` has the patience"));
    }
    Ok(Map::of(layer, false))
}

/// The base that is pushed forward.
fn base(subject: &Subject<'_>) -> Result<Gaussian, String> {
    let d = subject.dim();
    let everywhere = subject.promises().domain.is_reals(d);
    everywhere
        .then(|| Gaussian::standard(d))
        .ok_or_else(|| "the domain is not all of space, as a normal base needs".to_owned())
}

/// The first two numbers, if they are finite.
fn pair(numbers: &[f64]) -> Option<[f64; 2]> {
    let pair = [*numbers.first()?, *numbers.get(1)?];
    pair.iter().all(|x| x.is_finite()).then_some(pair)
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
            digits: digits(&subject),
            map: match subject.dim() {
                1 => Line::of(&subject).map(Drawable::Line),
                2 => Plane::of(&subject).map(Drawable::Plane),
                d => Err(format!("flows of the line and of the plane are drawn; this one has dimension {d}")),
            },
        }
    }
}
