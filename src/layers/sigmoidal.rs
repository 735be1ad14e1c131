//! Deep sigmoidal flow.

use proptest::prelude::*;

use super::tau::Transformer;
use super::{Autoregressive, Convention};
use crate::conditioner::Net;
use crate::data::{At, DataError};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, boxed, tanh_net, vector, wave_net};
use crate::flow::{Layer, expect_finite};
use crate::promises::Orientation;
use crate::scalar::Scalar;

/// The deep sigmoidal transformer of neural autoregressive flows: a mixture of sigmoids, carried back to the line by
/// the logit.
///
/// - formula: `x = logit Σ_j w_j σ(a_j z + b_j)`, `a_j = e^{α_j}`, `w = softmax(ω)`, `h = (α, b, ω)`
/// - log-slope: `ln Σ_j w_j a_j σ(c_j) σ(−c_j) − ln p − ln(1 − p)`, `c_j = a_j z + b_j`, `p` the mixture
/// - inverse: no closed form. The root of an increasing function, between the smallest and the largest of
///   `(x − b_j)/a_j`
/// - domain → codomain: ℝ → ℝ
/// - parameters: the number of units `n ≥ 2` (one alone is affine); any `h` of length `3 n`
/// - source: Huang et al. 2018 (arXiv:1804.00779), deep sigmoidal flow (DSF); `a_j > 0` by `e^α`: definition
/// - loses precision: far out, where `ln p`, `ln(1 − p)` and the sum before them grow like `|z|` and nearly cancel in
///   the log-slope. All three are logs of sums of exponentials and never underflow
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sigmoidal {
    units: usize,
}

impl Sigmoidal {
    /// A mixture of `units` sigmoids.
    ///
    /// # Errors
    /// `BadArity` for fewer than two units.
    pub fn new(units: usize) -> Result<Self, FlowError> {
        if units < 2 {
            return Err(FlowError::BadArity { what: "the units of the mixture".to_owned(), expected: 2, found: units });
        }
        Ok(Self { units })
    }
}

/// `ln Σ_j e^{t_j}`, relative to the largest term, whichever that is: the choice does not change the function.
fn log_sum_exp<S: Scalar>(terms: impl Iterator<Item = S> + Clone) -> S {
    let largest = terms.clone().reduce(|a, b| if (a - b).prefers_below(0.0) { b } else { a });
    let largest = largest.unwrap_or(S::from(f64::NEG_INFINITY));
    largest + terms.map(|t| (t - largest).exp()).sum::<S>().ln()
}

impl Transformer for Sigmoidal {
    fn arity(&self) -> usize {
        3 * self.units
    }

    fn forward<S: Scalar>(&self, z: S, h: &[S], _: usize) -> Result<(S, S), FlowError> {
        let (alpha, rest) = h.split_at(self.units);
        let (b, omega) = rest.split_at(self.units);
        // ln σ(c) and ln σ(−c) of each unit.
        let sides = alpha.iter().zip(b).map(|(alpha, &b)| {
            let c = alpha.exp() * z + b;
            (c.log_sigmoid(), (-c).log_sigmoid())
        });
        let sides: Vec<(S, S)> = sides.collect();
        let units = || omega.iter().zip(&sides);
        // The softmax's own normaliser cancels in x.
        let p = log_sum_exp(units().map(|(&w, &(below, _))| w + below));
        let q = log_sum_exp(units().map(|(&w, &(_, above))| w + above));
        let slopes = log_sum_exp(units().zip(alpha).map(|((&w, &(below, above)), &a)| w + a + below + above));
        Ok((p - q, slopes + log_sum_exp(omega.iter().copied()) - p - q))
    }

    fn inverse<S: Scalar>(&self, x: S, h: &[S], index: usize) -> Result<(S, S), FlowError> {
        let ends = (0..self.units).map(|j| (x - h[self.units + j]) * (-h[j]).exp());
        let ends: Vec<S> = ends.collect();
        ends.iter().try_for_each(|&end| expect_finite(end, format_args!("a bound of coordinate {index}")))?;
        let extreme = |sign: f64| {
            let further = |a: S, b: S| if ((a - b) * sign).prefers_below(0.0) { b } else { a };
            ends.iter().copied().reduce(further).unwrap_or(x)
        };
        let z = S::root(extreme(-1.0), extreme(1.0), |z| match self.forward(z, h, index) {
            Ok((value, log_slope)) => (value - x, log_slope.exp()),
            Err(_) => (S::from(f64::NAN), S::from(f64::NAN)),
        })?;
        Ok((z, -self.forward(z, h, index)?.1))
    }

