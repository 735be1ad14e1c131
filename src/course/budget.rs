//! How much evaluation a chapter and each of its links may take.

use std::cell::Cell;

use super::skip::{Skip, Why};

/// Steps of evaluation allowed to one link in all its readings, while its chapter has any left.
const LINK: usize = 20_000;
/// Steps allowed to a chapter: some seconds.
const CHAPTER: usize = 500_000;
/// Steps that a link has in any case. Few take a hundred.
const FLOOR: usize = 1_000;

/// What a chapter has left, and a link of it.
#[derive(Clone, Debug)]
pub(super) struct Budget<'c> {
    chapter: &'c Cell<usize>,
    link: Cell<usize>,
}

impl<'c> Budget<'c> {
    /// For a whole chapter.
    pub(super) fn of_chapter() -> Cell<usize> {
        Cell::new(CHAPTER)
    }
    pub(super) fn of_link(chapter: &'c Cell<usize>) -> Self {
        Self { link: Cell::new(if chapter.get() > 0 { LINK } else { FLOOR }), chapter }
    }
    /// Takes one step.
    pub(super) fn step(&self) -> Result<(), Skip> {
        let Some(left) = self.link.get().checked_sub(1) else {
            return Err(Skip::new(Why::TooLarge, "too many steps"));
        };
        self.link.set(left);
        self.chapter.set(self.chapter.get().saturating_sub(1));
        Ok(())
    }
}
