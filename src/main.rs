//! The command: parses its arguments, calls the library, prints, and sets the exit status.

mod command;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = command::Arguments::parse();
    match arguments.run(&mut io::stdout().lock()) {
        Ok(status) => status.into(),
        // Whoever reads the output has had enough of it.
        Err(command::Stop::Output(e)) if e.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(stop) => {
            // Nothing is left to tell if standard error is closed, too.
            writeln!(io::stderr(), "pushforward: {stop}").ok();
            ExitCode::from(2)
        }
    }
}
