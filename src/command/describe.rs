//! `laws` and `explain`: everything comes from the laws' own literals.

use std::fmt::Write;

use super::{Misuse, Outcome};
use crate::data::unknown;
use crate::laws::{self, Law};

/// The law of this name, or the nearest right name.
pub(super) fn find(name: &str) -> Result<&'static Law, Misuse> {
    laws::find(name).ok_or_else(|| Misuse(unknown("law", name, laws::all().map(|law| law.name))))
}

pub(super) fn list() -> Outcome {
    let width = laws::all().map(|law| law.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for law in laws::all() {
        let _ = writeln!(text, "{:width$}  {}", law.name, law.statement);
    }
    Outcome { text, code: 0 }
}

pub(super) fn explain(name: &str) -> Result<Outcome, Misuse> {
    let law = find(name)?;
    let mut text = format!("{}\n\n", law.name);
    for (title, body) in [
        ("claim", law.statement),
        ("why", law.why),
        ("source", law.source),
        ("catches", law.catches),
        ("cannot see", law.blind_to),
    ] {
        let _ = writeln!(text, "  {title:<11}{body}");
    }
    Ok(Outcome { text, code: 0 })
}
