//! Coupling.

use proptest::prelude::*;

use super::mask::{alternating, halves, partitioned, reversed_halves};
use super::scale::{self, Scale};
use crate::conditioner::{Conditioner, Net, condition, expect_arity};
use crate::data::{DataError, Fields, Format, conditioner};
use crate::error::FlowError;
use crate::family::{
    Drawn, Family, affine_net, away_from_zero, between, boxed, constant_net, permutation, signed_net, signed_wave_net,
    tanh_net, vector, wave_net,
};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// A coupling: some coordinates pass through and decide how the others are scaled and shifted.
///
/// - formula: `x_a = z_a`, `x_b = s ⊙ z_b + t`, with the raw scales and the shifts `t` returned by a conditioner that
///   sees `z_a` only; [`Scale`] says how a raw scale becomes `s`
/// - log-det: `Σ_{i ∈ b} ln|s_i|`; exactly 0 without a scale
/// - inverse: `z_a = x_a`, `z_b = (x_b − t) ⊘ s`, with `s` and `t` taken at `x_a`
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: lists `a`, `b` that partition `0..d` in any order; a conditioner from the values of `a`, in that
///   order, to the raw scale of each of `b` and then the shift of each of `b`. An empty `b` makes the identity; an
///   empty `a` makes scales and shifts constant
/// - source: Dinh et al. 2014, NICE (arXiv:1410.8516), for no scale; Dinh et al. 2016, Real NVP (arXiv:1605.08803),
///   eqs. 4–8, for `e^raw`
/// - loses precision: in the inverse where `|s z_b|` is much smaller than `|t|`: `z_b` then loses as many digits as
///   `x_b − t` cancels
#[derive(Clone, Debug)]
pub struct Coupling<C: Conditioner = Net> {
    a: Vec<usize>,
    b: Vec<usize>,
    scale: Scale,
    net: C,
}

impl<C: Conditioner> Coupling<C> {
    /// `a` is kept, `b` is transformed; [`mask`](super::mask) has the common choices.
    ///
    /// # Errors
    /// `InvalidMask` unless `a` and `b` partition `0..d`; `BadArity` unless `net` takes as many values as `a` has
    /// indices and returns two for each index of `b` (one without a scale).
    pub fn new(a: &[usize], b: &[usize], scale: Scale, net: C) -> Result<Self, FlowError> {
        partitioned(a, b)?;
        expect_arity(&net, format_args!("the conditioner"), a.len(), b.len() * scale.arity())?;
        Ok(Self { a: a.to_vec(), b: b.to_vec(), scale, net })
    }

    /// The image whose coordinates in `b` are made by `step(raw, shift, value, index)`.
    fn image<S: Scalar>(
        &self,
        point: &[S],
        step: impl Fn(S, S, S, usize) -> Result<(S, S), FlowError>,
    ) -> Result<Image<S>, FlowError> {
        expect_point(point, self.a.len() + self.b.len())?;
        let kept: Vec<S> = self.a.iter().map(|&i| point[i]).collect();
        let h = condition(&self.net, format_args!("the conditioner"), &kept, self.b.len() * self.scale.arity())?;
        // Without a scale the shifts are all there is, and no step looks at a raw scale.
        let shifts = &h[h.len() - self.b.len()..];
        let (mut image, mut logs) = (point.to_vec(), Vec::new());
        for ((&i, &raw), &shift) in self.b.iter().zip(&h).zip(shifts) {
            let (value, log) = step(raw, shift, point[i], i)?;
            image[i] = value;
            logs.push(log);
        }
        Image::finite(image, logs.into_iter().sum::<S>())
    }
}

impl<S: Scalar, C: Conditioner> Flow<S> for Coupling<C> {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        self.image(z, |raw, shift, z, i| {
            let (scaled, log) = self.scale.apply(raw, z, i)?;
            Ok((scaled + shift, log))
        })
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        self.image(x, |raw, shift, x, i| self.scale.undo(raw, x - shift, i))
    }
}

impl<C: Conditioner> Layer for Coupling<C> {
    fn dim(&self) -> usize {
        self.a.len() + self.b.len()
    }
    fn promises(&self) -> Promises {
        let mut promises = Promises::default().structure(Structure::PassThrough { kept: self.a.clone() });
        if self.b.is_empty() {
            promises = promises.identity();
        }
        if matches!(self.scale, Scale::None) {
            promises = promises.volume_preserving();
        }
        if self.net.is_constant() || self.a.is_empty() {
            promises = promises.constant_log_det();
        }
        if matches!(self.scale, Scale::Direct) && !self.b.is_empty() {
            promises.orientation(Orientation::Either)
        } else {
            promises.orientation(Orientation::Positive).increasing()
        }
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of(&format!("coupling.{}.", self.scale.name()))
    }
}

