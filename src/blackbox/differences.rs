//! Error bounds and derivatives of a flow of which only numbers are known.

use nalgebra::DMatrix;

use super::noise::{NEIGHBOURS, deviation};
use super::{BlackBox, Rows};
use crate::error::FlowError;
use crate::evidence::{Direction, Evaluated, Jacobian, STARTS, slopes_from, stencil};
use crate::flow::Image;
use crate::promises::Domain;
use crate::scalar::ball;

/// Starting steps of the difference tables for f32, in units of the scale.
const STARTS_F32: [f64; 3] = [0.4, 0.15, 0.05];
/// Spacing of the neighbours that noise is told from: their fourth differences see nothing of a smooth function.
const SPACING: [f64; 2] = [1.0 / 67_108_864.0, 1.0 / 1024.0];
/// The bound on an output's error, in standard deviations of its noise.
const DEVIATIONS: f64 = 8.0;
/// What does not show as noise, such as numbers rounded once when the flow was built: so many units in the last place
/// for each coordinate that goes in, of the output or of 1.
const ROUNDINGS: f64 = 8.0;

impl BlackBox<'_> {
    fn by_format<T: Copy>(&self, of: [T; 2]) -> T {
        of[usize::from(self.is_single())]
    }

    /// The bound on the error of each output.
    fn bounds(&self, deviations: &[f64], values: &[f64]) -> Vec<f64> {
        let floor = ROUNDINGS * (self.dim() + 1) as f64 * self.unit();
        deviations.iter().zip(values).map(|(s, v)| DEVIATIONS * s + floor * v.abs().max(1.0)).collect()
    }

    /// Equally spaced points through `x`, which stands in their middle: every coordinate moves, none alike.
    fn neighbours(&self, x: &[f64], room: &[f64]) -> Vec<Vec<f64>> {
        let spacing = self.by_format(SPACING);
        let step = |j: usize| {
            let sign = if j.is_multiple_of(2) { 1.0 } else { -1.0 };
            let part = 0.6 + 0.4 * (0.618 * j as f64).fract();
            let most = room[j] / (4.0 * f64::from(NEIGHBOURS) * x.len() as f64);
            sign * (part * spacing * x[j].abs().max(1.0)).min(most)
        };
        let at = |k: i32| x.iter().enumerate().map(|(j, x)| x + f64::from(k) * step(j)).collect();
        (-NEIGHBOURS..=NEIGHBOURS).map(at).collect()
    }

    /// A map at a point known to within radii, with error bounds: noise, and by how much the image moves when each
    /// coordinate does by its radius.
    pub(crate) fn within(
        &self,
        direction: Direction,
        set: &Domain,
        x: &[f64],
        radii: &[f64],
    ) -> Result<Evaluated, FlowError> {
        let mut points = self.neighbours(x, &room(set, x));
        let near = points.len();
        let uncertain = radii.iter().any(|&r| r > 0.0);
        if uncertain {
            points.extend((0..x.len()).flat_map(|j| [radii[j], -radii[j]].map(|by| moved(x, j, by))));
        }
        let mut found = self.evaluate(direction, &points);
        let far = found.split_off(near);
        let image = found[near / 2].clone()?;
        let values = outputs(&image);
        let mut errors = self.bounds(&deviations(&found, values.len(), outputs), &values);
        for pair in far.chunks(2) {
            for (i, error) in errors.iter_mut().enumerate() {
                let by =
                    |side: &Result<Image<f64>, FlowError>| Some((outputs(side.as_ref().ok()?)[i] - values[i]).abs());
                // A side that is refused lies beyond the boundary.
                let sides = pair.iter().filter_map(by).map(|by| if by.is_nan() { f64::INFINITY } else { by });
                *error += sides.reduce(f64::max).unwrap_or(f64::INFINITY);
            }
        }
        let mut balls = values.iter().zip(errors).map(|(&v, e)| ball(v, e));
        let point = balls.by_ref().take(x.len()).collect();
        let log_det = balls.next().unwrap_or(ball(f64::NAN, f64::INFINITY));
        Ok(Evaluated { point, log_det, blurred: false })
    }

    /// The Jacobian of a map: the other side's, where it offers one, else by differences.
    pub(crate) fn slopes(
        &self,
        direction: Direction,
        set: &Domain,
        x: &[f64],
        stretch: f64,
    ) -> Result<Jacobian, FlowError> {
        let points = self.neighbours(x, &room(set, x));
        let Some(found) = self.supplied(direction, &points) else {
            return self.differences(direction, set, x, stretch);
        };
        let flat = |rows: &Rows| rows.concat();
        let values = flat(&found[points.len() / 2].clone()?);
        let bounds = self.bounds(&deviations(&found, values.len(), flat), &values);
        let d = x.len();
        Ok(Jacobian {
            values: DMatrix::from_row_slice(d, d, &values),
            bounds: DMatrix::from_row_slice(d, d, &bounds),
            gradient: vec![ball(f64::NAN, f64::INFINITY); d],
            blurred: false,
        })
    }

    /// The Jacobian of a map by numerical differentiation: column by column, three tables each, all points in one call.
    /// `stretch` scales the steps, for a second opinion.
    pub(crate) fn differences(
        &self,
        direction: Direction,
        set: &Domain,
        x: &[f64],
        stretch: f64,
    ) -> Result<Jacobian, FlowError> {
        let d = x.len();
        let room = room(set, x);
        let starts = |j: usize| {
            let scale = stretch * x[j].abs().max(1.0).min(room[j]);
            self.by_format([STARTS, STARTS_F32]).map(|h| h * scale)
        };
        let steps: Vec<Vec<f64>> = (0..d).map(|j| stencil(starts(j))).collect();
        let mut points = self.neighbours(x, &room);
        let near = points.len();
        points.extend(steps.iter().enumerate().flat_map(|(j, steps)| steps.iter().map(move |&by| moved(x, j, by))));
        let mut found = self.evaluate(direction, &points);
        let far = found.split_off(near);
        let values = outputs(&found[near / 2].clone()?);
        let noise = deviations(&found, values.len(), outputs);

        let mut jacobian = Jacobian {
            values: DMatrix::from_element(d, d, f64::NAN),
            bounds: DMatrix::from_element(d, d, f64::INFINITY),
            gradient: vec![ball(f64::NAN, f64::INFINITY); d],
            blurred: false,
        };
        let mut far = far.as_slice();
        for (j, steps) in steps.iter().enumerate() {
            let (column, rest) = far.split_at(steps.len());
            far = rest;
            let at = |t: f64| {
                let place = steps.iter().position(|&by| by == t)?;
                let values = outputs(column[place].as_ref().ok()?);
                Some(values.into_iter().zip(&noise).map(|(v, s)| (v, 3.0 * s + self.unit() * v.abs())).collect())
            };
            for (i, slope) in slopes_from(at, starts(j)).into_iter().flatten().enumerate() {
                if i < d {
                    jacobian.values[(i, j)] = slope.value;
                    jacobian.bounds[(i, j)] = slope.error;
                } else {
                    jacobian.gradient[j] = ball(slope.value, slope.error);
                }
            }
        }
        Ok(jacobian)
    }

    /// The Jacobian of `forward` without any bound, cheaply: for steps of Newton's method.
    pub(crate) fn rough_slopes(&self, z: &[f64]) -> Result<DMatrix<f64>, FlowError> {
        if let Some(found) = self.supplied(Direction::Forward, &[z.to_vec()]) {
            let rows = found.into_iter().next().unwrap_or(Ok(Vec::new()))?;
            return Ok(DMatrix::from_row_slice(z.len(), z.len(), &rows.concat()));
        }
        let step = |j: usize| self.unit().cbrt() * z[j].abs().max(1.0);
        let points: Vec<Vec<f64>> = (0..z.len()).flat_map(|j| [step(j), -step(j)].map(|by| moved(z, j, by))).collect();
        let found: Vec<Image<f64>> =
            self.evaluate(Direction::Forward, &points).into_iter().collect::<Result<_, _>>()?;
        Ok(DMatrix::from_fn(z.len(), z.len(), |i, j| {
            (found[2 * j].point[i] - found[2 * j + 1].point[i]) / (2.0 * step(j))
        }))
    }

    /// Whether the slopes on the two sides of a point agree, in every coordinate, up to what curvature explains.
    pub(crate) fn is_smooth_at(&self, direction: Direction, set: &Domain, x: &[f64]) -> bool {
        let room = room(set, x);
        let (step, told) = self.by_format([(1e-6, 1e-3), (4e-3, 5e-2)]);
        let steps: Vec<f64> = (0..x.len()).map(|j| step * x[j].abs().max(1.0).min(room[j])).collect();
        let mut points = vec![x.to_vec()];
        points.extend((0..x.len()).flat_map(|j| [steps[j], -steps[j]].map(|by| moved(x, j, by))));
        let found: Result<Vec<Vec<f64>>, FlowError> =
            self.evaluate(direction, &points).into_iter().map(|image| image.map(|image| outputs(&image))).collect();
        let Ok(found) = found else { return false };
        let (at, sides) = found.split_at(1);
        sides.chunks(2).zip(&steps).all(|(pair, h)| {
            (0..at[0].len()).all(|i| {
                let (above, below) = ((pair[0][i] - at[0][i]) / h, (at[0][i] - pair[1][i]) / h);
                let noise = 16.0 * self.unit() * at[0][i].abs().max(1.0) / h;
                (above - below).abs() <= told * (1.0 + above.abs().min(below.abs())) + noise
            })
        })
    }
}

