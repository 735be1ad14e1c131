//! Digits lost: what an evaluation gave against what its formula gives, and what the problem's condition excuses.

use std::collections::BTreeMap;

use crate::flow::Image;
use crate::scalar::{Function, Graph, Jet, Number, Op, Precise, Root, Single, Tangents};

/// A floating-point format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Double,
    Single,
}

impl Format {
    /// Unit roundoff.
    pub(crate) fn unit(self) -> f64 {
        match self {
            Self::Double => f64::EPSILON / 2.0,
            Self::Single => f64::from(f32::EPSILON) / 2.0,
        }
    }
    /// What underflow may cost: next to the subnormal numbers there are no digits to keep.
    pub(crate) fn floor(self) -> f64 {
        match self {
            Self::Double => 1e-290,
            Self::Single => 1e-36,
        }
    }
    /// Whether a number is neither too large for the format nor NaN.
    fn holds(self, x: f64) -> bool {
        self.round(x).is_finite()
    }
    /// The nearest number of the format.
    pub(crate) fn round(self, x: f64) -> f64 {
        match self {
            Self::Double => x,
            Self::Single => Single::from(x).to_f64(),
        }
    }
}

/// One number that a flow returned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loss {
    /// The coordinate; absent for the log-det.
    pub coordinate: Option<usize>,
    /// As computed.
    pub computed: f64,
    /// As the formula has it.
    pub exact: Precise,
    /// `Σ_j |∂out/∂z_j||z_j| + Σ_k |∂out/∂θ_k||θ_k| + |out|`: by how much the number moves, in units of u, if every
    /// number that goes in and the result itself are rounded. For a log-det the last term is `max(1, |out|)`: its
    /// absolute error is the relative error of the volume, and near 0 no more than that is wanted.
    pub condition: f64,
    /// Whether every number on the way fits the format: nothing may overflow.
    pub fits: bool,
}

impl Loss {
    /// Decimal digits lost beyond what the condition excuses; 0 if none, infinite where no digit is left to lose.
    pub(crate) fn digits(&self, format: Format) -> f64 {
        if !self.computed.is_finite() {
            return f64::INFINITY;
        }
        let apart = (Precise::from(self.computed) - self.exact).to_f64().abs();
        if apart <= format.floor() { 0.0 } else { (apart / (format.unit() * self.condition)).log10().max(0.0) }
    }
}

/// The losses of an evaluation in a format, at a point of that format, or nothing where a comparison comes out otherwise
/// in 237 bits. For single precision the parameters are rounded to it first, so that their rounding is nobody's loss.
pub(crate) fn losses(graph: &Graph, x: &[f64], format: Format) -> Option<Vec<Loss>> {
    if format == Format::Double {
        return against_exact(graph, x, &graph.image(), format);
    }
    let mut graph = graph.clone();
    for node in &mut graph.nodes {
        if let Op::Parameter(_) = node.op {
            node.value = format.round(node.value);
        }
    }
    let inputs: Vec<Single> = x.iter().map(|&x| x.into()).collect();
    let (image, open) = graph.evaluate(&inputs, &mut Vec::new());
    let point: Vec<f64> = image.point.iter().map(|x| x.to_f64()).collect();
    if open { None } else { against_exact(&graph, x, &Image::new(point, image.log_det.to_f64()), format) }
}

fn against_exact(graph: &Graph, x: &[f64], computed: &Image<f64>, format: Format) -> Option<Vec<Loss>> {
    let inputs: Vec<Precise> = x.iter().map(|&x| x.into()).collect();
    let mut slots = Vec::new();
    let (exact, open) = graph.evaluate(&inputs, &mut slots);
    if open {
        return None;
    }
    let fits = slots.iter().all(|slot| format.holds(slot.to_f64()));
    let sensitivity = Sensitivity::of(graph, &slots);
    let loss = |coordinate: Option<usize>, computed, exact: Precise, node| {
        let size = exact.to_f64().abs();
        let condition = sensitivity.at(node) + if coordinate.is_none() { size.max(1.0) } else { size };
        Loss { coordinate, computed, exact, condition, fits }
    };
    let coordinates =
        (0..computed.point.len()).map(|i| loss(Some(i), computed.point[i], exact.point[i], graph.point[i]));
    Some(coordinates.chain([loss(None, computed.log_det, exact.log_det, graph.log_det)]).collect())
}

/// Derivatives by everything that goes in, backwards along the graph.
struct Sensitivity<'g> {
    graph: &'g Graph,
    /// Of each node by its arguments.
    partials: Vec<[f64; 2]>,
    /// Equations, the outer ones first where several end together, and 1/slope of each.
    roots: Vec<(Root, f64)>,
}

impl<'g> Sensitivity<'g> {
    fn of(graph: &'g Graph, slots: &[Precise]) -> Self {
        let value = |at: u32| slots[at as usize].to_f64();
        let slope = |function: Function, a: u32| {
            let x: Jet<Precise, 1> = Tangents::variable(slots[a as usize], Some(0));
            function.of(x).tangent(0).to_f64()
        };
        let partial = |(at, op): (usize, Op)| match op {
            Op::Neg(_) => [-1.0, 0.0],
            Op::Add(..) | Op::Returned(_) => [1.0, 1.0],
            Op::Sub(..) => [1.0, -1.0],
            Op::Mul(a, b) => [value(b), value(a)],
            Op::Div(_, b) => [slots[b as usize].recip().to_f64(), -(slots[at] / slots[b as usize]).to_f64()],
            Op::Apply(function, a) => [slope(function, a), 0.0],
            Op::Input(_) | Op::Constant | Op::Parameter(_) | Op::Pi | Op::Ln2 | Op::Root(_) => [0.0, 0.0],
        };
        let mut roots: Vec<(Root, f64)> = graph.roots.iter().map(|r| (*r, value(r.slope).recip())).collect();
        roots.sort_by_key(|(root, _)| (std::cmp::Reverse(root.end), root.node));
        Self { graph, partials: graph.nodes.iter().map(|node| node.op).enumerate().map(partial).collect(), roots }
    }

