//! Right formulas that lose their digits, each beside a form that keeps them.

use pushforward::digits::Map;
use pushforward::layers::ZOO;
use pushforward::{Check, Domain, Flow, FlowError, Image, Interval, Layer, Promises, Scalar, Verdict, laws, lit};

/// A map of the line, forward only, by point and log-det.
macro_rules! forward_only {
    ($name:ident, $domain:expr, $codomain:expr, |$z:ident| $formula:expr) => {
        #[derive(Debug)]
        struct $name;
        impl<S: Scalar> Flow<S> for $name {
            fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
                let $z = z[0];
                let (x, log_det): (S, S) = $formula;
                Image::finite([x], log_det)
            }
        }
        impl Layer for $name {
            fn dim(&self) -> usize {
                1
            }
            fn promises(&self) -> Promises {
                Promises::default().domain($domain).codomain($codomain)
            }
        }
    };
}
const REALS: Interval = Interval { lo: f64::NEG_INFINITY, hi: f64::INFINITY };
const POSITIVE: Interval = Interval { lo: 0.0, hi: f64::INFINITY };
const UNIT: Interval = Interval { lo: 0.0, hi: 1.0 };
const BALL: Interval = Interval { lo: -1.0, hi: 1.0 };
fn every(interval: Interval) -> Domain {
    Domain::Each(interval)
}

forward_only!(CarelessTanh, every(REALS), every(BALL), |z| {
    let t = z.tanh();
    (t, (lit(1.0) - t * t).ln())
});
forward_only!(CarefulTanh, every(REALS), every(BALL), |z| (z.tanh(), (S::ln_2() - z - (z * -2.0).softplus()) * 2.0));

forward_only!(CarelessSoftplusInverse, every(POSITIVE), every(REALS), |z| {
    let x = (z.exp() - 1.0).ln();
    (x, z - x)
});
forward_only!(CarefulSoftplusInverse, every(POSITIVE), every(REALS), |z| {
    let log = (-(-z).exp_m1()).ln();
    (z + log, -log)
});

forward_only!(CarelessSigmoid, every(REALS), every(UNIT), |z| {
    let s = (lit(1.0) + (-z).exp()).recip();
    (s, (s * (lit(1.0) - s)).ln())
});
forward_only!(CarefulSigmoid, every(REALS), every(UNIT), |z| (z.sigmoid(), -z.softplus() - (-z).softplus()));

// The root of t² + 2t = z next to the knot z = 0, as the inverse of a spline takes it, by the two forms of the formula.
forward_only!(CarelessSplineRoot, every(POSITIVE), every(POSITIVE), |z| {
    let root = (z + 1.0).sqrt();
    (root - 1.0, -(root * 2.0).ln())
});
forward_only!(CarefulSplineRoot, every(POSITIVE), every(POSITIVE), |z| {
    let root = (z + 1.0).sqrt();
    (z / (root + 1.0), -(root * 2.0).ln())
});

fn verdict(layer: &dyn Layer, law: &str) -> Verdict {
    let law = laws::find(law).expect("a law of this name");
    Check::new().laws([law]).run(layer).verdict(law.name).expect("asked for").clone()
}

#[test]
fn careless_forms_fail_and_careful_ones_hold() {
    let pairs: [(&dyn Layer, &dyn Layer); 4] = [
        (&CarelessTanh, &CarefulTanh),
        (&CarelessSoftplusInverse, &CarefulSoftplusInverse),
        (&CarelessSigmoid, &CarefulSigmoid),
        (&CarelessSplineRoot, &CarefulSplineRoot),
    ];
    for law in ["digits-kept", "single-precision-agrees"] {
        for (careless, careful) in pairs {
            match verdict(careless, law) {
                Verdict::Fails(found) => assert!(found.place.contains("digits lost"), "{found:?}"),
                other => panic!("{law}, {careless:?}: {other:?}"),
            }
            let other = verdict(careful, law);
            assert!(matches!(other, Verdict::Holds(_)), "{law}, {careful:?}: {other:?}");
        }
    }
}

/// The identity laws see nothing: the formulas are right, and their bounds tell that f64 is lost.
#[test]
fn careless_forms_are_right_formulas() {
    for layer in [&CarelessTanh as &dyn Layer, &CarelessSoftplusInverse, &CarelessSigmoid, &CarelessSplineRoot] {
        let verdict = verdict(layer, "log-det-is-jacobian");
        assert!(matches!(verdict, Verdict::Holds(_)), "{layer:?}: {verdict:?}");
    }
}

#[test]
fn a_map_shows_where_the_digits_go() {
    let careless = Map::of(&CarelessTanh, false);
    assert!(careless.worst() > 8.0, "{careless}");
    let log_det = careless.to_string().lines().find(|line| line.starts_with("forward log-det")).map(str::to_owned);
    let cells: Vec<char> = log_det.expect("a row").chars().skip("forward log-det  ".len()).collect();
    assert_eq!(cells.len(), 61);
    // Nothing is lost near 0, more and more towards saturation, and beyond it the log is infinite: refused.
    assert_eq!((cells[30], cells[0], cells[60]), ('.', '-', '-'), "{careless}");
    assert!(cells[40..50].iter().any(|c| c.is_ascii_digit()), "{careless}");
    assert!(Map::of(&CarefulTanh, false).worst() < 2.0);
    assert!(Map::of(&CarelessTanh, true).worst() > 3.0);
}

#[test]
fn maps_of_the_zoo_stay_below_three_digits() {
    for family in ZOO.iter().copied().flatten().filter(|f| ["planar", "coupling_tanh", "sinh"].contains(&f.name)) {
        for map in Map::of_family(family, false) {
            assert!(map.worst() < 3.0, "{}: {}\n{map}", family.name, map.worst());
        }
    }
}
