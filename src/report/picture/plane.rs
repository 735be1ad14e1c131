//! A flow of the plane: the image of a grid, and the density to which the standard normal is pushed forward.

use super::{REACH, base, pair};
use crate::evidence::Subject;

/// Lines of the grid in each direction, and steps along each.
const LINES: usize = 13;
const STEPS: usize = 48;
/// Cells of the density in each direction.
const CELLS: usize = 40;

/// A grid and its image.
#[derive(Clone, Debug)]
pub(in crate::report) struct Plane {
    /// Lines along the first coordinate, then along the second: in the base and as mapped, with gaps where the map is
    /// refused or not finite.
    pub lines: [Vec<Curve>; 2],
    /// The stated density, cell by cell, or why there is none.
    pub density: Result<Vec<Quad>, String>,
}

/// A line of the grid and its image.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct Curve {
    pub base: Vec<[f64; 2]>,
    pub image: Vec<Option<[f64; 2]>>,
}

/// The image of a cell, and the density there.
#[derive(Clone, Copy, Debug)]
pub(in crate::report) struct Quad {
    pub corners: [[f64; 2]; 4],
    pub density: f64,
}

/// The number at a place of `0..=places`.
fn number(place: usize, places: usize) -> f64 {
    REACH * (2.0 * place as f64 / places as f64 - 1.0)
}

impl Plane {
    pub(super) fn of(subject: &Subject<'_>) -> Result<Self, String> {
        let line = |along: usize, at: usize| {
            let points = (0..=STEPS).map(|step| {
                let mut reals = [number(at, LINES - 1); 2];
                reals[along] = number(step, STEPS);
                let z = subject.promises().domain.point(&reals);
                ([z[0], z[1]], subject.forward(&z).ok().and_then(|image| pair(&image.point)))
            });
            let (base, image) = points.unzip();
            Curve { base, image }
        };
        let lines = [0, 1].map(|along| (0..LINES).map(|at| line(along, at)).collect::<Vec<_>>());
        if lines.iter().flatten().flat_map(|line| &line.image).all(Option::is_none) {
            return Err("no point of the grid has an image".to_owned());
        }
        Ok(Self { lines, density: density(subject) })
    }
}

/// The density as the layer's own log-det states it, at the image of each cell of a grid.
fn density(subject: &Subject<'_>) -> Result<Vec<Quad>, String> {
    let base = base(subject)?;
    let node = |i: usize, j: usize| pair(&subject.forward(&[number(i, CELLS), number(j, CELLS)]).ok()?.point);
    let nodes: Vec<Vec<_>> = (0..=CELLS).map(|i| (0..=CELLS).map(|j| node(i, j)).collect()).collect();
    let quad = |i: usize, j: usize| {
        let corners = [nodes[i][j]?, nodes[i + 1][j]?, nodes[i + 1][j + 1]?, nodes[i][j + 1]?];
        let middle = [number(2 * i + 1, 2 * CELLS), number(2 * j + 1, 2 * CELLS)];
        let density = (base.log_density(&middle).ok()? - subject.forward(&middle).ok()?.log_det).exp();
        density.is_finite().then_some(Quad { corners, density })
    };
    let quads: Vec<Quad> = (0..CELLS * CELLS).filter_map(|place| quad(place / CELLS, place % CELLS)).collect();
    if quads.is_empty() { Err("it is finite nowhere on the grid".to_owned()) } else { Ok(quads) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Coupling, Planar, Scale};
    use crate::{Flow, FlowError, Image, Layer, Net, Scalar};

    fn plane(layer: &dyn Layer) -> Plane {
        Plane::of(&Subject::of_dyn(layer)).expect("a flow of the plane")
    }

    /// Density times area, over the cells.
    fn mass(plane: &Plane) -> f64 {
        let area = |[a, b, c, d]: [[f64; 2]; 4]| {
            let cross = |p: [f64; 2], q: [f64; 2]| p[0] * q[1] - p[1] * q[0];
            (cross(a, b) + cross(b, c) + cross(c, d) + cross(d, a)).abs() / 2.0
        };
        plane.density.as_ref().expect("a density").iter().map(|quad| quad.density * area(quad.corners)).sum()
    }

    /// A planar flow that forgets its log-det.
    #[derive(Debug)]
    struct Forgetful;
    impl<S: Scalar> Flow<S> for Forgetful {
        fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
            Image::finite([z[0] * 2.0, z[1]], 0.0)
        }
    }
    impl Layer for Forgetful {
        fn dim(&self) -> usize {
            2
        }
    }

    /// The mass of the standard normal within three of 0 in both coordinates is 0.99461.
    #[test]
    fn what_is_drawn_has_the_mass_that_lies_on_the_grid() {
        let planar = Planar::new(&[1.0, 0.5], &[1.0, 1.0], 0.25).unwrap();
        let coupling = Coupling::new(&[0], &[1], Scale::Exp, Net::constant(&[1.0, 2.0]).unwrap()).unwrap();
        for layer in [&planar as &dyn Layer, &coupling] {
            let mass = mass(&plane(layer));
            assert!((mass - 0.9946).abs() < 2e-3, "{layer:?}: {mass}");
        }
        // The picture is of what the layer states: twice the area at the same density.
        assert!((mass(&plane(&Forgetful)) - 2.0 * 0.9946).abs() < 4e-3);
    }

    #[test]
    fn lines_are_mapped_point_by_point() {
        let plane = plane(&Forgetful);
        for line in plane.lines.iter().flatten() {
            for (z, x) in line.base.iter().zip(&line.image) {
                assert_eq!(*x, Some([2.0 * z[0], z[1]]));
            }
        }
    }
}
