//! A flow in another process under law.

use std::io::Write;
use std::time::Duration;

use clap::Args;
use pushforward::blackbox::process::{Limits, Process};
use pushforward::report::{Pictures, Row};

use super::{Format, Settings, Status, Stop, judge};

/// Judge a flow that another process evaluates, in whatever language (docs/protocol.md)
#[derive(Args, Debug)]
pub(crate) struct External {
    /// The dimension to ask for; without it the process says which it has
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    dim: Option<u32>,
    /// Seconds that the process may take for one answer
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: Duration,
    /// Seconds that the process may take to start
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    start_up: Duration,
    /// The command, after `--`
    #[arg(required = true, last = true, value_name = "COMMAND")]
    command: Vec<String>,
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|s| *s > 0.0);
    let limit = seconds.and_then(|s| Duration::try_from_secs_f64(s).ok());
    limit.ok_or_else(|| "expected a positive number of seconds".to_owned())
}

impl External {
    pub(super) fn run(&self, settings: &Settings, out: &mut dyn Write) -> Result<Status, Stop> {
        let check = judge::check(settings)?;
        let limits = Limits { start_up: self.start_up, reply: self.timeout };
        let process = Process::start(&self.command, self.dim.map(|dim| dim as usize), limits)
            .map_err(|breakdown| Stop::Misuse(breakdown.to_string()))?;
        let report = check.run(&process.black_box());
        let draw = |row: &Row| Pictures::of(&row.name, &process.black_box());
        let pictures: Vec<Pictures> =
            if settings.format == Format::Html { report.rows.iter().map(draw).collect() } else { Vec::new() };
        // Half an answer is none.
        if let Some(breakdown) = process.breakdown() {
            return Err(Stop::Misuse(breakdown.to_string()));
        }
        if settings.format != Format::Text {
            return judge::print(&report, || pictures, settings, out);
        }
        write!(out, "{report}")?;
        Ok(if report.is_acceptable() { Status::Good } else { Status::Bad })
    }
}
