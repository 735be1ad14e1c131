//! Numbers of a document, rounded to f64 or in full.

use super::{At, DataError, Value};
use crate::param::decimal::note;
use crate::scalar::Precise;

impl At<'_> {
    /// A finite number.
    ///
    /// # Errors
    /// `WrongType`, `NonFinite`; where decimals are kept in full, `SameRounding` for two that only f64 confuses.
    pub fn number(&self) -> Result<f64, DataError> {
        let number = self.rounded()?;
        if !note(number, || self.full()) {
            let message = format!(
                "it and another number before it round to one f64, {number:?}, and are not the same: write both as strings"
            );
            return Err(self.error("SameRounding", message));
        }
        Ok(number)
    }

    fn rounded(&self) -> Result<f64, DataError> {
        let number = match self.value {
            Value::Number(x) => *x,
            Value::Text(text) => text
                .trim()
                .parse::<f64>()
                .map_err(|_| self.error("WrongType", format!("expected a number, found the string {text:?}")))?,
            _ => return Err(self.expected("a number")),
        };
        if number.is_finite() { Ok(number) } else { Err(self.error("NonFinite", format!("{number} is not finite"))) }
    }

    fn full(&self) -> Option<Precise> {
        if let Value::Text(text) = self.value { text.trim().parse().ok() } else { None }
    }

    /// The same in 237 bits: a decimal string is kept in full.
    ///
    /// # Errors
    /// As [`At::number`].
    pub fn decimal(&self) -> Result<Precise, DataError> {
        let rounded = self.rounded()?;
        Ok(self.full().unwrap_or_else(|| rounded.into()))
    }
}
