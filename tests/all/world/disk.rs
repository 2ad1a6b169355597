//! The journal on a disk that is full, fails, forgets, or loses its power at any operation.

use super::journal::{KEY, every_kind};
use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::rc::Rc;
use tillscript::script_error::catalogue::storage;
use tillscript::world::journal::disk::{Disk, Turn};
use tillscript::world::journal::file::FileJournal;
use tillscript::world::port::journal::{Journal, JournalState};
use tillscript::world::port::record::Record;
use tillscript::world::port::seal::Seal;

/// What goes wrong at an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    /// This error, half of a write done.
    Error(ErrorKind),
    /// The power goes: this operation and all later ones fail.
    PowerCut,
}

#[derive(Default)]
struct Inner {
    /// What survives a power cut for certain.
    durable: Vec<u8>,
    /// What the system shows to programs.
    live: Vec<u8>,
    /// Writes since the last sync.
    unsynced: Vec<(usize, Vec<u8>)>,
    operations: usize,
    trouble: Option<(usize, Trouble)>,
    is_dead: bool,
    turns: usize,
}

#[derive(Clone, Default)]
struct TestDisk(Rc<RefCell<Inner>>);

fn lay(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
    bytes.resize(bytes.len().max(offset + written.len()), 0);
    bytes[offset..offset + written.len()].copy_from_slice(written);
}

impl Inner {
    fn begin(&mut self) -> io::Result<()> {
        let number = self.operations;
        self.operations += 1;
        if self.is_dead {
            return Err(io::Error::other("no power"));
        }
        match self.trouble {
            Some((at, Trouble::PowerCut)) if at == number => {
                self.is_dead = true;
                Err(io::Error::other("no power"))
            }
            Some((at, Trouble::Error(kind))) if at == number => Err(kind.into()),
            _ => Ok(()),
        }
    }

    /// What may be on the disk after a power cut: nothing unsynced, all of it, or the last write torn.
    fn images(&self) -> Vec<Vec<u8>> {
        let mut images = vec![self.durable.clone()];
        let mut before = self.durable.clone();
        for (offset, bytes) in &self.unsynced {
            for part in [1, 20, bytes.len() / 2, bytes.len().saturating_sub(1), bytes.len()] {
                let mut image = before.clone();
                lay(&mut image, *offset, &bytes[..part.min(bytes.len())]);
                images.push(image);
            }
            // A later write may be there although an earlier one is not.
            let mut alone = self.durable.clone();
            if *offset <= alone.len() {
                lay(&mut alone, *offset, bytes);
                images.push(alone);
            }
            lay(&mut before, *offset, bytes);
        }
        images
    }
}

impl Disk for TestDisk {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        let begun = inner.begin();
        let written = if begun.is_ok() || inner.is_dead { bytes } else { &bytes[..bytes.len() / 2] };
        lay(&mut inner.live, offset as usize, written);
        inner.unsynced.push((offset as usize, written.to_vec()));
        begun
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        inner.begin()?;
        inner.durable = inner.live.clone();
        inner.unsynced.clear();
        Ok(())
    }

    fn cut(&mut self, offset: u64) -> io::Result<()> {
        let mut inner = self.0.borrow_mut();
        inner.begin()?;
        inner.live.truncate(offset as usize);
        inner.durable = inner.live.clone();
        inner.unsynced.clear();
        Ok(())
    }

    fn turn(&mut self, _: u32, bytes: &[u8]) -> io::Result<Turn> {
        let mut inner = self.0.borrow_mut();
        // The next segment is written beside the active one.
        if let Err(error) = inner.begin() {
            return if inner.is_dead { Err(error) } else { Ok(Turn::Refused(error)) };
        }
        // It takes the place of the other.
        inner.begin()?;
        inner.live = bytes.to_vec();
        inner.durable = bytes.to_vec();
        inner.unsynced.clear();
        inner.turns += 1;
        Ok(Turn::Done)
    }

    fn wipe(&mut self, _: u32, _: Range<u64>) -> io::Result<()> {
        self.0.borrow_mut().begin()
    }
}

type Run = (TestDisk, FileJournal<TestDisk>, Vec<JournalState>, Option<tillscript::world::port::failure::Failure>);

