//! The verdict matrix, for the whole zoo or some families.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::{Format, Misuse, Outcome, Settings, describe};
use crate::check::Check;
use crate::data::unknown;
use crate::family::Family;
use crate::layers::ZOO;
use crate::report::{self, Report};

fn check(settings: &Settings) -> Result<Check, Misuse> {
    let check = Check::new().seed(settings.seed).cases(settings.cases as usize);
    if settings.laws.is_empty() {
        return Ok(check);
    }
    let laws = settings.laws.iter().map(|name| describe::find(name)).collect::<Result<Vec<_>, _>>()?;
    Ok(check.laws(laws))
}

fn judge(settings: &Settings, families: &[&Family]) -> Result<Report, Misuse> {
    let check = check(settings)?;
    // Hidden where standard error is no terminal.
    let bar = ProgressBar::new(families.len() as u64)
        .with_style(ProgressStyle::with_template("{pos}/{len} {msg}").expect("a valid template"));
    bar.enable_steady_tick(Duration::from_millis(200));
    let mut report = Report { rows: Vec::new(), seed: settings.seed, cases: settings.cases as usize };
    for family in families {
        bar.set_message(family.name);
        report.extend(check.run_family(family));
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(report)
}

fn print(report: &Report, settings: &Settings, more: &str) -> Outcome {
    let text = match settings.format {
        Format::Text => format!("{}\n{more}{report}", report::matrix(report)),
        Format::Json => format!("{}\n", report::json(report)),
    };
    Outcome { text, code: u8::from(!report.is_acceptable()) }
}

pub(super) fn everything(settings: &Settings) -> Result<Outcome, Misuse> {
    let all: Vec<&Family> = ZOO.iter().copied().flatten().collect();
    let report = judge(settings, &all)?;
    Ok(print(&report, settings, ""))
}

pub(super) fn families(settings: &Settings, names: &[String]) -> Result<Outcome, Misuse> {
    let all = || ZOO.iter().copied().flatten();
    let find = |name: &String| {
        all().find(|f| f.name == name).ok_or_else(|| Misuse(unknown("family", name, all().map(|f| f.name))))
    };
    let chosen = names.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    Ok(print(&judge(settings, &chosen)?, settings, ""))
}
