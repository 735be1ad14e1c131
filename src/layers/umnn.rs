//! Monotone maps as integrals of positive functions.

use std::f64::consts::PI;

use proptest::prelude::*;

use super::sigmoidal::{drawn, generic};
use super::tau::Transformer;
use crate::data::{At, DataError};
use crate::error::FlowError;
use crate::family::Family;
use crate::flow::expect_finite;
use crate::promises::Orientation;
use crate::scalar::Scalar;

/// The transformer of unconstrained monotonic networks: a positive network, integrated from 0 by a fixed quadrature.
///
/// - formula: `x = m + e^s z Σ_j w_j f(s_j z)`, `f(t) = exp Σ_k a_k tanh(b_k t + c_k)`,
///   `a_k = tanh(ρ_k)/(n (1 + c_k²))`, `h = (s, m, ρ, b, c)`; by Clenshaw and Curtis' rule nearly `m + e^s ∫_0^z f(t) dt`
/// - log-slope: `s + ln Σ_j w_j f(s_j z)(1 + s_j z (ln f)′(s_j z))`. The sum *is* the map, and this is its own slope; the
///   integrand `e^s f(z)`, which is the slope of the integral, differs from it by the error of the quadrature
/// - inverse: no closed form. The root of an increasing function, between `(x − m) e^{−s−1}` and `(x − m) e^{−s+1}`
/// - domain → codomain: ℝ → ℝ
/// - parameters: the number of terms `n ≥ 1`; of panels, even and at least 2; any `h` of length `2 + 3 n`. A quadrature
///   of a positive function need not increase with `z`: where `f` falls faster than `1/t`, its sum can fall. The bound
///   on `a_k` excludes that: `|t (ln f)′(t)| < 1`, so that every term of the slope is positive
/// - source: Wehenkel & Louppe 2019 (arXiv:1908.05164), whose integrand is any positive network; this integrand:
///   definition
/// - loses precision: nowhere, all terms of the sums are positive
#[derive(Clone, Debug)]
pub struct Integrated {
    terms: usize,
    /// Nodes in `0..=1` and their weights, which add up to 1.
    rule: Vec<(f64, f64)>,
}

impl Integrated {
    /// `terms` units in the integrand, a rule of `panels + 1` nodes.
    ///
    /// # Errors
    /// `BadArity` for no term, or a number of panels that is odd or 0.
    pub fn new(terms: usize, panels: usize) -> Result<Self, FlowError> {
        let bad = |what: &str, expected, found| Err(FlowError::BadArity { what: what.to_owned(), expected, found });
        if terms == 0 {
            return bad("the terms of the integrand", 1, 0);
        }
        if panels == 0 || panels % 2 == 1 {
            return bad("the panels, an even number", panels + panels % 2 + 2 * usize::from(panels == 0), panels);
        }
        Ok(Self { terms, rule: clenshaw_curtis(panels) })
    }

    /// For each node: weight, `f` there without `e^s`, and `1 + t (ln f)′(t)`.
    fn nodes<S: Scalar>(&self, z: S, h: &[S]) -> Vec<(S, S)> {
        let n = self.terms;
        let (rho, b, c) = (&h[2..2 + n], &h[2 + n..2 + 2 * n], &h[2 + 2 * n..]);
        let a: Vec<S> = rho.iter().zip(c).map(|(rho, &c)| rho.tanh() / ((c * c + 1.0) * n as f64)).collect();
        let node = |&(at, weight): &(f64, f64)| {
            let (mut log, mut rise) = (S::from(0.0), S::from(1.0));
            for k in 0..n {
                let bt = b[k] * z * at;
                log += a[k] * (bt + c[k]).tanh();
                rise += a[k] * bt * (bt + c[k]).sech2();
            }
            let value = log.exp() * weight;
            (value, value * rise)
        };
        self.rule.iter().map(node).collect()
    }

    /// `z Σ_j w_j f(s_j z)` and its slope.
    fn integral<S: Scalar>(&self, z: S, h: &[S]) -> (S, S) {
        let (values, slopes): (Vec<S>, Vec<S>) = self.nodes(z, h).into_iter().unzip();
        (z * values.into_iter().sum::<S>(), slopes.into_iter().sum())
    }
}

/// Clenshaw and Curtis' rule on `0..=1`: the nodes `(1 − cos(jπ/n))/2`, exact for polynomials of degree `n`.
///
/// Source: Clenshaw & Curtis 1960, *Numer. Math.* 2; the closed form of the weights: Waldvogel 2006, *BIT* 46, 195–202.
fn clenshaw_curtis(panels: usize) -> Vec<(f64, f64)> {
    let n = panels as f64;
    let node = |j: usize| {
        let theta = j as f64 * PI / n;
        let cosines = (1..=panels / 2).map(|k| {
            let (k, both) = (k as f64, if 2 * k == panels { 1.0 } else { 2.0 });
            both / (4.0 * k * k - 1.0) * (2.0 * k * theta).cos()
        });
        let inner = if j == 0 || j == panels { 1.0 } else { 2.0 };
        (0.5 * (1.0 - theta.cos()), inner / (2.0 * n) * (1.0 - cosines.sum::<f64>()))
    };
    (0..=panels).map(node).collect()
}

