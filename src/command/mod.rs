//! The command: judges the zoo, explains the laws, evaluates flows written as data.
//!
//! Exit codes: 0 all hold (skips counted); 1 something fails, is vacuous or undecided; 2 misuse.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

mod describe;
mod judge;

/// Decides whether normalizing-flow layers are what they claim to be.
#[derive(Debug, Parser)]
#[command(name = "pushforward", version)]
struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Judge these families of the zoo (no argument at all: the whole zoo).
    Check {
        /// Names of families, as in the first column of the matrix.
        #[arg(required = true)]
        families: Vec<String>,
    },
    /// List the laws, a line each.
    Laws,
    /// Say what a law claims, why, which real bugs it catches and what it cannot see.
    Explain {
        /// The law's name.
        law: String,
    },
}

#[derive(Args, Clone, Debug)]
struct Settings {
    /// Seed of all draws.
    #[arg(long, global = true, default_value_t = crate::check::SEED)]
    seed: u64,
    /// Layers drawn from each family, with three points each.
    #[arg(long, global = true, default_value_t = crate::check::CASES as u32, value_parser = clap::value_parser!(u32).range(1..))]
    cases: u32,
    /// Judge this law only; may be given several times.
    #[arg(long = "law", global = true)]
    laws: Vec<String>,
    /// How to print.
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For machines: one JSON object.
    Json,
}

/// What a task printed, and how it ended.
struct Outcome {
    text: String,
    code: u8,
}

/// A misuse, in words.
struct Misuse(String);

/// Runs the command on the process's arguments.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let settings = &arguments.settings;
    let result = match &arguments.task {
        None => judge::everything(settings),
        Some(Task::Check { families }) => judge::families(settings, families),
        Some(Task::Laws) => Ok(describe::list()),
        Some(Task::Explain { law }) => describe::explain(law),
    };
    match result {
        Ok(outcome) => {
            // A reader that has gone away is no failure of ours.
            let _ = std::io::stdout().write_all(outcome.text.as_bytes());
            ExitCode::from(outcome.code)
        }
        Err(Misuse(message)) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}
