//! Maps in pieces: what must meet where they do.

use pushforward::{Check, laws};

use super::*;

layer!(
    /// `x = a z`, and from `z = 1` on an eighth further.
    Torn { a: Param } dim 1, promises Promises::default().structure(Structure::Diagonal).once_differentiable(),
    forward |this, z| {
        let x = z[0] * this.a;
        Image::finite([if z[0].is_below(1.0) { x } else { x + 0.125 }], S::from(this.a).ln())
    },
    inverse |this, x| {
        let a = S::from(this.a);
        let z = if x[0].is_below(a) { x[0] } else { x[0] - 0.125 } / a;
        Image::finite([z], -a.ln())
    }
);

// x = z below 0, a z above.
fn slope<S: Scalar>(a: &Param, z: S) -> S {
    if z.is_below(0.0) { 1.0.into() } else { S::from(*a) }
}

macro_rules! bent {
    ($name:ident, $promises:expr) => {
        layer!($name { a: Param } dim 1, promises $promises,
            forward |this, z| { let a = slope(&this.a, z[0]); Image::finite([z[0] * a], a.ln()) },
            inverse |this, x| { let a = slope(&this.a, x[0]); Image::finite([x[0] / a], -a.ln()) });
    };
}
bent!(Bent, Promises::default().once_differentiable());
bent!(SaysSo, Promises::default().kinked());

layer!(
    /// `x₁ = z₁ e^r + a r` with `r = max(z₀, 0)`: the conditioner bends, the determinant does not jump.
    Rectified { a: Param } dim 2, promises Promises::default().once_differentiable(),
    forward |this, z| {
        let r = if z[0].is_below(0.0) { 0.0.into() } else { z[0] };
        Image::finite([z[0], z[1] * r.exp() + r * this.a], r)
    },
    inverse |this, x| {
        let r = if x[0].is_below(0.0) { 0.0.into() } else { x[0] };
        Image::finite([x[0], (x[1] - r * this.a) * (-r).exp()], -r)
    }
);

layer!(
    /// A kink at 0 that is asked for far from it, where rounding is coarse.
    AskedFarAway { a: Param, far: Param } dim 1, promises Promises::default().kinked(),
    forward |this, z| {
        let is_low = (z[0] + this.far).is_below(this.far);
        let a = if is_low { 1.0.into() } else { S::from(this.a) };
        Image::finite([z[0] * a], a.ln())
    },
    inverse |this, x| { let a = slope(&this.a, x[0]); Image::finite([x[0] / a], -a.ln()) }
);

layer!(
    /// `x = z` below 0 and `z + a z^{3/2}` above: of class C¹, with a second derivative that is not finite at 0.
    Cusp { a: Param } dim 1, promises Promises::default().once_differentiable(),
    forward |this, z| {
        let z = z[0];
        if z.is_below(0.0) { return Image::finite([z], S::from(0.0)); }
        Image::finite([z + z * z.sqrt() * this.a], (z.sqrt() * this.a * 1.5).ln_1p())
    },
    inverse |_this, _x| { Err(FlowError::NoInverse) }
);

#[test]
fn a_map_that_tears() {
    caught(&Torn { a: 1.5.into() }, "branches-meet", "the next branch begins 1.250e-1 from where this one ends");
}

#[test]
fn a_slope_that_jumps_is_promised_or_caught() {
    caught(&Bent { a: 1.5.into() }, "branches-meet", "by a factor of");
    let holds =
        |report: &pushforward::report::Report| matches!(report.verdict("branches-meet"), Some(Verdict::Holds(_)));
    let right: [&dyn Layer; 4] = [
        &SaysSo { a: 1.5.into() },
        &Rectified { a: 0.75.into() },
        &AskedFarAway { a: 1.5.into(), far: 1e6.into() },
        &Cusp { a: 0.5.into() },
    ];
    for layer in right {
        let report = Check::new().laws(laws::find("branches-meet")).run(layer);
        assert!(holds(&report), "{report}");
    }
}
