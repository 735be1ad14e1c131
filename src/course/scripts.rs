//! Scripts, arguments, bracketed lists and names with their subscripts.

use super::expr::{Expr, Function, Join, Signed};
use super::parse::{Parsed, Parser, garbled, of};
use super::skip::{Skip, Why};
use super::token::{Kind, Relation, Token};

impl Parser<'_> {
    pub(super) fn raised(&mut self, base: Expr) -> Parsed {
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
    pub(super) fn digit(&mut self) -> Parsed {
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
    pub(super) fn tight(&mut self) -> Parsed {
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
