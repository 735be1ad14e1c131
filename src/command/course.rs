//! `pushforward course`.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use clap::Args;
use pushforward::course::{
    Chapter, Facts, Recomputed, Standing, Summary, blessed, github, json_lines, sarif, table, text_of,
};

use super::{Format, Settings, Status, Stop, judge, output};

/// Checks the numbers of course chapters in Markdown and LaTeX, to the precision printed
///
/// Every equality that can be evaluated is, link by link: a = b ≈ c. With a facts file (--facts, or NAME.facts.toml
/// beside NAME.md) numbers are also recomputed through the layers, claims are tried by experiments, and findings that
/// the author accepts are left out.
///
/// Exit status: 0 if nothing was found, 1 if something was, 2 if a file could not be read.
#[derive(Args, Debug)]
pub(crate) struct Course {
    /// Chapters, directories of chapters (*.md and its like), or - for standard input
    #[arg(required = true)]
    chapters: Vec<PathBuf>,
    /// What the numbers mean, in TOML; may be given several times
    #[arg(long, value_name = "FILE")]
    facts: Vec<PathBuf>,
    /// Write recomputed digits and moved lines into the facts (never into a chapter)
    #[arg(long)]
    bless: bool,
}

/// What came of each facts file of a chapter.
type Results<'a> = Vec<(&'a Path, Recomputed)>;

/// A facts file with its place.
struct Beside {
    path: PathBuf,
    text: String,
    facts: Facts,
}

const EXTENSIONS: [&str; 7] = ["md", "markdown", "mkd", "mdx", "qmd", "rmd", "myst"];
/// Directories inside one another, at most.
const DEEPEST: usize = 32;

impl Course {
    pub(crate) fn run(&self, settings: &Settings, out: &mut dyn Write) -> Result<Status, Stop> {
        let mut files = Vec::new();
        for path in &self.chapters {
            if path.is_dir() { walk(path, DEEPEST, &mut files)? } else { files.push(path.clone()) }
        }
        let given = self.facts.iter().map(|path| beside(path)).collect::<Result<Vec<_>, _>>()?;
        let is_single = files.len() == 1;
        let about = |facts: &Facts, file: &Path| is_single || facts.are_about(&file.to_string_lossy());
        if let Some(lost) = given.iter().find(|g| !files.iter().any(|f| about(&g.facts, f))) {
            return Err(Stop::Misuse(format!("{} is about none of the chapters", lost.path.display())));
        }
        let mut own = Vec::new();
        for file in &files {
            let path = file.with_extension("facts.toml");
            let is_given = self.facts.contains(&path);
            own.push(if !is_given && path.is_file() { Some(beside(&path)?) } else { None });
        }
        let read = in_parallel(settings.jobs().get(), &files, |i| {
            let file = &files[i];
            let bytes = bytes(file).map_err(|e| Stop::Misuse(format!("cannot read {}: {e}", file.display())))?;
            let name = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
            let mut chapter = Chapter::new(name, text_of(&bytes));
            let facts = given.iter().filter(|g| about(&g.facts, file)).chain(&own[i]);
            let results: Results<'_> =
                facts.map(|beside| (beside.path.as_path(), beside.facts.check(&mut chapter))).collect();
            Ok((chapter, results))
        });
        let all = read.into_iter().collect::<Result<Vec<_>, Stop>>()?;
        if self.bless {
            for beside in given.iter().chain(own.iter().flatten()) {
                let results: Vec<&Recomputed> =
                    all.iter().flat_map(|(_, r)| r).filter(|(p, _)| *p == beside.path).map(|(_, r)| r).collect();
                bless(beside, &results)?;
            }
        }
        let (chapters, results): (Vec<Chapter>, Vec<Results<'_>>) = all.into_iter().unzip();
        let summary = Summary::of(&chapters);
        match settings.format {
            Format::Text => {
                for (chapter, results) in chapters.iter().zip(&results) {
                    write!(out, "{}", chapter.to_text())?;
                    for (path, result) in results {
                        facts_text(path, result, out)?;
                    }
                }
                write!(out, "{}", summary.to_text())?;
            }
            Format::Json => chapters.iter().try_for_each(|c| write!(out, "{}", json_lines(c)))?,
            Format::Github => chapters.iter().try_for_each(|c| write!(out, "{}", github(c)))?,
            Format::Sarif => write!(out, "{}", sarif(&chapters))?,
            // No other format gets here.
            Format::Latex | Format::Junit | Format::Html => {}
        }
        let mut claims = results.iter().flatten().flat_map(|(_, r)| &r.claims);
        let is_good = summary.found() == 0 && claims.all(|c| c.standing != Standing::Unconfirmed);
        Ok(if is_good { Status::Good } else { Status::Bad })
    }
}

fn facts_text(path: &Path, result: &Recomputed, out: &mut dyn Write) -> std::io::Result<()> {
    let (printed, witnessed, skipped) = (result.printed, result.witnessed, result.skipped.len());
    writeln!(
        out,
        "{}: {printed} printed numbers recomputed, {witnessed} formulas witnessed, {skipped} not recomputed",
        path.display()
    )?;
    for (id, why) in &result.skipped {
        writeln!(out, "  {id}: {why}")?;
    }
    if !result.claims.is_empty() {
        write!(out, "\n{}", table(&result.claims))?;
    }
    writeln!(out)
}

fn beside(path: &Path) -> Result<Beside, Stop> {
    let misuse = |e: String| Stop::Misuse(format!("{}: {e}", path.display()));
    let text =
        std::fs::read_to_string(path).map_err(|e| Stop::Misuse(format!("cannot read {}: {e}", path.display())))?;
    let facts = Facts::read(&text).map_err(|e| misuse(e.to_string()))?;
    Ok(Beside { path: path.to_owned(), text, facts })
}

/// Replaces the file in one step, so that nothing half-written is left behind.
fn bless(beside: &Beside, results: &[&Recomputed]) -> Result<(), Stop> {
    let misuse = |e: String| Stop::Misuse(format!("cannot bless {}: {e}", beside.path.display()));
    let text = blessed(&beside.text, results).map_err(misuse)?;
    if text == beside.text {
        return Ok(());
    }
    output::replace(&beside.path, |out| Ok(out.write_all(text.as_bytes())?))
}

/// The chapters below a directory, sorted.
fn walk(directory: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Stop> {
    let unreadable = |e: std::io::Error| Stop::Misuse(format!("cannot read {}: {e}", directory.display()));
    let mut entries =
        std::fs::read_dir(directory).and_then(|all| all.collect::<Result<Vec<_>, _>>()).map_err(unreadable)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, kind) = (entry.path(), entry.file_type().map_err(unreadable)?);
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        // A link to a directory is not followed: it may lead in a circle.
        if kind.is_dir() && !is_hidden && depth > 0 {
            walk(&path, depth - 1, files)?;
        } else if path.is_file()
            && path.extension().is_some_and(|e| EXTENSIONS.iter().any(|k| e.eq_ignore_ascii_case(k)))
        {
            files.push(path);
        }
    }
    Ok(())
}

/// The results of a task for each file, in the order of the files.
fn in_parallel<T: Send>(jobs: usize, files: &[PathBuf], task: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let bar = judge::progress(files.len());
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let workers = jobs.min(files.len());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    if i >= files.len() {
                        break;
                    }
                    bar.set_message(files[i].display().to_string());
                    let result = task(i);
                    if let Ok(mut done) = done.lock() {
                        done.push((i, result));
                    }
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(i, _)| *i);
    done.into_iter().map(|(_, result)| result).collect()
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
