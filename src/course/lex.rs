//! A formula as tokens: LaTeX, and the characters that stand for its commands.

use super::numeral::{self, Numeral};
use super::token::{Comma, Kind, Relation, Token, character};

/// Where a formula stands, and how it is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Commands are written `\\log`, as in text that has been escaped twice.
    pub(super) is_doubled: bool,
    /// Lines begin with `>`.
    pub(super) is_quoted: bool,
}

/// What of the text makes another reading possible.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Commas {
    /// A bare comma or `{,}` between two digits.
    pub(super) between_digits: bool,
    /// A dot before exactly three digits.
    pub(super) dot_before_three: bool,
}

pub(super) struct Lexer<'t> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) span: Span,
    pub(super) comma: Comma,
    seen: Commas,
    pub(super) tokens: Vec<Token>,
    /// For each open brace, whether it is shown to the parser.
    pub(super) braces: Vec<bool>,
}

/// The tokens of a formula.
pub(super) fn lex(text: &str, span: Span, comma: Comma) -> (Vec<Token>, Commas) {
    let mut lexer = Lexer {
        text: &text[..span.end],
        at: span.start,
        span,
        comma,
        seen: Commas::default(),
        tokens: Vec::new(),
        braces: Vec::new(),
    };
    while lexer.at < span.end {
        lexer.step();
    }
    (lexer.tokens, lexer.seen)
}

const WORDS: [&str; 26] = [
    "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "sech", "sin", "cos", "tan", "sec", "csc", "cot", "log",
    "ln", "exp", "det", "sqrt", "max", "min", "gcd", "lcm", "erf", "mod", "and", "or",
];

