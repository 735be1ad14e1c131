//! Elementary functions in a session, through exponentials, logarithms and roots.

use super::degree::Degree;
use super::session::{Id, Kind, Poison, Session, Sign, Size};
use crate::scalar::Function;

impl Session {
    fn one(&mut self) -> Id {
        self.constant(1.0)
    }
    fn plus_one(&mut self, a: Id) -> Id {
        let one = self.one();
        self.add(a, one)
    }
    /// `(eᵃ, e⁻ᵃ)`.
    fn exps(&mut self, a: Id) -> (Id, Id) {
        let minus = self.neg(a);
        (self.exp(a), self.exp(minus))
    }
    fn half(&mut self, a: Id) -> Id {
        let two = self.constant(2.0);
        self.div(a, two)
    }
    fn cosh(&mut self, a: Id) -> Id {
        let (up, down) = self.exps(a);
        let sum = self.add(up, down);
        let cosh = self.half(sum);
        // So that √(1 + sinh²) is known.
        self.mul(cosh, cosh);
        cosh
    }
    fn sinh(&mut self, a: Id) -> Id {
        let (up, down) = self.exps(a);
        let difference = self.sub(up, down);
        let sinh = self.half(difference);
        self.mul(sinh, sinh);
        self.cosh(a);
        sinh
    }
    /// `1/(1 + e⁻ᵃ)`.
    fn sigmoid(&mut self, a: Id) -> Id {
        let minus = self.neg(a);
        let e = self.exp(minus);
        let (one, below) = (self.one(), self.plus_one(e));
        let sigmoid = self.div(one, below);
        self.sized(sigmoid, Size::BelowOne)
    }
    /// `(e²ᵃ − 1)/(e²ᵃ + 1)`.
    fn tanh(&mut self, a: Id) -> Id {
        let twice = self.add(a, a);
        let e = self.exp(twice);
        let one = self.one();
        let (above, below) = (self.sub(e, one), self.add(e, one));
        let tanh = self.div(above, below);
        self.sized(tanh, Size::BelowOne)
    }
    fn sech2(&mut self, a: Id) -> Id {
        let t = self.tanh(a);
        let square = self.mul(t, t);
        let one = self.one();
        let sech2 = self.sub(one, square);
        self.sized(sech2, Size::AtMostOne);
        self.signed(sech2, Sign::Positive)
    }
    /// A function without relations of its own, odd where `odd`.
    fn unknown(&mut self, tag: &str, a: Id, odd: bool, value: f64) -> Id {
        let (residue, other) = (self.residue(a), self.field.neg(self.residue(a)));
        if !odd {
            return self.symbol(tag, residue, value);
        }
        if residue == 0 {
            return a;
        }
        let image = self.random(tag, residue.min(other));
        let image = if residue < other { image } else { self.field.neg(image) };
        self.push(image, Degree::SYMBOL, Kind::Atom, value)
    }
    /// A point of the unit circle for each angle; angles ± share their cosine.
    fn circle(&mut self, a: Id) -> (Id, Id) {
        if let Some(&x) = self.arctangents.get(&self.residue(a)) {
            // cos arctan x = 1/√(1 + x²)
            let square = self.mul(x, x);
            let below = self.plus_one(square);
            let root = self.sqrt(below);
            let one = self.one();
            let cos = self.div(one, root);
            return (self.mul(x, cos), cos);
        }
        let (sin, cos) = self.value(a).sin_cos();
        if self.residue(a) == 0 {
            return (self.constant(0.0), self.constant(1.0));
        }
        let t = self.unknown("circle", a, true, (0.5 * self.value(a)).tan());
        let square = self.mul(t, t);
        let (one, below) = (self.one(), self.plus_one(square));
        let (twice, above) = (self.add(t, t), self.sub(one, square));
        let (s, c) = (self.div(twice, below), self.div(above, below));
        let of = |session: &mut Self, id: Id, value: f64| {
            let (residue, degree) = (session.residue(id), session.degree(id));
            session.push(residue, degree, Kind::Atom, value)
        };
        (of(self, s, sin), of(self, c, cos))
    }

