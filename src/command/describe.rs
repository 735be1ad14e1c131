//! `pushforward laws` and `pushforward explain`: everything comes from the laws' own literals.

use std::io::Write;

use pushforward::data::unknown;
use pushforward::laws::{self, Law};

use super::{Status, Stop};

/// The law of this name; a misspelt one is told the nearest right name.
pub(super) fn find(name: &str) -> Result<&'static Law, Stop> {
    laws::find(name).ok_or_else(|| Stop::Misuse(unknown("law", name, laws::all().map(|law| law.name))))
}

pub(super) fn list(out: &mut dyn Write) -> Result<Status, Stop> {
    let width = laws::all().map(|law| law.name.len()).max().unwrap_or(0);
    for law in laws::all() {
        writeln!(out, "{:width$}  {}", law.name, law.statement)?;
    }
    Ok(Status::Good)
}

pub(super) fn explain(name: &str, out: &mut dyn Write) -> Result<Status, Stop> {
    let law = find(name)?;
    writeln!(out, "{}\n", law.name)?;
    for (title, body) in [
        ("claim", law.statement),
        ("why", law.why),
        ("source", law.source),
        ("catches", law.catches),
        ("cannot see", law.blind_to),
    ] {
        writeln!(out, "  {title:<12}{body}")?;
    }
    Ok(Status::Good)
}
