//! Affine map with a triangular matrix.

use proptest::prelude::*;

use super::conv1x1_plu::triangle;
use crate::data::{DataError, Fields, Format, unknown};
use crate::error::FlowError;
use crate::family::{Drawn, Family, away_from_zero, between, boxed, matrix, short, vector};
use crate::flow::{Flow, Image, Layer, expect_point};
use crate::known::{self, KnownValue};
use crate::linalg::{Diagonal, Part, Triangle, expect_vector};
use crate::param::{Param, params};
use crate::promises::{Orientation, Promises, Structure};
use crate::scalar::Scalar;

/// An affine map whose matrix is triangular.
///
/// - formula: `x = A z + b`, `A` lower or upper triangular
/// - log-det: `Σ ln|A_ii|`; for an exponential diagonal `A_ii = e^{a_i}` it is `Σ a_i`, for a unit diagonal exactly 0
/// - inverse: forward substitution (lower) or back substitution (upper)
/// - domain → codomain: ℝᵈ → ℝᵈ
/// - parameters: `A` of shape `d × d` with zeros on the other side of the diagonal, `A_ii ≠ 0`; given are the `A_ii`
///   (direct), or the `a_i` in their place with `|a_i| ≤ 700` (exponential), or ones (unit); `b ∈ ℝᵈ`
/// - source: definition
/// - loses precision: the inverse as the condition of `A` grows; the log-det never
#[derive(Clone, Debug)]
pub struct Triangular {
    a: Triangle,
    b: Vec<Param>,
}

impl Triangular {
    /// With the rows of `A`, zeros included.
    ///
    /// # Errors
    /// `DimMismatch`; `NonFinite`; `BadParameter` for an entry on the wrong side, a unit diagonal that is not, too
    /// large a log; `SingularMatrix` for a zero on the diagonal.
    pub fn new(part: Part, diagonal: Diagonal, a: &[Vec<f64>], b: &[f64]) -> Result<Self, FlowError> {
        if b.is_empty() {
            return Err(FlowError::DimMismatch { what: "b".to_owned(), expected: a.len().max(1), found: 0 });
        }
        let a = Triangle::new("A", part, diagonal, a, b.len())?;
        expect_vector("b", b, a.dim())?;
        Ok(Self { a, b: params(b.iter().copied()) })
    }
}

impl<S: Scalar> Flow<S> for Triangular {
    fn forward(&self, z: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(z, self.dim())?;
        let x: Vec<S> = self.a.apply(z).into_iter().zip(&self.b).map(|(x, &b)| x + b).collect();
        Image::finite(x, self.a.log_abs_det::<S>())
    }
    fn inverse(&self, x: &[S]) -> Result<Image<S>, FlowError> {
        expect_point(x, self.dim())?;
        let shifted: Vec<S> = x.iter().zip(&self.b).map(|(&x, &b)| x - b).collect();
        Image::finite(self.a.solve(&shifted), -self.a.log_abs_det::<S>())
    }
}

impl Layer for Triangular {
    fn dim(&self) -> usize {
        self.b.len()
    }
    fn promises(&self) -> Promises {
        let promises = Promises::default().structure(Structure::Triangular { order: self.a.order() });
        match self.a.kind() {
            Diagonal::Direct => promises.constant_log_det().orientation(Orientation::Either),
            Diagonal::Exp => promises.constant_log_det().orientation(Orientation::Positive).increasing(),
            Diagonal::Unit => promises.volume_preserving().orientation(Orientation::Positive).increasing(),
        }
    }
    fn known_values(&self) -> Vec<KnownValue> {
        known::of("triangular.")
    }
}

pub(super) const FAMILIES: &[Family] = &[
    family("triangular_lower", "x = L z + b, L_ii ≠ 0", || {
        boxed(draw(Just(Part::Lower), Diagonal::Direct, away_from_zero(1.25, 3.0)))
    }),
    family("triangular_upper", "x = U z + b, U_ii ≠ 0", || {
        boxed(draw(Just(Part::Upper), Diagonal::Direct, away_from_zero(1.25, 3.0)))
    }),
    family("triangular_exp", "x = A z + b, A triangular, A_ii = exp a_i", || {
        boxed(draw(either(), Diagonal::Exp, away_from_zero(0.25, 1.5)))
    }),
    family("triangular_unit", "x = A z + b, A triangular, A_ii = 1", || {
        boxed(draw(either(), Diagonal::Unit, Just(1.0)))
    }),
];

const fn family(name: &'static str, formula: &'static str, draw: fn() -> Drawn) -> Family {
    Family { name, formula, source: "definition", draw, at_dim: Some(at_dim) }
}

