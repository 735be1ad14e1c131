//! The formulas of a chapter in Markdown, by their places.
//!
//! A scanner of its own, because parsers of CommonMark take indented solutions for code, `\(` for an escaped
//! parenthesis and `_` for emphasis. It passes over the text once.

use super::lex::Span;

/// One formula.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formula {
    pub(super) span: Span,
    /// The number of headings before it.
    pub(super) section: usize,
    /// Where its opening delimiter starts and its closing one ends.
    pub(super) outer: (usize, usize),
}

/// A formula longer than this is not read.
pub(super) const LONGEST: usize = 1 << 16;

/// So much of a formula is looked at for being prose.
const PROSE: usize = 2000;

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    line_start: usize,
    section: usize,
    formulas: Vec<Formula>,
    too_long: usize,
    /// Where each closing delimiter was last found, so that no stretch is searched twice.
    found: Vec<(String, Option<usize>)>,
    /// For each run of backticks, where the next one of its length starts.
    ticks: std::collections::HashMap<usize, usize>,
}

/// The formulas of a text, and how many were too long to be read.
pub(super) fn formulas(text: &str) -> (Vec<Formula>, usize) {
    let mut scanner = Scanner {
        text,
        bytes: text.as_bytes(),
        at: 0,
        line_start: 0,
        section: 0,
        formulas: Vec::new(),
        too_long: 0,
        found: Vec::new(),
        ticks: ticks(text.as_bytes()),
    };
    scanner.run();
    (scanner.formulas, scanner.too_long)
}

/// Where each run of backticks finds the next one of its length.
fn ticks(bytes: &[u8]) -> std::collections::HashMap<usize, usize> {
    let (mut next, mut by_length) = (std::collections::HashMap::new(), std::collections::HashMap::new());
    let mut end = bytes.len();
    while let Some(last) = bytes[..end].iter().rposition(|b| *b == b'`') {
        let length = bytes[..=last].iter().rev().take_while(|b| **b == b'`').count();
        let start = last + 1 - length;
        if let Some(after) = by_length.insert(length, start) {
            next.insert(start, after);
        }
        end = start;
    }
    next
}

const ENVIRONMENTS: [&str; 9] =
    ["align", "equation", "gather", "eqnarray", "multline", "flalign", "alignat", "displaymath", "aligned"];

