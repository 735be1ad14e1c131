//! Fields, constants, parameters and degrees.

use super::*;
use pushforward::{lit, params};

layer! { Doubled {} 61; |_this, z| Ok(Image::new(z.iter().map(|&z| z * 2.0).collect::<Vec<S>>(), 0.0)) }

/// Modulo 2⁶¹ − 1 the determinant 2⁶¹ is 1: there a forgotten `61 ln 2` is "proved".
#[test]
fn two_to_the_61st() {
    expect(&Doubled {}, VOLUME, "false", "fails in f64");
}

layer! { Diagonal { s: Vec<Param>, log: Vec<Param>, of: Vec<usize> } 3;
    |this, z| Ok(Image::new(
        z.iter().zip(&this.s).map(|(&z, s)| z * S::param(s)).collect::<Vec<S>>(),
        this.of.iter().map(|&i| S::param(&this.log[i]).ln_abs()).sum::<S>(),
    ))
}

fn diagonal(s: f64, of: &[usize]) -> Diagonal {
    let s = params([s; 3]);
    Diagonal { log: s.clone(), s, of: of.to_vec() }
}

/// With all scales 1 the log-det may be forgotten, with all scales equal `ln s₀` may be counted three times: a prover
/// that takes parameters for the numbers that they are proves both. The right one holds for all parameters, of either
/// sign; but `s` and `log` are one parameter at two places, which is said.
#[test]
fn parameter_values_at_which_a_slip_vanishes() {
    expect(&diagonal(1.0, &[]), VOLUME, "not-proved", "differ");
    expect(&diagonal(2.5, &[0, 0, 0]), VOLUME, "not-proved", "differ");
    expect(&diagonal(2.5, &[0, 1]), VOLUME, "false", "fails in f64");
    expect(&diagonal(2.5, &[2, 0, 1]), VOLUME, "proved-on-paths", "two places");
}

layer! { LnTwo { p: Param } 1; |this, z| Ok(Image::new([z[0] * S::param(&this.p).exp()], S::ln_2())) }
layer! { PiTurn { p: Param } 1; |this, z| Ok(Image::new([z[0] * S::param(&this.p)], S::pi().ln())) }
layer! { Literal {} 1;
    |_this, z| Ok(Image::new([z[0] * S::from(std::f64::consts::LN_2).exp()], S::ln_2()))
}

/// A prover that knows constants by their bits takes a parameter that happens to be 0.6931471805599453 for ln 2, and a
/// literal of these bits, too.
#[test]
fn constants_that_coincide() {
    expect(&LnTwo { p: std::f64::consts::LN_2.into() }, VOLUME, "not-proved", "differ");
    expect(&PiTurn { p: std::f64::consts::PI.into() }, VOLUME, "not-proved", "differ");
    expect(&Literal {}, VOLUME, "not-proved", "differ");
}

layer! { OwnLog { a: Param } 1; |this, z| Ok(Image::new([z[0] * S::param(&this.a)], S::param(&this.a).ln())) }

/// With `ln|r|` in place of `ln r` the missing modulus is "proved" although f64 has no answer.
#[test]
fn the_logarithm_of_a_negative_number() {
    let theorem = on(&OwnLog { a: (-2.0).into() }, VOLUME);
    assert!(!matches!(theorem.proof().word(), "proved" | "proved-on-paths"), "{theorem}");
}

layer! { OneSign { a: Param } 1;
    |this, z| Ok(Image::new([z[0] * S::param(&this.a).ln_abs().exp()], S::param(&this.a).ln_abs()));
    |this, x| Ok(Image::new([x[0] / this.a], -S::param(&this.a).ln_abs()))
}

layer! { NoModulus { a: Param } 1; |this, z| {
    let a = S::param(&this.a);
    Ok(Image::new([z[0] * a], a.ln()))
} }

/// `ln a` for `ln|a|` is right where `a` is positive: not for all parameters.
#[test]
fn a_missing_modulus() {
    expect(&NoModulus { a: two() }, VOLUME, "proved-on-paths", "sign holds at the points met");
}

layer! { EitherSign { a: Param } 1;
    |this, z| Ok(Image::new([z[0] * this.a], S::param(&this.a).ln_abs()));
    |this, x| Ok(Image::new([x[0] / this.a], -S::param(&this.a).ln_abs()))
}

/// `z → |a| z` is undone by `x → x/a` for positive `a` only. Moduli that silently take the sign met prove it for all.
/// A log-det of `z → a z` needs no sign, and is proved for both.
#[test]
fn the_sign_of_a_modulus() {
    expect(&OneSign { a: two() }, BACK, "proved-on-paths", "sign holds at the points met");
    expect(&OneSign { a: two() }, VOLUME, "proved-on-paths", "sign holds at the points met");
    expect(&EitherSign { a: two() }, VOLUME, "proved", "all parameters");
    expect(&EitherSign { a: two() }, BACK, "proved", "all parameters");
}