pub(super) const FAMILIES: &[Family] = &[
    Family {
        name: "coupling_additive",
        formula: "x_a = z_a, x_b = z_b + t(z_a)",
        source: "Dinh et al. 2014 (NICE)",
        draw: || draw(Just(Scale::None)),
        at_dim: Some(|d| generic(d, Scale::None)),
    },
    Family {
        name: "coupling_exp",
        formula: "x_a = z_a, x_b = e^raw(z_a) ⊙ z_b + t(z_a)",
        source: "Dinh et al. 2016 (Real NVP)",
        draw: || draw(Just(Scale::Exp)),
        at_dim: Some(|d| generic(d, Scale::Exp)),
    },
    Family {
        name: "coupling_sigmoid",
        formula: "x_a = z_a, x_b = (min + (max − min) σ(raw(z_a))) ⊙ z_b + t(z_a), 0 < min < max",
        source: "Dinh et al. 2016 (Real NVP), with a bounded scale",
        draw: || draw((between(0.125, 0.75), between(0.25, 2.0)).prop_map(|(min, width)| bounded(min, min + width))),
        at_dim: Some(|d| generic(d, bounded(0.375, 2.25))),
    },
    Family {
        name: "coupling_tanh",
        formula: "x_a = z_a, x_b = e^(clamp tanh raw(z_a)) ⊙ z_b + t(z_a), clamp > 0",
        source: "Dinh et al. 2016 (Real NVP), with a clamped log-scale",
        draw: || draw(between(0.5, 2.0).prop_map(clamped)),
        at_dim: Some(|d| generic(d, clamped(1.25))),
    },
    Family {
        name: "coupling_direct",
        formula: "x_a = z_a, x_b = raw(z_a) ⊙ z_b + t(z_a), raw ≠ 0",
        source: "Dinh et al. 2016 (Real NVP), with a signed scale",
        draw: || draw(Just(Scale::Direct)),
        at_dim: Some(|d| generic(d, Scale::Direct)),
    },
];

fn bounded(min: f64, max: f64) -> Scale {
    Scale::sigmoid(min, max).expect("0 < min < max")
}
fn clamped(clamp: f64) -> Scale {
    Scale::tanh(clamp).expect("clamp > 0")
}
fn coupling(a: &[usize], b: &[usize], scale: Scale, net: Net) -> Coupling {
    Coupling::new(a, b, scale, net).expect("a partition and a conditioner of its shape")
}

/// Masks of every kind, neither side empty.
pub(super) fn masks() -> impl Strategy<Value = (Vec<usize>, Vec<usize>)> {
    (2usize..=6).prop_flat_map(|d| {
        let any = (permutation(d), 1..d).prop_map(|(mut all, at)| {
            let b = all.split_off(at);
            (all, b)
        });
        let [first, second] = [Just(halves(d)), Just(reversed_halves(d))];
        let [even, odd] = [Just(alternating(d, true)), Just(alternating(d, false))];
        prop_oneof![2 => any, 1 => first, 1 => second, 1 => even, 1 => odd]
    })
}

fn draw(scales: impl Strategy<Value = Scale> + 'static) -> Drawn {
    boxed((masks(), scales).prop_flat_map(|((a, b), scale)| {
        let (inputs, outputs) = (a.len(), b.len() * scale.arity());
        let nets = if matches!(scale, Scale::Direct) {
            let constant = vector(away_from_zero(0.5, 1.5), outputs).prop_map(|v| Net::constant(&v).expect("finite"));
            prop_oneof![6 => signed_net(inputs, b.len()), 1 => constant].boxed()
        } else {
            let kinds = (affine_net(inputs, outputs), tanh_net(inputs, outputs), constant_net(outputs));
            prop_oneof![3 => kinds.0, 3 => kinds.1, 1 => kinds.2].boxed()
        };
        nets.prop_map(move |net| coupling(&a, &b, scale, net))
    }))
}

fn generic(d: usize, scale: Scale) -> Box<dyn Layer> {
    let (a, b) = halves(d);
    let net = match scale {
        Scale::Direct => signed_wave_net(a.len(), b.len(), 0.3),
        _ => wave_net(a.len(), b.len() * scale.arity(), 0.3),
    };
    Box::new(coupling(&a, &b, scale, net))
}

