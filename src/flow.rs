//! A flow, a layer, and what every layer needs at its boundary.

use std::fmt;
use std::sync::Arc;

use crate::error::FlowError;
use crate::estimate::Estimate;
use crate::known::KnownValue;
use crate::promises::Promises;
use crate::scalar::{Dual, KEY, Number, Scalar, System, Trace, session};

/// The image of a point, with the log of the absolute Jacobian determinant there.
#[derive(Clone, Debug)]
pub struct Image<S> {
    /// The image.
    pub point: Vec<S>,
    /// `log|det ∂(image)/∂(point)|`.
    pub log_det: S,
}

impl<S: Number> Image<S> {
    /// An image as computed. Use [`Image::finite`] where a result can overflow.
    pub fn new(point: impl Into<Vec<S>>, log_det: impl Into<S>) -> Self {
        Self { point: point.into(), log_det: log_det.into() }
    }
}

impl<S: Scalar> Image<S> {
    /// An image whose numbers are all finite.
    ///
    /// # Errors
    /// `OutOfRange` where a result over- or underflowed to an infinity or to NaN.
    pub fn finite(point: impl Into<Vec<S>>, log_det: impl Into<S>) -> Result<Self, FlowError> {
        let image = Self::new(point, log_det);
        let overflow = |what: String| refuse(FlowError::OutOfRange { what });
        if let Some(i) = image.point.iter().position(|x| !x.primal(KEY).is_finite()) {
            return overflow(format!("coordinate {i} of the image"));
        }
        if !image.log_det.primal(KEY).is_finite() {
            return overflow("the log-det".to_owned());
        }
        Ok(image)
    }
}

/// A diffeomorphism evaluated in the number system `S`. Written once: `impl<S: Scalar> Flow<S> for Planar`.
///
/// For `forward(z) = (x, ℓ)` and `inverse(x) = (z′, ℓ′)`: `z′ = z`, `ℓ = log|det ∂x/∂z|` and `ℓ′ = −ℓ`.
/// [`laws`](mod@crate::laws) holds every claim. Direction: `forward` goes from the base variable `z` to the data `x`, so
/// sampling is `forward` and density is `inverse`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a flow in the number system `{S}`",
    note = "write the layer once, for every number system: `impl<S: Scalar> Flow<S> for {Self}`"
)]
pub trait Flow<S: Scalar> {
    /// `x = f(z)` with `log|det ∂f/∂z|` at `z`.
    ///
    /// # Errors
    /// [`FlowError`] where the map is not defined or the result does not fit the number system.
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError>;

    /// `z = f⁻¹(x)` with `log|det ∂f⁻¹/∂x|` at `x`. Left out where a layer has no inverse.
    ///
    /// # Errors
    /// `NoInverse`, or as `forward`.
    fn inverse(&self, _x: &[S]) -> Result<Image<S>, FlowError> {
        Err(FlowError::NoInverse)
    }
}

macro_rules! systems {
    ($($system:ty),* $(,)?) => {
        /// A flow in every number system. Nobody implements or names it: it follows from `impl<S: Scalar> Flow<S>`.
        #[doc(hidden)]
        pub trait Systems: $(Flow<$system> +)* {}
        #[diagnostic::do_not_recommend]
        impl<T: ?Sized> Systems for T where T: $(Flow<$system> +)* {}
        $( impl System for $system {
            fn view(layer: &dyn Layer) -> &dyn Flow<Self> { layer }
        } )*
    };
}
// The closed set that layers are compiled for: values, the Jacobian, the formula.
systems! { f64, Dual, Trace }

/// A flow in every number system: what the zoo holds and the laws accept. Object-safe: `&dyn Layer`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be put under law: it is not a `Layer`",
    note = "besides `impl<S: Scalar> Flow<S> for {Self}` a layer needs `Debug` and \
            `impl Layer for {Self} {{ fn dim(&self) -> usize {{ … }} }}`"
)]
pub trait Layer: Systems + fmt::Debug + Send + Sync {
    /// The dimension `d` of both sides.
    fn dim(&self) -> usize;
    /// What the layer declares about itself; each promise is verified.
    fn promises(&self) -> Promises {
        Promises::default()
    }
    /// For a layer trained on an estimate of its log-det: one such estimate at `z`, drawn with a seed of its own.
    fn estimate(&self, _z: &[f64], _seed: u64) -> Option<Result<Estimate, FlowError>> {
        None
    }
    /// For a composition: its parts, the first applied first. They are then judged link by link.
    fn parts(&self) -> Vec<&dyn Layer> {
        Vec::new()
    }
    /// Values of this kind of layer that were computed by other means, each with the layer it is of. Without any,
    /// nothing says *which* flow a layer is, and a report claims no more than that it is one.
    fn known_values(&self) -> Vec<KnownValue> {
        Vec::new()
    }
}

