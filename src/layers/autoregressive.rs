//! Autoregressive flows with one conditioner for each coordinate.

use proptest::prelude::*;

use super::tau::{self, Tau, Transformer};
use crate::conditioner::{Conditioner, Net, condition, expect_arity};
use crate::data::{DataError, Fields, Format, conditioner};
use crate::error::FlowError;
use crate::family::{
    Drawn, Family, affine_net, away_from_zero, boxed, signed_net, signed_wave_net, tanh_net, vector, wave_net,
};
use crate::flow::{Flow, Image, Layer, expect_finite, expect_point};
use crate::known::{self, KnownValue};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// What conditions a coordinate: those before it on the base side, or on the data side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Convention {
    /// On `z`: `forward` in one pass, `inverse` one coordinate after the other.
    Z,
    /// On `x`: `inverse` in one pass, `forward` one coordinate after the other.
    X,
}

/// An autoregressive flow: each coordinate is transformed by a scalar map that the coordinates before it choose.
///
/// - formula: `x_i = τ(z_i; c_i(z_{<i}))`, or `x_i = τ(z_i; c_i(x_{<i}))`, by [`Convention`]
/// - log-det: `Σ_i ln|∂τ/∂z_i|`: the Jacobian is lower triangular
/// - inverse: `z_i = τ⁻¹(x_i; c_i(·))`, with the conditioner taken at `z_{<i}`, coordinate by coordinate, or at
///   `x_{<i}`, in one pass
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: [`Tau`] or a [`Transformer`] of one's own, strictly monotone in `z_i`; conditioner `c_i` takes
///   exactly `i` values (the first none) or is constant, and returns the `h` that `τ` takes
/// - source: Kingma et al. 2016, IAF (arXiv:1606.04934), for the first form; Papamakarios et al. 2017, MAF
///   (arXiv:1705.07057), for the second; both with an affine `τ`
/// - loses precision: in the sequential direction, where an error in one coordinate passes through every conditioner
///   after it
#[derive(Clone, Debug)]
pub struct Autoregressive<C: Conditioner = Net, T: Transformer = Tau> {
    convention: Convention,
    tau: T,
    conditioners: Vec<C>,
}

impl<C: Conditioner, T: Transformer> Autoregressive<C, T> {
    /// One conditioner for each coordinate, in order.
    ///
    /// # Errors
    /// `DimMismatch` for an empty list; `BadArity`, naming the conditioner, unless conditioner `i` takes `i` values
    /// and returns as many as `tau` takes; `NotMonotone` as [`Transformer::expect_monotone`] at a few conditioner
    /// outputs, which is a sample and no proof.
    pub fn new(convention: Convention, tau: T, conditioners: Vec<C>) -> Result<Self, FlowError> {
        if conditioners.is_empty() {
            return Err(FlowError::DimMismatch { what: "the list of conditioners".to_owned(), expected: 1, found: 0 });
        }
        for (i, net) in conditioners.iter().enumerate() {
            expect_arity(net, format_args!("conditioner {i}"), i, tau.arity())?;
            for x in probes(i) {
                if let Ok(h) = condition(net, format_args!("conditioner {i}"), &x, tau.arity()) {
                    tau.expect_monotone(&h)?;
                }
            }
        }
        Ok(Self { convention, tau, conditioners })
    }

    fn h<S: Scalar>(&self, i: usize, before: &[S]) -> Result<Vec<S>, FlowError> {
        condition(&self.conditioners[i], format_args!("conditioner {i}"), before, self.tau.arity())
    }
}

/// A few points at which a constructor looks at what a conditioner returns.
pub(super) fn probes(n: usize) -> [Vec<f64>; 4] {
    let point = |f: fn(usize) -> f64| (0..n).map(f).collect();
    [point(|_| 0.0), point(|_| 1.0), point(|j| [-2.0, 2.0][j % 2]), point(|j| [3.0, -1.0, 0.5][j % 3])]
}

