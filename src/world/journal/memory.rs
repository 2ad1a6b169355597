//! A journal that ends with the program.

use crate::world::port::failure::Failure;
use crate::world::port::journal::{Journal, JournalState};
use crate::world::port::record::Record;

/// A journal in memory. Nothing survives, nothing fails.
#[derive(Debug, Default)]
pub struct MemoryJournal {
    state: JournalState,
}

impl Journal for MemoryJournal {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        self.state.apply(&record);
        Ok(())
    }

    fn state(&self) -> &JournalState {
        &self.state
    }
}