pub(super) const FORMATS: &[Format] = &[Format { name: "coupling", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let (a, b) = (fields.required("a")?.indices()?, fields.required("b")?.indices()?);
    // An index list that is no partition would make a wrong number of inputs look like the conditioner's fault.
    partitioned(&a, &b).map_err(|e| fields.at().refuse(&e))?;
    let scale = scale::read(&fields.required("scale")?)?;
    let cond = fields.required("cond")?;
    let net = conditioner(&cond, a.len())?;
    Ok(Box::new(Coupling::new(&a, &b, scale, net).map_err(|e| cond.refuse(&e))?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{At, Value, flow};
    use approx::assert_relative_eq;

    fn one(scale: Scale, raw: f64, shift: f64) -> Coupling {
        let outputs = if scale.arity() == 1 { vec![shift] } else { vec![raw, shift] };
        coupling(&[0], &[1], scale, Net::constant(&outputs).unwrap())
    }

    /// 40-digit references, computed with mpmath.
    #[test]
    #[expect(clippy::excessive_precision, reason = "references are kept as computed")]
    fn each_scale_agrees_with_references_and_inverts() {
        let (wide, clamp) = (bounded(0.25, 4.0), clamped(2.5));
        for (scale, raw, s, log) in [
            (Scale::None, 9.0, 1.0, 0.0),
            (Scale::Exp, 0.5, 1.648721270700128146848651, 0.5),
            (Scale::Exp, 700.0, 1.01423205473500450945533e304, 700.0),
            (Scale::Exp, -700.0, 9.859676543759770856705373e-305, -700.0),
            (Scale::Direct, -1.5, -1.5, 0.4054651081081643819780131),
            (Scale::Direct, 1e-300, 1e-300, -690.7755278982137052053974),
            (wide, 1.5, 3.315904285726163723527064, 1.198730372479553578629511),
            (wide, 800.0, 4.0, 1.386294361119890618834464),
            (wide, -800.0, 0.25, -1.386294361119890618834464),
            (clamp, -1.5, 0.1040513622346727683255667, -2.262870634112166095605759),
            (clamp, 800.0, 12.18249396070347343807018, 2.5),
            (clamp, -800.0, 0.08208499862389879516952867, -2.5),
        ] {
            let layer = one(scale, raw, 0.0);
            let image = Flow::<f64>::forward(&layer, &[7.0, 3.0]).unwrap();
            assert_eq!(image.point[0], 7.0);
            assert_relative_eq!(image.point[1], 3.0 * s, max_relative = 5e-16);
            assert_relative_eq!(image.log_det, log, max_relative = 5e-16);
            let back = Flow::<f64>::inverse(&layer, &image.point).unwrap();
            assert_relative_eq!(back.point[1], 3.0, max_relative = 1e-15);
            assert_eq!(back.log_det, -image.log_det);
        }
        let image = Flow::<f64>::forward(&one(Scale::Exp, 0.5, 2.0), &[1.0, 3.0]).unwrap();
        assert_relative_eq!(image.point[1], 6.946163812100384440545952, max_relative = 4e-16);
    }

    #[test]
    fn a_scale_that_does_not_fit_is_a_typed_error_at_every_z() {
        for (scale, raw, kind) in [
            (Scale::Exp, 800.0, "OutOfRange"),
            (Scale::Exp, -800.0, "OutOfRange"),
            (clamped(900.0), 40.0, "OutOfRange"),
            (clamped(900.0), -40.0, "OutOfRange"),
            (Scale::Direct, 0.0, "SingularScale"),
            (Scale::Direct, -0.0, "SingularScale"),
        ] {
            let layer = one(scale, raw, 1.0);
            for z in [[1.0, 3.0], [1.0, 0.0]] {
                assert_eq!(Flow::<f64>::forward(&layer, &z).unwrap_err().kind(), kind, "{scale:?} {raw}");
                assert_eq!(Flow::<f64>::inverse(&layer, &z).unwrap_err().kind(), kind, "{scale:?} {raw}");
            }
        }
        let large = one(Scale::Direct, 1e300, 0.0);
        assert_eq!(Flow::<f64>::forward(&large, &[0.0, 1e300]).unwrap_err().kind(), "OutOfRange");
        // A scale that vanishes at one point only, named by its coordinate and not by its place in `b`.
        let net = Net::affine(1, &[vec![0.0], vec![1.0], vec![0.0], vec![0.0]], &[1.0, -2.0, 0.0, 0.0]).unwrap();
        let layer = coupling(&[1], &[0, 2], Scale::Direct, net);
        assert!(Flow::<f64>::forward(&layer, &[1.0, 1.0, 1.0]).is_ok());
        let error = Flow::<f64>::forward(&layer, &[1.0, 2.0, 1.0]).unwrap_err();
        assert_eq!(error, FlowError::SingularScale { index: 2 });
        assert_eq!(Flow::<f64>::forward(&layer, &[1.0, 2.0]).unwrap_err().kind(), "DimMismatch");
        assert_eq!(Flow::<f64>::inverse(&layer, &[1.0, f64::INFINITY, 0.0]).unwrap_err().kind(), "NonFinite");
    }

    #[test]
    fn parameters_are_checked() {
        for (min, max) in [(0.0, 1.0), (-1.0, 1.0), (2.0, 1.0), (1.0, 1.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            assert_eq!(Scale::sigmoid(min, max).unwrap_err().kind(), "BadBounds");
        }
        for clamp in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(Scale::tanh(clamp).unwrap_err().kind(), "BadParameter");
        }
        let affine = |n: usize, m: usize| Net::affine(n, &vec![vec![1.0; n]; m], &vec![0.0; m]).unwrap();
        let kind = |a: &[usize], b: &[usize], scale, net| Coupling::new(a, b, scale, net).map_err(|e| e.kind()).err();
        assert_eq!(kind(&[0, 2], &[1], Scale::Exp, affine(2, 2)), None);
        assert_eq!(kind(&[0, 2], &[1], Scale::None, affine(2, 1)), None);
        assert_eq!(kind(&[0, 2], &[1], Scale::None, affine(2, 2)), Some("BadArity"));
        assert_eq!(kind(&[0, 2], &[1], Scale::Exp, affine(3, 2)), Some("BadArity"));
        assert_eq!(kind(&[0, 1], &[1], Scale::Exp, affine(2, 2)), Some("InvalidMask"));
    }

    #[test]
    fn either_side_of_the_mask_may_be_empty() {
        let identity = coupling(&[1, 0], &[], Scale::Exp, Net::constant(&[]).unwrap());
        let image = Flow::<f64>::forward(&identity, &[3.0, 4.0]).unwrap();
        assert_eq!((image.point, image.log_det), (vec![3.0, 4.0], 0.0));
        assert!(identity.promises().identity);
        let constant =
            coupling(&[], &[1, 0], Scale::Direct, Net::affine(0, &vec![vec![]; 4], &[2.0, -4.0, 0.5, 1.0]).unwrap());
        let image = Flow::<f64>::forward(&constant, &[3.0, 4.0]).unwrap();
        assert_eq!(image.point, [-11.0, 8.5]);
        assert!(constant.promises().constant_log_det);
    }

    /// A conditioner that does not keep its word about how much it returns.
    #[derive(Debug)]
    struct Short;
    impl Conditioner for Short {
        fn inputs(&self) -> Option<usize> {
            None
        }
        fn outputs(&self) -> usize {
            2
        }
        fn call<S: Scalar>(&self, x: &[S]) -> Vec<S> {
            if x[0].prefers_below(0.0) { vec![x[0]] } else { vec![x[0] * 1e308, x[0]] }
        }
    }

    #[test]
    fn a_conditioner_that_misbehaves_is_an_error_and_no_panic() {
        let layer = Coupling::new(&[0], &[1], Scale::Tanh { clamp: 1.0.into() }, Short).unwrap();
        assert_eq!(Flow::<f64>::forward(&layer, &[-1.0, 1.0]).unwrap_err().kind(), "BadArity");
        assert_eq!(Flow::<f64>::forward(&layer, &[10.0, 1.0]).unwrap_err().kind(), "NonFinite");
    }

    #[test]
    fn data_is_read_strictly() {
        let text = |s: &str| Value::Text(s.to_owned());
        let table =
            |all: &[(&str, Value)]| Value::Table(all.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
        let list = |all: &[&str]| Value::List(all.iter().map(|s| text(s)).collect());
        let read = |b: &[&str], scale: &[(&str, Value)]| {
            let cond = table(&[("kind", text("const")), ("value", list(&["0.5", "2"]))]);
            let params = table(&[("a", list(&["0"])), ("b", list(b)), ("scale", table(scale)), ("cond", cond)]);
            let document = table(&[("layer", text("coupling")), ("params", params)]);
            flow(&At::new(&document, "")).map(|layer| layer.dim()).map_err(|e| (e.kind, e.path))
        };
        let error = |kind, path: &str| Err((kind, path.to_owned()));
        assert_eq!(read(&["1"], &[("kind", text("exp"))]), Ok(2));
        assert_eq!(read(&["1"], &[("kind", text("tanh")), ("clamp", text("2"))]), Ok(2));
        assert_eq!(read(&["0"], &[("kind", text("exp"))]), error("InvalidMask", "params"));
        assert_eq!(read(&["1"], &[("kind", text("none"))]), error("BadArity", "params.cond"));
        assert_eq!(read(&["1"], &[("kind", text("expp"))]), error("UnknownName", "params.scale.kind"));
        assert_eq!(
            read(&["1"], &[("kind", text("exp")), ("clamp", text("2"))]),
            error("UnknownKey", "params.scale.clamp")
        );
        let sigmoid = [("kind", text("sigmoid")), ("min", text("0")), ("max", text("1"))];
        assert_eq!(read(&["1"], &sigmoid), error("BadBounds", "params.scale"));
    }
}
