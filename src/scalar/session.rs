//! What an evaluation may be asked to do, per thread: to list the parameters it holds, and to move or to differentiate by
//! one of them. And the places in a layer's source that branch.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// A place in a layer's source that asked for a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// Source file.
    pub(crate) file: &'static str,
    /// Line in it.
    pub(crate) line: u32,
    /// Column in it.
    pub(crate) column: u32,
}

impl Place {
    pub(crate) fn of(at: &'static std::panic::Location<'static>) -> Self {
        Self { file: at.file(), line: at.line(), column: at.column() }
    }
}

/// For each place that branched, whether the comparison was ever false and ever true.
pub(crate) type Branches = BTreeMap<Place, [bool; 2]>;

thread_local! {
    /// The parameters moved: one by a law, and another that it is looked at beside.
    static MOVED: Cell<[Option<(u64, f64)>; 2]> = const { Cell::new([None; 2]) };
    static SEEDED: Cell<Option<u64>> = const { Cell::new(None) };
    static PLAIN_READ: Cell<bool> = const { Cell::new(false) };
    static NAMING: Cell<bool> = const { Cell::new(false) };
    static LISTED: RefCell<Option<Vec<(u64, f64)>>> = const { RefCell::new(None) };
}

/// Restores a thread-local cell on the way out, also when a layer panics.
struct Restore<T: Copy + 'static>(&'static std::thread::LocalKey<Cell<T>>, T);
impl<T: Copy> Drop for Restore<T> {
    fn drop(&mut self) {
        self.0.set(self.1);
    }
}
fn with<T: Copy, R>(cell: &'static std::thread::LocalKey<Cell<T>>, value: T, run: impl FnOnce() -> R) -> R {
    let _restore = Restore(cell, cell.replace(value));
    run()
}

/// By how much this parameter is moved.
pub(crate) fn moved(id: u64) -> Option<f64> {
    MOVED.get().into_iter().flatten().find_map(|(moved, by)| (moved == id).then_some(by))
}

/// Whether any parameter is moved.
pub(crate) fn is_moving() -> bool {
    MOVED.get()[0].is_some()
}

/// Runs with one parameter moved, and with the last that was moved around this call.
pub(crate) fn moving<R>(id: u64, by: f64, run: impl FnOnce() -> R) -> R {
    with(&MOVED, [Some((id, by)), MOVED.get()[0]], run)
}

/// Whether this parameter is the one to differentiate by.
pub(crate) fn seeded(id: u64) -> bool {
    SEEDED.get() == Some(id)
}

/// Runs with one parameter as the variable in lane 0 of the dual numbers.
pub(crate) fn seeding<R>(id: u64, run: impl FnOnce() -> R) -> R {
    with(&SEEDED, Some(id), run)
}

/// Notes a parameter that is being printed.
pub(crate) fn list(id: u64, value: f64) {
    LISTED.with_borrow_mut(|list| {
        if let Some(list) = list {
            list.push((id, value));
        }
    });
}

/// Notes that a parameter is read as an f64.
pub(crate) fn note_plain_read() {
    PLAIN_READ.set(true);
}

/// Runs, and says whether a parameter was read as an f64.
pub(crate) fn noting_plain_reads<R>(run: impl FnOnce() -> R) -> (R, bool) {
    with(&PLAIN_READ, false, || {
        let result = run();
        (result, PLAIN_READ.get())
    })
}

/// Whether parameters are to be printed as their identities.
pub(crate) fn is_naming() -> bool {
    NAMING.get()
}

/// Runs with parameters printed as `⟨identity⟩`.
pub(crate) fn naming<R>(run: impl FnOnce() -> R) -> R {
    with(&NAMING, true, run)
}

/// The identities and values of the parameters that a value's `Debug` visits, in its order.
pub(crate) fn parameters_of(layer: &(impl std::fmt::Debug + ?Sized)) -> Vec<(u64, f64)> {
    let outer = LISTED.replace(Some(Vec::new()));
    // Only the visit matters; the text is thrown away.
    let _ = format!("{layer:?}");
    let mut met = BTreeSet::new();
    let mut listed = LISTED.replace(outer).unwrap_or_default();
    listed.retain(|&(id, _)| met.insert(id));
    listed
}

/// Whether a value's `Debug` visits one parameter at two places.
pub(crate) fn has_tied_parameters(layer: &(impl std::fmt::Debug + ?Sized)) -> bool {
    let outer = LISTED.replace(Some(Vec::new()));
    let _ = format!("{layer:?}");
    let mut met = BTreeSet::new();
    let listed = LISTED.replace(outer).unwrap_or_default();
    !listed.into_iter().all(|(id, _)| met.insert(id))
}
