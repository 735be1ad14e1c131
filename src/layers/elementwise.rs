//! Strictly monotone scalar maps on every coordinate.

use proptest::prelude::*;

use crate::data::{DataError, Fields, Format, unknown};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer, expect_inside, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Domain, Interval, Promises, Structure};
use crate::scalar::Scalar;

/// A strictly monotone map of the line without parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Map {
    /// `sinh z`, increasing, onto ℝ.
    Sinh,
    /// `−z − z³`, decreasing, onto ℝ.
    NegCubic,
    /// `eᶻ`, increasing, onto (0, ∞).
    Exp,
}

impl Map {
    /// Every map, with its name in data.
    pub const ALL: &[(&'static str, Self)] = &[("sinh", Self::Sinh), ("neg_cubic", Self::NegCubic), ("exp", Self::Exp)];

    fn forward<S: Scalar>(self, z: S) -> S {
        match self {
            Self::Sinh => z.sinh(),
            Self::NegCubic => -(z + z * z * z),
            Self::Exp => z.exp(),
        }
    }
    /// `ln|dx/dz|` at `z`.
    fn log_slope<S: Scalar>(self, z: S) -> S {
        match self {
            Self::Sinh => z.ln_cosh(),
            Self::NegCubic => (z * z * 3.0).ln_1p(),
            Self::Exp => z,
        }
    }
    fn inverse<S: Scalar>(self, x: S, coordinate: usize) -> Result<S, FlowError> {
        Ok(match self {
            Self::Sinh => x.asinh(),
            // z³ + z = −x has the one real root (2/√3) sinh(arsinh(−(3√3/2) x)/3).
            Self::NegCubic => {
                let root3 = S::from(3.0).sqrt();
                let z = ((-x * root3 * 1.5).asinh() / 3.0).sinh() * 2.0 / root3;
                // sinh magnifies the rounding of a large argument; one Newton step removes that.
                z - (z * z * z + z + x) / (z * z * 3.0 + 1.0)
            }
            Self::Exp => {
                expect_inside(x, coordinate, Interval::POSITIVE)?;
                x.ln()
            }
        })
    }
}

/// A strictly monotone map on every coordinate.
///
/// - formula: `x_i = m(z_i)` with `m` = `sinh z`, `−z − z³` or `eᶻ`
/// - log-det: `Σ ln|m′(z_i)|` = `Σ ln cosh z_i`, `Σ ln(1 + 3z_i²)`, `Σ z_i`
/// - inverse: `arsinh x`; `(2/√3) sinh(arsinh(−(3√3/2) x)/3)`; `ln x`
/// - domain → codomain: ℝᵈ → ℝᵈ; for `eᶻ` (0, ∞)ᵈ
/// - parameters: none
/// - source: definition; the cubic's root in hyperbolic form is Viète's
/// - loses precision: nowhere to speak of; `eᶻ` and `sinh z` overflow past |z| ≈ 710 (`OutOfRange`)
#[derive(Clone, Debug)]
pub struct Elementwise {
    map: Map,
    dim: usize,
}

impl Elementwise {
    /// On `dim ≥ 1` coordinates.
    ///
    /// # Errors
    /// `DimMismatch` for `dim = 0`.
    pub fn new(map: Map, dim: usize) -> Result<Self, FlowError> {
        if dim == 0 {
            return Err(FlowError::DimMismatch { what: "the point".to_owned(), expected: 1, found: 0 });
        }
        Ok(Self { map, dim })
    }
}

impl<S: Scalar> Flow<S> for Elementwise {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim)?;
        let x: Vec<S> = z.iter().map(|&z| self.map.forward(z)).collect();
        if self.map == Map::Exp && x.iter().enumerate().any(|(i, &x)| expect_inside(x, i, Interval::POSITIVE).is_err())
        {
            return Err(FlowError::OutOfRange { what: "eᶻ".to_owned() });
        }
        Image::finite(x, z.iter().map(|&z| self.map.log_slope(z)).sum::<S>())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim)?;
        let z = x.iter().enumerate().map(|(i, &x)| self.map.inverse(x, i)).collect::<Result<Vec<S>, _>>()?;
        let log_det = -z.iter().map(|&z| self.map.log_slope(z)).sum::<S>();
        Image::finite(z, log_det)
    }
}

impl Layer for Elementwise {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default().structure(Structure::Diagonal);
        match self.map {
            Map::Sinh => promises.increasing(),
            Map::NegCubic => promises,
            Map::Exp => promises.increasing().codomain(Domain::Each(Interval::POSITIVE)),
        }
    }
    fn known_values(&self) -> Vec<KnownValue> {
        let named = Map::ALL.iter().find(|(_, map)| *map == self.map);
        named.map_or_else(Vec::new, |(name, _)| known::of(&format!("elementwise.{name}.")))
    }
}

/// There is nothing to draw but the dimension.
fn of(map: Map) -> impl Strategy<Value = Elementwise> {
    (1usize..=5).prop_map(move |dim| Elementwise { map, dim })
}

macro_rules! family {
    ($name:literal, $map:expr, $formula:literal) => {
        Family {
            name: $name,
            formula: $formula,
            source: "definition",
            draw: || boxed(of($map)),
            at_dim: Some(|dim| Box::new(Elementwise { map: $map, dim })),
        }
    };
}

pub(super) const FAMILIES: &[Family] = &[
    family!("sinh", Map::Sinh, "x = sinh z"),
    family!("neg_cubic", Map::NegCubic, "x = −z − z³"),
    family!("exp", Map::Exp, "x = eᶻ"),
];

pub(super) const FORMATS: &[Format] = &[Format { name: "elementwise", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let at = fields.required("map")?;
    let name = at.text()?;
    let Some(&(_, map)) = Map::ALL.iter().find(|(known, _)| *known == name) else {
        return Err(at.error("UnknownName", unknown("map", name, Map::ALL.iter().map(|(known, _)| *known))));
    };
    Ok(Box::new(Elementwise::new(map, fields.dim()?).map_err(|e| at.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trips_at_extreme_points() {
        for (map, points) in [
            (Map::Sinh, vec![-700.0, -1e-9, 0.0, 3.0, 700.0]),
            (Map::NegCubic, vec![-1e100, -1e-9, 0.0, 2.5, 1e100]),
            (Map::Exp, vec![-700.0, -1e-9, 0.5, 700.0]),
        ] {
            for z in points {
                let layer = Elementwise::new(map, 1).unwrap();
                let image = layer.forward(&[z]).unwrap();
                let back = layer.inverse(&image.point).unwrap();
                assert!((back.point[0] - z).abs() <= 1e-14 * z.abs().max(1e-2), "{map:?} {z}: {back:?}");
                assert!((back.log_det + image.log_det).abs() <= 1e-12 * image.log_det.abs().max(1.0));
            }
        }
    }

    #[test]
    fn refusals() {
        let exp = Elementwise::new(Map::Exp, 2).unwrap();
        assert_eq!(exp.inverse(&[1.0, 0.0]).unwrap_err().kind(), "OutsideDomain");
        assert_eq!(exp.forward(&[0.0, 800.0]).unwrap_err().kind(), "OutOfRange");
        assert_eq!(exp.forward(&[0.0, -800.0]).unwrap_err().kind(), "OutOfRange");
        assert_eq!(exp.forward(&[0.0]).unwrap_err().kind(), "DimMismatch");
        assert_eq!(exp.forward(&[0.0, f64::NAN]).unwrap_err().kind(), "NonFinite");
    }
}
