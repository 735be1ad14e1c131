//! Files that are there as a whole or not at all.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::Stop;

/// Removes what was not finished.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        // Nothing can be done about a file that resists; after the last step there is none.
        fs::remove_file(&self.0).ok();
    }
}

/// Replaces a file in one step by what is written, or leaves it as it was where that stops.
pub(super) fn replace<T>(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<T, Stop>) -> Result<T, Stop> {
    let cannot = |e: io::Error| Stop::Misuse(format!("cannot write {}: {e}", path.display()));
    // Behind a link lies the file that is meant.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (true, Some(name)) = (!target.exists() || target.is_file(), target.file_name()) else {
        return Err(Stop::Misuse(format!("cannot write {}: it is no regular file", path.display())));
    };
    let part = Part(target.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id())));
    let mut file = BufWriter::new(File::create(&part.0).map_err(cannot)?);
    let done = write(&mut file)?;
    file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all()).map_err(cannot)?;
    fs::rename(&part.0, &target).map_err(cannot)?;
    Ok(done)
}

/// Writes a file that is not there yet.
pub(super) fn create(path: &Path, text: &str) -> Result<(), Stop> {
    let cannot = |e: io::Error| match e.kind() {
        io::ErrorKind::AlreadyExists => {
            Stop::Misuse(format!("{} is there already, and stays as it is", path.display()))
        }
        _ => Stop::Misuse(format!("cannot write {}: {e}", path.display())),
    };
    let mut file = File::create_new(path).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(|e| {
        fs::remove_file(path).ok();
        cannot(e)
    })
}
