//! One evaluation in one prime field: an arena of residues, each with its degree and how it came about.

use std::collections::HashMap;
use std::hash::Hash;
use std::rc::Rc;

use super::degree::Degree;
use super::field::{Field, digest};
use super::form::{Form, Rational};

/// A number of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id(u32);

/// How a number came about, as far as exponentials need to know.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Constant(Option<Rational>),
    /// A symbol, or the value of a function that is not taken apart.
    Atom,
    Neg(Id),
    Add(Id, Id),
    Mul(Id, Id),
    Div(Id, Id),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    residue: u64,
    degree: Degree,
    kind: Kind,
    value: f64,
    sign: Sign,
    size: Size,
}

/// What is known of a modulus for every input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Size {
    Any,
    AtMostOne,
    BelowOne,
}

/// What is known of a sign for every input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    Unknown,
    NotNegative,
    Positive,
}

/// Why a session says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Poison {
    /// A residue happened to be 0, or no square: another prime decides.
    Unlucky,
    /// The formula left its domain.
    Domain(String),
}

pub(crate) struct Session {
    pub(super) field: Field,
    key: u64,
    /// Decides which of the two roots stands for the positive one, root by root.
    pub(super) signs: u64,
    pub(super) roots: usize,
    entries: Vec<Entry>,
    pub(super) poison: Option<Poison>,
    pub(super) exponentials: HashMap<u64, Id>,
    /// From the residue of `e^u` to `u`.
    pub(super) logarithms: HashMap<u64, Id>,
    pub(super) logs: HashMap<u64, Id>,
    /// From the symbol of `ln r` to `r`.
    pub(super) log_atoms: HashMap<u64, Id>,
    pub(super) squares: HashMap<u64, Id>,
    pub(super) square_roots: HashMap<u64, Id>,
    pub(super) arctangents: HashMap<u64, Id>,
    pub(super) forms: HashMap<u64, Rc<Form>>,
    /// The formula relies on a sign that need not hold everywhere.
    relied_on_a_sign: bool,
}

impl Session {
    /// The seed decides the symbols; `signs` the signs of square roots.
    pub(crate) fn new(field: Field, seed: u64, signs: u64) -> Self {
        Self {
            field,
            key: digest((seed, "symbols")),
            signs,
            roots: 0,
            entries: Vec::new(),
            poison: None,
            exponentials: HashMap::new(),
            logarithms: HashMap::new(),
            logs: HashMap::new(),
            log_atoms: HashMap::new(),
            squares: HashMap::new(),
            square_roots: HashMap::new(),
            arctangents: HashMap::new(),
            forms: HashMap::new(),
            relied_on_a_sign: false,
        }
    }

    pub(crate) fn field(&self) -> Field {
        self.field
    }
    pub(crate) fn residue(&self, id: Id) -> u64 {
        self.entries[id.0 as usize].residue
    }
    pub(crate) fn degree(&self, id: Id) -> Degree {
        self.entries[id.0 as usize].degree
    }
    pub(crate) fn value(&self, id: Id) -> f64 {
        self.entries[id.0 as usize].value
    }
    /// A bound on the logarithm of the probability that two of the numbers met are alike by accident: as many pairs as
    /// there are, each a polynomial of at most twice the largest degree. Symbols are uniform on at least half of the
    /// field.
    pub(crate) fn log10_failure(&self, of_claims: f64) -> f64 {
        let largest = self.entries.iter().map(|e| e.degree.total()).fold(1.0, f64::max);
        let pairs = 0.5 * (self.entries.len() as f64).powi(2);
        (2.0 * (2.0 * pairs * largest + of_claims)).log10() - (self.field.modulus() as f64).log10()
    }
    /// Square roots met, up to those whose root was known.
    pub(crate) fn roots(&self) -> usize {
        self.roots
    }
    pub(crate) fn relied_on_a_sign(&self) -> bool {
        self.relied_on_a_sign
    }
    pub(super) fn rely_on_a_sign(&mut self) {
        self.relied_on_a_sign = true;
    }
    pub(crate) fn poison(&self) -> Option<&Poison> {
        self.poison.as_ref()
    }
    pub(super) fn spoil(&mut self, why: Poison) {
        self.poison.get_or_insert(why);
    }

    /// A random residue, the same for the same name; never 0.
    pub(super) fn random(&self, tag: &str, of: impl Hash) -> u64 {
        let wide = u128::from(digest((self.key, tag, 0u8, &of))) << 64 | u128::from(digest((self.key, tag, 1u8, &of)));
        u64::try_from(wide % u128::from(self.field.modulus() - 1)).unwrap_or(0) + 1
    }

