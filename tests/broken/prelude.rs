//! What exhibits share: the form of a layer, and the pieces that are right.

pub(super) use crate::museum::Exhibit;
pub(super) use crate::{
    Domain, Flow, FlowError, Image, Interval, Layer, Orientation, Param, Promises, Scalar, Structure, dot, lit, params,
};

/// A layer from its fields, dimension, promises and both directions; the inverse may be left out.
macro_rules! layer {
    ($name:ident { $($field:ident: $kind:ty),* $(,)? } dim $dim:expr, $promises:expr;
     forward($this:ident, $z:ident) $forward:block
     $(inverse($that:ident, $x:ident) $inverse:block)?) => {
        #[derive(Debug)]
        struct $name { $($field: $kind),* }
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
            fn dim(&self) -> usize { ($dim)(self) }
            fn promises(&self) -> Promises { ($promises)(self) }
        }
    };
}
pub(super) use layer;

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