    /// `f(a)`, whose value in f64 is known.
    pub(crate) fn apply(&mut self, f: Function, a: Id, value: f64) -> Id {
        let positive = |x: f64, what: &str| (x > 0.0).then_some(()).ok_or_else(|| format!("{what} of {x:?}"));
        let domain = match f {
            Function::Ln => positive(self.value(a), "ln"),
            Function::Ln1p => positive(self.value(a) + 1.0, "ln"),
            Function::LnAbs => positive(self.value(a).abs(), "ln"),
            Function::Sqrt if self.value(a) < 0.0 => Err(format!("√ of {:?}", self.value(a))),
            _ => Ok(()),
        };
        if let Err(why) = domain {
            self.spoil(Poison::Domain(why));
            return a;
        }
        match f {
            Function::Exp => self.exp(a),
            Function::ExpM1 => {
                let e = self.exp(a);
                let one = self.one();
                self.sub(e, one)
            }
            Function::Ln => self.ln(a),
            Function::LnAbs if self.sign(a) == Sign::Positive => self.ln(a),
            Function::LnAbs => {
                // ½ ln a², which knows no sign; where a claim needs one, it is asked of the square root.
                let square = self.mul(a, a);
                let log = self.ln(square);
                self.half(log)
            }
            Function::Ln1p => {
                let sum = self.plus_one(a);
                self.ln(sum)
            }
            Function::Sqrt => self.sqrt(a),
            Function::Sin => self.circle(a).0,
            Function::Cos => self.circle(a).1,
            Function::Tanh => self.tanh(a),
            Function::Sinh => self.sinh(a),
            Function::Cosh => self.cosh(a),
            Function::Asinh => {
                let square = self.mul(a, a);
                let sum = self.plus_one(square);
                let root = self.sqrt(sum);
                let sum = self.add(a, root);
                self.ln(sum)
            }
            Function::Atan => {
                let image = self.unknown("atan", a, true, value);
                self.arctangents.insert(self.residue(image), a);
                image
            }
            Function::NormalCdf => {
                // Φ − ½ is odd.
                let off = self.unknown("Φ", a, true, value - 0.5);
                let half = self.constant(0.5);
                self.add(half, off)
            }
            Function::Sigmoid => self.sigmoid(a),
            Function::Softplus => {
                let e = self.exp(a);
                let sum = self.plus_one(e);
                self.ln(sum)
            }
            Function::Sech2 => self.sech2(a),
            Function::LnCosh => {
                let cosh = self.cosh(a);
                self.ln(cosh)
            }
        }
    }

    /// `f′(a)`, given `f(a)`.
    pub(crate) fn slope(&mut self, f: Function, a: Id, image: Id) -> Id {
        match f {
            Function::Exp => image,
            Function::ExpM1 => self.plus_one(image),
            Function::Ln | Function::LnAbs => {
                let one = self.one();
                self.div(one, a)
            }
            Function::Ln1p => {
                let (one, sum) = (self.one(), self.plus_one(a));
                self.div(one, sum)
            }
            Function::Sqrt => {
                let (one, twice) = (self.one(), self.add(image, image));
                self.div(one, twice)
            }
            Function::Sin => self.circle(a).1,
            Function::Cos => {
                let sin = self.circle(a).0;
                self.neg(sin)
            }
            Function::Tanh => self.sech2(a),
            Function::Sinh => self.cosh(a),
            Function::Cosh => self.sinh(a),
            Function::Asinh => {
                let square = self.mul(a, a);
                let sum = self.plus_one(square);
                let root = self.sqrt(sum);
                let one = self.one();
                self.div(one, root)
            }
            Function::Atan => {
                let square = self.mul(a, a);
                let (one, sum) = (self.one(), self.plus_one(square));
                self.div(one, sum)
            }
            Function::NormalCdf => {
                let square = self.mul(a, a);
                let minus_half = self.constant(-0.5);
                let exponent = self.mul(minus_half, square);
                let above = self.exp(exponent);
                let (pi, two) = (self.symbol("π", (), std::f64::consts::PI), self.constant(2.0));
                let twice = self.mul(two, pi);
                let below = self.sqrt(twice);
                self.div(above, below)
            }
            Function::Sigmoid => {
                let one = self.one();
                let other = self.sub(one, image);
                self.mul(image, other)
            }
            Function::Softplus => self.sigmoid(a),
            Function::Sech2 => {
                let t = self.tanh(a);
                let product = self.mul(t, image);
                let minus_two = self.constant(-2.0);
                self.mul(minus_two, product)
            }
            Function::LnCosh => self.tanh(a),
        }
    }
}
