//! Functions, logarithms, sums and integrals with their arguments.

use super::expr::{Expr, Function, Signed};
use super::parse::{Parsed, Parser, garbled};
use super::skip::{Skip, Why};
use super::token::{Kind, Relation};

impl Parser<'_> {
    pub(super) fn rounding(&mut self, function: Function, close: &str) -> Parsed {
        let all = self.list(|k| matches!(k, Kind::Command(c) if c == close))?;
        Ok(Expr::Call(function, all))
    }

    pub(super) fn call(&mut self, function: Function) -> Parsed {
        let mut function = function;
        let mut power = None;
        if matches!(self.peek(), Some(Kind::Caret)) {
            self.at += 1;
            let exponent = self.script()?;
            let minus_one = matches!(&exponent, Expr::Sum(terms) if matches!(terms.as_slice(),
                [(Signed::Minus, Expr::Number(n))] if n.value.as_integer() == Some(1)));
            match function.inverse() {
                Some(inverse) if minus_one => function = inverse,
                _ if minus_one => return Err(Skip::new(Why::Notation, "an inverse function")),
                _ => power = Some(exponent),
            }
        }
        if matches!(self.peek(), Some(Kind::Underscore)) {
            return Err(self.unexpected());
        }
        let arguments = self.arguments()?;
        let call = if function == Function::Sqrt {
            let [radicand] = <[Expr; 1]>::try_from(arguments).map_err(|_| garbled("the arguments of a root"))?;
            Expr::Root(Box::new(radicand), Box::new(Expr::Number(super::numeral::quotient(2, 1))))
        } else {
            Expr::Call(function, arguments)
        };
        Ok(raise(call, power))
    }

    pub(super) fn logarithm(&mut self, base: Option<i64>) -> Parsed {
        let mut base = base.map(|b| Box::new(Expr::Number(super::numeral::quotient(b, 1))));
        let mut power = None;
        for _ in 0..2 {
            match self.peek() {
                Some(Kind::Underscore) => {
                    self.at += 1;
                    base = Some(Box::new(self.base()?));
                }
                Some(Kind::Caret) => {
                    self.at += 1;
                    power = Some(self.script()?);
                }
                _ => break,
            }
        }
        let mut arguments = self.arguments()?;
        if arguments.len() != 1 {
            return Err(garbled("the arguments of a logarithm"));
        }
        Ok(raise(Expr::Log(base, Box::new(arguments.remove(0))), power))
    }

    /// `\log_10` means base ten, whatever LaTeX makes of it.
    pub(super) fn base(&mut self) -> Parsed {
        match self.peek() {
            Some(Kind::Number(literal)) if literal.digits == "10" => self.primary(),
            _ => self.script(),
        }
    }

    pub(super) fn between(&mut self, body: Expr) -> Parsed {
        let from = self.limit(|k| matches!(k, Kind::Underscore))?;
        let to = self.limit(|k| matches!(k, Kind::Caret))?;
        match (from, to) {
            (Some(from), Some(to)) => {
                Ok(Expr::Between { body: Box::new(body), from: Box::new(from), to: Box::new(to) })
            }
            _ => Err(Skip::new(Why::Notation, "a subscript")),
        }
    }

    pub(super) fn series(&mut self, is_product: bool) -> Parsed {
        let bounded = || Skip::new(Why::Symbolic, "a sum or product without numeric bounds");
        if !matches!(self.peek(), Some(Kind::Underscore)) || !matches!(self.peek_after(1), Some(Kind::GroupOpen)) {
            return Err(bounded());
        }
        self.at += 2;
        let Some(Kind::Letter(index)) = self.next() else { return Err(bounded()) };
        let Some(Kind::Relation(Relation::Equal)) = self.next() else { return Err(bounded()) };
        let from = self.inside(Self::sum)?;
        let Some(Kind::GroupClose) = self.next() else { return Err(bounded()) };
        let Some(to) = self.limit(|k| matches!(k, Kind::Caret))? else { return Err(bounded()) };
        let body = self.inside(Self::body)?;
        Ok(Expr::Series {
            is_product,
            index: index.to_string(),
            from: Box::new(from),
            to: Box::new(to),
            body: Box::new(body),
        })
    }

    /// What a sum runs over: the product that follows.
    pub(super) fn body(&mut self) -> Parsed {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(kind) = self.peek() {
            match kind {
                Kind::GroupOpen | Kind::Open(_) | Kind::BarOpen | Kind::Begin(_) => depth += 1,
                Kind::GroupClose | Kind::Close(_) | Kind::BarClose | Kind::End(_) if depth == 0 => break,
                Kind::GroupClose | Kind::Close(_) | Kind::BarClose | Kind::End(_) => depth -= 1,
                Kind::Plus | Kind::Minus if depth == 0 && self.at > start => {
                    let before = &self.tokens[self.at - 1].kind;
                    if !matches!(before, Kind::Caret | Kind::Dot | Kind::Times | Kind::Slash | Kind::Underscore) {
                        break;
                    }
                }
                Kind::Comma | Kind::Semicolon if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        self.slice(start, self.at)
    }

    /// The expression of some tokens, all of them.
    pub(super) fn slice(&mut self, start: usize, end: usize) -> Parsed {
        let rest = self.tokens.split_off(end);
        self.at = start;
        let parsed = self.sum();
        let finished = self.at == end;
        let left_over = if finished { None } else { Some(self.unexpected()) };
        self.tokens.extend(rest);
        self.at = end;
        match left_over {
            Some(skip) => parsed.and(Err(skip)),
            None => parsed,
        }
    }

    pub(super) fn integral(&mut self) -> Parsed {
        let indefinite = || Skip::new(Why::Symbolic, "an integral without numeric bounds");
        let from = self.limit(|k| matches!(k, Kind::Underscore))?.ok_or_else(indefinite)?;
        let to = self.limit(|k| matches!(k, Kind::Caret))?.ok_or_else(indefinite)?;
        let start = self.at;
        let is_d = |k: &Kind| matches!(k, Kind::Letter('d')) || matches!(k, Kind::Text(w) if w == "d");
        let mut end = None;
        for i in start..self.tokens.len() {
            if is_d(&self.tokens[i].kind)
                && let Some(Kind::Letter(variable)) = self.tokens.get(i + 1).map(|t| &t.kind)
            {
                end = Some((i, variable.to_string()));
                break;
            }
        }
        let (end, variable) = end.ok_or_else(|| Skip::new(Why::Notation, "an integral without its d"))?;
        let body = if end == start {
            Expr::Number(super::numeral::quotient(1, 1))
        } else {
            self.inside(|p| p.slice(start, end))?
        };
        self.at = end + 2;
        Ok(Expr::Integral { variable, from: Box::new(from), to: Box::new(to), body: Box::new(body) })
    }
}

fn raise(base: Expr, power: Option<Expr>) -> Expr {
    match power {
        Some(power) => Expr::Power(Box::new(base), Box::new(power)),
        None => base,
    }
}
