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
use pushforward::report::{self, Pictures, Report};
use pushforward::worked;

use super::{Format, Settings, Status, Stop, describe};

pub(super) fn check(settings: &Settings) -> Result<Check, Stop> {
    let find = |names: &[String]| names.iter().map(|name| describe::find(name)).collect::<Result<Vec<_>, _>>();
    let check = Check::new().seed(settings.seed).cases(settings.cases());
    let check = check.may_be_undecided(find(&settings.may_be_undecided)?);
    Ok(if settings.laws.is_empty() { check } else { check.laws(find(&settings.laws)?) })
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
    let mut report = check.empty_report();
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

/// Prints the verdicts in the format asked; the pictures of its rows are taken only for a page.
pub(super) fn print(
    report: &Report,
    pictures: impl FnOnce() -> Vec<Pictures>,
    settings: &Settings,
    out: &mut dyn Write,
) -> Result<Status, Stop> {
    match settings.format {
        Format::Json => writeln!(out, "{}", report::json(report))?,
        Format::Html => write!(out, "{}", report::html(report, &pictures()))?,
        Format::Junit => write!(out, "{}", report::junit(report))?,
        _ => write!(out, "{}\n{report}", report::matrix(report))?,
    }
    Ok(if report.is_acceptable() { Status::Good } else { Status::Bad })
}

/// The most families of which a page has pictures.
const PICTURED: usize = 8;

/// Of the families given, if they are few, and else of the first that need attention.
fn pictures(report: &Report, families: &[&Family], settings: &Settings) -> Vec<Pictures> {
    let bad = |family: &&&Family| {
        let of_family = report.verdicts().filter(|(row, ..)| *row == family.name);
        of_family.into_iter().any(|(_, law, verdict)| !report.accepts(law, verdict))
    };
    let all = families.len() <= PICTURED;
    let chosen: Vec<&Family> = families.iter().filter(|family| all || bad(family)).take(PICTURED).copied().collect();
    in_parallel(settings, &chosen, Pictures::of_family).into_iter().filter_map(|(_, pictures)| pictures).collect()
}

fn print_families(
    report: &Report,
    families: &[&Family],
    settings: &Settings,
    out: &mut dyn Write,
) -> Result<Status, Stop> {
    print(report, || pictures(report, families, settings), settings, out)
}

pub(super) fn everything(settings: &Settings, out: &mut dyn Write) -> Result<Status, Stop> {
    let settings = &settings.for_a_first_look();
    let report = judge(settings, &all())?;
    let findings = worked::examples().map_err(|e| Stop::Misuse(format!("the worked examples: {e}")))?;
    if settings.format == Format::Text {
        writeln!(out, "Worked examples of the chapter: as printed, and as the layers compute them\n")?;
        writeln!(out, "{}\n\nThe zoo under the laws\n", worked::table(&findings).trim_end())?;
    }
    let status = print_families(&report, &all(), settings, out)?;
    let unexpected = findings.iter().filter(|finding| !finding.is_expected()).count();
    if unexpected == 0 {
        return Ok(status);
    }
    if settings.format != Format::Text {
        // No other format has a place for them, but the exit status speaks of them.
        writeln!(std::io::stderr(), "pushforward: {unexpected} worked examples are not as expected")?;
    }
    Ok(Status::Bad)
}

pub(super) fn families(settings: &Settings, names: &[String], out: &mut dyn Write) -> Result<Status, Stop> {
    let families = chosen(names)?;
    print_families(&judge(settings, &families)?, &families, settings, out)
}
