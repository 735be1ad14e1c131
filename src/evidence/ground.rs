//! The two precisions in which laws judge.

use nalgebra::DMatrix;

use super::determinant::Factored;
use crate::scalar::{Precise, Real};

/// A precision in which the two sides of a law are evaluated and compared.
///
/// f64 is what users compute in: it says whether the layer's results can be trusted. 237 bits say whether the formula is
/// right, since rounding is out of the way there, and decide where f64 cannot.
pub trait Ground: Real {
    /// What may still hide under a tolerance, as a relative error of a volume or of a coordinate.
    const RESOLUTION: f64;
    #[doc(hidden)]
    fn factor(a: &DMatrix<Self>) -> Factored<Self>;
}

impl Ground for f64 {
    const RESOLUTION: f64 = 1e-9;
    fn factor(a: &DMatrix<Self>) -> Factored<Self> {
        Factored::<Self>::of(a)
    }
}

impl Ground for Precise {
    const RESOLUTION: f64 = 1e-40;
    fn factor(a: &DMatrix<Self>) -> Factored<Self> {
        Factored::<Self>::of(a)
    }
}