    /// `Σ |∂out/∂in||in|` over inputs and parameters.
    fn at(&self, out: u32) -> f64 {
        let mut adjoint = vec![0.0; self.graph.nodes.len()];
        adjoint[out as usize] = 1.0;
        let (mut sum, mut by_parameter) = (0.0, BTreeMap::<u64, (f64, f64)>::new());
        let mut roots = self.roots.iter().peekable();
        for at in (0..self.graph.nodes.len()).rev() {
            while let Some((root, recip)) = roots.next_if(|(root, _)| root.end as usize > at) {
                // ∂a = −∂g/g′; what its own equation says of the root is no more needed.
                adjoint[root.residual as usize] -= adjoint[root.node as usize] * recip;
            }
            let node = self.graph.nodes[at];
            let passed = adjoint[at];
            if passed == 0.0 {
                continue;
            }
            match node.op {
                Op::Input(_) => sum += (passed * node.value).abs(),
                Op::Parameter(id) => by_parameter.entry(id).or_insert((0.0, node.value)).0 += passed,
                op => {
                    for (argument, partial) in op.arguments().zip(self.partials[at]) {
                        adjoint[argument as usize] += passed * partial;
                    }
                }
            }
        }
        sum + by_parameter.values().map(|(slope, value)| (slope * value).abs()).sum::<f64>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::FlowError;
    use crate::param::Param;
    use crate::scalar::{Scalar, record};

    fn loss_of(x: f64, formula: impl Fn(crate::scalar::Trace) -> crate::scalar::Trace) -> Loss {
        let graph = record(&[x], |z| Ok(Image::new([formula(z[0])], 0.0))).unwrap();
        losses(&graph, &[x], Format::Double).unwrap()[0]
    }

    /// The condition of `p·sin(z) + q` at z is `|p z cos z| + |p sin z| + |q| + |out|`.
    #[test]
    fn the_condition_counts_every_number_that_goes_in_once() {
        let (p, q) = (Param::from(3.0), Param::from(-0.5));
        let loss = loss_of(0.75, |z| z.sin_cos().0 * p + q);
        let (s, c) = 0.75f64.sin_cos();
        let right = (3.0 * 0.75 * c).abs() + 3.0 * s + 0.5 + (3.0 * s - 0.5).abs();
        assert!((loss.condition - right).abs() < 1e-14, "{loss:?} {right}");
        // The same parameter twice moves together: p − p is insensitive.
        assert_eq!(loss_of(0.75, |z| z + p - p).condition, 1.5);
    }

    /// a + tanh a = z: ∂a/∂z = 1/(1 + sech² a).
    #[test]
    fn a_root_is_as_sensitive_as_its_equation() {
        let solve = |z: &[crate::scalar::Trace]| -> Result<Image<crate::scalar::Trace>, FlowError> {
            let a = Scalar::root(z[0] - 1.0, z[0] + 1.0, |t| (t + t.tanh() - z[0], t.sech2() + 1.0))?;
            Ok(Image::new([a, a * 2.0], 0.0))
        };
        let graph = record(&[1.25], solve).unwrap();
        let all = losses(&graph, &[1.25], Format::Double).unwrap();
        let a = all[0].exact.to_f64();
        let right = 1.25 / (1.0 + a.sech2()) + a;
        assert!((all[0].condition - right).abs() < 1e-14 && (all[1].condition - 2.0 * right).abs() < 1e-14, "{all:?}");
        assert!(all[0].digits(Format::Double) < 1.0);
    }

    #[test]
    fn cancellation_is_charged_and_ill_condition_is_not() {
        // ln(1 − tanh²z) against its stable form.
        let careless = loss_of(9.0, |z| (-(z.tanh() * z.tanh()) + 1.0).ln());
        let careful = loss_of(9.0, |z| z.sech2().ln());
        assert!(careless.digits(Format::Double) > 4.0, "{}", careless.digits(Format::Double));
        assert!(careful.digits(Format::Double) < 1.0, "{}", careful.digits(Format::Double));
        // ln(eʸ − 1) near 0 loses what expm1 keeps.
        assert!(loss_of(1e-9, |y| (y.exp() - 1.0).ln()).digits(Format::Double) > 5.0);
        assert!(loss_of(1e-9, |y| y.exp_m1().ln()).digits(Format::Double) < 1.0);
        // tan next to its pole is wrong in many digits, and no algorithm could help it.
        let pole = loss_of(std::f64::consts::FRAC_PI_2 - 3.3e-7, |z| z.sin_cos().0 / z.sin_cos().1);
        assert!(pole.digits(Format::Double) < 1.0 && pole.condition > 1e12, "{pole:?}");
    }

    #[test]
    fn single_precision_is_judged_with_parameters_rounded_to_it() {
        let p = Param::from(0.1);
        let graph = record(&[0.75], |z| Ok(Image::new([z[0] * p], (z[0].exp() + 1.0).ln()))).unwrap();
        for loss in losses(&graph, &[0.75], Format::Single).unwrap() {
            assert!(loss.digits(Format::Single) < 1.0, "{loss:?}");
            assert!(loss.digits(Format::Double) > 5.0, "{loss:?}");
        }
    }
}
