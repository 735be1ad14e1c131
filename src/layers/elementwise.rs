//! Strictly monotone scalar maps on every coordinate.

mod map;

pub use map::Map;

use proptest::prelude::*;

use super::coordinates::{each, expect_dim};
use crate::data::{DataError, Fields, Format, unknown};
use crate::error::FlowError;
use crate::family::{Family, boxed};
use crate::flow::{Flow, Image, Layer};
use crate::known::{self, KnownValue};
use crate::promises::{Domain, Interval, Promises, Structure};
use crate::scalar::Scalar;

/// A strictly monotone map on every coordinate.
///
/// - formula: `x_i = m(z_i)` with the same [`Map`] `m` for all
/// - log-det: `Σ ln|m′(z_i)|`: 0 for the identity, `Σ ln cosh z_i` for `sinh`, `Σ ln(1 + 3z_i²)` for `−z − z³`, `Σ z_i` for
///   `eᶻ`, `Σ ln σ(z_i) + ln σ(−z_i)` for `σ`, `−2 Σ ln cosh z_i` for `tanh`, `Σ ln σ(z_i)` for `ln(1 + eᶻ)`,
///   `−2 Σ ln(1 + |z_i|)` for `z/(1 + |z|)`, `−Σ ln π + ln(1 + z_i²)` for the Cauchy distribution function; for the
///   inverse of one of these its negative, at the image
/// - inverse: `x`; `arsinh x`; `(2/√3) sinh(arsinh(−(3√3/2) x)/3)`; `ln x`; `ln(x/(1 − x))`;
///   `½ ln((1 + x)/(1 − x))`; `ln(eˣ − 1)`; `x/(1 − |x|)`; `−cot(πx)`
/// - domain → codomain: as [`Map`] says, on each coordinate
/// - parameters: none
/// - source: definition; the cubic's root is the hyperbolic analogue of Viète's trigonometric one
/// - loses precision: inverses of bounded maps near an end, where `x` itself has few digits left of its distance to
///   it. An image that rounds to an end is `OutOfRange`, as is one that overflows
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
        expect_dim(dim)?;
        Ok(Self { map, dim })
    }
}

impl<S: Scalar> Flow<S> for Elementwise {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        each(z, self.dim, |i, z| self.map.forward(z, i))
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        each(x, self.dim, |i, x| self.map.inverse(x, i))
    }
}

impl Layer for Elementwise {
    fn dim(&self) -> usize {
        self.dim
    }
    fn promises(&self) -> Promises {
        let set = |interval| if interval == Interval::REALS { Domain::Reals } else { Domain::Each(interval) };
        let promises = Promises::default()
            .structure(Structure::Diagonal)
            .domain(set(self.map.domain()))
            .codomain(set(self.map.codomain()));
        match self.map {
            Map::Identity => promises.identity().increasing(),
            Map::NegCubic => promises,
            Map::Softsign | Map::InverseSoftsign => promises.increasing().once_differentiable(),
            _ => promises.increasing(),
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

macro_rules! families {
    ($($name:literal, $map:expr, $formula:literal;)*) => {
        &[$(Family {
            name: $name,
            formula: $formula,
            source: "definition",
            draw: || boxed(of($map)),
            at_dim: Some(|dim| Box::new(Elementwise { map: $map, dim })),
        }),*]
    };
}

pub(super) const FAMILIES: &[Family] = families! {
    "identity", Map::Identity, "x = z";
    "sinh", Map::Sinh, "x = sinh z";
    "neg_cubic", Map::NegCubic, "x = −z − z³";
    "exp", Map::Exp, "x = eᶻ";
    "log", Map::Log, "x = ln z";
    "sigmoid", Map::Sigmoid, "x = 1/(1 + e⁻ᶻ)";
    "logit", Map::Logit, "x = ln(z/(1 − z))";
    "tanh", Map::Tanh, "x = tanh z";
    "atanh", Map::Atanh, "x = artanh z";
    "softplus", Map::Softplus, "x = ln(1 + eᶻ)";
    "inverse_softplus", Map::InverseSoftplus, "x = ln(eᶻ − 1)";
    "softsign", Map::Softsign, "x = z/(1 + |z|)";
    "inverse_softsign", Map::InverseSoftsign, "x = z/(1 − |z|)";
    "cauchy_cdf", Map::CauchyCdf, "x = ½ + arctan(z)/π";
    "cauchy_quantile", Map::CauchyQuantile, "x = tan(π(z − ½))";
    "normal_cdf", Map::NormalCdf, "x = Φ(z)";
    "normal_quantile", Map::NormalQuantile, "x = Φ⁻¹(z)";
};

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
