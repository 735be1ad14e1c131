//! The course checker: the numbers of a chapter in Markdown and LaTeX, checked to the precision printed.

mod atoms;
mod budget;
mod calls;
mod chapter;
mod claims;
mod commands;
mod compare;
mod context;
mod doubt;
mod evaluate;
mod experiments;
mod expr;
mod facts;
mod features;
mod formats;
mod functions;
mod judge;
mod lex;
mod markdown;
mod names;
mod number;
mod numeral;
mod parse;
mod quadrature;
mod quantity;
mod recompute;
mod report;
mod scripts;
mod skip;
mod source;
mod statement;
mod token;
mod units;
mod value;

pub use chapter::{Link, links};
pub use claims::{Outcome, Standing, table};
pub use facts::Facts;
pub use formats::{github, json_lines, sarif};
pub use judge::Verdict;
pub use recompute::{Recomputed, blessed};
pub use report::{Chapter, Summary};
pub use skip::{Skip, Why};

/// The text of a chapter's bytes: without a byte order mark, and with what is no UTF-8 replaced.
pub fn text_of(bytes: &[u8]) -> String {
    source::text_of(bytes)
}
