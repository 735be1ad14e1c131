//! Lines and columns of a text.

/// Finds places in ascending order, passing over the text once.
pub(super) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
    column: usize,
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, column: 1 }
    }

    /// 1-based line and column, in characters, of a byte not before the last one asked for.
    pub(super) fn position(&mut self, byte: usize) -> (usize, usize) {
        for c in self.text.get(self.at..byte).unwrap_or_default().chars() {
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            } else {
                self.column += 1;
            }
        }
        self.at = self.at.max(byte);
        (self.line, self.column)
    }
}

/// A file's bytes as text: without a byte order mark, and with what is no UTF-8 replaced.
pub(super) fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned()
}
