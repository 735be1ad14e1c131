//! A formula as tokens: LaTeX, and the characters that stand for its commands.

use super::numeral::{self, Numeral};
use super::token::{Comma, Kind, Relation, Token, character, is_decoration, symbol};

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

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    span: Span,
    comma: Comma,
    seen: Commas,
    tokens: Vec<Token>,
    /// For each open brace, whether it is shown to the parser.
    braces: Vec<bool>,
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
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }
    fn starts(&self, with: &str) -> bool {
        self.rest().starts_with(with)
    }

    fn push(&mut self, kind: Kind, length: usize) {
        let start = self.at;
        self.at += length;
        self.tokens.push(Token { kind, start, end: self.at });
    }

    fn skip(&mut self, length: usize) {
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

    /// The length of the group that starts at a byte of the rest, braces included. Bounded, so that many unbalanced
    /// ones cost no more than their number.
    fn group(&self, from: usize) -> Option<(usize, usize)> {
        const LONGEST: usize = 2000;
        let rest = self.rest();
        let spaces = rest[from..].bytes().take_while(|b| b" \t".contains(b)).count();
        let open = from + spaces;
        if rest.as_bytes().get(open) != Some(&b'{') {
            return None;
        }
        let mut depth = 0usize;
        for (i, b) in rest.bytes().enumerate().skip(open).take(LONGEST) {
            match b {
                b'{' => depth += 1,
                b'}' if depth == 1 => return Some((open + 1, i)),
                b'}' => depth -= 1,
                _ => {}
            }
        }
        None
    }

    fn backslash(&mut self) {
        let slashes = if self.span.is_doubled && self.starts(r"\\") { 2 } else { 1 };
        let after = &self.rest()[slashes..];
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        if letters == 0 {
            return self.escaped(slashes);
        }
        let name = after[..letters].to_owned();
        let length = slashes + letters + usize::from(after[letters..].starts_with('*'));
        self.command(&name, if name.starts_with("operatorname") { length } else { slashes + letters });
    }

    fn escaped(&mut self, slashes: usize) {
        let after = &self.rest()[slashes..];
        let Some(c) = after.chars().next() else { return self.skip(slashes) };
        let length = slashes + c.len_utf8();
        match c {
            '\\' => {
                // A row's end, and the space it may ask for after it.
                let wide = if self.span.is_doubled && after.starts_with(r"\\") { slashes + 2 } else { length };
                let tail = &self.rest()[wide..];
                let space = if tail.starts_with('[') { tail.bytes().take(20).position(|b| b == b']') } else { None };
                let extra = space.filter(|e| tail[1..*e].ends_with(|c: char| c.is_ascii_alphabetic()));
                self.push(Kind::Row, wide + extra.map_or(0, |e| e + 1));
            }
            '%' => self.push(Kind::Percent, length),
            '|' => self.push(Kind::DoubleBar, length),
            '{' | '}' => self.push(Kind::Other(c.to_string()), length),
            '&' | '#' => self.push(Kind::Other(c.to_string()), length),
            '(' | ')' | '[' | ']' | '$' | '_' => self.skip(length),
            _ => self.skip(length),
        }
    }

    fn command(&mut self, name: &str, length: usize) {
        match name {
            "text"
            | "mathrm"
            | "operatorname"
            | "textbf"
            | "textit"
            | "textrm"
            | "mbox"
            | "hbox"
            | "mathsf"
            | "mathtt"
            | "textsf"
            | "texttt"
            | "textnormal"
            | "mathit"
            | "unit"
            | "si"
            | "emph"
            | "mathop"
            | "DeclareMathOperator"
            | "textup"
            | "textsc"
            | "mathbf"
            | "boldsymbol" => self.words(name, length),
            "label" | "tag" | "hspace" | "vspace" | "phantom" | "hphantom" | "vphantom" | "color" | "cssId"
            | "class" | "style" | "mspace" | "kern" | "textcolor" | "colorbox" | "hskip" | "ref" | "eqref" => {
                let end = self.group(length).map_or(length, |(_, end)| end + 1);
                if name == "hspace" { self.push(Kind::Quad, end) } else { self.skip(end) }
            }
            "boxed" | "fbox" | "bbox" | "cancel" | "bcancel" | "xcancel" | "underline" | "mathstrut" => {
                self.skip(length);
                if let Some((open, _)) = self.group(0) {
                    self.at += open;
                    self.braces.push(false);
                }
            }
            "begin" | "end" => match self.group(length) {
                Some((open, close)) => {
                    let name = self.rest()[open..close].trim().trim_end_matches('*').to_owned();
                    let kind =
                        if self.rest()[..length].ends_with("begin") { Kind::Begin(name) } else { Kind::End(name) };
                    self.push(kind, close + 1);
                }
                None => self.push(Kind::Other(name.to_owned()), length),
            },
            "stackrel" | "overset" | "underset" => self.stacked(length),
            "SI" | "qty" | "num" => self.quantity(length),
            "not" => {
                let next = self.rest()[length..].chars().next().map_or(0, char::len_utf8);
                self.push(Kind::Relation(Relation::Other), length + next);
            }
            "left" | "right" | "bigl" | "bigr" | "Bigl" | "Bigr" | "biggl" | "biggr" => {
                let tail = &self.rest()[length..];
                let spaces = tail.len() - tail.trim_start_matches(' ').len();
                let opens = name.starts_with("left") || name.ends_with('l');
                match tail[spaces..].chars().next() {
                    Some('|') => {
                        self.push(if opens { Kind::BarOpen } else { Kind::BarClose }, length + spaces + 1);
                    }
                    Some('.') => self.skip(length + spaces + 1),
                    _ => self.skip(length),
                }
            }
            _ if is_decoration(name) => self.skip(length),
            _ => self.push(symbol(name).unwrap_or_else(|| Kind::Command(name.to_owned())), length),
        }
    }

    /// `\text{…}` and its like: words, a unit, or a number in another typeface.
    fn words(&mut self, name: &str, length: usize) {
        let Some((open, close)) = self.group(length) else {
            return if name == "mathbf" || name == "boldsymbol" {
                self.push(Kind::Command(name.to_owned()), length);
            } else {
                self.skip(length);
            };
        };
        let content = &self.rest()[open..close];
        if matches!(content.trim(), "%" | r"\%" | r"\\%") {
            return self.push(Kind::Percent, close + 1);
        }
        let is_number = content.starts_with(|c: char| c.is_ascii_digit() || c == '-')
            && content.bytes().all(|b| b.is_ascii_digit() || b".,- ".contains(&b));
        if is_number || content.contains('=') || matches!(name, "mathbf" | "boldsymbol") {
            // Its content is mathematics.
            if matches!(name, "mathbf" | "boldsymbol") && !is_number {
                return self.push(Kind::Command(name.to_owned()), length);
            }
            self.skip(open);
            self.braces.push(false);
            return;
        }
        let plain: String = content.replace(['~', '{', '}', '$'], " ").replace(r"\ ", " ").replace('\\', "");
        let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
        let end = close + 1;
        if words.is_empty() { self.skip(end) } else { self.push(Kind::Text(words), end) }
    }

    /// `\stackrel{!}{=}`: a relation with a remark.
    fn stacked(&mut self, length: usize) {
        let Some((first, first_end)) = self.group(length) else { return self.skip(length) };
        let remark = self.rest()[first..first_end].to_owned();
        let Some((second, second_end)) = self.group(first_end + 1) else { return self.skip(first_end + 1) };
        let is_relation = matches!(self.rest()[second..second_end].trim(), "=" | r"\approx" | r"\simeq" | r"\\approx");
        let asked = remark.contains(['?', '!']);
        if is_relation && !asked {
            let about = self.rest()[second..second_end].contains("simeq") || self.rest()[second..].contains("approx");
            self.push(Kind::Relation(if about { Relation::About } else { Relation::Equal }), second_end + 1);
        } else if is_relation || asked {
            self.push(Kind::Relation(Relation::Other), second_end + 1);
        } else {
            self.skip(second - 1);
        }
    }

    /// `\SI{5}{\metre}`.
    fn quantity(&mut self, length: usize) {
        let Some((open, close)) = self.group(length) else { return self.push(Kind::Other("SI".to_owned()), length) };
        let end = self.at + close + 1;
        let inside = self.rest()[open..close].trim().to_owned();
        let number = inside.strip_prefix('-').unwrap_or(&inside);
        match numeral::read(number, self.comma).filter(|n| n.length == number.len()) {
            Some(Numeral { literal, .. }) => {
                let lead = self.rest()[open..close].len() - self.rest()[open..close].trim_start().len();
                self.at += open + lead;
                let signed = usize::from(inside.starts_with('-'));
                if signed == 1 {
                    self.push(Kind::Minus, 1);
                }
                self.push(Kind::Number(literal), number.len());
                self.at = end;
            }
            None => {
                let span = Span { start: self.at + open, end: self.at + close, ..self.span };
                let (inner, _) = lex(self.text, span, self.comma);
                self.push(Kind::GroupOpen, open);
                self.tokens.extend(inner);
                self.at = span.end;
                self.push(Kind::GroupClose, 1);
            }
        }
        if let Some((open, close)) = self.group(0) {
            let unit = self.rest()[open..close].replace('\\', "");
            self.push(Kind::Text(unit), close + 1);
        }
    }
}
