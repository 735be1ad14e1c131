//! Chart of a box: a scaled logistic curve on every coordinate.

use proptest::prelude::*;

use super::coordinates::{each, expect_dim, expect_length, fits};
use crate::data::{DataError, Fields, Format};
use crate::error::FlowError;
use crate::family::{Family, between, boxed, short};
use crate::flow::{Flow, Image, Layer, expect_inside, finite};
use crate::known::{self, KnownValue};
use crate::param::{Param, params};
use crate::promises::{Domain, Interval, Promises, Structure};
use crate::scalar::Scalar;

/// The chart of a box with one bounded interval for each coordinate.
///
/// - formula: `x_i = lo_i + (hi_i − lo_i) σ(z_i)`
/// - log-det: `Σ ln(hi_i − lo_i) + ln σ(z_i) + ln σ(−z_i)`
/// - inverse: `z_i = ln(x_i − lo_i) − ln(hi_i − x_i)`
/// - domain → codomain: ℝᵈ → Π (lo_i, hi_i)
/// - parameters: `lo, hi ∈ ℝᵈ`, `lo_i < hi_i`
/// - source: Stan Reference Manual, "Lower and upper bounded scalar"
/// - loses precision: the inverse near an end, where `x` has few digits left of its distance to it. An image that
///   rounds to an end is `OutOfRange`
#[derive(Clone, Debug)]
pub struct BoundedInterval {
    lo: Vec<Param>,
    hi: Vec<Param>,
}

impl BoundedInterval {
    /// `lo` and `hi` of length `d ≥ 1`.
    ///
    /// # Errors
    /// `DimMismatch`, `NonFinite` (of `hi − lo` too); `BadParameter` unless `lo_i < hi_i`.
    pub fn new(lo: &[f64], hi: &[f64]) -> Result<Self, FlowError> {
        expect_dim(lo.len())?;
        expect_length("hi", lo.len(), hi.len())?;
        finite("lo", lo)?;
        finite("hi", hi)?;
        let width: Vec<f64> = lo.iter().zip(hi).map(|(lo, hi)| hi - lo).collect();
        finite("hi − lo", &width)?;
        if let Some(i) = width.iter().position(|&w| w <= 0.0) {
            return Err(FlowError::BadParameter { name: format!("hi[{i}]"), value: hi[i], constraint: "more than lo" });
        }
        Ok(Self { lo: params(lo.iter().copied()), hi: params(hi.iter().copied()) })
    }

    fn range(&self, i: usize) -> Interval {
        Interval { lo: self.lo[i].read(), hi: self.hi[i].read() }
    }
    fn log_slope<S: Scalar>(width: S, z: S) -> S {
        width.ln() + z.log_sigmoid() + (-z).log_sigmoid()
    }
}

impl<S: Scalar> Flow<S> for BoundedInterval {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        each(z, self.lo.len(), |i, z| {
            let (lo, hi) = (S::from(self.lo[i]), S::from(self.hi[i]));
            let width = hi - lo;
            // From the nearer end.
            let x = if z.prefers_below(0.0) { lo + width * z.sigmoid() } else { hi - width * (-z).sigmoid() };
            Ok((fits(x, i, self.range(i))?, Self::log_slope(width, z)))
        })
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        each(x, self.lo.len(), |i, x| {
            expect_inside(x, i, self.range(i))?;
            let (lo, hi) = (S::from(self.lo[i]), S::from(self.hi[i]));
            let z = (x - lo).ln() - (hi - x).ln();
            Ok((z, -Self::log_slope(hi - lo, z)))
        })
    }
}

impl Layer for BoundedInterval {
    fn dim(&self) -> usize {
        self.lo.len()
    }
    fn promises(&self) -> Promises {
        let ranges = (0..self.lo.len()).map(|i| self.range(i)).collect();
        Promises::default().structure(Structure::Diagonal).codomain(Domain::Coordinates(ranges)).increasing()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("interval.")
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "interval",
    formula: "x = lo + (hi − lo)/(1 + e⁻ᶻ)",
    source: "Stan Reference Manual, bounded scalar",
    draw: || boxed(draw()),
    at_dim: Some(|d| Box::new(BoundedInterval::new(&vec![-0.5; d], &vec![2.0; d]).expect("lo < hi"))),
}];

/// Ends of both signs; widths narrow and wide.
fn draw() -> impl Strategy<Value = BoundedInterval> {
    (1usize..=5).prop_flat_map(|d| proptest::collection::vec((short(), between(0.25, 6.0)), d)).prop_map(|ends| {
        let (lo, hi): (Vec<f64>, Vec<f64>) = ends.into_iter().map(|(lo, width)| (lo, lo + width)).unzip();
        BoundedInterval::new(&lo, &hi).expect("lo < hi")
    })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "interval", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (lo, hi) = (fields.required("lo")?.numbers()?, fields.required("hi")?.numbers()?);
    Ok(Box::new(BoundedInterval::new(&lo, &hi).map_err(|e| fields.at().refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_digits_near_either_end_and_refuses() {
        let layer = BoundedInterval::new(&[0.0, -1.0], &[1.0, 0.0]).unwrap();
        let image = layer.forward(&[-30.0, 30.0]).unwrap();
        assert_eq!(image.point[0], -image.point[1]);
        let back = layer.inverse(&image.point).unwrap();
        assert!(back.point.iter().zip([-30.0, 30.0]).all(|(z, right)| (z - right).abs() < 1e-14), "{back:?}");
        assert_eq!(layer.forward(&[40.0, 0.0]).unwrap_err().kind(), "OutOfRange");
        assert_eq!(layer.inverse(&[0.5, 0.0]).unwrap_err().kind(), "OutsideDomain");
        assert_eq!(BoundedInterval::new(&[1.0], &[1.0]).unwrap_err().kind(), "BadParameter");
        assert_eq!(BoundedInterval::new(&[-1e308], &[1e308]).unwrap_err().kind(), "NonFinite");
    }
}