/// Everything that an image holds.
fn outputs(image: &Image<f64>) -> Vec<f64> {
    image.point.iter().copied().chain([image.log_det]).collect()
}

/// The point with one coordinate moved.
fn moved(x: &[f64], j: usize, by: f64) -> Vec<f64> {
    let mut point = x.to_vec();
    point[j] += by;
    point
}

/// How far each coordinate can move inside the set.
fn room(set: &Domain, x: &[f64]) -> Vec<f64> {
    let faces = set.faces(x.len());
    let of =
        |j: usize| faces.iter().filter(|f| f.coordinates().contains(&j)).map(|f| f.slack(x)).fold(f64::MAX, f64::min);
    (0..x.len()).map(|j| of(j).max(0.0)).collect()
}

/// The deviation of each output's noise over neighbours; infinite where one of them has no answer.
fn deviations<T>(found: &[Result<T, FlowError>], outputs: usize, numbers: impl Fn(&T) -> Vec<f64>) -> Vec<f64> {
    let rows: Option<Vec<Vec<f64>>> = found.iter().map(|each| each.as_ref().ok().map(&numbers)).collect();
    rows.map_or_else(
        || vec![f64::INFINITY; outputs],
        |rows| (0..outputs).map(|i| deviation(&rows.iter().map(|row| row[i]).collect::<Vec<_>>())).collect(),
    )
}