impl Scanner<'_> {
    fn starts(&self, with: &str) -> bool {
        self.bytes[self.at..].starts_with(with.as_bytes())
    }

    fn run(&mut self) {
        if self.starts("---\n") || self.starts("---\r\n") {
            self.front_matter();
        }
        while self.at < self.bytes.len() {
            if self.at == self.line_start && self.line() {
                continue;
            }
            match self.bytes[self.at] {
                b'\n' => {
                    self.at += 1;
                    self.line_start = self.at;
                }
                b'`' => self.code(),
                b'$' => self.dollars(),
                b'\\' => self.backslash(),
                b'<' => self.tag(),
                _ => self.at += 1,
            }
        }
    }

    fn line_end(&self, from: usize) -> usize {
        self.bytes[from..].iter().position(|b| *b == b'\n').map_or(self.bytes.len(), |n| from + n)
    }

    fn front_matter(&mut self) {
        let end = ["\n---\n", "\n---\r\n", "\n...\n"].iter().filter_map(|e| self.text.find(e)).min();
        if let Some(end) = end.filter(|e| *e < 20_000) {
            self.at = self.line_end(end + 1);
        }
    }

    /// What a line's beginning says: a heading, or a fence, which is passed over.
    fn line(&mut self) -> bool {
        let end = self.line_end(self.at);
        let line = &self.text[self.at..end];
        let content = line.trim_start_matches([' ', '\t', '>']);
        if content.starts_with('#') && content.trim_start_matches('#').starts_with([' ', '\t']) {
            self.section += 1;
            return false;
        }
        let body = content.trim_start_matches(['-', '*', '+', ' ']);
        for mark in ['`', '~', ':'] {
            let run = body.chars().take_while(|c| *c == mark).count();
            let info = body[run..].trim();
            if run < 3 || info.contains('`') || mark == ':' && !info.starts_with("{math}") {
                continue;
            }
            let fence: String = std::iter::repeat_n(mark, run).collect();
            let is_math =
                ["math", "{math}", "latex", "tex", "katex"].iter().any(|m| info == *m || info.starts_with("{math}"));
            let (inside, after) = self.fence_end(&fence, (end + 1).min(self.bytes.len()));
            if is_math {
                let from = (end + 1).min(inside);
                self.push(from, inside, (self.at, after));
            }
            self.at = after;
            self.line_start = if after < self.bytes.len() { after } else { self.line_start };
            return true;
        }
        false
    }

    /// Where a fence's content and the fence itself end; the end of the text if nothing closes it.
    fn fence_end(&self, fence: &str, from: usize) -> (usize, usize) {
        let mut at = from;
        while at < self.bytes.len() {
            let end = self.line_end(at);
            let line = self.text[at..end].trim_start_matches([' ', '\t', '>']).trim_end();
            if line.starts_with(fence) && line.trim_start_matches(&fence[..1]).is_empty() {
                return (at, (end + 1).min(self.bytes.len()));
            }
            at = end + 1;
        }
        (self.bytes.len(), self.bytes.len())
    }

    fn code(&mut self) {
        let length = self.bytes[self.at..].iter().take_while(|b| **b == b'`').count();
        let close = self.ticks.get(&self.at).copied();
        self.at = match close.filter(|&c| !self.is_paragraph_end(self.at, c)) {
            Some(close) => close + length,
            None => self.at + length,
        };
    }

    /// Whether an empty line stands between two places. Looks at no more than a formula's length.
    fn is_paragraph_end(&self, from: usize, to: usize) -> bool {
        if to - from > LONGEST {
            return true;
        }
        let mut lines = self.text[from..to].split('\n').skip(1).collect::<Vec<_>>();
        lines.pop();
        lines.iter().any(|line| line.trim_matches([' ', '\t', '\r', '>']).is_empty())
    }

    fn tag(&mut self) {
        let rest = &self.bytes[self.at..];
        for (open, close) in
            [("<!--", "-->"), ("<script", "</script"), ("<style", "</style"), ("<pre", "</pre"), ("<code", "</code")]
        {
            if rest.len() >= open.len() && rest[..open.len()].eq_ignore_ascii_case(open.as_bytes()) {
                match self.find(close, self.at + open.len()) {
                    Some(end) => self.at = end + close.len(),
                    None => self.at += open.len(),
                }
                return;
            }
        }
        self.at += 1;
    }

    /// The next occurrence.
    fn find(&mut self, what: &str, from: usize) -> Option<usize> {
        let known = self.found.iter().position(|(w, _)| w == what);
        if let Some((_, place)) = known.map(|k| &self.found[k])
            && place.is_none_or(|p| p >= from)
        {
            return *place;
        }
        let place = self.text.get(from..)?.find(what).map(|n| from + n);
        match known {
            Some(k) => self.found[k].1 = place,
            None => self.found.push((what.to_owned(), place)),
        }
        place
    }

    fn push(&mut self, start: usize, end: usize, outer: (usize, usize)) {
        if end - start > LONGEST {
            self.too_long += 1;
            return;
        }
        let content = &self.text[start..end];
        let line = &self.text[self.line_start.min(start)..start];
        let is_quoted = line.trim_start().trim_start_matches(['-', '*', ' ']).starts_with('>');
        let span = Span { start, end, is_doubled: is_doubled(content), is_quoted };
        self.formulas.push(Formula { span, section: self.section, outer });
    }

    fn backslash(&mut self) {
        for (open, close) in [(r"\\(", r"\\)"), (r"\\[", r"\\]"), (r"\(", r"\)"), (r"\[", r"\]")] {
            if self.starts(open) {
                let start = self.at + open.len();
                match self.find(close, start) {
                    Some(end) if end - start <= LONGEST && !self.is_prose(start, end) => {
                        self.push(start, end, (self.at, end + close.len()));
                        self.at = end + close.len();
                    }
                    _ => self.at = start,
                }
                return;
            }
        }
        if self.starts(r"\begin{") {
            let start = self.at + 7;
            let name: String =
                self.text[start..].chars().take_while(|c| c.is_ascii_alphabetic() || *c == '*').take(20).collect();
            if ENVIRONMENTS.contains(&name.trim_end_matches('*')) {
                let close = format!("\\end{{{name}}}");
                if let Some(end) = self.find(&close, start).filter(|e| e - start <= LONGEST) {
                    let end = end + close.len();
                    self.push(self.at, end, (self.at, end));
                    self.at = end;
                    return;
                }
            }
        }
        // An escaped character, which may be a dollar sign.
        let width = self.text[self.at + 1..].chars().next().map_or(0, |c| if c == '\n' { 0 } else { c.len_utf8() });
        self.at += 1 + width;
    }

    fn dollars(&mut self) {
        if self.starts("$$") {
            let start = self.at + 2;
            match self.find("$$", start) {
                Some(end) if end == start => self.at = end + 2,
                Some(end) if end - start <= LONGEST && !self.is_prose(start, end) => {
                    self.push(start, end, (self.at, end + 2));
                    self.at = end + 2;
                }
                Some(end) if end - start > LONGEST => {
                    self.too_long += 1;
                    self.at = start;
                }
                _ => self.at = start,
            }
            return;
        }
        let start = self.at + 1;
        if self.starts("$`")
            && let Some(end) = self.find("`$", start + 1).filter(|e| !self.is_paragraph_end(start, *e))
        {
            self.push(start + 1, end, (self.at, end + 2));
            self.at = end + 2;
            return;
        }
        match self.inline_end(start) {
            Some(end) => {
                self.push(start, end, (self.at, end + 1));
                self.at = end + 1;
            }
            None => self.at = start,
        }
    }

    /// The closing dollar sign of an inline formula: in the same paragraph, in a table in the same row.
    fn inline_end(&self, start: usize) -> Option<usize> {
        let line = self.text[self.line_start..start].trim_start_matches([' ', '\t', '>']);
        let in_table = line.starts_with('|');
        let mut at = start;
        let mut blank = false;
        loop {
            match self.bytes.get(at)? {
                b'$' => break,
                b'\\' => at += 1,
                b'\n' if in_table || blank => return None,
                b'\n' => blank = true,
                b' ' | b'\t' | b'\r' | b'>' => {}
                _ => blank = false,
            }
            at += 1;
            if at - start > LONGEST {
                return None;
            }
        }
        let content = &self.text[start..at];
        let after = self.bytes.get(at + 1).copied().unwrap_or(b' ');
        let (led, trailed) = (content.starts_with([' ', '\n', '\t']), content.ends_with([' ', '\n', '\t']));
        // `$5 and $6` holds no formula.
        let is_price = trailed && !led || led && !trailed || after.is_ascii_digit() || content.is_empty();
        (!is_price && !self.is_prose(start, at)).then_some(at)
    }

    /// Whether a stretch of text reads as sentences: several plain words one after the other, outside `\text`.
    fn is_prose(&self, start: usize, end: usize) -> bool {
        let (mut run, mut depth) = (0usize, 0usize);
        let end = (start..=end.min(start + PROSE)).rev().find(|e| self.text.is_char_boundary(*e)).unwrap_or(start);
        for word in self.text[start..end].split([' ', '\n', '\r', '\t']) {
            let opens = word.matches('{').count();
            let is_plain = depth == 0
                && opens == 0
                && word.len() > 1
                && word
                    .trim_end_matches([',', '.', ';', ':', '?', '!', ')'])
                    .chars()
                    .all(|c| c.is_alphabetic() || c == '\'' || c == '-');
            depth = (depth + opens).saturating_sub(word.matches('}').count());
            run = if is_plain && word.chars().any(char::is_alphabetic) { run + 1 } else { 0 };
            if run >= 4 {
                return true;
            }
        }
        false
    }
}

/// Whether commands are written with two backslashes, as in text that has been escaped once too often.
fn is_doubled(content: &str) -> bool {
    let (mut single, mut double) = (0usize, 0usize);
    let bytes = content.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        if bytes[i] != b'\\' {
            i += 1;
            continue;
        }
        let slashes = bytes[i..].iter().take_while(|b| **b == b'\\').count();
        let word = bytes[i + slashes..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
        match slashes {
            1 if word > 0 => single += 1,
            2 if word > 1 => double += 1,
            _ => {}
        }
        i += slashes + word.max(1);
    }
    double > 0 && single == 0
}
