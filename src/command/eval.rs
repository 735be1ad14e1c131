//! `pushforward eval`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use pushforward::data::At;
use pushforward::document::{Syntax, parse};
use pushforward::eval::{Outcome, case, case_precise, cases};

use super::{Status, Stop};

/// Evaluates flows that are written as data, one JSON object a line
///
/// Reads {"cases": [{"id": "a", "flow": {"layer": "planar", "params": {...}}, "z": ["0.5", "-0.5"]}, ...]}, or the same
/// in TOML. Given z a flow runs forward, given x it runs backward. Each line holds id, z, x, log_det, jacobian (null
/// above dimension 512), log_prob and residual_round_trip (null where there is no way back), or id and error.
///
/// Exit status: 0 if every case evaluated, 1 if some did not, 2 if the document could not be read.
#[derive(Args, Debug)]
pub(crate) struct Eval {
    /// A JSON file, a TOML file (named *.toml), or - for JSON on standard input
    file: PathBuf,
    /// Evaluate in 237 bits, decimal strings read in full, and print 60 digits as strings
    #[arg(long)]
    precise: bool,
}

impl Eval {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<Status, Stop> {
        let name = if self.file == Path::new("-") { "standard input".into() } else { self.file.to_string_lossy() };
        let text = self.text().map_err(|e| Stop::Misuse(format!("cannot read {name}: {e}")))?;
        let document = parse(&text, Syntax::of(&self.file)).map_err(|e| Stop::Misuse(format!("{name}:{e}")))?;
        let cases = cases(&At::new(&document, "")).map_err(|e| Stop::Misuse(format!("{name}: {e}")))?;
        let mut status = Status::Good;
        for at in &cases {
            let (good, line) = if self.precise { written(&case_precise(at)) } else { written(&case(at)) };
            if !good {
                status = Status::Bad;
            }
            writeln!(out, "{line}")?;
        }
        Ok(status)
    }

    fn text(&self) -> std::io::Result<String> {
        if self.file == Path::new("-") {
            let mut text = String::new();
            std::io::stdin().lock().read_to_string(&mut text)?;
            Ok(text)
        } else {
            std::fs::read_to_string(&self.file)
        }
    }
}

fn written<N: serde::Serialize>(outcome: &Outcome<N>) -> (bool, String) {
    (outcome.result.is_ok(), outcome.to_json())
}
