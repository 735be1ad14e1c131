//! `pushforward course`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use pushforward::course::{Chapter, Summary, github, json_lines, sarif, text_of};

use super::{Status, Stop};

/// Checks the numbers of course chapters in Markdown and LaTeX, to the precision printed
///
/// Exit status: 0 if nothing was found, 1 if something was, 2 if a chapter could not be read.
#[derive(Args, Debug)]
pub(crate) struct Course {
    /// Chapters, directories of chapters (*.md and its like), or - for standard input
    #[arg(required = true)]
    chapters: Vec<PathBuf>,
    /// How to print
    #[arg(long = "format", value_enum, default_value_t = Output::Text)]
    output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people, like a compiler's
    Text,
    /// JSON lines, one for each link
    Json,
    /// GitHub's annotations
    Github,
    /// One SARIF log
    Sarif,
}

impl Course {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<Status, Stop> {
        let mut all = Vec::new();
        for file in &self.chapters {
            let text = text_of(&bytes(file).map_err(|e| Stop::Misuse(format!("cannot read {}: {e}", file.display())))?);
            all.push(Chapter::new(file.display().to_string(), text));
        }
        let summary = Summary::of(&all);
        match self.output {
            Output::Text => {
                for chapter in &all {
                    write!(out, "{}", chapter.to_text())?;
                }
                write!(out, "{}", summary.to_text())?;
            }
            Output::Json => {
                for chapter in &all {
                    write!(out, "{}", json_lines(chapter))?;
                }
            }
            Output::Github => {
                for chapter in &all {
                    write!(out, "{}", github(chapter))?;
                }
            }
            Output::Sarif => write!(out, "{}", sarif(&all))?,
        }
        Ok(if summary.found() == 0 { Status::Good } else { Status::Bad })
    }
}

fn bytes(file: &Path) -> std::io::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        Ok(bytes)
    } else {
        std::fs::read(file)
    }
}
