//! Expressions that simplify themselves: what has the residue of 0, of 1 or of something shorter is replaced by it.

use std::collections::HashMap;

use super::names::Name;
use crate::exact::{Id, Session};
use crate::scalar::Function;

/// An expression of an [`Algebra`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Term(usize);

/// How an expression is built.
#[derive(Clone, Debug)]
pub(super) enum Build {
    Number(f64),
    Pi,
    Ln2,
    Input(usize),
    Parameter(Name),
    /// The `i`-th value of the `k`-th conditioner at these inputs.
    Conditioner(usize, usize, Vec<Term>),
    /// Its derivative by the `j`-th of them.
    Partial(usize, usize, usize),
    Root(usize),
    Neg(Term),
    Sum(Vec<Term>),
    Product(Vec<Term>),
    Quotient(Term, Term),
    Apply(Function, Term),
}

#[derive(Clone, Debug)]
struct Entry {
    build: Build,
    id: Id,
    size: usize,
}

/// Expressions with their residues.
pub(super) struct Algebra {
    pub session: Session,
    entries: Vec<Entry>,
    /// The shortest expression of each residue.
    shortest: HashMap<u64, Term>,
}

impl Algebra {
    pub(super) fn new(session: Session) -> Self {
        Self { session, entries: Vec::new(), shortest: HashMap::new() }
    }
    pub(super) fn build(&self, term: Term) -> &Build {
        &self.entries[term.0].build
    }
    /// Every expression met.
    pub(super) fn terms(&self) -> impl Iterator<Item = Term> {
        (0..self.entries.len()).map(Term)
    }
    pub(super) fn size(&self, term: Term) -> usize {
        self.entries[term.0].size
    }
    fn id(&self, term: Term) -> Id {
        self.entries[term.0].id
    }
    fn residue(&self, term: Term) -> u64 {
        self.session.residue(self.id(term))
    }
    pub(super) fn is_zero(&self, term: Term) -> bool {
        self.residue(term) == 0
    }
    fn is_one(&self, term: Term) -> bool {
        self.residue(term) == 1
    }

    /// An expression of a known number, or a shorter one of the same.
    pub(super) fn of(&mut self, build: Build, id: Id) -> Term {
        let size = self.measure(&build);
        let residue = self.session.residue(id);
        let build = match residue {
            0 => Build::Number(0.0),
            1 => Build::Number(1.0),
            _ => build,
        };
        if let Some(&known) = self.shortest.get(&residue)
            && self.size(known) <= size
        {
            return known;
        }
        let minus = self.session.field().neg(residue);
        if let Some(&known) = self.shortest.get(&minus)
            && self.size(known) + 1 < size
            && !matches!(build, Build::Neg(_))
        {
            return self.push(Build::Neg(known), id, residue);
        }
        self.push(build, id, residue)
    }

    fn push(&mut self, build: Build, id: Id, residue: u64) -> Term {
        let term = Term(self.entries.len());
        let size = self.measure(&build);
        self.entries.push(Entry { build, id, size });
        self.shortest.insert(residue, term);
        term
    }

    fn measure(&self, build: &Build) -> usize {
        let all = |terms: &[Term]| terms.iter().map(|&t| self.size(t)).sum::<usize>();
        1 + match build {
            Build::Neg(a) | Build::Apply(_, a) => self.size(*a),
            Build::Sum(terms) | Build::Product(terms) => all(terms),
            Build::Conditioner(_, _, terms) => all(terms).min(2),
            Build::Quotient(a, b) => self.size(*a) + self.size(*b),
            _ => 0,
        }
    }