    pub(super) fn push(&mut self, residue: u64, degree: Degree, kind: Kind, value: f64) -> Id {
        let id = Id(u32::try_from(self.entries.len()).unwrap_or(u32::MAX));
        self.entries.push(Entry { residue, degree, kind, value, sign: Sign::Unknown, size: Size::Any });
        id
    }
    pub(crate) fn is_always_positive(&self, id: Id) -> bool {
        self.sign(id) == Sign::Positive
    }
    pub(super) fn sign(&self, id: Id) -> Sign {
        self.entries[id.0 as usize].sign
    }
    pub(super) fn kind(&self, id: Id) -> Kind {
        self.entries[id.0 as usize].kind
    }
    fn size(&self, id: Id) -> Size {
        self.entries[id.0 as usize].size
    }
    /// Notes a bound on the modulus that the function is known to keep.
    pub(super) fn sized(&mut self, id: Id, size: Size) -> Id {
        self.entries[id.0 as usize].size = size;
        id
    }
    pub(super) fn signed(&mut self, id: Id, sign: Sign) -> Id {
        self.entries[id.0 as usize].sign = sign;
        id
    }
    /// Whether a number is positive here. Where that is not known for every input, it becomes a condition of the path.
    pub(super) fn is_positive(&mut self, id: Id) -> bool {
        let positive = self.value(id) > 0.0;
        self.relied_on_a_sign |= !positive || self.sign(id) == Sign::Unknown;
        positive
    }
    /// A symbol that stands for a number of this value.
    pub(crate) fn symbol(&mut self, tag: &str, of: impl Hash, value: f64) -> Id {
        let residue = self.random(tag, of);
        self.push(residue, Degree::SYMBOL, Kind::Atom, value)
    }
    pub(crate) fn constant(&mut self, x: f64) -> Id {
        let Some(residue) = self.field.float(x) else {
            self.spoil(Poison::Domain(format!("{x} is no number")));
            return self.push(0, Degree::CONSTANT, Kind::Constant(None), x);
        };
        let id = self.push(residue, Degree::CONSTANT, Kind::Constant(Rational::float(x)), x);
        self.sized(
            id,
            if x.abs() < 1.0 {
                Size::BelowOne
            } else if x.abs() == 1.0 {
                Size::AtMostOne
            } else {
                Size::Any
            },
        );
        self.signed(
            id,
            if x > 0.0 {
                Sign::Positive
            } else if x == 0.0 {
                Sign::NotNegative
            } else {
                Sign::Unknown
            },
        )
    }
    pub(crate) fn neg(&mut self, a: Id) -> Id {
        let residue = self.field.neg(self.residue(a));
        let minus = self.push(residue, self.degree(a), Kind::Neg(a), -self.value(a));
        self.sized(minus, self.size(a))
    }
    pub(crate) fn add(&mut self, a: Id, b: Id) -> Id {
        let residue = self.field.add(self.residue(a), self.residue(b));
        let degree = self.degree(a).add(self.degree(b));
        let sum = self.push(residue, degree, Kind::Add(a, b), self.value(a) + self.value(b));
        let (low, high) = (self.sign(a).min(self.sign(b)), self.sign(a).max(self.sign(b)));
        let sign = if low == Sign::Unknown { self.one_plus(a, b).max(self.one_plus(b, a)) } else { high };
        self.signed(sum, sign)
    }
    /// The sign of a constant of at least 1 plus a number of at most 1.
    fn one_plus(&self, a: Id, b: Id) -> Sign {
        let constant = matches!(self.entries[a.0 as usize].kind, Kind::Constant(_)) && self.value(a) >= 1.0;
        match self.size(b) {
            Size::BelowOne if constant => Sign::Positive,
            Size::AtMostOne if constant => Sign::NotNegative,
            _ => Sign::Unknown,
        }
    }
    pub(crate) fn sub(&mut self, a: Id, b: Id) -> Id {
        let minus = self.neg(b);
        self.add(a, minus)
    }
    pub(crate) fn mul(&mut self, a: Id, b: Id) -> Id {
        let residue = self.field.mul(self.residue(a), self.residue(b));
        let degree = self.degree(a).mul(self.degree(b));
        let product = self.push(residue, degree, Kind::Mul(a, b), self.value(a) * self.value(b));
        let (low, high) = (self.size(a).min(self.size(b)), self.size(a).max(self.size(b)));
        self.sized(product, if low == Size::Any { low } else { high });
        if self.residue(a) == self.residue(b) {
            self.squares.entry(residue).or_insert(a);
            return self.signed(product, self.sign(a).max(Sign::NotNegative));
        }
        self.signed(product, self.sign(a).min(self.sign(b)))
    }
    pub(crate) fn div(&mut self, a: Id, b: Id) -> Id {
        let Some(inverse) = self.field.inverse(self.residue(b)) else {
            let by_zero = self.value(b) == 0.0 || !self.value(b).is_finite();
            self.spoil(if by_zero { Poison::Domain("division by 0".to_owned()) } else { Poison::Unlucky });
            return a;
        };
        let residue = self.field.mul(self.residue(a), inverse);
        let degree = self.degree(a).div(self.degree(b));
        let quotient = self.push(residue, degree, Kind::Div(a, b), self.value(a) / self.value(b));
        let positive = self.sign(b) == Sign::Positive;
        self.signed(quotient, if positive { self.sign(a) } else { Sign::Unknown })
    }

    /// A number less `step`, which makes the number `residual` vanish: of the degree of a quotient of such residuals.
    pub(crate) fn moved(&mut self, a: Id, step: u64, residual: Id) -> Id {
        let degree = self.degree(a).add(self.degree(residual).div(self.degree(residual)));
        let residue = self.field.sub(self.residue(a), step);
        self.push(residue, degree, Kind::Atom, self.value(a))
    }
}
