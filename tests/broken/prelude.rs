//! What exhibits share: the form of a layer, and the pieces that are right.

use std::sync::{Mutex, PoisonError};

pub(super) use crate::eval::Given;
pub(super) use crate::known::KnownValue;
pub(super) use crate::museum::Exhibit;
use crate::scalar::KEY;
pub(super) use crate::{
    Domain, Flow, FlowError, Image, Interval, Layer, Orientation, Param, Promises, Scalar, Structure, dot, lit, params,
};

/// A layer from its fields, dimension, promises and both directions; the inverse may be left out, known values given.
macro_rules! layer {
    ($name:ident $fields:tt dim $dim:expr, $promises:expr; $($rest:tt)*) => {
        layer! { $name $fields dim(self) $dim, $promises; $($rest)* }
    };
    ($name:ident { $($(#[$note:meta])* $field:ident: $kind:ty),* $(,)? } dim($me:ident) $dim:expr, $promises:expr;
     forward($this:ident, $z:ident) $forward:block
     $(inverse($that:ident, $x:ident) $inverse:block)?
     $(known $known:block)?) => {
        #[derive(Debug)]
        struct $name { $($(#[$note])* $field: $kind),* }
        impl<S: Scalar> Flow<S> for $name {
            fn forward(&$this, $z: &[S]) -> Result<Image<S>, FlowError> {
                crate::expect_point($z, Layer::dim($this))?;
                $forward
            }
            $(fn inverse(&$that, $x: &[S]) -> Result<Image<S>, FlowError> {
                crate::expect_point($x, Layer::dim($that))?;
                $inverse
            })?
        }
        impl Layer for $name {
            fn dim(&$me) -> usize { $dim }
            fn promises(&$me) -> Promises { $promises }
            $(fn known_values(&self) -> Vec<KnownValue> $known)?
        }
    };
}
pub(super) use layer;

/// An image that rounding has put on or over an end is out of range, not outside of the domain.
pub(super) fn within<S: Scalar>(range: Interval, x: S, log_det: S) -> Result<Image<S>, FlowError> {
    crate::flow::expect_inside(x, 0, range).map_err(|_| FlowError::OutOfRange { what: "the image".to_owned() })?;
    Image::finite([x], log_det)
}

/// `aᵢ zᵢ + bᵢ`.
pub(super) fn affine<S: Scalar>(a: &[Param], b: &[Param], z: &[S]) -> Vec<S> {
    a.iter().zip(b).zip(z).map(|((a, &b), &z)| a * z + b).collect()
}
/// `(xᵢ − bᵢ)/aᵢ`.
pub(super) fn unaffine<S: Scalar>(a: &[Param], b: &[Param], x: &[S]) -> Vec<S> {
    a.iter().zip(b).zip(x).map(|((&a, &b), &x)| (x - b) / a).collect()
}
/// `Σ ln|aᵢ|`.
pub(super) fn log_scale<S: Scalar>(a: &[Param]) -> S {
    a.iter().map(|&a| S::from(a).ln_abs()).sum()
}

/// `e^{sᵢ} sinh zᵢ`.
pub(super) fn stretch<S: Scalar>(s: &[Param], z: &[S]) -> Vec<S> {
    s.iter().zip(z).map(|(&s, z)| S::from(s).exp() * z.sinh()).collect()
}
/// Its inverse.
pub(super) fn unstretch<S: Scalar>(s: &[Param], x: &[S]) -> Vec<S> {
    s.iter().zip(x).map(|(&s, &x)| (x * (-S::from(s)).exp()).asinh()).collect()
}
/// Its log-det, at z.
pub(super) fn stretch_log_det<S: Scalar>(s: &[Param], z: &[S]) -> S {
    s.iter().zip(z).map(|(&s, z)| z.ln_cosh() + s).sum()
}

/// A number that depends on all of `z`: a conditioner with one output.
pub(super) fn net<S: Scalar>(w: &[Param], z: &[S]) -> S {
    w.iter().zip(z).map(|(w, &z)| w * z).sum::<S>().tanh()
}

/// `Σ wᵢ zᵢ` with parameters on both sides.
pub(super) fn product<S: Scalar>(w: &[Param], u: &[Param]) -> S {
    w.iter().zip(u).map(|(w, &u)| w * S::from(u)).sum()
}

/// A rational-quadratic spline with linear tails: knots `x`, `y` and slopes `d` there.
#[derive(Debug)]
pub(super) struct Spline {
    pub(super) x: Vec<Param>,
    pub(super) y: Vec<Param>,
    pub(super) d: Vec<Param>,
}

impl Spline {
    pub(super) fn new<const N: usize>(x: [f64; N], y: [f64; N], d: [f64; N]) -> Self {
        Self { x: params(x), y: params(y), d: params(d) }
    }
    /// Knots that do not exceed `at`: 0 below all of them, `x.len()` above.
    pub(super) fn bin<S: Scalar>(knots: &[Param], at: S) -> usize {
        at.bin(&knots.iter().map(|&k| S::from(k)).collect::<Vec<_>>())
    }
    /// Ends of bin `k`: x, width, y, height, both slopes.
    pub(super) fn ends<S: Scalar>(&self, k: usize) -> [S; 6] {
        let [x0, x1, y0, y1] = [self.x[k], self.x[k + 1], self.y[k], self.y[k + 1]].map(S::from);
        [x0, x1 - x0, y0, y1 - y0, self.d[k].into(), self.d[k + 1].into()]
    }
    fn steepness<S: Scalar>(&self, k: usize) -> S {
        let [_, w, _, h, ..]: [S; 6] = self.ends(k);
        h / w
    }
    /// Value and log-slope of bin `k`'s formula.
    pub(super) fn at<S: Scalar>(&self, k: usize, z: S) -> (S, S) {
        let [x0, w, y0, h, d0, d1]: [S; 6] = self.ends(k);
        let (s, t) = (h / w, (z - x0) / w);
        let (u, v) = (lit(1.0) - t, t * (lit(1.0) - t));
        let below = s + (d1 + d0 - s * 2.0) * v;
        let slope = s * s * (d1 * t * t + s * v * 2.0 + d0 * u * u) / (below * below);
        (y0 + h * (s * t * t + d0 * v) / below, slope.ln())
    }
    /// `ξ = (z − x_k)/w` with the formula of bin `k` equal to `x`, by the root that does not cancel.
    pub(super) fn solve<S: Scalar>(&self, k: usize, x: S) -> S {
        let [_, _, y0, h, d0, d1]: [S; 6] = self.ends(k);
        let (s, up) = (self.steepness::<S>(k), x - y0);
        let bend = (d1 + d0 - s * 2.0) * up;
        let (a, b, c) = (h * (s - d0) + bend, h * d0 - bend, -s * up);
        c * 2.0 / (-b - (b * b - a * c * 4.0).sqrt())
    }
    /// Preimage by bin `k`'s formula, and the log-slope there.
    pub(super) fn unat<S: Scalar>(&self, k: usize, x: S) -> (S, S) {
        let [x0, w, ..]: [S; 6] = self.ends(k);
        let z = self.solve(k, x) * w + x0;
        (z, self.at(k, z).1)
    }
    fn tail(&self, k: usize) -> usize {
        if k == 0 { 0 } else { k - 1 }
    }
    /// Value and log-slope.
    pub(super) fn forward<S: Scalar>(&self, z: S) -> (S, S) {
        let k = Self::bin(&self.x, z);
        if (1..self.x.len()).contains(&k) {
            return self.at(k - 1, z);
        }
        let [x, y, d] = [&self.x, &self.y, &self.d].map(|all| S::from(all[self.tail(k)]));
        (y + (z - x) * d, d.ln())
    }
    /// Preimage, and the log-slope there.
    pub(super) fn inverse<S: Scalar>(&self, x: S) -> (S, S) {
        let k = Self::bin(&self.y, x);
        if (1..self.y.len()).contains(&k) {
            return self.unat(k - 1, x);
        }
        let [z, y, d] = [&self.x, &self.y, &self.d].map(|all| S::from(all[self.tail(k)]));
        (z + (x - y) / d, d.ln())
    }
}

/// The value alone, out of the number system and back: what a framework calls detached.
pub(super) fn detached<S: Scalar>(x: S) -> S {
    S::from(x.primal(KEY))
}

/// Keeps a value for later calls.
pub(super) fn remember<S: Scalar>(cache: &Mutex<f64>, x: S) {
    *cache.lock().unwrap_or_else(PoisonError::into_inner) = x.primal(KEY);
}
/// What the last call left.
pub(super) fn recall(cache: &Mutex<f64>) -> f64 {
    *cache.lock().unwrap_or_else(PoisonError::into_inner)
}