    fn name(&self) -> Option<&'static str> {
        Some("sigmoidal")
    }

    fn orientation(&self) -> Option<Orientation> {
        Some(Orientation::Positive)
    }

    /// Nothing to ask: the slope is a quotient of positive sums for every `h`.
    fn expect_monotone(&self, _: &[f64]) -> Result<(), FlowError> {
        Ok(())
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "naf",
    formula: "x_i = logit Σ_j w_j σ(a_j z_i + b_j), (α, b, ω) = c_i(z_{<i}) or c_i(x_{<i})",
    source: "Huang et al. 2018 (DSF)",
    draw: || (2usize..=3).prop_flat_map(|n| drawn(sigmoidal(n))).boxed(),
    at_dim: Some(|d| generic(sigmoidal(2), d)),
}];

fn sigmoidal(units: usize) -> Sigmoidal {
    Sigmoidal::new(units).expect("two units or more")
}

/// Autoregressive flows with this transformer, on either side, whose `h` is any vector of moderate size.
pub(super) fn drawn<T: Transformer + Clone + 'static>(tau: T) -> Drawn {
    let sides = prop_oneof![Just(Convention::Z), Just(Convention::X)];
    let arity = tau.arity();
    boxed((1usize..=4, sides).prop_flat_map(move |(d, side)| {
        let net = move |inputs: usize| match inputs {
            0 => vector(away_from_zero(0.125, 1.0), arity).prop_map(|h| apart(&h)).boxed(),
            _ => tanh_net(inputs, arity).boxed(),
        };
        let nets: Vec<BoxedStrategy<Net>> = (0..d).map(net).collect();
        let tau = tau.clone();
        nets.prop_map(move |nets| Autoregressive::new(side, tau.clone(), nets).expect("conditioner i takes i values"))
    }))
}

/// No two neighbouring values alike: equal units hide how they are weighted.
fn apart(h: &[f64]) -> Net {
    let h: Vec<f64> = h.iter().enumerate().map(|(i, h)| h + i as f64 / 64.0).collect();
    Net::constant(&h).expect("finite")
}

/// A member of dimension `d`.
pub(super) fn generic<T: Transformer + 'static>(tau: T, d: usize) -> Box<dyn Layer> {
    let nets: Vec<Net> = (0..d).map(|i| wave_net(i, tau.arity(), i as f64)).collect();
    Box::new(Autoregressive::new(Convention::Z, tau, nets).expect("conditioner i takes i values"))
}

/// `{ kind = "sigmoidal", units }`.
pub(super) fn read(at: &At<'_>) -> Result<Sigmoidal, DataError> {
    let fields = at.fields()?;
    fields.required("kind")?;
    let units = fields.required("units")?;
    let tau = Sigmoidal::new(units.index()?).map_err(|e| units.refuse(&e))?;
    fields.finish()?;
    Ok(tau)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_units_are_affine_and_the_tails_neither_over_nor_underflow() {
        let tau = sigmoidal(2);
        let h = [0.5f64, 0.5, -0.25, -0.25, 0.75, -1.0];
        for z in [-3.0, 0.125, 2.0] {
            let (x, log) = tau.forward(z, &h, 0).unwrap();
            assert!((x - (0.5f64.exp() * z - 0.25)).abs() < 1e-14 && (log - 0.5).abs() < 1e-14, "{x} {log}");
        }
        let h = [0.5f64, -0.5, 1.0, -1.0, 0.75, -1.0];
        for z in [-1e6, -800.0, 800.0, 1e6] {
            let (x, _) = tau.forward(z, &h, 0).unwrap();
            // The flattest unit leads outside.
            assert!((x / z - (-0.5f64).exp()).abs() < 0.01, "{z} {x}");
            let (back, _) = tau.inverse(x, &h, 0).unwrap();
            assert!((back - z).abs() <= 1e-14 * z.abs(), "{z} {back}");
        }
        assert_eq!(Sigmoidal::new(1).unwrap_err().kind(), "BadArity");
    }
}
