//! The verdict matrix, for the whole zoo or some families.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use pushforward::check::Check;
use pushforward::data::unknown;
use pushforward::family::Family;
use pushforward::layers::ZOO;
use pushforward::report::{self, Report};
use pushforward::worked;

use super::{Settings, Status, Stop, describe};

fn check(settings: &Settings) -> Result<Check, Stop> {
    let check = Check::new().seed(settings.seed).cases(settings.cases as usize);
    if settings.laws.is_empty() {
        return Ok(check);
    }
    let laws = settings.laws.iter().map(|name| describe::find(name)).collect::<Result<Vec<_>, _>>()?;
    Ok(check.laws(laws))
}

/// Progress on standard error, hidden where that is no terminal.
pub(super) fn progress(steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(steps as u64)
        .with_style(ProgressStyle::with_template("{pos}/{len} {msg}").expect("a valid template"));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Every family of the zoo.
pub(super) fn all() -> Vec<&'static Family> {
    ZOO.iter().copied().flatten().collect()
}

/// The families of these names.
pub(super) fn chosen(names: &[String]) -> Result<Vec<&'static Family>, Stop> {
    let find = |name: &String| {
        let known = all().into_iter().find(|f| f.name == name);
        known.ok_or_else(|| Stop::Misuse(unknown("family", name, all().into_iter().map(|f| f.name))))
    };
    names.iter().map(find).collect()
}

fn judge(settings: &Settings, families: &[&Family]) -> Result<Report, Stop> {
    let check = check(settings)?;
    let mut report = Report { rows: Vec::new(), seed: settings.seed, cases: settings.cases as usize };
    for (_, rows) in in_parallel(settings, families, |family| check.run_family(family)) {
        report.extend(rows);
    }
    Ok(report)
}

/// Something of each family, on so many threads as asked, with progress; in the order of the families.
pub(super) fn in_parallel<'a, T: Send>(
    settings: &Settings,
    families: &[&'a Family],
    work: impl Fn(&Family) -> T + Sync,
) -> Vec<(&'a Family, T)> {
    let bar = progress(families.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let workers = settings.jobs().get().min(families.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&family) = families.get(place) else { break };
                    bar.set_message(family.name);
                    let result = work(family);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((place, family, result));
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(place, ..)| *place);
    done.into_iter().map(|(_, family, result)| (family, result)).collect()
}

fn print(report: &Report, settings: &Settings, out: &mut dyn Write) -> Result<Status, Stop> {
    if settings.for_machines()? {
        writeln!(out, "{}", report::json(report))?;
    } else {
        write!(out, "{}\n{report}", report::matrix(report))?;
    }
    Ok(if report.is_acceptable() { Status::Good } else { Status::Bad })
}

pub(super) fn everything(settings: &Settings, out: &mut dyn Write) -> Result<Status, Stop> {
    let report = judge(settings, &all())?;
    let findings = worked::examples().map_err(|e| Stop::Misuse(format!("the worked examples: {e}")))?;
    if !settings.for_machines()? {
        writeln!(out, "Worked examples of the chapter: as printed, and as the layers compute them\n")?;
        writeln!(out, "{}\n\nThe zoo under the laws\n", worked::table(&findings).trim_end())?;
    }
    let status = print(&report, settings, out)?;
    Ok(if findings.iter().all(|f| f.is_expected()) { status } else { Status::Bad })
}

pub(super) fn families(settings: &Settings, names: &[String], out: &mut dyn Write) -> Result<Status, Stop> {
    print(&judge(settings, &chosen(names)?)?, settings, out)
}
