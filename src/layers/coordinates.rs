//! What layers share that move each coordinate by itself, or whose image is not all of ℝᵈ.

use crate::error::FlowError;
use crate::flow::{Image, expect_inside, expect_member, expect_point};
use crate::promises::{Domain, Interval};
use crate::scalar::Scalar;

/// The image of a point under one scalar map for each coordinate: `map(i, z_i)` is `x_i` and `ln|∂x_i/∂z_i|`.
pub(super) fn each<S: Scalar>(
    point: &[S],
    dim: usize,
    map: impl Fn(usize, S) -> Result<(S, S), FlowError>,
) -> Result<Image<S>, FlowError> {
    expect_point(point, dim)?;
    let moved = point.iter().enumerate().map(|(i, &z)| map(i, z)).collect::<Result<Vec<_>, _>>()?;
    let (image, slopes): (Vec<S>, Vec<S>) = moved.into_iter().unzip();
    Image::finite(image, slopes.into_iter().sum::<S>())
}

fn off_the_set(coordinate: usize) -> FlowError {
    FlowError::OutOfRange { what: format!("coordinate {coordinate} of the image") }
}

/// A coordinate of an image, unless rounding has put it on the end of its interval.
pub(super) fn fits<S: Scalar>(x: S, coordinate: usize, range: Interval) -> Result<S, FlowError> {
    expect_inside(x, coordinate, range).map_err(|_| off_the_set(coordinate))?;
    Ok(x)
}

/// An image, unless rounding has put it on the boundary of its set.
pub(super) fn within<S: Scalar>(image: Image<S>, set: &Domain) -> Result<Image<S>, FlowError> {
    expect_member(&image.point, set).map_err(|e| match e {
        FlowError::OutsideDomain { coordinate, .. } => off_the_set(coordinate),
        other => other,
    })?;
    Ok(image)
}

/// Refuses a layer on no coordinates.
pub(super) fn expect_dim(dim: usize) -> Result<(), FlowError> {
    expect_some("the point", dim)
}

/// Refuses an empty list.
pub(super) fn expect_some(what: &str, length: usize) -> Result<(), FlowError> {
    if length == 0 { Err(FlowError::DimMismatch { what: what.to_owned(), expected: 1, found: 0 }) } else { Ok(()) }
}

/// Refuses a list of another length.
pub(super) fn expect_length(what: &str, expected: usize, found: usize) -> Result<(), FlowError> {
    if found == expected { Ok(()) } else { Err(FlowError::DimMismatch { what: what.to_owned(), expected, found }) }
}

/// Refuses a number that is not positive.
pub(super) fn expect_positive(name: impl FnOnce(usize) -> String, values: &[f64]) -> Result<(), FlowError> {
    match values.iter().position(|&v| v <= 0.0) {
        None => Ok(()),
        Some(i) => Err(FlowError::BadParameter { name: name(i), value: values[i], constraint: "a positive number" }),
    }
}
