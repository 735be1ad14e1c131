//! Exponentials, logarithms and roots: the relations that make formulas equal.

use std::rc::Rc;

use super::degree::Degree;
use super::field::digest;
use super::form::{Form, Rational};
use super::session::{Id, Kind, Poison, Session, Sign};

/// Depth at which a sum is not looked into any further.
const DEPTH: usize = 1500;
/// Largest power of a random residue that an exponential may become.
const POWER: u128 = 1 << 20;
/// Each `e^m` is a twelfth power, so that halves, thirds, quarters and sixths of `m` have exponentials, too.
const TWELVE: i128 = 12;

impl Session {
    /// `e^a`.
    pub(crate) fn exp(&mut self, a: Id) -> Id {
        let argument = self.residue(a);
        if let Some(&known) = self.exponentials.get(&argument) {
            return known;
        }
        let (residue, degree) = self.exp_scaled(a, 1);
        let e = self.push(residue, degree, Kind::Atom, self.value(a).exp());
        self.signed(e, Sign::Positive);
        self.exponentials.insert(argument, e);
        self.logarithms.entry(residue).or_insert(a);
        e
    }

    /// The residue of `e^(n a)` with its degree.
    pub(crate) fn exp_scaled(&mut self, a: Id, n: i128) -> (u64, Degree) {
        let form = self.form(a, 0);
        let (mut residue, mut degree) = (1, Degree::CONSTANT);
        for (monomial, &c) in &form.0 {
            let (base, base_degree, power) = self.exp_term(monomial, c, n);
            residue = self.field.mul(residue, self.field.pow(base, power));
            degree = degree.mul(base_degree.pow(power as f64));
        }
        (residue, degree)
    }

    /// A base and a power whose value is `e^(n c m)`.
    fn exp_term(&mut self, monomial: &[(u64, u32)], c: Rational, n: i128) -> (u64, Degree, i128) {
        if let [(atom, 1)] = *monomial
            && let Some(&r) = self.log_atoms.get(&atom)
        {
            if let Some(power) = c.times(n) {
                return (self.residue(r), self.degree(r), power);
            }
            if let Some(power) = c.times(2 * n) {
                // Not by its logarithm, which led here.
                let root = self.root(r, false);
                return (self.residue(root), self.degree(root), power);
            }
            if let Some(power) = c.times(3 * n) {
                return (self.field.cbrt(self.residue(r)), self.degree(r).root(3.0), power);
            }
        }
        // Whatever `n`, the same symbol for the same fraction of a monomial.
        let whole = |times: i128, unit: i128| times.checked_mul(unit).filter(|n| n.unsigned_abs() <= POWER);
        if let Some(power) = c.times(TWELVE).and_then(|unit| whole(n, unit)) {
            return (self.random("exp", monomial), Degree::SYMBOL, power);
        }
        match whole(n, c.top) {
            Some(power) => (self.random("exp of a part", (monomial, c.bottom)), Degree::SYMBOL, power),
            None => {
                let name = (monomial, c.top.unsigned_abs(), c.bottom);
                (self.random("exp of a multiple", name), Degree::SYMBOL, n * c.top.signum())
            }
        }
    }

    /// `ln a`, of a positive number.
    pub(crate) fn ln(&mut self, a: Id) -> Id {
        let r = self.residue(a);
        if r == 1 {
            return self.constant(0.0);
        }
        if let Some(&u) = self.logarithms.get(&r) {
            return u;
        }
        if let Some(inverse) = self.field.inverse(r)
            && let Some(&u) = self.logarithms.get(&inverse)
        {
            return self.neg(u);
        }
        if let Some(&known) = self.logs.get(&r) {
            return known;
        }
        // The smaller of the two residues ±: atoms are named up to sign.
        let random = self.random("ln", r);
        let residue = random.min(self.field.neg(random));
        let log = self.push(residue, Degree::SYMBOL, Kind::Atom, self.value(a).ln());
        self.logs.insert(r, log);
        self.log_atoms.insert(residue, a);
        log
    }

    /// `√a`, of a number that is not negative.
    pub(crate) fn sqrt(&mut self, a: Id) -> Id {
        self.root(a, true)
    }

    fn root(&mut self, a: Id, by_logarithm: bool) -> Id {
        let r = self.residue(a);
        if r == 0 {
            return a;
        }
        if let Some(&known) = self.square_roots.get(&r) {
            return known;
        }
        if let Some(&base) = self.squares.get(&r)
            && self.value(base) != 0.0
            && self.value(base).is_finite()
        {
            return if self.is_positive(base) { base } else { self.neg(base) };
        }
        if by_logarithm && let Some(&u) = self.logarithms.get(&r) {
            let half = self.constant(0.5);
            let half = self.mul(half, u);
            return self.exp(half);
        }
        let Some(root) = self.field.sqrt(r) else {
            self.spoil(Poison::Unlucky);
            return a;
        };
        let flip = digest((self.signs, r)) & 1 == 1;
        self.roots += 1;
        let root = if flip { self.field.neg(root) } else { root };
        let root = self.push(root, self.degree(a).root(2.0), Kind::Atom, self.value(a).sqrt());
        self.signed(root, self.sign(a).max(Sign::NotNegative));
        self.square_roots.insert(r, root);
        root
    }

    /// What a number is made of.
    pub(super) fn form(&mut self, a: Id, depth: usize) -> Rc<Form> {
        let residue = self.residue(a);
        if let Some(known) = self.forms.get(&residue) {
            return known.clone();
        }
        let built = if depth < DEPTH { self.taken_apart(a, depth + 1) } else { None };
        let form = Rc::new(built.unwrap_or_else(|| self.atom(residue)));
        self.forms.insert(residue, form.clone());
        form
    }

    /// An atom, named by the smaller of the residues ±.
    fn atom(&self, residue: u64) -> Form {
        let other = self.field.neg(residue);
        if residue == 0 {
            Form::default()
        } else if residue < other {
            Form::atom(residue)
        } else {
            Form::default().plus(Rational::whole(-1), &Form::atom(other)).unwrap_or_default()
        }
    }

    fn taken_apart(&mut self, a: Id, depth: usize) -> Option<Form> {
        match self.kind(a) {
            Kind::Atom | Kind::Constant(None) => None,
            Kind::Constant(Some(c)) => Some(Form::constant(c)),
            Kind::Neg(b) => Form::default().plus(Rational::whole(-1), &self.form(b, depth)),
            Kind::Add(b, c) => {
                let left = self.form(b, depth);
                left.plus(Rational::ONE, &self.form(c, depth))
            }
            Kind::Mul(b, c) => {
                let left = self.form(b, depth);
                left.times(&self.form(c, depth))
            }
            Kind::Div(b, c) => {
                let left = self.form(b, depth);
                match self.kind(c) {
                    Kind::Constant(Some(c)) => Form::default().plus(c.recip()?, &left),
                    _ => left.times(&self.atom(self.field.inverse(self.residue(c))?)),
                }
            }
        }
    }

    /// Whether two numbers are the same: equal residues, or equal exponentials.
    pub(crate) fn same(&mut self, a: Id, b: Id) -> (bool, Degree) {
        let apart = self.sub(a, b);
        if self.residue(apart) == 0 {
            return (true, self.degree(apart));
        }
        let (residue, degree) = self.exp_scaled(apart, TWELVE);
        (residue == 1, degree)
    }
}