/// The image whose coordinate `i` is `step(point_i, h_i, i)`, where `h_i` is made from the coordinates before `i`: of
/// the image if the pass is sequential, of the point if not.
pub(super) fn pass<S: Scalar>(
    point: &[S],
    sequential: bool,
    h: impl Fn(usize, &[S]) -> Result<Vec<S>, FlowError>,
    step: impl Fn(S, &[S], usize) -> Result<(S, S), FlowError>,
) -> Result<Image<S>, FlowError> {
    let (mut image, mut logs) = (Vec::with_capacity(point.len()), Vec::with_capacity(point.len()));
    for (i, &value) in point.iter().enumerate() {
        let h = h(i, if sequential { &image[..i] } else { &point[..i] })?;
        let (value, log) = step(value, &h, i)?;
        // Here, not at the end: the next conditioner would be blamed for it.
        expect_finite(value, format_args!("coordinate {i} of the image"))?;
        image.push(value);
        logs.push(log);
    }
    Image::finite(image, logs.into_iter().sum::<S>())
}

/// What follows for `d` coordinates from what `τ` says about itself, if `h` varies or not.
pub(super) fn promises(tau: &impl Transformer, d: usize, constant: bool) -> Promises {
    let mut promises = if constant {
        Promises::default().structure(Structure::Diagonal)
    } else {
        Promises::default().lower_triangular(d)
    };
    if constant && tau.is_affine() {
        promises = promises.constant_log_det();
    }
    promises = tau.smoothness(promises);
    match tau.orientation() {
        Some(Orientation::Positive) => promises.orientation(Orientation::Positive).increasing(),
        Some(Orientation::Negative) if d.is_multiple_of(2) => promises.orientation(Orientation::Positive),
        Some(sign) => promises.orientation(sign),
        None => promises,
    }
}

impl<S: Scalar, C: Conditioner, T: Transformer> Flow<S> for Autoregressive<C, T> {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.conditioners.len())?;
        let sequential = self.convention == Convention::X;
        pass(
            z,
            sequential,
            |i, before| self.h(i, before),
            |z, h, i| S::each(&self.tau, z, h, |z, h| self.tau.forward(z, h, i)),
        )
    }

    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.conditioners.len())?;
        let sequential = self.convention == Convention::Z;
        pass(
            x,
            sequential,
            |i, before| self.h(i, before),
            |x, h, i| S::each(&self.tau, x, h, |x, h| self.tau.inverse(x, h, i)),
        )
    }
}

impl<C: Conditioner, T: Transformer> Layer for Autoregressive<C, T> {
    fn dim(&self) -> usize {
        self.conditioners.len()
    }
    fn promises(&self) -> Promises {
        // The first conditioner takes nothing.
        let constant = self.conditioners.iter().skip(1).all(Conditioner::is_constant);
        promises(&self.tau, self.conditioners.len(), constant)
    }
    fn known_values(&self) -> Vec<KnownValue> {
        let side = match self.convention {
            Convention::Z => "ar_z",
            Convention::X => "ar_x",
        };
        self.tau.name().map_or_else(Vec::new, |tau| known::of(&format!("{side}.{tau}.")))
    }
}

macro_rules! families {
    ($($name:literal, $formula:literal, $convention:ident, $tau:ident, $source:literal;)*) => { &[$( Family {
        name: $name,
        formula: $formula,
        source: $source,
        draw: || draw(Convention::$convention, Tau::$tau),
        at_dim: Some(|d| generic(Convention::$convention, Tau::$tau, d)),
    } ),*] };
}

#[rustfmt::skip]
pub(super) const FAMILIES: &[Family] = families! {
    "ar_z_affine_exp", "x_i = e^{h0} z_i + h1, h = c_i(z_{<i})", Z, AffineExp, "Kingma et al. 2016 (IAF)";
    "ar_z_affine", "x_i = h0 z_i + h1, h0 ≠ 0, h = c_i(z_{<i})", Z, Affine, "Kingma et al. 2016 (IAF), with a signed scale";
    "ar_z_sinh", "x_i = e^{h0} sinh z_i + h1, h = c_i(z_{<i})", Z, Sinh, "Kingma et al. 2016 (IAF), with another τ";
    "ar_z_tanh_residual", "x_i = z_i + tanh(h0) tanh(z_i + h1) + h2, h = c_i(z_{<i})", Z, TanhResidual,
        "Kingma et al. 2016 (IAF), with another τ";
    "ar_x_affine_exp", "x_i = e^{h0} z_i + h1, h = c_i(x_{<i})", X, AffineExp, "Papamakarios et al. 2017 (MAF)";
    "ar_x_affine", "x_i = h0 z_i + h1, h0 ≠ 0, h = c_i(x_{<i})", X, Affine,
        "Papamakarios et al. 2017 (MAF), with a signed scale";
    "ar_x_sinh", "x_i = e^{h0} sinh z_i + h1, h = c_i(x_{<i})", X, Sinh, "Papamakarios et al. 2017 (MAF), with another τ";
    "ar_x_tanh_residual", "x_i = z_i + tanh(h0) tanh(z_i + h1) + h2, h = c_i(x_{<i})", X, TanhResidual,
        "Papamakarios et al. 2017 (MAF), with another τ";
};