    pub(super) fn number(&mut self, x: f64) -> Term {
        let id = self.session.constant(x);
        self.of(Build::Number(x), id)
    }
    pub(super) fn neg(&mut self, a: Term) -> Term {
        if let Build::Neg(inner) = *self.build(a) {
            return inner;
        }
        if let Build::Number(x) = *self.build(a) {
            return self.number(-x);
        }
        let id = self.session.neg(self.id(a));
        self.of(Build::Neg(a), id)
    }
    pub(super) fn add(&mut self, a: Term, b: Term) -> Term {
        if self.is_zero(a) {
            return b;
        }
        if self.is_zero(b) {
            return a;
        }
        let id = self.session.add(self.id(a), self.id(b));
        let parts = |t: Term| if let Build::Sum(all) = self.build(t) { all.clone() } else { vec![t] };
        let terms = [parts(a), parts(b)].concat();
        self.of(Build::Sum(terms), id)
    }
    pub(super) fn sub(&mut self, a: Term, b: Term) -> Term {
        let minus = self.neg(b);
        self.add(a, minus)
    }
    pub(super) fn mul(&mut self, a: Term, b: Term) -> Term {
        if self.is_zero(a) || self.is_one(b) {
            return a;
        }
        if self.is_zero(b) || self.is_one(a) {
            return b;
        }
        match (self.build(a).clone(), self.build(b).clone()) {
            (Build::Neg(x), _) => {
                let product = self.mul(x, b);
                return self.neg(product);
            }
            (_, Build::Neg(y)) => {
                let product = self.mul(a, y);
                return self.neg(product);
            }
            _ => {}
        }
        let id = self.session.mul(self.id(a), self.id(b));
        let parts = |t: Term| if let Build::Product(all) = self.build(t) { all.clone() } else { vec![t] };
        let factors = [parts(a), parts(b)].concat();
        self.of(Build::Product(factors), id)
    }
    pub(super) fn div(&mut self, a: Term, b: Term) -> Term {
        if self.is_zero(a) || self.is_one(b) {
            return a;
        }
        let id = self.session.div(self.id(a), self.id(b));
        self.of(Build::Quotient(a, b), id)
    }
    pub(super) fn apply(&mut self, f: Function, a: Term) -> Term {
        let value = f.value(self.session.value(self.id(a)));
        let id = self.session.apply(f, self.id(a), value);
        self.of(Build::Apply(f, a), id)
    }

    /// `f′(a)`, given `f(a)`.
    pub(super) fn slope(&mut self, f: Function, a: Term, image: Term) -> Term {
        let one = self.number(1.0);
        match f {
            Function::Exp => image,
            Function::ExpM1 => self.apply(Function::Exp, a),
            Function::Ln | Function::LnAbs => self.div(one, a),
            Function::Ln1p => {
                let below = self.add(one, a);
                self.div(one, below)
            }
            Function::Sqrt => {
                let two = self.number(2.0);
                let below = self.mul(two, image);
                self.div(one, below)
            }
            Function::Sin => self.apply(Function::Cos, a),
            Function::Cos => {
                let sin = self.apply(Function::Sin, a);
                self.neg(sin)
            }
            Function::Tanh => self.apply(Function::Sech2, a),
            Function::Sinh => self.apply(Function::Cosh, a),
            Function::Cosh => self.apply(Function::Sinh, a),
            Function::Asinh | Function::Atan => {
                let square = self.mul(a, a);
                let sum = self.add(one, square);
                let below = if f == Function::Asinh { self.apply(Function::Sqrt, sum) } else { sum };
                self.div(one, below)
            }
            Function::NormalCdf => {
                let (square, half) = (self.mul(a, a), self.number(0.5));
                let product = self.mul(half, square);
                let exponent = self.neg(product);
                let (above, pi) =
                    (self.apply(Function::Exp, exponent), self.session.symbol("π", (), std::f64::consts::PI));
                let (pi, two) = (self.of(Build::Pi, pi), self.number(2.0));
                let twice = self.mul(two, pi);
                let below = self.apply(Function::Sqrt, twice);
                self.div(above, below)
            }
            Function::Sigmoid => {
                let other = self.sub(one, image);
                self.mul(image, other)
            }
            Function::Softplus => self.apply(Function::Sigmoid, a),
            Function::Sech2 => {
                let (two, tanh) = (self.number(2.0), self.apply(Function::Tanh, a));
                let product = self.mul(two, tanh);
                let product = self.mul(product, image);
                self.neg(product)
            }
            Function::LnCosh => self.apply(Function::Tanh, a),
        }
    }
}
