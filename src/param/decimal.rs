//! The decimals that stand behind numbers f64 had to round.
//!
//! A layer takes f64 and keeps a [`Param`](super::Param); the decimal string that a document gave would be lost on the
//! way. While a document is evaluated in 237 bits, each number read is noted with its f64, and a parameter made of that
//! f64, or of its negative, is the decimal.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::scalar::Precise;

#[derive(Debug, Default)]
struct Decimals {
    /// By the bits of the f64.
    read: HashMap<u64, Precise>,
    /// By the parameter's identity.
    parameters: HashMap<u64, Precise>,
}

thread_local! {
    static DECIMALS: RefCell<Option<Decimals>> = const { RefCell::new(None) };
}

/// Restores what was kept before, also when a layer panics.
struct Restore(Option<Decimals>);
impl Drop for Restore {
    fn drop(&mut self) {
        DECIMALS.replace(self.0.take());
    }
}

/// Runs with decimals kept in full.
pub(crate) fn keeping<R>(run: impl FnOnce() -> R) -> R {
    let _restore = Restore(DECIMALS.replace(Some(Decimals::default())));
    run()
}

/// What was read so far makes no parameters.
pub(crate) fn forget() {
    DECIMALS.with_borrow_mut(|kept| {
        if let Some(kept) = kept {
            kept.read.clear();
        }
    });
}

/// Notes a number that was read, rounded and in full. `false` where another number with the same f64 was read before:
/// the two could not be told apart.
pub(crate) fn note(value: f64, full: impl FnOnce() -> Option<Precise>) -> bool {
    DECIMALS.with_borrow_mut(|kept| {
        let Some(kept) = kept else { return true };
        let full = full().unwrap_or_else(|| value.into());
        *kept.read.entry(value.to_bits()).or_insert(full) == full
    })
}

/// A parameter that is being made.
pub(super) fn attach(id: u64, value: f64) {
    DECIMALS.with_borrow_mut(|kept| {
        let Some(kept) = kept else { return };
        let found = kept.read.get(&value.to_bits()).copied();
        let found = found.or_else(|| kept.read.get(&(-value).to_bits()).map(|&full| -full));
        kept.parameters.extend(found.map(|full| (id, full)));
    });
}

/// A parameter in full.
pub(crate) fn parameter(id: u64, value: f64) -> Precise {
    let kept = DECIMALS.with_borrow(|kept| kept.as_ref().and_then(|kept| kept.parameters.get(&id).copied()));
    // A law may have moved the parameter.
    kept.filter(|full| full.to_f64() == value).unwrap_or_else(|| value.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::param::Param;

    fn read(text: &str) -> bool {
        note(text.parse().unwrap(), || text.parse().ok())
    }

    #[test]
    fn a_parameter_is_the_decimal_that_was_read_and_nothing_is_kept_afterwards() {
        let tenth: Precise = "0.1".parse().unwrap();
        let of = |p: Param| parameter(p.id(), p.read());
        let kept = keeping(|| {
            assert!(read("0.1") && read("0.1") && read("0.10"));
            assert!(!read("0.1000000000000000055"), "another number with the same f64");
            let (p, minus, other) = (Param::from(0.1), Param::from(-0.1), Param::from(0.3));
            assert_eq!((of(p), of(minus), of(other)), (tenth, -tenth, Precise::from(0.3)));
            p
        });
        assert_eq!(of(kept), Precise::from(0.1));
    }
}