fn autoregressive(convention: Convention, tau: Tau, nets: Vec<Net>) -> Autoregressive {
    Autoregressive::new(convention, tau, nets).expect("conditioner i takes i values")
}

fn draw(convention: Convention, tau: Tau) -> Drawn {
    let dims = prop_oneof![1 => 1usize..=2, 4 => 3usize..=5];
    boxed(dims.prop_flat_map(move |d| {
        let nets: Vec<_> = (0..d).map(|i| nets(convention, tau, i)).collect();
        nets.prop_map(move |nets| autoregressive(convention, tau, nets))
    }))
}

fn nets(convention: Convention, tau: Tau, inputs: usize) -> BoxedStrategy<Net> {
    let outputs = tau.arity();
    // A log-scale affine in earlier images grows exponentially along the coordinates: there only the first may be.
    let may_be_affine = convention == Convention::Z || (inputs == 1 && tau != Tau::Sinh);
    if inputs == 0 {
        let first = if tau == Tau::Affine { away_from_zero(0.5, 1.5) } else { away_from_zero(0.125, 0.75) };
        (first, vector(away_from_zero(0.125, 0.75), outputs - 1))
            .prop_map(|(first, rest)| Net::constant(&[vec![first], rest].concat()).expect("finite"))
            .boxed()
    } else if tau == Tau::Affine {
        signed_net(inputs, 1).boxed()
    } else if may_be_affine {
        prop_oneof![affine_net(inputs, outputs), tanh_net(inputs, outputs)].boxed()
    } else {
        tanh_net(inputs, outputs).boxed()
    }
}

/// A generic member of dimension `d`.
pub(super) fn generic(convention: Convention, tau: Tau, d: usize) -> Box<dyn Layer> {
    let net = |i: usize| match tau {
        Tau::Affine => signed_wave_net(i, 1, i as f64),
        _ => wave_net(i, tau.arity(), i as f64),
    };
    Box::new(autoregressive(convention, tau, (0..d).map(net).collect()))
}

pub(super) const FORMATS: &[Format] = &[
    Format { name: "ar_z", read: |fields, _| read(fields, Convention::Z) },
    Format { name: "ar_x", read: |fields, _| read(fields, Convention::X) },
];

