//! What XML and HTML need of any text.

use std::fmt::{self, Write};

/// A text in which nothing is markup, as content. Characters that XML 1.0 excludes become the replacement character.
#[derive(Clone, Copy)]
pub(super) struct Text<'a>(pub &'a str);

/// The same between quotation marks.
#[derive(Clone, Copy)]
pub(super) struct Quoted<'a>(pub &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '\n' | '\t' => f.write_char(c),
            _ => escape(c, f),
        })
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| escape(c, f))
    }
}

fn escape(c: char, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match c {
        '&' => f.write_str("&amp;"),
        '<' => f.write_str("&lt;"),
        '>' => f.write_str("&gt;"),
        '"' => f.write_str("&quot;"),
        '\'' => f.write_str("&#39;"),
        // A parser would make a blank of them between quotation marks, and a line feed of a carriage return anywhere.
        '\n' | '\t' | '\r' => write!(f, "&#{};", u32::from(c)),
        c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => f.write_char(char::REPLACEMENT_CHARACTER),
        c => f.write_char(c),
    }
}
