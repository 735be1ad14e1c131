//! Tokens to an expression.

use super::expr::{Expr, Function, Join, Signed};
use super::skip::{Skip, Why};
use super::token::{Kind, Relation, Token};
use super::units;

/// Brackets, scripts and arguments inside one another.
const DEEPEST: usize = 40;

pub(super) struct Parser<'t> {
    pub(super) text: &'t str,
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    depth: usize,
    /// Open absolute values inside the innermost bracket.
    bars: usize,
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

    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Skip>) -> Result<T, Skip> {
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
    fn signed(&mut self) -> Parsed {
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

    fn product(&mut self) -> Parsed {
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
                    if matches!(kind, Kind::Number(_)) && !matches!(before, Expr::Paren(_) | Expr::Factorial(_)) {
                        return Err(Skip::new(Why::Ambiguous, "two numbers side by side"));
                    }
                    let factor = self.factor()?;
                    rest.push((Join::Implicit, factor));
                    continue;
                }
                _ => break,
            };
            self.at += 1;
            let factor = self.signed()?;
            rest.push((join, factor));
        }
        Ok(of(first, rest))
    }

    fn starts_factor(&self, kind: &Kind) -> bool {
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

    fn factor(&mut self) -> Parsed {
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

    fn raised(&mut self, base: Expr) -> Parsed {
        let is_group = matches!(self.peek(), Some(Kind::GroupOpen));
        let ahead = usize::from(is_group);
        let ends = |p: &Self, n: usize| !is_group || matches!(p.peek_after(n), Some(Kind::GroupClose));
        match self.peek_after(ahead) {
            Some(Kind::Command(name)) if name == "circ" => {
                if !ends(self, ahead + 1) {
                    return Err(self.unexpected());
                }
                self.at += ahead * 2 + 1;
                return Ok(Expr::Degree(Box::new(base)));
            }
            Some(Kind::Command(name)) if matches!(name.as_str(), "top" | "intercal" | "mathsf") => {
                let letter = usize::from(name == "mathsf");
                if !ends(self, ahead + 1 + letter) {
                    return Err(self.unexpected());
                }
                self.at += ahead * 2 + 1 + letter;
                return Ok(Expr::Transpose(Box::new(base)));
            }
            Some(Kind::Letter('T')) if ends(self, ahead + 1) => {
                self.at += ahead * 2 + 1;
                return Ok(Expr::Transpose(Box::new(base)));
            }
            Some(Kind::Text(word)) if matches!(word.as_str(), "T" | "o" | "st" | "nd" | "rd" | "th") => {
                let is_transpose = word == "T";
                if !ends(self, ahead + 1) || !is_transpose {
                    return Err(self.unexpected());
                }
                self.at += ahead * 2 + 1;
                return Ok(Expr::Transpose(Box::new(base)));
            }
            _ => {}
        }
        let exponent = self.script()?;
        if matches!(base, Expr::Unit(_)) {
            return Ok(base);
        }
        Ok(Expr::Power(Box::new(base), Box::new(exponent)))
    }

    /// A script, or an argument of a command: a group, or one token.
    pub(super) fn script(&mut self) -> Parsed {
        match self.peek() {
            Some(Kind::GroupOpen) => self.primary(),
            Some(Kind::Minus) => {
                self.at += 1;
                Ok(Expr::Sum(vec![(Signed::Minus, self.deeper(Self::script)?)]))
            }
            Some(Kind::Number(_)) => self.digit(),
            Some(Kind::Letter(_) | Kind::Command(_)) => self.deeper(Self::primary),
            _ => Err(self.unexpected()),
        }
    }

    /// The first digit of a numeral: without braces a command takes no more.
    fn digit(&mut self) -> Parsed {
        let token = self.tokens[self.at].clone();
        let Kind::Number(literal) = &token.kind else { return Err(self.unexpected()) };
        if literal.digits.len() == 1 && !literal.is_decimal {
            self.at += 1;
            return Ok(Expr::Number(literal.clone()));
        }
        let one = |digits: &str| super::numeral::read(digits, super::token::Comma::Thousands).map(|n| n.literal);
        let all = literal.digits.clone();
        if literal.is_decimal || literal.is_exact || all.len() > 2 || all.len() != token.end - token.start {
            return Err(Skip::new(Why::Ambiguous, "a script or argument without braces"));
        }
        let (Some(first), Some(rest)) = (one(&all[..1]), one(&all[1..])) else { return Err(self.unexpected()) };
        let start = token.start + 1;
        self.tokens[self.at] = Token { kind: Kind::Number(rest), start, ..token };
        Ok(Expr::Number(first))
    }

    /// The inside of a bracket: one expression or several between commas.
    pub(super) fn list(&mut self, is_end: impl Fn(&Kind) -> bool) -> Result<Vec<Expr>, Skip> {
        self.inside(|p| {
            let mut all = vec![p.sum()?];
            loop {
                match p.next() {
                    Some(Kind::Comma | Kind::Semicolon) => all.push(p.sum()?),
                    Some(kind) if is_end(&kind) => return Ok(all),
                    Some(_) => {
                        p.at -= 1;
                        return Err(p.unexpected());
                    }
                    None => return Err(garbled("a bracket is not closed")),
                }
            }
        })
    }

    /// `|…|` after its opening bar.
    pub(super) fn bars(&mut self, close: fn(&Kind) -> bool) -> Parsed {
        let bars = std::mem::replace(&mut self.bars, 1);
        let inner = self.deeper(Self::sum);
        self.bars = bars;
        let inner = inner?;
        match self.next() {
            Some(kind) if close(&kind) => Ok(inner),
            Some(_) => {
                self.at -= 1;
                Err(self.unexpected())
            }
            None => Err(garbled("a bar is not closed")),
        }
    }

    /// An argument of a function: bracketed, or the factors that follow it.
    pub(super) fn arguments(&mut self) -> Result<Vec<Expr>, Skip> {
        match self.peek() {
            Some(Kind::Open(_)) => {
                self.at += 1;
                self.list(|k| matches!(k, Kind::Close(_)))
            }
            Some(Kind::Other(brace)) if brace == "{" => {
                self.at += 1;
                self.list(|k| matches!(k, Kind::Other(b) if b == "}"))
            }
            Some(Kind::Minus) => {
                self.at += 1;
                let term = self.deeper(Self::tight)?;
                Ok(vec![Expr::Sum(vec![(Signed::Minus, term)])])
            }
            _ => Ok(vec![self.deeper(Self::tight)?]),
        }
    }

    /// Factors side by side, up to the next function or bracket.
    fn tight(&mut self) -> Parsed {
        let first = self.factor()?;
        let mut rest = Vec::new();
        while let Some(kind) = self.peek() {
            let goes_on = match kind {
                Kind::Letter(_) => true,
                Kind::Command(name) => {
                    Function::named(name).is_none() && !matches!(name.as_str(), "log" | "lg" | "int" | "sum" | "prod")
                }
                _ => false,
            };
            if !goes_on || !self.starts_factor(kind) {
                break;
            }
            let factor = self.factor()?;
            rest.push((Join::Implicit, factor));
        }
        Ok(of(first, rest))
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

    /// A lower or upper limit's mark and argument, if it stands here.
    pub(super) fn limit(&mut self, mark: fn(&Kind) -> bool) -> Result<Option<Expr>, Skip> {
        if !self.peek().is_some_and(mark) {
            return Ok(None);
        }
        self.at += 1;
        self.script().map(Some)
    }

    /// `name_{…}`, whose subscript is part of the name.
    pub(super) fn name(&mut self, mut name: String) -> Parsed {
        while matches!(self.peek(), Some(Kind::Underscore | Kind::Prime)) {
            if matches!(self.next(), Some(Kind::Prime)) {
                name.push('\'');
                continue;
            }
            let start = self.at;
            let mut depth = 0usize;
            loop {
                match self.next() {
                    Some(Kind::GroupOpen) => depth += 1,
                    Some(Kind::GroupClose) => depth = depth.saturating_sub(1),
                    Some(Kind::Relation(Relation::Equal)) if depth == 0 => {
                        return Err(garbled("a subscript is missing"));
                    }
                    Some(_) => {}
                    None if depth == 0 => return Err(garbled("a subscript is missing")),
                    None => return Err(garbled("a brace is not closed")),
                }
                if depth == 0 {
                    break;
                }
            }
            let subscript: Vec<&str> = self.tokens[start..self.at]
                .iter()
                .filter(|t| !matches!(t.kind, Kind::GroupOpen | Kind::GroupClose))
                .map(|t| self.source(t))
                .collect();
            name = format!("{name}_{}", subscript.concat());
        }
        Ok(Expr::Name(name))
    }
}

fn of(first: Expr, rest: Vec<(Join, Expr)>) -> Expr {
    if rest.is_empty() { first } else { Expr::Product(Box::new(first), rest) }
}
