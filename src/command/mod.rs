//! The subcommands, one file each.

mod course;
mod derive;
mod describe;
mod digits;
mod eval;
mod external;
mod init;
mod judge;
mod museum;
mod output;
mod prove;
mod soak;

use std::fmt;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pushforward::check::{CASES, SEED};

/// Decides whether a normalizing-flow layer is what it claims to be: an invertible map with the right volume change.
#[derive(Debug, Parser)]
#[command(name = "pushforward", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

/// How to judge and print.
#[derive(Args, Clone, Debug)]
pub(crate) struct Settings {
    /// Seed of all draws
    #[arg(long, global = true, default_value_t = SEED)]
    seed: u64,
    /// Layers drawn from each family, with three points each [default: 24 for the whole zoo, 60 for chosen families]
    #[arg(long, global = true, value_parser = clap::value_parser!(u32).range(1..))]
    cases: Option<u32>,
    /// Judge this law only; may be given several times
    #[arg(long = "law", global = true, value_name = "LAW")]
    laws: Vec<String>,
    /// Threads; the results do not depend on it [default: one for each core]
    #[arg(long, global = true, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Let this law be undecided; may be given several times
    #[arg(long = "allow-undecided", global = true, value_name = "LAW")]
    may_be_undecided: Vec<String>,
    /// How to print
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print to this file, which is replaced once everything is there
    #[arg(short, long, global = true, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: one JSON object; of chapters one for each link
    Json,
    /// JUnit's XML for continuous integration, of verdicts only
    Junit,
    /// A page with pictures that needs nothing else, of verdicts only
    Html,
    /// For a chapter: LaTeX, of formulas only
    Latex,
    /// GitHub's annotations, of chapters only
    Github,
    /// A SARIF log, of chapters only
    Sarif,
}

/// Layers drawn from each family where nobody asks for more and all families are judged: 72 points each.
const FIRST_LOOK: u32 = 24;

impl Settings {
    fn jobs(&self) -> NonZeroUsize {
        self.jobs.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
    }
    fn cases(&self) -> usize {
        self.cases.map_or(CASES, |cases| cases as usize)
    }
    /// With fewer layers of each family, unless their number is given.
    fn for_a_first_look(&self) -> Self {
        Self { cases: self.cases.or(Some(FIRST_LOOK)), ..self.clone() }
    }

    /// Whether to print for machines.
    fn for_machines(&self) -> bool {
        self.format == Format::Json
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge these families of the zoo (with no command at all: the whole zoo and the worked examples)
    Check {
        /// Names of families, as in the first column of the matrix
        #[arg(required = true)]
        families: Vec<String>,
    },
    /// List the laws, a line each
    Laws,
    /// Say what a law claims, why, which real bugs it catches and what it cannot see
    Explain {
        /// The law's name
        law: String,
    },
    Eval(eval::Eval),
    Museum(museum::Museum),
    Prove(prove::Prove),
    Digits(digits::Digits),
    Derive(derive::Derive),
    Course(course::Course),
    Soak(soak::Soak),
    Init(init::Init),
    External(external::External),
}

/// What was asked has been done; the exit status says how it came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// All is well: 0.
    Good,
    /// Something asked about is not well: 1.
    Bad,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        match status {
            Status::Good => Self::SUCCESS,
            Status::Bad => Self::FAILURE,
        }
    }
}

/// Why what was asked could not be done: exit status 2.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The arguments or the input make no sense.
    Misuse(String),
    /// The output cannot be written.
    Output(io::Error),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Misuse(message) => f.write_str(message),
            Self::Output(e) => write!(f, "cannot write the output: {e}"),
        }
    }
}

impl From<io::Error> for Stop {
    fn from(e: io::Error) -> Self {
        Self::Output(e)
    }
}

impl Arguments {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<Status, Stop> {
        let (fits, who) = match self.settings.format {
            Format::Text | Format::Json => (true, ""),
            Format::Latex => (matches!(self.command, Some(Command::Derive(_))), "only `derive` prints"),
            Format::Github | Format::Sarif => {
                (matches!(self.command, Some(Command::Course(_))), "only `course` prints")
            }
            Format::Junit | Format::Html => (
                matches!(self.command, None | Some(Command::Check { .. } | Command::External(_) | Command::Museum(_))),
                "only the whole matrix, `check`, `external` and `museum ID` print",
            ),
        };
        if !fits {
            return Err(Stop::Misuse(format!("{who} in this format")));
        }
        match self.settings.output.clone() {
            // There it is the folder to write to.
            Some(path) if !matches!(self.command, Some(Command::Init(_))) => {
                output::replace(&path, |out| self.print(out))
            }
            _ => self.print(out),
        }
    }

    fn print(self, out: &mut dyn Write) -> Result<Status, Stop> {
        match self.command {
            None => judge::everything(&self.settings, out),
            Some(Command::Check { families }) => judge::families(&self.settings, &families, out),
            Some(Command::Laws) => describe::list(out),
            Some(Command::Explain { law }) => describe::explain(&law, out),
            Some(Command::Eval(eval)) => eval.run(out),
            Some(Command::Course(course)) => course.run(&self.settings, out),
            Some(Command::Init(init)) => init.run(out),
            Some(Command::Digits(digits)) => digits.run(out),
            Some(Command::External(external)) => external.run(&self.settings, out),
            Some(Command::Derive(derive)) => derive.run(&self.settings, out),
            Some(Command::Museum(museum)) => museum.run(&self.settings, out),
            Some(Command::Soak(soak)) => soak.run(&self.settings, out),
            Some(Command::Prove(prove)) => prove.run(&self.settings, out),
        }
    }
}
