//! A facts file: what the numbers of a chapter mean, to be recomputed through the layers.

use crate::data::{At, DataError, Fields};
use crate::document::{Syntax, parse as document};

use super::claims::Claim;
use super::quantity::Quantity;

/// A facts file, read.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Facts {
    /// The name of the chapter's file, if it says.
    pub source: Option<String>,
    pub(super) items: Vec<Item>,
    pub(super) claims: Vec<Claim>,
    pub(super) accepts: Vec<Accept>,
}

/// A number or formula of the chapter, with its meaning.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) line: Option<usize>,
    pub(super) quote: String,
    pub(super) quantity: Quantity,
    pub(super) printed: Option<String>,
    pub(super) exact: Option<String>,
    /// The arithmetic shown beside the number, on operands as printed.
    pub(super) shown: Option<String>,
}

/// A finding that the author keeps.
#[derive(Clone, Debug)]
pub(super) struct Accept {
    pub(super) line: Option<usize>,
    pub(super) quote: Option<String>,
    pub(super) printed: String,
    pub(super) reason: String,
}

pub(super) fn optional_text(fields: &Fields<'_>, key: &'static str) -> Result<Option<String>, DataError> {
    fields.optional(key).map(|at| at.text().map(str::to_owned)).transpose()
}
pub(super) fn optional_index(fields: &Fields<'_>, key: &'static str) -> Result<Option<usize>, DataError> {
    fields.optional(key).map(|at| at.index()).transpose()
}

impl Facts {
    /// Reads a facts file in TOML.
    ///
    /// # Errors
    /// [`DataError`] with the place: the line for text that is no TOML, the path for what is not in the format.
    pub fn read(text: &str) -> Result<Self, DataError> {
        let syntax = |e: crate::document::SyntaxError| DataError {
            path: e.path.clone(),
            kind: "Syntax",
            message: format!("{}:{}: {}", e.line, e.column, e.message),
        };
        let whole = document(text, Syntax::Toml).map_err(syntax)?;
        let fields = At::new(&whole, "").fields()?;
        let list = |key| fields.optional(key).map_or(Ok(Vec::new()), |at| at.list());
        let (items, claims, accepts) = (list("item")?, list("claim")?, list("accept")?);
        // What else the table says is for people.
        let source = match fields.optional("meta") {
            Some(meta) => optional_text(&meta.fields()?, "source")?,
            None => None,
        };
        fields.finish()?;
        Ok(Self {
            source,
            items: items.iter().map(Item::read).collect::<Result<_, _>>()?,
            claims: claims.iter().map(Claim::read).collect::<Result<_, _>>()?,
            accepts: accepts.iter().map(Accept::read).collect::<Result<_, _>>()?,
        })
    }

    /// Whether they are about the chapter of this file name.
    pub fn are_about(&self, chapter: &str) -> bool {
        let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
        self.source.as_ref().is_none_or(|s| name(s) == name(chapter))
    }
}

impl Item {
    fn read(at: &At<'_>) -> Result<Self, DataError> {
        let fields = at.fields()?;
        for ignored in ["section", "note", "decimals", "rounded_exact", "verdict"] {
            fields.optional(ignored);
        }
        let shown = match fields.optional("shown") {
            Some(shown) => {
                let inside = shown.fields()?;
                for ignored in ["value", "agrees"] {
                    inside.optional(ignored);
                }
                let expression = inside.required("expr")?.text()?.to_owned();
                inside.finish()?;
                Some(expression)
            }
            None => None,
        };
        let item = Self {
            id: fields.required("id")?.text()?.to_owned(),
            line: optional_index(&fields, "line")?,
            quote: fields.required("quote")?.text()?.to_owned(),
            quantity: Quantity::read(&fields)?,
            printed: optional_text(&fields, "printed")?,
            exact: optional_text(&fields, "exact")?,
            shown,
        };
        fields.finish()?;
        Ok(item)
    }
}

impl Accept {
    fn read(at: &At<'_>) -> Result<Self, DataError> {
        let fields = at.fields()?;
        let accept = Self {
            line: optional_index(&fields, "line")?,
            quote: optional_text(&fields, "quote")?,
            printed: fields.required("printed")?.text()?.to_owned(),
            reason: fields.required("reason")?.text()?.to_owned(),
        };
        fields.finish()?;
        if accept.reason.trim().is_empty() {
            return Err(at.error("MissingKey", "an accepted finding needs a reason"));
        }
        Ok(accept)
    }
}
