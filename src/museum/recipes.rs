//! How peers test a layer, re-created: what their own recipe would have said of an exhibit.
//!
//! Each is the recipe of a project's test files, not its code. A missing inverse is skipped without a word, as theirs is.

use crate::error::FlowError;
use crate::evidence::jacobian_f64;
use crate::flow::{Image, Layer};
use crate::random::Stream;
use crate::scalar::System;

/// One project's way of testing a layer.
#[derive(Clone, Copy, Debug)]
pub struct Recipe {
    /// Whose.
    pub name: &'static str,
    /// What it asks, and how closely.
    pub asks: &'static str,
    run: fn(&dyn Layer) -> Result<bool, FlowError>,
}

impl Recipe {
    /// Whether the layer passes. A layer that refuses a legal point does not.
    pub fn passes(&self, layer: &dyn Layer) -> bool {
        (self.run)(layer).unwrap_or(false)
    }
}

/// The recipes, weakest first.
pub const RECIPES: &[Recipe] = &[
    Recipe {
        name: "SurVAE",
        asks: "10 points: shapes are right and the log-det is finite",
        run: |layer| {
            all(points(layer, 10), |z| {
                let image = f64::view(layer).forward(z)?;
                Ok(image.point.len() == z.len() && image.log_det.is_finite())
            })
        },
    },
    Recipe {
        name: "FrEIA",
        asks: "10 points: round trip to 1e-4; the log-det against a Jacobian with atol = ∞, so that only NaN fails",
        run: |layer| {
            all(points(layer, 10), |z| {
                let image = f64::view(layer).forward(z)?;
                Ok(!image.log_det.is_nan() && back(layer, &image)?.is_none_or(|back| near(&back.point, z, 1e-4)))
            })
        },
    },
    Recipe {
        name: "nflows",
        asks: "10 points: round trip to 1e-4, both log-dets cancel to 1e-4",
        run: |layer| all(points(layer, 10), |z| cancels(layer, z, 1e-4)),
    },
    Recipe {
        name: "TFP",
        asks: "50 points: both round trips to a relative 1e-5, both log-dets finite and cancelling to 1e-5",
        run: |layer| {
            Ok(all(points(layer, 50), |z| cancels(layer, z, 1e-5))?
                && all(images(layer, 50), |x| other_way(layer, x, 1e-5))?)
        },
    },
    Recipe {
        name: "FlowJAX",
        asks: "1 point: round trip, and both log-dets against the automatic Jacobian, to 1e-4",
        run: |layer| all(points(layer, 1), |z| jacobian_agrees(layer, z, 1e-4)),
    },
    Recipe {
        name: "zuko",
        asks: "256 points on a line: as FlowJAX, to 1e-4",
        run: |layer| {
            let on_a_line =
                |k: usize| layer.promises().domain.point(&vec![-5.0 + 10.0 * k as f64 / 255.0; layer.dim()]);
            all((0..256).map(on_a_line), |z| jacobian_agrees(layer, z, 1e-4))
        },
    },
    Recipe {
        name: "pyro",
        asks: "1 point: round trip to 1e-6, the log-det against finite differences (step 1e-4) to 1e-4",
        run: |layer| {
            all(points(layer, 1), |z| {
                let image = f64::view(layer).forward(z)?;
                Ok((image.log_det - differenced(layer, z)?).abs() <= 1e-4
                    && back(layer, &image)?.is_none_or(|back| near(&back.point, z, 1e-6)))
            })
        },
    },
    Recipe {
        name: "Bijectors",
        asks: "1000 round trips and 100 the other way to 1.5e-8; 100 log-dets, both ways, against the automatic Jacobian",
        run: |layer| {
            Ok(all(points(layer, 1000), |z| cancels(layer, z, 1.5e-8))?
                && all(images(layer, 100), |x| other_way(layer, x, 1.5e-8))?
                && all(points(layer, 100), |z| jacobian_agrees(layer, z, 1.5e-8))?)
        },
    },
];

fn all(
    points: impl Iterator<Item = Vec<f64>>,
    passes: impl Fn(&[f64]) -> Result<bool, FlowError>,
) -> Result<bool, FlowError> {
    for point in points {
        if !passes(&point)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Standard normal points, put into the domain.
fn points(layer: &dyn Layer, n: usize) -> impl Iterator<Item = Vec<f64>> {
    let (mut random, d, domain) = (Stream::new(0), layer.dim(), layer.promises().domain);
    (0..n).map(move |_| domain.point(&random.normals(d)))
}

/// Standard normal points, put into the codomain.
fn images(layer: &dyn Layer, n: usize) -> impl Iterator<Item = Vec<f64>> {
    let (mut random, d, codomain) = (Stream::new(1), layer.dim(), layer.promises().codomain);
    (0..n).map(move |_| codomain.point(&random.normals(d)))
}

fn near(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() <= tolerance * b.abs().max(1.0))
}

fn back(layer: &dyn Layer, image: &Image<f64>) -> Result<Option<Image<f64>>, FlowError> {
    match f64::view(layer).inverse(&image.point) {
        Err(FlowError::NoInverse) => Ok(None),
        other => other.map(Some),
    }
}

fn cancels(layer: &dyn Layer, z: &[f64], tolerance: f64) -> Result<bool, FlowError> {
    let image = f64::view(layer).forward(z)?;
    let Some(back) = back(layer, &image)? else { return Ok(image.log_det.is_finite()) };
    Ok(near(&back.point, z, tolerance) && near(&[back.log_det], &[-image.log_det], tolerance))
}

fn other_way(layer: &dyn Layer, x: &[f64], tolerance: f64) -> Result<bool, FlowError> {
    match f64::view(layer).inverse(x) {
        Err(FlowError::NoInverse) => Ok(true),
        Err(e) => Err(e),
        Ok(z) => Ok(near(&f64::view(layer).forward(&z.point)?.point, x, tolerance)),
    }
}

fn jacobian_agrees(layer: &dyn Layer, z: &[f64], tolerance: f64) -> Result<bool, FlowError> {
    let image = f64::view(layer).forward(z)?;
    let right = jacobian_f64(layer, z)?.determinant().abs().ln();
    let forward = near(&[image.log_det], &[right], tolerance);
    let Some(back) = back(layer, &image)? else { return Ok(forward) };
    Ok(forward && near(&back.point, z, tolerance) && near(&[back.log_det], &[-right], tolerance))
}

fn differenced(layer: &dyn Layer, z: &[f64]) -> Result<f64, FlowError> {
    const STEP: f64 = 1e-4;
    let d = z.len();
    let mut jacobian = nalgebra::DMatrix::zeros(d, d);
    for j in 0..d {
        let at = |by: f64| {
            let mut moved = z.to_vec();
            moved[j] += by;
            f64::view(layer).forward(&moved)
        };
        let (below, above) = (at(-STEP)?, at(STEP)?);
        for i in 0..d {
            jacobian[(i, j)] = (above.point[i] - below.point[i]) / (2.0 * STEP);
        }
    }
    Ok(jacobian.determinant().abs().ln())
}