impl Transformer for Integrated {
    fn arity(&self) -> usize {
        2 + 3 * self.terms
    }

    fn forward<S: Scalar>(&self, z: S, h: &[S], _: usize) -> Result<(S, S), FlowError> {
        let (value, slope) = self.integral(z, h);
        Ok((h[0].exp() * value + h[1], h[0] + slope.ln()))
    }

    fn inverse<S: Scalar>(&self, x: S, h: &[S], index: usize) -> Result<(S, S), FlowError> {
        let target = (x - h[1]) * (-h[0]).exp();
        expect_finite(target, format_args!("(x − m) e^(−s) of coordinate {index}"))?;
        // 1/e ≤ f ≤ e; which end is the lower depends on the sign.
        let (near, far) = (target * (-1f64).exp(), target * 1f64.exp());
        let (lo, hi) = if target.prefers_below(0.0) { (far, near) } else { (near, far) };
        let z = S::root(lo, hi, |z| {
            let (value, slope) = self.integral(z, h);
            (value - target, slope)
        })?;
        Ok((z, -(h[0] + self.integral(z, h).1.ln())))
    }

    fn name(&self) -> Option<&'static str> {
        Some("umnn")
    }

    fn orientation(&self) -> Option<Orientation> {
        Some(Orientation::Positive)
    }

    /// Nothing to ask: every term of the slope is positive for every `h`, as `|v sech² v| < 0.45` and
    /// `0.45 + |c| ≤ 1 + c²`.
    fn expect_monotone(&self, _: &[f64]) -> Result<(), FlowError> {
        Ok(())
    }
}

pub(super) const FAMILIES: &[Family] = &[Family {
    name: "umnn",
    formula: "x_i = m + e^s z_i Σ_j w_j f(s_j z_i), f = exp Σ_k a_k tanh(b_k t + c_k), on either side",
    source: "Wehenkel & Louppe 2019; the integrand: definition",
    draw: || (1usize..=2, 1usize..=4).prop_flat_map(|(n, half)| drawn(integrated(n, 2 * half))).boxed(),
    at_dim: Some(|d| generic(integrated(2, 8), d)),
}];

fn integrated(terms: usize, panels: usize) -> Integrated {
    Integrated::new(terms, panels).expect("an even number of panels")
}

/// `{ kind = "umnn", terms, panels }`.
pub(super) fn read(at: &At<'_>) -> Result<Integrated, DataError> {
    let fields = at.fields()?;
    fields.required("kind")?;
    let (terms, panels) = (fields.required("terms")?, fields.required("panels")?);
    let tau = Integrated::new(terms.index()?, panels.index()?).map_err(|e| at.refuse(&e))?;
    fields.finish()?;
    Ok(tau)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_exact_for_polynomials() {
        for panels in [2, 4, 10] {
            let rule = clenshaw_curtis(panels);
            assert!(rule.iter().all(|&(at, w)| (0.0..=1.0).contains(&at) && w > 0.0));
            for power in 0..=panels as i32 {
                let sum: f64 = rule.iter().map(|&(at, w)| w * at.powi(power)).sum();
                assert!((sum - 1.0 / f64::from(power + 1)).abs() < 1e-15, "{panels} {power} {sum}");
            }
        }
    }

    /// Why the integrand is bounded: of an unrestricted positive one the quadrature can fall.
    #[test]
    fn the_quadrature_of_a_positive_function_can_decrease() {
        let f = |t: f64| 0.01 + (-8.0 * (t - 1.0) * (t - 1.0)).exp();
        let sum = |z: f64| z * clenshaw_curtis(4).iter().map(|&(at, w)| w * f(at * z)).sum::<f64>();
        assert!(sum(2.5) < sum(2.0), "{} {}", sum(2.5), sum(2.0));
    }

    #[test]
    fn the_slope_is_that_of_the_sum_and_not_the_integrand() {
        let h = [0.25f64, -0.5, 1.0, 2.0, 0.75];
        let z = 3.0;
        for (panels, apart) in [(2, 1e-3), (64, 1e-12)] {
            let (_, log) = integrated(1, panels).forward(z, &h, 0).unwrap();
            let a = 1f64.tanh() / (1.0 + 0.75 * 0.75);
            let integrand = 0.25 + a * (2.0 * z + 0.75).tanh();
            assert_eq!((log - integrand).abs() > apart, panels == 2, "{panels}: {log} {integrand}");
        }
        assert_eq!(Integrated::new(0, 4).unwrap_err().kind(), "BadArity");
        assert_eq!(Integrated::new(1, 3).unwrap_err().kind(), "BadArity");
        assert_eq!(Integrated::new(1, 0).unwrap_err().kind(), "BadArity");
    }
}
