//! LaTeX's commands as tokens.

use super::lex::{Lexer, Span, lex};
use super::numeral::{self, Numeral};
use super::token::{Kind, Relation, is_decoration, symbol};

impl Lexer<'_> {
    /// The length of the group that starts at a byte of the rest, braces included. Bounded, so that many unbalanced
    /// ones cost no more than their number.
    pub(super) fn group(&self, from: usize) -> Option<(usize, usize)> {
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

    pub(super) fn backslash(&mut self) {
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

    pub(super) fn escaped(&mut self, slashes: usize) {
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

    pub(super) fn command(&mut self, name: &str, length: usize) {
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
    pub(super) fn words(&mut self, name: &str, length: usize) {
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
        match words.as_str() {
            "" => self.skip(end),
            "of" => self.push(Kind::Times, end),
            _ => self.push(Kind::Text(words), end),
        }
    }

    /// `\stackrel{!}{=}`: a relation with a remark.
    pub(super) fn stacked(&mut self, length: usize) {
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
    pub(super) fn quantity(&mut self, length: usize) {
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