layer! { Deep {} 1; |_this, z| {
    let square = (0..70).fold(z[0].tanh(), |t, _| t * t - 0.5);
    let again = z[0].tanh() * 0.0 + square;
    Ok(Image::new([z[0]], (square - again) * z[0]))
} }

/// Seventy squarings have degree 2⁷⁰, more than a prime of 62 bits can tell from 0.
#[test]
fn a_degree_beyond_the_prime() {
    let theorem = on(&Deep {}, VOLUME);
    assert!(matches!(theorem.proof().word(), "tested-exactly" | "not-proved"), "{theorem}");
}

layer! { Rounded {} 1; |_this, z| {
    let t = z[0].tanh();
    Ok(Image::new([t], (lit(1.0) - t * t).ln()))
} => Promises::default().codomain(pushforward::Domain::Each(pushforward::Interval { lo: -1.0, hi: 1.0 })) }

/// `ln(1 − tanh²)` is right, and loses every digit at z = 20: a proof says nothing about rounding.
#[test]
fn right_and_inaccurate_is_proved() {
    expect(&Rounded {}, VOLUME, "proved", "all inputs");
}

layer! { Even { a: Param } 1; |this, z| {
    let a = z[0] * this.a;
    Ok(Image::new([z[0]], a.sin_cos().1 - (-a).sin_cos().1))
} }

#[test]
fn the_cosine_is_even() {
    expect(&Even { a: two() }, VOLUME, "proved", "all parameters");
}

layer! { Tied { a: Vec<Param>, b: Vec<Param> } 2; |this, z| {
    let first: Vec<S> = z.iter().zip(&this.a).map(|(&z, a)| z * S::param(a).exp()).collect();
    let both: Vec<S> = first.iter().zip(&this.b).map(|(&z, b)| z * S::param(b).exp()).collect();
    // The second layer's log-det is counted twice, the first one's never.
    Ok(Image::new(both, this.b.iter().chain(&this.b).map(S::param).sum::<S>()))
} }

/// Clones share their parameters: log-dets that are swapped between them are equal. True of tied parameters, and no
/// theorem about layers whose parameters are their own.
#[test]
fn clones_with_swapped_log_dets() {
    let a = params([0.5, -0.25]);
    expect(&Tied { a: a.clone(), b: a.clone() }, VOLUME, "proved-on-paths", "one parameter stands at two places");
    expect(&Tied { a, b: params([0.5, -0.25]) }, VOLUME, "not-proved", "differ");
}

layer! { HiddenScale { a: Hidden<Param> } 1;
    |this, z| Ok(Image::new([z[0] * S::param(&this.a.0).exp()], S::param(&this.a.0)))
}

/// What `Debug` does not show may stand at two places.
#[test]
fn a_parameter_that_debug_does_not_show() {
    expect(&HiddenScale { a: Hidden(two()) }, VOLUME, "proved-on-paths", "`Debug` does not show");
}

layer! { Dropped { s: Vec<Param>, skip: usize, factor: f64 } 4; |this, z| {
    let logs = this.s.iter().enumerate().filter(|(i, _)| *i != this.skip).map(|(_, s)| S::param(s));
    let log_det = logs.sum::<S>() * this.factor;
    Ok(Image::new(z.iter().zip(&this.s).map(|(&z, s)| z * S::param(s).exp()).collect::<Vec<S>>(), log_det))
} }

/// Log-dets of 0 hide a dropped coordinate and a wrong factor.
#[test]
fn slips_that_zeros_hide() {
    let with = |skip, factor| Dropped { s: params([0.0; 4]), skip, factor };
    expect(&with(2, 1.0), VOLUME, "not-proved", "differ");
    expect(&with(9, 0.5), VOLUME, "not-proved", "differ");
    expect(&with(9, 1.0), VOLUME, "proved", "all parameters");
}

layer! { RootOfLog { a: Param } 1; |this, z| {
    let a = S::param(&this.a).exp() + 1.0;
    let same = a.ln().exp();
    Ok(Image::new([z[0] * same.sqrt() * a.sqrt()], a.ln()))
} }

/// The root of `e^(ln a)` is found through `a`, whose logarithm leads back to the root.
#[test]
fn a_root_and_a_logarithm_that_lead_to_each_other() {
    expect(&RootOfLog { a: two() }, VOLUME, "proved", "all parameters");
}
