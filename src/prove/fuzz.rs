//! Random triangular maps with right and with wrong log-dets: no wrong one is proved, most right ones are. What is missed
//! of these are sums of exponents whose constants have different denominators, of which layers have few.

use super::claims::Recorded;
use super::*;
use crate::flow::Image;
use crate::lit;
use crate::scalar::{Scalar, record};

/// A deterministic stream of choices.
struct Choices(u64);
impl Choices {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = digest(self.0);
        self.0 % n
    }
    fn number(&mut self) -> f64 {
        (self.below(61) as f64 - 30.0) / 16.0 + 0.03125
    }
}

/// An expression in the coordinates of lower index.
#[derive(Clone)]
enum Expression {
    Coordinate(usize),
    Literal(f64),
    Of(u64, Box<Expression>),
    Pair(u64, Box<Expression>, Box<Expression>),
}

impl Expression {
    fn draw(choices: &mut Choices, coordinates: usize, depth: u64) -> Self {
        let child = |choices: &mut Choices| Box::new(Self::draw(choices, coordinates, depth - 1));
        match choices.below(if depth == 0 { 2 } else { 6 }) {
            0 if coordinates > 0 => Self::Coordinate(choices.below(coordinates as u64) as usize),
            0 | 1 => Self::Literal(choices.number()),
            2 | 3 => Self::Of(choices.below(6), child(choices)),
            _ => Self::Pair(choices.below(3), child(choices), child(choices)),
        }
    }
    fn value<S: Scalar>(&self, z: &[S]) -> S {
        match self {
            Self::Coordinate(i) => z[*i],
            Self::Literal(c) => S::from(*c),
            Self::Of(f, a) => {
                let a = a.value(z);
                match f {
                    0 => a.tanh(),
                    1 => a.sigmoid(),
                    2 => a.softplus(),
                    3 => a.sin_cos().0,
                    4 => (a * a).ln_1p(),
                    _ => a.sech2(),
                }
            }
            Self::Pair(f, a, b) => {
                let (a, b) = (a.value(z), b.value(z));
                match f {
                    0 => a + b,
                    1 => a - b,
                    _ => a * b,
                }
            }
        }
    }
}

/// `x_i = g_i(a_i z_i + h_i) e^{E_i} + F_i` with `E_i`, `F_i`, `h_i` functions of the coordinates before.
struct Triangular(Vec<(u64, f64, [Expression; 3])>);

/// `g(t)` and `ln g′(t)`.
fn increasing<S: Scalar>(g: u64, t: S) -> (S, S) {
    match g {
        0 => (t, S::from(0.0)),
        1 => (t.sinh(), t.ln_cosh()),
        2 => (t.exp(), t),
        3 => (t.sigmoid(), -t.softplus() - (-t).softplus()),
        4 => (t.softplus(), t.log_sigmoid()),
        5 => (t.atan(), -(t * t).ln_1p()),
        6 => (t.tanh(), (S::ln_2() - t - (t * -2.0).softplus()) * 2.0),
        7 => (t + t * t * t, (t * t * 3.0 + 1.0).ln()),
        _ => (t.asinh(), (t * t).ln_1p() * -0.5),
    }
}

impl Triangular {
    fn draw(choices: &mut Choices) -> Self {
        let d = 1 + choices.below(3) as usize;
        let rows = (0..d).map(|i| {
            let three = std::array::from_fn(|_| Expression::draw(choices, i, 2));
            // A square root takes many fields to decide: one map has one at most.
            (choices.below(if d == 1 { 9 } else { 8 }), choices.number(), three)
        });
        Self(rows.collect())
    }

    /// With a slip, from 1; without for 0. The slip concerns one coordinate.
    fn image<S: Scalar>(&self, z: &[S], slip: u64, which: usize) -> Image<S> {
        let (mut point, mut log_det) = (Vec::new(), S::from(0.0));
        for (i, (g, a, [scale, shift, inner])) in self.0.iter().enumerate() {
            let (scale, shift, t) = (scale.value(z), shift.value(z), z[i] * *a + inner.value(z));
            let (value, mut slope) = increasing(*g, t);
            let mut log_a = S::from(*a).ln_abs();
            let mut scaled = scale;
            if which == i {
                match slip {
                    1 => slope = S::from(0.0),
                    2 => slope *= 2.0,
                    3 => scaled = -scaled,
                    4 => scaled *= 0.5,
                    5 => log_a = S::from(0.0),
                    6 => slope = increasing(*g, z[i]).1,
                    7 => slope = increasing((*g + 1) % 9, t).1,
                    8 => scaled = shift,
                    9 => log_a += 1e-3,
                    10 => slope = -slope,
                    11 => slope = increasing(*g, t * 2.0).1,
                    12 => scaled += z[0] * 0.015625,
                    13 => log_a = S::from(*a),
                    14 => slope += (lit(1.0) + t * t * 0.001953125).ln(),
                    _ => {}
                }
            }
            point.push(value * scale.exp() + shift);
            log_det += slope + scaled + log_a;
        }
        Image::new(point, log_det)
    }
}

/// Records it, with whether f64 says that the log-det is wrong; `None` where f64 cannot tell.
fn recorded(map: &Triangular, z: &[f64], slip: u64, which: usize) -> Option<(Recorded, bool)> {
    let graph = record(z, |z| Ok(map.image(z, slip, which))).ok()?;
    let (right, said) = (map.image(z, 0, 0).log_det, graph.image().log_det);
    let apart = (right - said).abs() / (1.0 + right.abs());
    let (wrong, clear) = (apart > 1e-7, apart.is_finite() && !(1e-10..1e-7).contains(&apart));
    let recorded = Recorded {
        law: "log-det-is-jacobian",
        graphs: vec![graph],
        starts: vec![z.to_vec()],
        conditioners_are_closed: true,
    };
    clear.then_some((recorded, wrong))
}

/// Wrong formulas asked for; `PUSHFORWARD_FUZZ=1000000` asks for more.
fn asked() -> usize {
    std::env::var("PUSHFORWARD_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(100_000)
}

#[test]
fn no_wrong_log_det_is_proved_and_most_right_ones_are() {
    let (mut wrong, mut right, mut proved) = (0, 0, 0);
    let mut choices = Choices(1);
    while wrong < asked() {
        let map = Triangular::draw(&mut choices);
        let z: Vec<f64> = map.0.iter().map(|_| choices.number()).collect();
        let (which, slip) = (choices.below(map.0.len() as u64) as usize, choices.below(16));
        let Some((recorded, is_wrong)) = recorded(&map, &z, slip, which) else { continue };
        let known = in_fields(&recorded, path::key(&recorded.graphs), Reading::AnyConditioner);
        let is_proved = matches!(known, Known::Proved { .. });
        assert!(!(is_wrong && is_proved), "proved, and wrong: slip {slip} of coordinate {which} at {z:?}");
        wrong += usize::from(is_wrong);
        if slip == 0 {
            right += 1;
            proved += usize::from(is_proved);
        }
    }
    println!("{wrong} wrong log-dets: 0 proved; {right} right ones: {proved} proved");
    assert!(right * 40 > wrong && proved * 5 >= right * 3, "only {proved} of {right} right log-dets are proved");
}
