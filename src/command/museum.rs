//! `pushforward museum`.

use std::io::Write;

use clap::Args;
use pushforward::data::unknown;
use pushforward::museum::{self, LEFT_OUT, Matrix};
use pushforward::report::Pictures;

use super::{Format, Settings, Status, Stop, judge};

/// Show bugs that real projects shipped, which laws catch them, and whether the projects' own recipes would have
///
/// Without an id: the kill matrix, exhibits down, laws and recipes across. With an id: what the slip was, where, why it
/// was missed, and the report. Exit status: 0 if every exhibit is caught by the laws that it names, 1 if not.
#[derive(Args, Debug)]
pub(crate) struct Museum {
    /// An exhibit, as in the first column of the matrix
    id: Option<String>,
    /// With an id: the report under every law, not only those that must catch it
    #[arg(long, requires = "id")]
    full: bool,
    /// List the known bugs that are no exhibit, and why
    #[arg(long, conflicts_with_all = ["id", "markdown"])]
    left_out: bool,
    /// Print the page of the documentation
    #[arg(long, conflicts_with = "id")]
    markdown: bool,
}

impl Museum {
    pub(crate) fn run(self, settings: &Settings, out: &mut dyn Write) -> Result<Status, Stop> {
        if self.left_out {
            for (id, what, why) in LEFT_OUT {
                writeln!(out, "{id:<9} {what}: {why}")?;
            }
            return Ok(Status::Good);
        }
        let exhibits = match &self.id {
            None if matches!(settings.format, Format::Text | Format::Json) => museum::all(),
            None => return Err(Stop::Misuse("in this format one exhibit is printed: give its id".to_owned())),
            Some(id) => {
                let exhibit = museum::find(id)
                    .ok_or_else(|| Stop::Misuse(unknown("exhibit", id, museum::all().iter().map(|e| e.id))))?;
                match settings.format {
                    Format::Json => std::slice::from_ref(exhibit),
                    Format::Text if !self.full => {
                        write!(out, "{}", exhibit.story())?;
                        return Ok(Status::Good);
                    }
                    format => {
                        let report = if self.full { exhibit.full_report() } else { exhibit.report() };
                        if format == Format::Text {
                            write!(out, "{report}")?;
                        } else {
                            let pictures = || vec![Pictures::of(exhibit.id, &*(exhibit.broken)())];
                            judge::print(&report, pictures, settings, out)?;
                        }
                        return Ok(Status::Good);
                    }
                }
            }
        };
        let matrix = Matrix::of(exhibits);
        if self.markdown {
            write!(out, "{}", matrix.markdown())?;
        } else if settings.for_machines() {
            writeln!(out, "{}", matrix.json())?;
        } else {
            write!(out, "{}", matrix.text())?;
        }
        let caught = |seen: &museum::Seen| seen.exhibit.caught_by.iter().all(|law| seen.word(law) == Some("fails"));
        Ok(if matrix.rows.iter().all(caught) { Status::Good } else { Status::Bad })
    }
}
