//! The subcommands, one file each.

mod eval;

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Decides whether a normalizing-flow layer is what it claims to be: an invertible map with the right volume change.
#[derive(Debug, Parser)]
#[command(name = "pushforward", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Eval(eval::Eval),
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
        match self.command {
            Command::Eval(eval) => eval.run(out),
        }
    }
}