/// Writes one record of every kind until one fails.
fn run(trouble: Option<(usize, Trouble)>) -> Option<Run> {
    let seal = Seal::new(&KEY);
    let disk = TestDisk::default();
    disk.0.borrow_mut().trouble = trouble;
    let (mut journal, _) = FileJournal::on(disk.clone(), &[], &seal).ok()?;
    // Short enough that a segment is changed on the way.
    journal.hold_segments_to(1_200);
    let mut states = vec![journal.state().clone()];
    for record in every_kind(&seal) {
        match journal.append(record) {
            Ok(()) => states.push(journal.state().clone()),
            Err(failure) => return Some((disk, journal, states, Some(failure))),
        }
    }
    Some((disk, journal, states, None))
}

/// What a state says, without the number of records: a checkpoint is a record that says nothing new.
fn facts(state: &JournalState) -> JournalState {
    JournalState { records: 0, ..state.clone() }
}

fn reopened(image: &[u8]) -> FileJournal<TestDisk> {
    let disk = TestDisk::default();
    disk.0.borrow_mut().live = image.to_vec();
    FileJournal::on(disk, image, &Seal::new(&KEY)).expect("what a power cut leaves can always be opened").0
}

/// Operations that a whole run takes, measured.
fn operations() -> usize {
    let (disk, _, _, failure) = run(None).unwrap();
    assert!(failure.is_none());
    let operations = disk.0.borrow().operations;
    assert!(operations > 30, "{operations}");
    assert!(disk.0.borrow().turns >= 1, "a segment is changed");
    operations
}

#[test]
fn no_power_cut_loses_a_record_that_was_acknowledged() {
    let (_, _, all, _) = run(None).unwrap();
    let mut images = 0;
    for at in 0..operations() {
        let Some((disk, _, states, failure)) = run(Some((at, Trouble::PowerCut))) else { continue };
        // A cut while card data is being erased is felt at the next record only.
        let acknowledged = states.len() - 1;
        assert!(failure.is_some() || acknowledged == all.len() - 1);
        for image in disk.0.borrow().images() {
            let state = facts(reopened(&image).state());
            let next = all.get(acknowledged + 1).map(facts);
            assert!(state == facts(&all[acknowledged]) || Some(&state) == next.as_ref(), "cut at {at}: {state:?}");
            images += 1;
        }
    }
    assert!(images > 200, "{images}");
}

#[test]
fn a_full_disk_changes_nothing_and_may_be_emptied() {
    let seal = Seal::new(&KEY);
    let (_, _, all, _) = run(None).unwrap();
    let mut refused = 0;
    for at in 3..operations() {
        let Some((disk, mut journal, states, failure)) = run(Some((at, Trouble::Error(ErrorKind::StorageFull)))) else {
            continue;
        };
        let Some(failure) = failure else { continue };
        if failure.code != storage::STORAGE_FULL {
            continue;
        }
        refused += 1;
        assert_eq!(journal.state(), states.last().unwrap());
        // There is room again: the same record goes in.
        let record = every_kind(&seal).into_iter().nth(states.len() - 1).unwrap();
        journal.append(record).unwrap();
        assert_eq!(journal.state(), &all[states.len()]);
        let image = disk.0.borrow().durable.clone();
        assert_eq!(reopened(&image).state(), journal.state());
    }
    assert!(refused >= 15, "{refused}");
}

#[test]
fn after_a_failed_sync_nothing_is_written_any_more() {
    let (_, _, all, _) = run(None).unwrap();
    let mut failed = 0;
    for at in 3..operations() {
        for kind in [ErrorKind::Other, ErrorKind::ReadOnlyFilesystem] {
            let Some((disk, mut journal, states, failure)) = run(Some((at, Trouble::Error(kind)))) else { continue };
            let Some(failure) = failure else { continue };
            failed += 1;
            assert_eq!(failure.code, storage::JOURNAL_FAILED);
            // The disk works again, but nobody knows what it holds.
            let again = journal.append(Record::StanTaken { stan: 9 }).unwrap_err();
            assert_eq!(again.code, storage::JOURNAL_FAILED);
            assert_eq!(journal.state(), states.last().unwrap());
            let image = disk.0.borrow().durable.clone();
            let kept = reopened(&image).state().clone();
            assert_eq!(facts(&kept), facts(&all[states.len() - 1]), "what was acknowledged is there");
        }
    }
    assert!(failed >= 60, "{failed}");
}
