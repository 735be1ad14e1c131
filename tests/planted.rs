//! Wrong layers, each with one slip of a kind that real projects shipped: the law that must catch it does, and the
//! report names the cause. And fixtures on which nothing could be caught: the verdict is `Vacuous`, never `Holds`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use pushforward::layers::Planar;
use pushforward::report::Claim;
use pushforward::{
    Flow, FlowError, Given, Image, KnownValue, Layer, Orientation, Param, Promises, Scalar, Structure, Verdict, check,
    dot, lit, params,
};

#[path = "planted/density_and_cost.rs"]
mod density_and_cost;
#[path = "planted/reports.rs"]
mod reports;

/// A layer of fixed dimension from its forward, its inverse and its promises.
macro_rules! layer {
    ($(#[$doc:meta])* $name:ident { $($field:ident : $kind:ty),* } dim $dim:expr, promises $promises:expr,
     forward |$this:ident, $z:ident| $forward:block, inverse |$that:ident, $x:ident| $inverse:block) => {
        $(#[$doc])*
        #[derive(Debug)]
        struct $name { $($field: $kind),* }
        impl<S: Scalar> Flow<S> for $name {
            fn forward(&self, $z: &[S]) -> Result<Image<S>, FlowError> { let $this = self; $forward }
            fn inverse(&self, $x: &[S]) -> Result<Image<S>, FlowError> { let $that = self; $inverse }
        }
        impl Layer for $name {
            fn dim(&self) -> usize { $dim }
            fn promises(&self) -> Promises { $promises }
        }
    };
}

#[path = "planted/branches.rs"]
mod branches;

/// Fails exactly where it should: the law is among the failures, and the diagnosis contains the words.
fn caught(layer: &dyn Layer, law: &str, diagnosis: &str) {
    let report = check(layer);
    let Some(Verdict::Fails(found)) = report.verdict(law) else {
        panic!("{law} says {:?}\n{report}", report.verdict(law));
    };
    let said = found.diagnosis.clone().or_else(|| found.violation.clone()).unwrap_or_default();
    assert!(said.contains(diagnosis), "{law}: {said:?} does not say {diagnosis:?}\n{report}");
}

fn scales(values: [f64; 3]) -> Vec<Param> {
    params(values)
}

// x_i = e^{s_i} sinh z_i, with a log-det to be got wrong.
fn stretched<S: Scalar>(s: &[Param], z: &[S]) -> Vec<S> {
    s.iter().zip(z).map(|(&s, z)| S::from(s).exp() * z.sinh()).collect()
}
fn right_log_det<S: Scalar>(s: &[Param], z: &[S]) -> S {
    s.iter().zip(z).map(|(&s, z)| z.ln_cosh() + s).sum()
}
fn unstretched<S: Scalar>(s: &[Param], x: &[S]) -> Vec<S> {
    s.iter().zip(x).map(|(&s, &x)| (x * (-S::from(s)).exp()).asinh()).collect()
}
const S3: [f64; 3] = [0.5, -0.75, 0.25];

macro_rules! wrong_log_det {
    ($name:ident, |$s:ident, $z:ident| $wrong:expr) => {
        layer!($name { s: Vec<Param> } dim 3, promises Promises::default().structure(Structure::Diagonal),
            forward |this, z| { let ($s, $z) = (&this.s, z); let wrong: S = $wrong; Image::finite(stretched(&this.s, z), wrong) },
            inverse |this, x| { let z = unstretched(&this.s, x); let l = right_log_det(&this.s, &z); Image::finite(z, -l) });
    };
}
wrong_log_det!(Right, |s, z| right_log_det(s, z));
wrong_log_det!(SignFlipped, |s, z| -right_log_det(s, z));
wrong_log_det!(TermMissing, |s, z| right_log_det(&s[..2], &z[..2]));
wrong_log_det!(TermTwice, |s, z| right_log_det(s, z) + z[1].ln_cosh() + s[1]);
wrong_log_det!(LogForgotten, |s, z| s.iter().zip(z).map(|(&s, z)| z.cosh() * S::from(s).exp()).sum());
wrong_log_det!(AtTheImage, |s, z| right_log_det(s, &stretched(s, z)));
wrong_log_det!(Halved, |s, z| right_log_det(s, z) * 0.5);
wrong_log_det!(Missing, |_s, _z| S::from(0.0));
wrong_log_det!(OffByALittle, |s, z| right_log_det(s, z) + 1e-9);

#[test]
fn the_right_layer_is_accepted() {
    let report = check(&Right { s: scales(S3) });
    assert!(report.is_acceptable(), "{report}");
}

#[test]
fn log_dets_got_wrong() {
    let law = "log-det-is-jacobian";
    caught(&SignFlipped { s: scales(S3) }, law, "differ in sign only");
    caught(&TermMissing { s: scales(S3) }, law, "lacks coordinate 2's term");
    caught(&TermTwice { s: scales(S3) }, law, "counts coordinate 1's term twice");
    caught(&LogForgotten { s: scales(S3) }, law, "the log is forgotten");
    caught(&AtTheImage { s: scales(S3) }, law, "belongs to the image");
    caught(&Halved { s: scales(S3) }, law, "factor 2");
    caught(&Missing { s: scales(S3) }, law, "the log-det is missing");
    caught(&OffByALittle { s: scales(S3) }, law, "");
}

layer!(ForwardOnly { s: Vec<Param> } dim 3, promises Promises::default().structure(Structure::Diagonal).increasing(),
    forward |this, z| { Image::finite(stretched(&this.s, z), right_log_det(&this.s, z)) },
    inverse |_this, _x| { Err(FlowError::NoInverse) });

layer!(InverseSign { s: Vec<Param> } dim 3, promises Promises::default(),
    forward |this, z| { Image::finite(stretched(&this.s, z), right_log_det(&this.s, z)) },
    inverse |this, x| { let z = unstretched(&this.s, x); let l = right_log_det(&this.s, &z); Image::finite(z, l) });
layer!(InverseIsForward { s: Vec<Param> } dim 3, promises Promises::default(),
    forward |this, z| { Image::finite(stretched(&this.s, z), right_log_det(&this.s, z)) },
    inverse |this, x| { Image::finite(stretched(&this.s, x), -right_log_det(&this.s, x)) });
layer!(InverseIdles { s: Vec<Param> } dim 3, promises Promises::default(),
    forward |this, z| { Image::finite(stretched(&this.s, z), right_log_det(&this.s, z)) },
    inverse |this, x| { let l = right_log_det(&this.s, x); Image::finite(x, -l) });

#[test]
fn inverses_got_wrong() {
    caught(&InverseSign { s: scales(S3) }, "inverse-log-det-negates", "not negated");
    caught(&InverseSign { s: scales(S3) }, "inverse-log-det-is-jacobian", "sign only");
    caught(&InverseIsForward { s: scales(S3) }, "inverse-undoes-forward", "applies the forward map");
    caught(&InverseIdles { s: scales(S3) }, "inverse-undoes-forward", "returns its input");
}

layer!(
    /// A cache that answers every call with the first log-det.
    Cached { s: Vec<Param>, cache: Mutex<Option<f64>> } dim 3, promises Promises::default(),
    forward |this, z| {
        let fresh = right_log_det(&this.s, z);
        let text = format!("{fresh:?}");
        let mut cache = this.cache.lock().unwrap();
        let log_det = match text.parse::<f64>() {
            Ok(value) => S::from(*cache.get_or_insert(value)),
            Err(_) => fresh,
        };
        Image::finite(stretched(&this.s, z), log_det)
    },
    inverse |this, x| { let z = unstretched(&this.s, x); let l = right_log_det(&this.s, &z); Image::finite(z, -l) });
layer!(
    /// x₁ = z₁ + 2 sin z₀, where sin z₀ is taken out of the number system and put back without its derivative.
    Detached {} dim 2, promises Promises::default(),
    forward |_this, z| {
        let text = format!("{:?}", z[0].sin_cos().0);
        let digits: String = text.chars().skip_while(|c| c.is_alphabetic() || "({:_ ".contains(*c))
            .take_while(|c| c.is_ascii_digit() || "-.e".contains(*c)).collect();
        let bare = S::from(digits.parse::<f64>().unwrap_or(0.0));
        Image::finite([z[0] * 2.0, z[1] + bare * 2.0], S::ln_2())
    },
    inverse |_this, _x| { Err(FlowError::NoInverse) });
layer!(
    /// The value of the log-det is right, its tangent is lost.
    GradientLost { s: Vec<Param> } dim 3, promises Promises::default(),
    forward |this, z| {
        let text = format!("{:?}", right_log_det(&this.s, z));
        let digits: String = text.chars().skip_while(|c| !c.is_ascii_digit() && *c != '-')
            .take_while(|c| c.is_ascii_digit() || "-.e".contains(*c)).collect();
        Image::finite(stretched(&this.s, z), S::from(digits.parse::<f64>().unwrap_or(0.0)))
    },
    inverse |_this, _x| { Err(FlowError::NoInverse) });

#[test]
fn state_and_lost_derivatives() {
    caught(&Cached { s: scales(S3), cache: Mutex::new(None) }, "evaluation-is-pure", "");
    caught(&Detached {}, "finite-differences-agree", "derivative is lost");
    caught(&GradientLost { s: scales(S3) }, "log-det-gradient", "carries no tangent");
}

layer!(
    /// A coupling whose second output also reads its own input through the conditioner.
    Leaky { w: Vec<Param> } dim 2, promises Promises::default().structure(Structure::PassThrough { kept: vec![0] }),
    forward |this, z| {
        let raw = dot(&this.w, z).tanh();
        Image::finite([z[0] + z[1] * 0.125, raw.exp() * z[1] + 1.0], raw)
    },
    inverse |_this, _x| { Err(FlowError::NoInverse) });
layer!(
    /// Planar with w·u = −2: locally a diffeomorphism almost everywhere, globally folded.
    Folded { u: Vec<Param>, w: Vec<Param> } dim 2, promises Promises::default(),
    forward |this, z| {
        let a = dot(&this.w, z);
        let wu: S = this.w.iter().zip(&this.u).map(|(w, &u)| w * S::from(u)).sum();
        let x: Vec<S> = z.iter().zip(&this.u).map(|(&z, u)| z + u * a.tanh()).collect();
        Image::finite(x, (lit(1.0) + wu * a.sech2()).ln_abs())
    },
    inverse |_this, _x| { Err(FlowError::NoInverse) });
layer!(
    /// The image is a box, declared to be all of ℝᵈ.
    Squashed {} dim 2, promises Promises::default().structure(Structure::Diagonal),
    forward |_this, z| { Image::finite([z[0].tanh(), z[1].tanh()], z[0].sech2().ln() + z[1].sech2().ln()) },
    inverse |_this, _x| { Err(FlowError::NoInverse) });
layer!(
    /// A log of a negative determinant.
    NoAbs { a: Vec<Param> } dim 2, promises Promises::default().orientation(Orientation::Either),
    forward |this, z| {
        let a: Vec<S> = this.a.iter().map(|&a| S::from(a)).collect();
        Ok(Image::new([z[0] * a[0], z[1] * a[1]], (a[0] * a[1]).ln()))
    },
    inverse |_this, _x| { Err(FlowError::NoInverse) });
layer!(
    /// A parameter that nothing reads.
    Unread { a: Param, b: Param } dim 1, promises Promises::default(),
    forward |this, z| { Image::finite([z[0] * this.a], S::from(this.a).ln_abs()) },
    inverse |this, x| { let _ = this.b; Image::finite([x[0] / this.a], -S::from(this.a).ln_abs()) });
layer!(
    /// Overflows to an infinity instead of OutOfRange.
    Overflows {} dim 1, promises Promises::default().structure(Structure::Diagonal),
    forward |_this, z| { Ok(Image::new([z[0].sinh()], z[0].cosh().ln())) },
    inverse |_this, x| { let z = x[0].asinh(); Image::finite([z], -z.ln_cosh()) });

#[test]
fn structure_branches_and_domains() {
    caught(&Leaky { w: params([0.5, 0.25]) }, "jacobian-has-promised-zeros", "J[0][1] = 0.125");
    caught(&Folded { u: params([-1.0, -1.0]), w: params([1.0, 1.0]) }, "forward-is-injective", "at two points");
    caught(&Squashed {}, "forward-is-onto", "not onto");
    caught(&NoAbs { a: params([2.0, -3.0]) }, "finite-inside", "use ln_abs");
    caught(&Unread { a: 2.0.into(), b: 3.0.into() }, "parameters-matter", "3.0, changes neither");
    caught(&Overflows {}, "finite-inside", "OutOfRange");
}

layer!(
/// Leaky slopes with the wrong one in the log-det on the left.
WrongBranch {} dim 1, promises Promises::default().structure(Structure::Diagonal).once_differentiable(),
forward |_this, z| {
    let left = z[0].is_below(0.0);
    let x = if left { z[0] * 0.25 } else { z[0] };
    Image::finite([x], if left { lit(0.25) * S::from(1.0) } else { S::from(0.0) })
},
inverse |_this, x| {
    let left = x[0].is_below(0.0);
    let z = if left { x[0] * 4.0 } else { x[0] };
    Image::finite([z], if left { S::ln_2() * 2.0 } else { S::from(0.0) })
});
layer!(
    /// A far-away arm that no moderate point enters.
    UnmetArm {} dim 1, promises Promises::default().structure(Structure::Diagonal).once_differentiable(),
    forward |_this, z| {
        let x = if z[0].is_below(-1e15) { z[0] * 3.0 } else { z[0] * 2.0 };
        Image::finite([x], S::ln_2())
    },
    inverse |_this, _x| { Err(FlowError::NoInverse) });

#[test]
fn arms_of_a_branch() {
    caught(&WrongBranch {}, "log-det-is-jacobian", "log is forgotten");
    vacuous(&UnmetArm {}, "log-det-is-jacobian", "the other arm was never judged");
}

/// Planar, but for a slip that makes it another flow: a bias of the other sign.
#[derive(Debug)]
struct OtherBias(Planar);
impl OtherBias {
    fn new(b: f64) -> Self {
        Self(Planar::new(&[1.0, 0.0], &[1.0, 2.0], -b).unwrap())
    }
}
impl<S: Scalar> Flow<S> for OtherBias {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.0.forward(z)
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.0.inverse(x)
    }
}
impl Layer for OtherBias {
    fn dim(&self) -> usize {
        self.0.dim()
    }
    fn promises(&self) -> Promises {
        self.0.promises()
    }
    fn known_values(&self) -> Vec<KnownValue> {
        // At z = (½, −½) with b = 0 and 1; the log-det ln(1 + sech² ½) is the same, because sech is even.
        let known = |b: f64, x: f64| {
            let given = Given::Base(vec![0.5, -0.5]);
            KnownValue::new(format!("b = {b}"), Self::new(b), given, [x, -0.5], 0.580_229_141_387_195_3).digits(15)
        };
        vec![known(0.0, 0.037_882_842_739_990_24), known(1.0, 0.962_117_157_260_009_8)]
    }
}

#[test]
fn a_right_flow_that_is_not_the_one_named() {
    let report = check(&OtherBias::new(1.0));
    assert_eq!(report.failures(), ["matches-known-values"], "{report}");
    let Some(Verdict::Fails(found)) = report.verdict("matches-known-values") else { panic!("{report}") };
    assert_eq!(
        (found.place.as_str(), found.point.clone()),
        ("known value b = 1, coordinate 0", Some(("z", vec![0.5, -0.5])))
    );
}

#[test]
fn a_report_claims_no_more_than_was_shown() {
    for (report, claim, says) in [
        (check(&Planar::new(&[1.0, 0.5], &[1.0, 2.0], 0.25).unwrap()), Some(Claim::Named), "by known values: 1 of 1"),
        (check(&Right { s: scales(S3) }), Some(Claim::Flow), "a flow, but nothing says which (no known values): layer"),
        (check(&ForwardOnly { s: scales(S3) }), Some(Claim::LogDet), "bijectivity is undecided (no inverse): layer"),
        (check(&Missing { s: scales(S3) }), None, "fail"),
    ] {
        assert_eq!(report.rows[0].claim(), claim, "{report}");
        let text = report.to_string();
        assert!(text.contains(says), "{text}");
        assert_eq!(text.contains("flow"), matches!(claim, Some(Claim::Named | Claim::Flow)), "{text}");
    }
    let one = pushforward::Check::new().laws(pushforward::laws::find("matches-known-values"));
    assert_eq!(one.run(&Right { s: scales(S3) }).rows[0].claim(), None);
}

layer!(
    /// A contraction whose log-det is forgotten: its samples are denser than it says. No inverse betrays it.
    DenserThanItSays {} dim 2, promises Promises::default(),
    forward |_this, z| { Image::finite([z[0] * 0.5, z[1] * 0.5 + z[0].tanh()], 0.0) },
    inverse |_this, _x| { Err(FlowError::NoInverse) });
layer!(
    /// The inverse states e² times the density that the samples have.
    ThinnerThanItSays {} dim 2, promises Promises::default(),
    forward |_this, z| { Image::finite([z[0] * 2.0, z[1] * 2.0], S::ln_2() * 2.0) },
    inverse |_this, x| { Image::finite([x[0] * 0.5, x[1] * 0.5], lit(2.0) - S::ln_2() * 2.0) });

#[test]
fn densities_that_put_the_elbo_above_the_evidence() {
    caught(&DenserThanItSays {}, "elbo-bounds-evidence", "too small where it draws");
    caught(&ThinnerThanItSays {}, "elbo-bounds-evidence", "has a mass above one");
}

fn vacuous(layer: &dyn Layer, law: &str, says: &str) {
    let report = check(layer);
    let Some(Verdict::Vacuous(slips)) = report.verdict(law) else {
        panic!("{law} says {:?}", report.verdict(law));
    };
    assert!(slips.iter().any(|slip| slip.to_string().contains(says)), "{slips:?}");
}

layer!(Shift { b: Vec<Param> } dim 2, promises Promises::default(),
    forward |this, z| { Image::finite([z[0] + this.b[0], z[1] + this.b[1]], 0.0) },
    inverse |this, x| { Image::finite([x[0] - this.b[0], x[1] - this.b[1]], 0.0) });
layer!(Scaled { a: Param } dim 2, promises Promises::default(),
    forward |this, z| { Image::finite([z[0] * this.a, z[1]], S::from(this.a).ln_abs()) },
    inverse |this, x| { Image::finite([x[0] / this.a, x[1]], -S::from(this.a).ln_abs()) });
layer!(Still {} dim 2, promises Promises::default(),
    forward |_this, z| { Image::finite(z, 0.0) },
    inverse |_this, x| { Image::finite(x, 0.0) });

#[test]
fn fixtures_that_cannot_tell_are_vacuous() {
    vacuous(&Shift { b: params([1.0, 2.0]) }, "log-det-is-jacobian", "wrong sign or factor");
    vacuous(&Scaled { a: 2.0.into() }, "log-det-is-jacobian", "coordinate 1's term");
    vacuous(&Scaled { a: 2.0.into() }, "log-det-is-jacobian", "taken at another point");
    vacuous(&Still {}, "inverse-undoes-forward", "moves no point");
}

#[test]
fn a_long_chain_is_judged_link_by_link() {
    use pushforward::layers::{Coupling, Scale, mask};
    use pushforward::{Chain, Net};
    let net = |k: f64| {
        let rows: Vec<Vec<f64>> = (0..6).map(|i| (0..3).map(|j| (k + f64::from(3 * i + j)).sin()).collect()).collect();
        Net::affine(3, &rows, &[0.5, -0.25, 0.75, 1.0, -0.5, 0.25]).unwrap()
    };
    let layers: Vec<Box<dyn Layer>> = (0..12)
        .map(|k| {
            let (a, b) = mask::alternating(6, k % 2 == 0);
            Box::new(Coupling::new(&a, &b, Scale::tanh(1.5).unwrap(), net(f64::from(k))).unwrap()) as Box<dyn Layer>
        })
        .collect();
    let report = check(&Chain::new(layers).unwrap());
    for law in ["log-det-is-jacobian", "inverse-undoes-forward", "inverse-log-det-negates"] {
        assert!(matches!(report.verdict(law), Some(Verdict::Holds(_))), "{law}: {:?}", report.verdict(law));
    }
    assert!(report.failures().is_empty(), "{report}");

    // One broken link among right ones is named.
    let broken: Vec<Box<dyn Layer>> = vec![Box::new(Right { s: scales(S3) }), Box::new(SignFlipped { s: scales(S3) })];
    let report = check(&Chain::new(broken).unwrap());
    let Some(Verdict::Fails(found)) = report.verdict("log-det-is-jacobian") else { panic!("{report}") };
    assert!(found.layer.contains("link 1 of"), "{}", found.layer);
}

layer! {
    /// An activation normalization that is the identity at its first call, from which it would take its statistics.
    LateToStart { s: Vec<Param>, started: AtomicBool }
    dim 3, promises Promises::default(),
    forward |this, z| {
        let scale = if this.started.swap(true, Ordering::Relaxed) { 1.0 } else { 0.0 };
        let x: Vec<S> = this.s.iter().zip(z).map(|(&s, &z)| z * (S::from(s) * scale).exp()).collect();
        Image::finite(x, this.s.iter().map(|&s| S::from(s) * scale).sum::<S>())
    },
    inverse |this, x| {
        let z: Vec<S> = this.s.iter().zip(x).map(|(&s, &x)| x * (-S::from(s)).exp()).collect();
        Image::finite(z, -this.s.iter().map(|&s| S::from(s)).sum::<S>())
    }
}

#[test]
fn a_layer_that_only_its_first_call_finds_out() {
    let started = AtomicBool::new(false);
    caught(&LateToStart { s: scales(S3), started }, "evaluation-is-pure", "other bits the second time");
}