macro_rules! through_pointer {
    ($($pointer:ty),*) => { $(
        impl<S: Scalar, L: Flow<S> + ?Sized> Flow<S> for $pointer {
            fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> { (**self).forward(z) }
            fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> { (**self).inverse(x) }
        }
        impl<L: Layer + ?Sized> Layer for $pointer {
            fn dim(&self) -> usize { (**self).dim() }
            fn promises(&self) -> Promises { (**self).promises() }
            fn estimate(&self, z: &[f64], seed: u64) -> Option<Result<Estimate, FlowError>> { (**self).estimate(z, seed) }
            fn parts(&self) -> Vec<&dyn Layer> { (**self).parts() }
            fn known_values(&self) -> Vec<KnownValue> { (**self).known_values() }
        }
    )* };
}
through_pointer!(Box<L>, Arc<L>, &L);

/// A refusal. Who catches it learns something of a plain number, and may go on with another formula.
fn refuse<T>(error: FlowError) -> Result<T, FlowError> {
    session::note_plain_read();
    Err(error)
}

/// Checks that a point has `dim` finite coordinates: the first line of a layer's `forward` and `inverse`.
///
/// # Errors
/// `DimMismatch`, `NonFinite`.
pub fn expect_point<S: Scalar>(point: &[S], dim: usize) -> Result<(), FlowError> {
    if point.len() != dim {
        return Err(FlowError::DimMismatch { what: "the point".to_owned(), expected: dim, found: point.len() });
    }
    let bad = point.iter().map(|x| x.primal(KEY)).enumerate().find(|(_, x)| !x.is_finite());
    bad.map_or(Ok(()), |(i, value)| {
        refuse(FlowError::NonFinite { what: format!("coordinate {i} of the point"), value })
    })
}

/// Checks that a layer has the dimension that another needs of it, for a constructor.
pub(crate) fn expect_dim(layer: &dyn Layer, expected: usize) -> Result<(), FlowError> {
    let found = layer.dim();
    if found == expected {
        Ok(())
    } else {
        Err(FlowError::DimMismatch { what: "the point of the layer inside".to_owned(), expected, found })
    }
}

/// Checks that a coordinate lies in an open interval. A refusal, no branch of the map.
///
/// # Errors
/// `OutsideDomain`.
pub fn expect_inside<S: Scalar>(x: S, coordinate: usize, domain: crate::Interval) -> Result<(), FlowError> {
    let value = x.primal(KEY);
    if domain.contains(value) { Ok(()) } else { refuse(FlowError::OutsideDomain { coordinate, value, domain }) }
}

/// Checks that a point lies in a set. A refusal, no branch of the map.
///
/// # Errors
/// `OutsideDomain`; at a puncture `Singular`.
pub fn expect_member<S: Scalar>(point: &[S], domain: &crate::Domain) -> Result<(), FlowError> {
    let values: Vec<f64> = point.iter().map(|x| x.primal(KEY)).collect();
    domain.refusal(&values).map_or(Ok(()), refuse)
}

/// Checks that a scale is neither zero nor not a number. A refusal, no branch of the map.
///
/// # Errors
/// `SingularScale`.
pub fn expect_scale<S: Scalar>(scale: S, index: usize) -> Result<(), FlowError> {
    let value = scale.primal(KEY);
    if value == 0.0 || value.is_nan() { refuse(FlowError::SingularScale { index }) } else { Ok(()) }
}

/// Checks that an intermediate result did not overflow. A refusal, no branch of the map.
///
/// # Errors
/// `OutOfRange`.
pub fn expect_finite<S: Scalar>(value: S, what: fmt::Arguments<'_>) -> Result<(), FlowError> {
    if value.primal(KEY).is_finite() { Ok(()) } else { refuse(FlowError::OutOfRange { what: what.to_string() }) }
}

/// Checks that a factor which is never 0 as a formula neither overflowed nor vanished. A refusal, no branch of the map.
///
/// # Errors
/// `OutOfRange`.
pub fn expect_factor<S: Scalar>(factor: S, index: usize) -> Result<(), FlowError> {
    let value = factor.primal(KEY);
    if value.is_finite() && value != 0.0 {
        Ok(())
    } else {
        refuse(FlowError::OutOfRange { what: format!("the scale of coordinate {index}") })
    }
}

/// Checks that a layer's parameters are finite, for its constructor.
///
/// # Errors
/// `NonFinite`, naming the parameter.
pub fn finite(name: &str, values: &[f64]) -> Result<(), FlowError> {
    match values.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(_) if values.len() == 1 => Err(FlowError::NonFinite { what: name.to_owned(), value: values[0] }),
        Some(i) => Err(FlowError::NonFinite { what: format!("{name}[{i}]"), value: values[i] }),
    }
}