fn read(fields: &Fields<'_>, convention: Convention) -> Result<Box<dyn Layer>, DataError> {
    let tau = tau::read(&fields.required("tau")?)?;
    let cond = fields.required("cond")?;
    let nets = cond.list()?.iter().enumerate().map(|(i, at)| conditioner(at, i)).collect::<Result<Vec<_>, _>>()?;
    let layer: Result<Box<dyn Layer>, FlowError> = match tau {
        tau::Named::Tau(tau) => Autoregressive::new(convention, tau, nets).map(|layer| Box::new(layer) as _),
        tau::Named::Spline(tau) => Autoregressive::new(convention, tau, nets).map(|layer| Box::new(layer) as _),
        tau::Named::Sigmoidal(tau) => Autoregressive::new(convention, tau, nets).map(|layer| Box::new(layer) as _),
        tau::Named::Integrated(tau) => Autoregressive::new(convention, tau, nets).map(|layer| Box::new(layer) as _),
    };
    layer.map_err(|e| cond.refuse(&e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{At, Value, flow};
    use approx::assert_relative_eq;

    /// `d` constant conditioners return `h` alike.
    fn constant(tau: Tau, d: usize, h: &[f64]) -> Autoregressive {
        autoregressive(Convention::Z, tau, vec![Net::constant(h).unwrap(); d])
    }

    /// 40-digit references, computed with mpmath; the last places are those of the inputs' rounding.
    #[test]
    #[expect(clippy::excessive_precision, reason = "references are kept as computed")]
    fn each_tau_agrees_with_references_and_inverts() {
        for (tau, h, z, x, log) in [
            (Tau::AffineExp, &[0.5, -0.75][..], 1.25, 1.310901588375160183560813, 0.5),
            (Tau::AffineExp, &[-700.0, 0.0], 3e300, 2.95790296312793125701161188435e-4, -700.0),
            (Tau::Affine, &[-1.5, 0.25], 1.25, -1.625, 0.405465108108164381978013),
            (Tau::Sinh, &[0.5, -0.75], 1.25, 1.891118061632357864864227, 1.135742553732604313926812),
            (Tau::Sinh, &[-690.0, 0.25], 700.0, 11013.48289740335825847895, 9.306852819440054690582768),
            (Tau::TanhResidual, &[0.75, -0.5, 0.25], 1.25, 1.903414191718668573993866, 0.3213012013256797456161005),
            (Tau::TanhResidual, &[-20.0, -0.5, 0.25], 0.625, 0.7506469982284037930019439, -4.169261938649750851654689),
            (Tau::TanhResidual, &[-18.0, -0.5, 0.25], 0.5, 0.75, -35.30685281944005492253505),
            (Tau::TanhResidual, &[800.0, 0.5, 1.0], -0.5, 0.5, std::f64::consts::LN_2),
            (Tau::TanhResidual, &[-800.0, 0.0, 0.0], 25.0, 24.00000000000000000000039, -7.714999391855671132069371e-22),
        ] {
            let layer = constant(tau, 1, h);
            let image = Flow::<f64>::forward(&layer, &[z]).unwrap();
            assert_relative_eq!(image.point[0], x, max_relative = 4e-16);
            // A log-scale and ln cosh z may cancel; nothing else does.
            let terms = if tau == Tau::Sinh { h[0].abs() + z.abs() } else { log.abs() };
            assert!((image.log_det - log).abs() <= 1e-15 * terms, "{tau:?} {h:?} {}", image.log_det);
            let back = Flow::<f64>::inverse(&layer, &image.point).unwrap();
            // Where the derivative is e^log, an error of the image is magnified so much.
            let tolerance = 4e-16 * (z.abs() + x.abs() * f64::exp(-log));
            assert!((back.point[0] - z).abs() <= tolerance, "{tau:?} {h:?} {}", back.point[0]);
            assert!(log < -30.0 || (back.log_det + log).abs() <= 1e-12, "{tau:?} {h:?} {}", back.log_det);
        }
    }

    #[test]
    fn conventions_condition_on_their_own_side() {
        let c =
            || vec![Net::constant(&[0.0, 1.0]).unwrap(), Net::affine(1, &[vec![0.0], vec![2.0]], &[0.0, 0.0]).unwrap()];
        let by_z = autoregressive(Convention::Z, Tau::AffineExp, c());
        let by_x = autoregressive(Convention::X, Tau::AffineExp, c());
        assert_eq!(Flow::<f64>::forward(&by_z, &[1.0, 0.0]).unwrap().point, [2.0, 2.0]);
        assert_eq!(Flow::<f64>::forward(&by_x, &[1.0, 0.0]).unwrap().point, [2.0, 4.0]);
        assert_eq!(Flow::<f64>::inverse(&by_z, &[2.0, 2.0]).unwrap().point, [1.0, 0.0]);
        assert_eq!(Flow::<f64>::inverse(&by_x, &[2.0, 4.0]).unwrap().point, [1.0, 0.0]);
    }

    #[test]
    fn a_point_that_does_not_fit_is_a_typed_error() {
        for (tau, h, z, kind) in [
            (Tau::AffineExp, &[800.0, 0.0][..], 1.0, "OutOfRange"),
            (Tau::AffineExp, &[-800.0, 0.0], 1.0, "OutOfRange"),
            (Tau::Affine, &[0.0, 1.0], 1.0, "SingularScale"),
            (Tau::Affine, &[1e300, 0.0], 1e300, "OutOfRange"),
            (Tau::Sinh, &[0.0, 0.0], 800.0, "OutOfRange"),
            (Tau::TanhResidual, &[-800.0, 0.0, 0.0], 0.0, "OutOfRange"),
            (Tau::AffineExp, &[0.0, 0.0], f64::NAN, "NonFinite"),
        ] {
            let error = Flow::<f64>::forward(&constant(tau, 1, h), &[z]).unwrap_err();
            assert_eq!(error.kind(), kind, "{tau:?} {h:?} {z}");
        }
        let two = constant(Tau::Affine, 2, &[0.0, 1.0]);
        assert_eq!(Flow::<f64>::inverse(&two, &[1.0, 1.0]).unwrap_err(), FlowError::SingularScale { index: 0 });
        assert_eq!(Flow::<f64>::forward(&two, &[1.0]).unwrap_err().kind(), "DimMismatch");
        for (tau, h, x) in [
            (Tau::AffineExp, &[800.0, 0.0][..], 1.0),
            (Tau::AffineExp, &[-800.0, 0.0], 1.0),
            (Tau::Sinh, &[-700.0, 0.0], 1e300),
            (Tau::TanhResidual, &[0.5, 0.0, -1e308], 1e308),
        ] {
            let answer = Flow::<f64>::inverse(&constant(tau, 1, h), &[x]);
            assert!(matches!(answer, Err(FlowError::OutOfRange { .. })), "{tau:?} {h:?} {answer:?}");
        }
        // The image overflows before its conditioner does: the coordinate is named, not the conditioner.
        let grow = Net::affine(1, &[vec![1.0], vec![1.0]], &[0.0, 0.0]).unwrap();
        let first = Net::constant(&[709.0, 0.0]).unwrap();
        let chain = autoregressive(Convention::X, Tau::AffineExp, vec![first.clone(), grow.clone()]);
        let error = Flow::<f64>::forward(&chain, &[1e10, 0.0]).unwrap_err();
        assert_eq!(error, FlowError::OutOfRange { what: "coordinate 0 of the image".to_owned() });
        let steep = Net::affine(1, &[vec![1e308], vec![1.0]], &[0.0, 0.0]).unwrap();
        let chain = autoregressive(Convention::Z, Tau::AffineExp, vec![Net::constant(&[0.0, 0.0]).unwrap(), steep]);
        let error = Flow::<f64>::forward(&chain, &[1e10, 0.0]).unwrap_err();
        assert!(matches!(&error, FlowError::NonFinite { what, .. } if what.contains("conditioner 1")), "{error}");
    }

    #[test]
    fn wrong_conditioners_are_refused_by_index() {
        let fine = || Net::constant(&[0.5, 0.25]).unwrap();
        let affine = |n: usize, m: usize| Net::affine(n, &vec![vec![1.0; n]; m], &vec![0.0; m]).unwrap();
        for wrong in [affine(2, 2), affine(1, 3)] {
            let error = Autoregressive::new(Convention::Z, Tau::Sinh, vec![fine(), wrong]).unwrap_err();
            assert!(matches!(&error, FlowError::BadArity { what, .. } if what.contains("conditioner 1")), "{error}");
        }
        let none = Autoregressive::<Net>::new(Convention::X, Tau::Affine, Vec::new());
        assert_eq!(none.unwrap_err().kind(), "DimMismatch");
    }

    #[derive(Debug)]
    struct Fold;
    impl Transformer for Fold {
        fn arity(&self) -> usize {
            1
        }
        fn forward<S: Scalar>(&self, z: S, h: &[S], _: usize) -> Result<(S, S), FlowError> {
            Ok((z + h[0] * z * z, (h[0] * z * 2.0 + 1.0).ln_abs()))
        }
    }

    #[test]
    fn a_tau_that_folds_for_what_its_conditioners_return_is_refused() {
        let with = |h: f64| Autoregressive::new(Convention::Z, Fold, vec![Net::constant(&[h]).unwrap()]);
        assert_eq!(with(0.25).unwrap_err().kind(), "NotMonotone");
        let straight = with(0.0).unwrap();
        assert!(matches!(Flow::<f64>::inverse(&straight, &[1.0]), Err(FlowError::NoInverse)));
    }

    #[test]
    fn data_is_read_strictly() {
        let text = |s: &str| Value::Text(s.to_owned());
        let table =
            |all: &[(&str, Value)]| Value::Table(all.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect());
        let cond = |n: usize| {
            let value = Value::List(vec![text("0.5"); n]);
            table(&[("kind", text("const")), ("value", value)])
        };
        let read = |tau: &str, n: usize| {
            let params = table(&[("tau", text(tau)), ("cond", Value::List(vec![cond(2), cond(n)]))]);
            let document = table(&[("layer", text("ar_x")), ("params", params)]);
            flow(&At::new(&document, "")).map(|layer| layer.dim()).map_err(|e| (e.kind, e.path))
        };
        assert_eq!(read("sinh", 2), Ok(2));
        assert_eq!(read("sinhh", 2), Err(("UnknownName", "params.tau".to_owned())));
        assert_eq!(read("affine_exp", 3), Err(("BadArity", "params.cond".to_owned())));
    }
}
