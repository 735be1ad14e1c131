//! The smallest parts of an expression: numbers, names, brackets, and commands with their arguments.

use super::expr::{Expr, Function, Join};
use super::number::Number;
use super::parse::{Parsed, Parser, garbled};
use super::skip::{Skip, Why};
use super::token::{Kind, Literal};

const MATRICES: [&str; 8] =
    ["matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "psmallmatrix", "bsmallmatrix", "array"];
/// Letters whose command is a name.
const GREEK: [&str; 44] = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "epsilon",
    "varepsilon",
    "zeta",
    "eta",
    "theta",
    "vartheta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "rho",
    "varrho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "varphi",
    "chi",
    "psi",
    "omega",
    "Gamma",
    "Delta",
    "Theta",
    "Lambda",
    "Xi",
    "Sigma",
    "Upsilon",
    "Phi",
    "Psi",
    "Omega",
    "ell",
    "hbar",
    "imath",
    "jmath",
    "Re",
    "Im",
    "infty",
];
const ACCENTS: [&str; 22] = [
    "mathbf",
    "boldsymbol",
    "vec",
    "hat",
    "bar",
    "tilde",
    "overline",
    "widehat",
    "widetilde",
    "mathcal",
    "mathbb",
    "mathfrak",
    "mathscr",
    "dot",
    "ddot",
    "overrightarrow",
    "check",
    "breve",
    "bm",
    "mathring",
    "underbar",
    "symbf",
];

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Parsed {
        let Some(kind) = self.next() else { return Err(self.unexpected()) };
        match kind {
            Kind::Number(literal) => self.number(literal),
            Kind::GroupOpen => self.group(),
            Kind::Open(bracket) => {
                let mut all = self.list(|k| matches!(k, Kind::Close(_)))?;
                if all.len() > 1 {
                    return Ok(Expr::Tuple(all));
                }
                let inner = all.remove(0);
                if bracket == '[' && matches!(self.peek(), Some(Kind::Underscore)) {
                    return self.between(inner);
                }
                Ok(Expr::Paren(Box::new(inner)))
            }
            Kind::Bar | Kind::BarOpen => {
                let inner = self.bars(|k| matches!(k, Kind::Bar | Kind::BarClose))?;
                Ok(match inner {
                    matrix @ Expr::Matrix(_) => Expr::Call(Function::Det, vec![matrix]),
                    other => Expr::Abs(Box::new(other)),
                })
            }
            Kind::DoubleBar => Ok(Expr::Norm(Box::new(self.bars(|k| matches!(k, Kind::DoubleBar))?))),
            Kind::Other(brace) if brace == "{" => {
                let mut all = self.list(|k| matches!(k, Kind::Other(b) if b == "}"))?;
                if all.len() > 1 {
                    return Err(Skip::new(Why::Notation, "a set"));
                }
                Ok(Expr::Paren(Box::new(all.remove(0))))
            }
            Kind::Letter('e') if !matches!(self.peek(), Some(Kind::Underscore)) => Ok(Expr::Euler),
            Kind::Letter(c) => self.name(c.to_string()),
            Kind::Word("log") => self.logarithm(None),
            Kind::Word(word) => match Function::named(word) {
                Some(function) => self.call(function),
                None => Err(Skip::new(Why::Notation, format!("`{word}`"))),
            },
            Kind::Text(words) => self.words(words),
            Kind::Begin(name) => self.environment(&name),
            Kind::Command(name) => self.command(&name),
            _ => {
                self.at -= 1;
                Err(self.unexpected())
            }
        }
    }

    fn number(&mut self, literal: Literal) -> Parsed {
        match self.peek() {
            Some(Kind::Underscore) => self.in_base(&literal),
            Some(Kind::Dots) if literal.is_decimal => {
                self.at += 1;
                Ok(Expr::Goes(literal))
            }
            Some(Kind::Dots) => Err(self.unexpected()),
            Some(Kind::Command(name)) if matches!(name.as_str(), "frac" | "dfrac" | "tfrac") && !literal.is_decimal => {
                self.at += 1;
                let fraction = self.fraction()?;
                let proper = match &fraction {
                    Expr::Fraction(a, b) => matches!((&**a, &**b), (Expr::Number(_), Expr::Number(_))),
                    _ => false,
                };
                let (number, fraction) = (Box::new(Expr::Number(literal)), Box::new(fraction));
                if proper {
                    return Ok(Expr::Mixed(number, fraction));
                }
                Ok(Expr::Product(number, vec![(Join::Implicit, *fraction)]))
            }
            Some(Kind::Number(next)) if next.is_exact && !next.is_decimal && !literal.is_decimal => {
                let next = next.clone();
                self.at += 1;
                Ok(Expr::Mixed(Box::new(Expr::Number(literal)), Box::new(Expr::Number(next))))
            }
            _ => Ok(Expr::Number(literal)),
        }
    }

    /// `1011_2`, `\text{FF}_{16}`.
    fn in_base(&mut self, literal: &Literal) -> Parsed {
        self.at += 1;
        let base = match self.script()? {
            Expr::Number(base) => base.value.as_integer(),
            _ => None,
        };
        let base = base.filter(|b| (2..=36).contains(b)).ok_or_else(|| Skip::new(Why::Notation, "a subscript"))?;
        if literal.is_decimal || literal.is_exact {
            return Err(Skip::new(Why::Notation, "a subscript"));
        }
        let digit = |c: char| c.to_digit(base as u32).map(i64::from);
        let mut value = Number::zero();
        for c in literal.digits.chars() {
            let d = digit(c).ok_or_else(|| Skip::new(Why::Notation, "a subscript"))?;
            let next = value.mul(&Number::integer(base)).and_then(|v| v.add(&Number::integer(d)));
            value = next.map_err(|_| Skip::new(Why::TooLarge, "a numeral"))?;
        }
        Ok(Expr::Number(Literal { value, zeros: 0, is_exact: true, ..literal.clone() }))
    }

    fn group(&mut self) -> Parsed {
        if matches!(self.peek(), Some(Kind::GroupClose)) {
            self.at += 1;
            return Err(Skip::new(Why::Notation, "empty braces"));
        }
        self.inside(|p| {
            let first = p.sum()?;
            let whole = match p.peek() {
                Some(Kind::Command(name)) if name == "over" => {
                    p.at += 1;
                    Expr::Fraction(Box::new(first), Box::new(p.sum()?))
                }
                Some(Kind::Command(name)) if name == "choose" => {
                    p.at += 1;
                    Expr::Call(Function::Binomial, vec![first, p.sum()?])
                }
                _ => first,
            };
            match p.next() {
                Some(Kind::GroupClose) => Ok(whole),
                Some(_) => {
                    p.at -= 1;
                    Err(p.unexpected())
                }
                None => Err(garbled("a brace is not closed")),
            }
        })
    }

    fn fraction(&mut self) -> Parsed {
        let numerator = self.script()?;
        let denominator = self.script()?;
        Ok(Expr::Fraction(Box::new(numerator), Box::new(denominator)))
    }

    fn command(&mut self, name: &str) -> Parsed {
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => self.fraction(),
            "sqrt" => {
                let degree = match self.peek() {
                    Some(Kind::Open('[')) => {
                        self.at += 1;
                        self.list(|k| matches!(k, Kind::Close(']')))?.remove(0)
                    }
                    _ => Expr::Number(super::numeral::quotient(2, 1)),
                };
                let radicand = match self.peek() {
                    Some(Kind::Open('(')) => self.primary()?,
                    _ => self.script()?,
                };
                Ok(Expr::Root(Box::new(radicand), Box::new(degree)))
            }
            "binom" | "dbinom" | "tbinom" => {
                let (n, k) = (self.script()?, self.script()?);
                Ok(Expr::Call(Function::Binomial, vec![n, k]))
            }
            "pi" => Ok(Expr::Pi),
            "log" => self.logarithm(None),
            "lg" => self.logarithm(Some(10)),
            "lb" => self.logarithm(Some(2)),
            "sum" | "prod" => self.series(name == "prod"),
            "int" => self.integral(),
            "lfloor" => self.rounding(Function::Floor, "rfloor"),
            "lceil" => self.rounding(Function::Ceil, "rceil"),
            "langle" => {
                let all = self.list(|k| matches!(k, Kind::Command(c) if c == "rangle"))?;
                Ok(Expr::Tuple(all))
            }
            "underbrace" | "overbrace" => {
                let body = self.script()?;
                while matches!(self.peek(), Some(Kind::Underscore | Kind::Caret)) {
                    self.at += 1;
                    self.skip_group();
                }
                Ok(body)
            }
            "phi" | "varphi" | "sigma" | "Phi" | "Gamma" => {
                let applied = match self.peek() {
                    Some(Kind::Open('(')) => true,
                    Some(Kind::Caret) => name == "Phi",
                    _ => false,
                };
                match Function::named(name).filter(|_| applied) {
                    Some(function) => self.call(function),
                    None => self.name(format!("\\{name}")),
                }
            }
            _ if ACCENTS.contains(&name) => self.accent(name),
            _ if GREEK.contains(&name) => self.name(format!("\\{name}")),
            _ => match Function::named(name) {
                Some(function) => self.call(function),
                None => {
                    self.at -= 1;
                    Err(Skip::new(Why::Notation, format!("`\\{name}`")))
                }
            },
        }
    }

    /// Passes a group or a token by.
    pub(super) fn skip_group(&mut self) {
        let mut depth = 0usize;
        while let Some(kind) = self.next() {
            match kind {
                Kind::GroupOpen => depth += 1,
                Kind::GroupClose => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// `\mathbf{x}`: a name of its own, or a number in bold.
    fn accent(&mut self, accent: &str) -> Parsed {
        let start = self.at;
        if let Some(Kind::GroupOpen) = self.peek() {
            let is_number = matches!(self.peek_after(1), Some(Kind::Number(_) | Kind::Minus));
            if is_number && matches!(accent, "mathbf" | "boldsymbol" | "bm") {
                return self.primary();
            }
        }
        self.skip_group();
        let inner: Vec<&str> = self.tokens[start..self.at]
            .iter()
            .filter(|t| !matches!(t.kind, Kind::GroupOpen | Kind::GroupClose))
            .map(|t| self.source(t))
            .collect();
        if inner.is_empty() {
            return Err(self.unexpected());
        }
        let name = format!("{accent}:{}", inner.concat());
        self.name(name)
    }

    fn environment(&mut self, name: &str) -> Parsed {
        let is_determinant = matches!(name, "vmatrix" | "vsmallmatrix");
        if !is_determinant && !MATRICES.contains(&name) {
            return Err(Skip::new(Why::Notation, format!("the environment `{name}`")));
        }
        if name == "array" {
            self.skip_group();
        }
        let matrix = self.inside(|p| p.rows(name))?;
        Ok(if is_determinant { Expr::Call(Function::Det, vec![matrix]) } else { matrix })
    }

    fn rows(&mut self, name: &str) -> Parsed {
        let mut rows = vec![Vec::new()];
        loop {
            let is_end = |k: &Kind| matches!(k, Kind::End(n) if n == name);
            match self.peek() {
                None => return Err(garbled(format!("`{name}` is not ended"))),
                Some(kind) if is_end(kind) => {
                    self.at += 1;
                    break;
                }
                _ => {}
            }
            let cell = self.sum()?;
            if let Some(row) = rows.last_mut() {
                row.push(cell);
            }
            match self.next() {
                Some(Kind::Ampersand) => {}
                Some(Kind::Row) => rows.push(Vec::new()),
                Some(kind) if is_end(&kind) => break,
                _ => {
                    self.at -= 1;
                    return Err(self.unexpected());
                }
            }
        }
        rows.retain(|row| !row.is_empty());
        let width = rows.first().map_or(0, Vec::len);
        if width == 0 || rows.iter().any(|row| row.len() != width) {
            return Err(Skip::new(Why::Shape, "a matrix whose rows differ in length"));
        }
        Ok(Expr::Matrix(rows))
    }
}