impl Lexer<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }
    pub(super) fn starts(&self, with: &str) -> bool {
        self.rest().starts_with(with)
    }

    pub(super) fn push(&mut self, kind: Kind, length: usize) {
        let start = self.at;
        self.at += length;
        self.tokens.push(Token { kind, start, end: self.at });
    }

    pub(super) fn skip(&mut self, length: usize) {
        self.at += length;
    }

    fn step(&mut self) {
        let Some(c) = self.rest().chars().next() else {
            self.at = self.span.end;
            return;
        };
        let width = c.len_utf8();
        match c {
            '\n' => {
                self.skip(1);
                let quote = |c: &char| c.is_whitespace() && *c != '\n' || *c == '>';
                if self.span.is_quoted {
                    let prefix: usize = self.rest().chars().take_while(quote).map(char::len_utf8).sum();
                    self.at += prefix;
                }
            }
            c if c.is_whitespace() || c == '~' || c == '\u{200b}' => self.skip(width),
            '\\' => self.backslash(),
            '{' if self.starts("{}") => self.skip(2),
            '{' => {
                self.braces.push(true);
                self.push(Kind::GroupOpen, 1);
            }
            '}' => {
                if self.braces.pop().unwrap_or(true) {
                    self.push(Kind::GroupClose, 1)
                } else {
                    self.skip(1)
                }
            }
            '&' => self.ampersand(),
            '<' if self.tag().is_some() => {
                let (is_break, length) = self.tag().unwrap_or((false, 1));
                if is_break { self.push(Kind::Row, length) } else { self.skip(length) }
            }
            '=' => self.equals(),
            ':' if self.starts(":=") => self.push(Kind::Relation(Relation::Equal), 2),
            '<' | '>' if self.rest()[1..].starts_with('=') => self.push(Kind::Relation(Relation::Other), 2),
            '-' if self.starts("->") => self.push(Kind::Separator, 2),
            '.' if self.starts("...") => self.push(Kind::Dots, 3),
            '*' if self.starts("**") => self.push(Kind::Caret, 2),
            '$' | '€' | '£' | '¥' | '`' => self.skip(width),
            c if c.is_ascii_digit() => self.number(),
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number(),
            'π' => self.push(Kind::Command("pi".to_owned()), width),
            '√' => self.push(Kind::Command("sqrt".to_owned()), width),
            '∑' => self.push(Kind::Command("sum".to_owned()), width),
            '∏' => self.push(Kind::Command("prod".to_owned()), width),
            '∞' => self.push(Kind::Command("infty".to_owned()), width),
            c if c.is_alphabetic() => self.letter(c),
            c => {
                if let Some((numerator, denominator)) = numeral::fraction(c) {
                    return self.push(Kind::Number(numeral::quotient(numerator, denominator)), width);
                }
                if numeral::superscript(c).is_some() {
                    return self.superscript();
                }
                self.push(character(c).unwrap_or_else(|| Kind::Other(c.to_string())), width);
            }
        }
    }

    fn letter(&mut self, c: char) {
        let letters: usize = self.rest().chars().take_while(char::is_ascii_alphabetic).count();
        let word = &self.rest()[..letters];
        match WORDS.iter().find(|w| **w == word) {
            Some(&("and" | "or")) => self.push(Kind::Separator, letters),
            Some(&name) => self.push(Kind::Word(name), letters),
            None => self.push(Kind::Letter(c), c.len_utf8()),
        }
    }

    fn equals(&mut self) {
        let asked = ["==", "=?", "=!"].iter().any(|s| self.starts(s));
        if self.starts("=>") {
            self.push(Kind::Separator, 2);
        } else if self.starts("=:") {
            self.push(Kind::Relation(Relation::Equal), 2);
        } else if asked {
            self.push(Kind::Relation(Relation::Other), 2);
        } else {
            self.push(Kind::Relation(Relation::Equal), 1);
        }
    }

    /// HTML's `&amp;` and the like, or LaTeX's column mark.
    fn ampersand(&mut self) {
        for (entity, means) in [
            ("&amp;", Some(Kind::Ampersand)),
            ("&lt;", Some(Kind::Relation(Relation::Other))),
            ("&gt;", Some(Kind::Relation(Relation::Other))),
            ("&nbsp;", None),
            ("&thinsp;", None),
            ("&minus;", Some(Kind::Minus)),
            ("&times;", Some(Kind::Times)),
            ("&middot;", Some(Kind::Dot)),
            ("&divide;", Some(Kind::Slash)),
            ("&approx;", Some(Kind::Relation(Relation::About))),
        ] {
            if self.starts(entity) {
                match means {
                    Some(kind) => self.push(kind, entity.len()),
                    None => self.skip(entity.len()),
                }
                return;
            }
        }
        self.push(Kind::Ampersand, 1);
    }

    /// A tag of HTML here: whether it breaks the line, and its length.
    fn tag(&self) -> Option<(bool, usize)> {
        let inside = self.rest().strip_prefix('<')?;
        let name = inside.strip_prefix('/').unwrap_or(inside);
        let known = ["br", "span", "em", "strong", "sup", "sub", "div", "p", "font"];
        let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
        let tag = known.iter().find(|k| name[..letters].eq_ignore_ascii_case(k))?;
        let end = inside.bytes().take(200).position(|b| b == b'>')?;
        Some((*tag == "br", end + 2))
    }

    fn number(&mut self) {
        let after_script = matches!(self.tokens.last().map(|t| &t.kind), Some(Kind::Prime));
        let Some(Numeral { literal, length, commas }) = numeral::read(self.rest(), self.comma) else {
            let digits = self.rest().bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
            let text = self.rest()[..digits].to_owned();
            return self.push(Kind::Other(text), digits.max(1));
        };
        self.seen.between_digits |= commas.between_digits;
        self.seen.dot_before_three |= commas.dot_before_three;
        if after_script {
            // Feet and inches, minutes and seconds.
            return self.push(Kind::Other("′".to_owned()), length);
        }
        self.push(Kind::Number(literal), length);
    }

    fn superscript(&mut self) {
        let raised: Vec<char> = self.rest().chars().take_while(|c| numeral::superscript(*c).is_some()).collect();
        let length: usize = raised.iter().map(|c| c.len_utf8()).sum();
        let plain: String = raised.iter().filter_map(|c| numeral::superscript(*c)).collect();
        let (sign, digits) = plain.strip_prefix('-').map_or((false, plain.as_str()), |d| (true, d));
        let Some(Numeral { literal, .. }) = numeral::read(digits, Comma::Thousands) else {
            return self.push(Kind::Other(plain), length);
        };
        self.push(Kind::Caret, 0);
        self.push(Kind::GroupOpen, 0);
        if sign {
            self.push(Kind::Minus, 0);
        }
        self.push(Kind::Number(literal), length);
        self.push(Kind::GroupClose, 0);
    }
}
