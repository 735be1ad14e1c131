//! Tokens to an expression.

use super::expr::{Expr, Function, Join, Signed};
use super::skip::{Skip, Why};
use super::token::{Kind, Token};
use super::units;

/// Brackets, scripts and arguments inside one another.
const DEEPEST: usize = 40;

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    depth: usize,
    /// Open absolute values inside the innermost bracket.
    pub(super) bars: usize,
}

pub(super) type Parsed = Result<Expr, Skip>;

/// The expression that a text's tokens are, all of them.
pub(super) fn parse(text: &str, tokens: &[Token]) -> Parsed {
    let mut parser = Parser { text, tokens: tokens.to_vec(), at: 0, depth: 0, bars: 0 };
    let expr = parser.sum()?;
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err(parser.unexpected()),
    }
}

pub(super) fn garbled(detail: impl Into<String>) -> Skip {
    Skip::new(Why::Garbled, detail)
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> Option<&Kind> {
        self.tokens.get(self.at).map(|t| &t.kind)
    }
    pub(super) fn peek_after(&self, n: usize) -> Option<&Kind> {
        self.tokens.get(self.at + n).map(|t| &t.kind)
    }
    pub(super) fn next(&mut self) -> Option<Kind> {
        let kind = self.peek()?.clone();
        self.at += 1;
        Some(kind)
    }
    pub(super) fn source(&self, token: &Token) -> &str {
        self.text.get(token.start..token.end).unwrap_or_default()
    }

    pub(super) fn unexpected(&self) -> Skip {
        match self.tokens.get(self.at) {
            None => garbled("it ends where an operand should be"),
            Some(token) => {
                let source = self.source(token).to_owned();
                match &token.kind {
                    Kind::Dots => Skip::new(Why::Ellipsis, "something is left out"),
                    Kind::Relation(_) => Skip::new(Why::Notation, format!("a relation `{source}` inside a bracket")),
                    Kind::Other(_) | Kind::Command(_) | Kind::Begin(_) | Kind::Prime | Kind::Colon => {
                        Skip::new(Why::Notation, format!("`{source}`"))
                    }
                    Kind::Text(words) => Skip::new(Why::Symbolic, format!("the words `{words}`")),
                    _ => garbled(format!("`{source}` out of place")),
                }
            }
        }
    }

    pub(super) fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Skip>) -> Result<T, Skip> {
        if self.depth >= DEEPEST {
            return Err(Skip::new(Why::TooLarge, format!("more than {DEEPEST} brackets inside one another")));
        }
        self.depth += 1;
        let result = parse(self);
        self.depth -= 1;
        result
    }

    /// Inside a bracket, where `|` opens again.
    pub(super) fn inside<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Skip>) -> Result<T, Skip> {
        let bars = std::mem::replace(&mut self.bars, 0);
        let result = self.deeper(parse);
        self.bars = bars;
        result
    }

    pub(super) fn sum(&mut self) -> Parsed {
        let mut terms = Vec::new();
        loop {
            let sign = match self.peek() {
                Some(Kind::Plus) => Signed::Plus,
                Some(Kind::Minus) => Signed::Minus,
                Some(Kind::PlusMinus) => Signed::Either,
                Some(Kind::MinusPlus) => Signed::Opposite,
                _ if terms.is_empty() => {
                    terms.push((Signed::Plus, self.product()?));
                    continue;
                }
                _ => break,
            };
            self.at += 1;
            terms.push((sign, self.product()?));
        }
        if let [(Signed::Plus, _)] = terms.as_slice() {
            return Ok(terms.remove(0).1);
        }
        Ok(Expr::Sum(terms))
    }

    /// A factor that may have a sign of its own, as after `\cdot`.
    pub(super) fn signed(&mut self) -> Parsed {
        match self.peek() {
            Some(Kind::Minus) => {
                self.at += 1;
                let term = self.deeper(Self::signed)?;
                Ok(Expr::Sum(vec![(Signed::Minus, term)]))
            }
            Some(Kind::Plus) => {
                self.at += 1;
                self.deeper(Self::signed)
            }
            _ => self.factor(),
        }
    }

    pub(super) fn product(&mut self) -> Parsed {
        let first = self.signed()?;
        let mut rest = Vec::new();
        loop {
            let join = match self.peek() {
                Some(Kind::Dot) => Join::Dot,
                Some(Kind::Times) => Join::Times,
                Some(Kind::Slash) => Join::Over,
                Some(Kind::Word("mod")) => {
                    self.at += 1;
                    let modulus = self.signed()?;
                    return Ok(Expr::Modulo(Box::new(of(first, rest)), Box::new(modulus)));
                }
                Some(Kind::Command(name)) if matches!(name.as_str(), "bmod" | "mod") => {
                    self.at += 1;
                    let modulus = self.signed()?;
                    return Ok(Expr::Modulo(Box::new(of(first, rest)), Box::new(modulus)));
                }
                Some(kind) if self.starts_factor(kind) => {
                    let before = rest.last().map_or(&first, |(_, e)| e);
                    let is_closed =
                        matches!(before, Expr::Paren(_) | Expr::Factorial(_) | Expr::Fraction(..) | Expr::Call(..));
                    // `2^3 3^2`.
                    let powers = matches!(before, Expr::Power(..)) && matches!(self.peek_after(1), Some(Kind::Caret));
                    if matches!(kind, Kind::Number(_)) && !is_closed && !powers {
                        return Err(Skip::new(Why::Ambiguous, "two numbers side by side"));
                    }
                    let factor = self.factor()?;
                    rest.push((Join::Implicit, factor));
                    continue;
                }
                _ => break,
            };
            self.at += 1;
            let mut factor = self.signed()?;
            if join == Join::Over && matches!(factor, Expr::Number(_)) && self.is_power_of_ten_next() {
                self.at += 1;
                factor = Expr::Scientific(Box::new(factor), Box::new(self.factor()?));
            }
            rest.push((join, factor));
        }
        Ok(of(first, rest))
    }

    fn is_power_of_ten_next(&self) -> bool {
        matches!(self.peek(), Some(Kind::Times | Kind::Dot))
            && matches!(self.peek_after(1), Some(Kind::Number(l)) if l.digits == "10" && !l.is_decimal)
            && matches!(self.peek_after(2), Some(Kind::Caret))
    }

    pub(super) fn starts_factor(&self, kind: &Kind) -> bool {
        match kind {
            Kind::Number(_)
            | Kind::Letter(_)
            | Kind::Word(_)
            | Kind::Text(_)
            | Kind::Open(_)
            | Kind::GroupOpen
            | Kind::BarOpen
            | Kind::Begin(_) => true,
            Kind::Command(name) => !matches!(
                name.as_str(),
                "over" | "choose" | "rangle" | "rfloor" | "rceil" | "pmod" | "circ" | "bmod" | "mod"
            ),
            Kind::Bar | Kind::DoubleBar => self.bars == 0,
            _ => false,
        }
    }

    pub(super) fn factor(&mut self) -> Parsed {
        let primary = self.primary()?;
        self.postfix(primary)
    }

    pub(super) fn postfix(&mut self, mut base: Expr) -> Parsed {
        loop {
            match self.peek() {
                Some(Kind::Caret) => {
                    self.at += 1;
                    base = self.raised(base)?;
                }
                Some(Kind::Bang) => {
                    self.at += 1;
                    if matches!(self.peek(), Some(Kind::Bang)) {
                        return Err(Skip::new(Why::Notation, "a double factorial"));
                    }
                    base = Expr::Factorial(Box::new(base));
                }
                Some(Kind::Percent) => {
                    self.at += 1;
                    if matches!(self.peek(), Some(Kind::Number(_) | Kind::Letter(_))) {
                        return Err(Skip::new(Why::Notation, "`%` between two operands"));
                    }
                    base = Expr::Percent(Box::new(base));
                }
                Some(Kind::Degree) => {
                    self.at += 1;
                    base = Expr::Degree(Box::new(base));
                }
                Some(Kind::Underscore | Kind::Prime) => return Err(self.unexpected()),
                _ => return Ok(base),
            }
        }
    }

    /// Words where an operand is expected.
    pub(super) fn words(&mut self, words: String) -> Parsed {
        if let Some(function) = Function::named(&words).filter(|_| words != "phi" && words != "sigma") {
            return self.call(function);
        }
        match words.as_str() {
            "log" => self.logarithm(None),
            "lg" => self.logarithm(Some(10)),
            "e" => Ok(Expr::Euler),
            _ if units::is_unit(&words) || self.after_operand() => Ok(Expr::Unit(words)),
            _ => self.name(words),
        }
    }

    fn after_operand(&self) -> bool {
        let before = self.at.checked_sub(2).and_then(|i| self.tokens.get(i)).map(|t| &t.kind);
        matches!(
            before,
            Some(
                Kind::Number(_)
                    | Kind::Close(_)
                    | Kind::GroupClose
                    | Kind::Text(_)
                    | Kind::Percent
                    | Kind::Degree
                    | Kind::Bang
                    | Kind::End(_)
                    | Kind::BarClose
            )
        )
    }
}

pub(super) fn of(first: Expr, rest: Vec<(Join, Expr)>) -> Expr {
    if rest.is_empty() { first } else { Expr::Product(Box::new(first), rest) }
}
