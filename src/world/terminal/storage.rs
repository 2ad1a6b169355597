//! Simulated faults in front of a journal.

use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::fault::Fault;
use crate::world::port::failure::Failure;
use crate::world::port::journal::{Journal, JournalState};
use crate::world::port::record::Record;
use crate::world::stage::SharedStage;

/// A journal whose disk can be full or fail by name.
pub struct FaultyJournal {
    /// The journal behind.
    pub journal: Box<dyn Journal>,
    /// Where the faults are.
    pub stage: SharedStage,
}

impl FaultyJournal {
    /// What is wrong with the disk, by name.
    fn broken(&self) -> Result<(), Failure> {
        let stage = self.stage.borrow();
        if stage.faults.has(Fault::StorageFull) {
            return Err(Failure::new(storage::STORAGE_FULL));
        }
        if stage.disk_failed || stage.faults.has(Fault::JournalFailed) {
            let detail = Said::new("落盘失败（模拟）", "the sync failed (simulated)");
            return Err(Failure::new(storage::JOURNAL_FAILED).fact("detail", Fact::Said(detail)));
        }
        Ok(())
    }
}

impl Journal for FaultyJournal {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        self.broken().inspect_err(|failure| {
            // As with a real disk, the first failed sync is the end: nobody knows what was written.
            self.stage.borrow_mut().disk_failed |= failure.code == storage::JOURNAL_FAILED;
        })?;
        self.journal.append(record)
    }

    fn state(&self) -> &JournalState {
        self.journal.state()
    }

    fn room(&mut self) -> Option<Result<(), Failure>> {
        match self.broken() {
            Err(failure) => Some(Err(failure)),
            Ok(()) => self.journal.room(),
        }
    }

    fn verify(&mut self) -> Option<Result<u64, Failure>> {
        self.journal.verify()
    }
}