fn at_dim(d: usize) -> Box<dyn Layer> {
    let free: Vec<Vec<f64>> = (0..d).map(|i| (0..d).map(|j| ((i + 2 * j) as f64).sin() / d as f64).collect()).collect();
    let a = triangle(Part::Lower, &free, &vec![-1.5; d]);
    Box::new(Triangular::new(Part::Lower, Diagonal::Direct, &a, &vec![0.25; d]).expect("A_ii ≠ 0"))
}

fn either() -> impl Strategy<Value = Part> + Clone {
    prop_oneof![Just(Part::Lower), Just(Part::Upper)]
}

/// Beside the diagonal numbers of both signs.
fn draw(
    part: impl Strategy<Value = Part>,
    kind: Diagonal,
    entry: impl Strategy<Value = f64> + Clone + 'static,
) -> impl Strategy<Value = Triangular> {
    (part, 1usize..=5)
        .prop_flat_map(move |(part, d)| {
            (Just(part), matrix(between(-1.0, 1.0), d, d), vector(entry.clone(), d), vector(short(), d))
        })
        .prop_map(move |(part, free, diagonal, b)| {
            Triangular::new(part, kind, &triangle(part, &free, &diagonal), &b).expect("A_ii ≠ 0")
        })
}

pub(super) const FORMATS: &[Format] = &[Format { name: "triangular", read }];

fn read(fields: &Fields<'_>, _: usize) -> Result<Box<dyn Layer>, DataError> {
    let part = named(fields, "part", &[("lower", Part::Lower), ("upper", Part::Upper)])?;
    let kinds = [("unit", Diagonal::Unit), ("direct", Diagonal::Direct), ("exp", Diagonal::Exp)];
    let diagonal = named(fields, "diagonal", &kinds)?;
    let (a, b) = (fields.required("A")?.matrix()?, fields.required("b")?.numbers()?);
    Ok(Box::new(Triangular::new(part, diagonal, &a, &b).map_err(|e| fields.refuse(&e))?))
}

fn named<T: Copy>(fields: &Fields<'_>, key: &'static str, known: &[(&str, T)]) -> Result<T, DataError> {
    let at = fields.required(key)?;
    let name = at.text()?;
    let found = known.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    found.ok_or_else(|| at.error("UnknownName", unknown(key, name, known.iter().map(|(known, _)| *known))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_negative_diagonal_and_an_exponential_one() {
        let a = [vec![-2.0, 0.0], vec![3.0, 0.5]];
        let layer = Triangular::new(Part::Lower, Diagonal::Direct, &a, &[1.0, -1.0]).unwrap();
        let image = layer.forward(&[1.0, 4.0]).unwrap();
        assert_eq!((image.point.as_slice(), image.log_det), (&[-1.0, 4.0][..], 0.0));
        assert_eq!(layer.inverse(&image.point).unwrap().point, [1.0, 4.0]);
        let exp = [vec![0.5, 1.0], vec![0.0, -2.0]];
        let layer = Triangular::new(Part::Upper, Diagonal::Exp, &exp, &[0.0, 0.0]).unwrap();
        assert_eq!(layer.forward(&[1.0, 4.0]).unwrap().log_det, -1.5);
    }

    #[test]
    fn refusals() {
        let one = vec![vec![1.0, 0.0], vec![0.0, 1.0]];
        let kind = |part, diagonal, a: &[Vec<f64>], b: &[f64]| {
            Triangular::new(part, diagonal, a, b).map(|_| ()).unwrap_err().kind()
        };
        assert_eq!(kind(Part::Lower, Diagonal::Direct, &[vec![1.0, 1.0], vec![0.0, 1.0]], &[0.0; 2]), "BadParameter");
        assert_eq!(kind(Part::Upper, Diagonal::Direct, &[vec![1.0, 0.0], vec![1.0, 1.0]], &[0.0; 2]), "BadParameter");
        assert_eq!(kind(Part::Upper, Diagonal::Unit, &[vec![1.0, 0.0], vec![0.0, 2.0]], &[0.0; 2]), "BadParameter");
        assert_eq!(kind(Part::Upper, Diagonal::Exp, &[vec![1e3, 0.0], vec![0.0, 2.0]], &[0.0; 2]), "BadParameter");
        let zero = [vec![1.0, 0.0], vec![0.0, 0.0]];
        assert_eq!(kind(Part::Lower, Diagonal::Direct, &zero, &[0.0; 2]), "SingularMatrix");
        assert_eq!(kind(Part::Lower, Diagonal::Unit, &one, &[0.0]), "DimMismatch");
        assert_eq!(kind(Part::Lower, Diagonal::Unit, &[], &[]), "DimMismatch");
        assert_eq!(kind(Part::Lower, Diagonal::Unit, &one, &[0.0, f64::NAN]), "NonFinite");
    }
}
