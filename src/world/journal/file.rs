//! A journal in a directory: each record is on the disk before the call returns.

use super::disk::Disk;
use super::{device_key, frame};
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use crate::world::port::journal::{Journal, JournalState};
use crate::world::port::record::Record;
use crate::world::port::seal::Seal;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The name of the journal in its directory.
pub const FILE: &str = "journal.till";
/// The name of the lock. The lock is the system's, so it goes with its process, however that ends.
pub const LOCK: &str = "journal.lock";

/// A journal of some hundred records is a few ten thousand bytes. A file far larger is none of ours.
const SIZE_MAX: u64 = 256 << 20;

/// What opening a journal found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recovery {
    /// True if there was no journal before.
    pub is_new: bool,
    /// Bytes of a record torn by a power cut, now cut off. Such a record had never been acknowledged.
    pub torn_bytes: usize,
}

/// A journal on a disk: that of a directory, or one that a test makes fail.
#[derive(Debug)]
pub struct FileJournal<D = File> {
    disk: D,
    // Held while the journal is open.
    lock: Option<File>,
    state: JournalState,
    chain: u32,
    end: u64,
    /// Where the card data of reversals that wait lies.
    sealed: BTreeMap<u32, Range<u64>>,
    /// After a failed sync nobody knows what is on the disk: nothing more is written until the journal is opened anew.
    broken: Option<Said>,
}

impl FileJournal {
    /// Opens the journal of a directory, or begins one. `fresh_key` becomes its device key if it has none yet.
    ///
    /// `T7004` while another program has it open, `T7003` if it is damaged anywhere but at its end.
    pub fn open(directory: &Path, fresh_key: &[u8; 16]) -> Result<(FileJournal, Seal, Recovery), Failure> {
        fs::create_dir_all(directory).map_err(|error| cannot_write(directory, &error))?;
        let lock = lock(directory)?;
        let path = directory.join(FILE);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(&path).map_err(|error| cannot_write(&path, &error))?;
        let bytes = read_all(&mut file).map_err(|error| cannot_read(&path, &error))?;
        let key = device_key::read_or_create(directory, fresh_key)?;
        let seal = Seal::new(&key);
        let (mut journal, recovery) = FileJournal::on(file, &bytes, &seal)?;
        journal.lock = Some(lock);
        if recovery.is_new {
            // The file's name must be on the disk too.
            sync_directory(directory).map_err(|error| cannot_write(directory, &error))?;
        }
        Ok((journal, seal, recovery))
    }
}

impl<D: Disk> FileJournal<D> {
    /// Goes on with what is on a disk. `bytes` is all of it.
    pub fn on(disk: D, bytes: &[u8], seal: &Seal) -> Result<(FileJournal<D>, Recovery), Failure> {
        let scan = frame::scan(bytes).map_err(damaged)?;
        let mut journal = FileJournal {
            disk,
            lock: None,
            state: JournalState::default(),
            chain: scan.chain,
            end: scan.end as u64,
            sealed: BTreeMap::new(),
            broken: None,
        };
        let recovery = Recovery { is_new: bytes.len() < frame::MAGIC.len(), torn_bytes: bytes.len() - scan.end };
        let settle = |error: io::Error| not_written(&error);
        if scan.end == 0 {
            journal.begin().map_err(settle)?;
        } else if recovery.torn_bytes > 0 {
            journal.disk.cut(journal.end).map_err(settle)?;
        }
        journal.replay(bytes, scan, seal).map_err(settle)??;
        Ok((journal, recovery))
    }

    /// Writes the first bytes.
    fn begin(&mut self) -> io::Result<()> {
        self.disk.cut(0)?;
        self.disk.write_at(0, frame::MAGIC)?;
        self.disk.sync()?;
        self.end = frame::MAGIC.len() as u64;
        Ok(())
    }

    /// Folds what was read, and finishes the erasing of card data that a power cut may have interrupted.
    fn replay(&mut self, bytes: &[u8], scan: frame::Scan, seal: &Seal) -> io::Result<Result<(), Failure>> {
        let mut closed = Vec::new();
        for frame in scan.frames {
            let place = frame.sealed_at.start as u64..frame.sealed_at.end as u64;
            let before = self.sealed.clone();
            self.note(&frame.record, place);
            closed.extend(before.into_iter().filter(|(stan, place)| self.sealed.get(stan) != Some(place)));
        }
        // INVARIANT: a reversal that waits can be opened; it is found out now, not when it must be sent.
        for pending in &self.state.pending {
            let whole = self.sealed.get(&pending.due.stan).is_none_or(|place| place.is_empty())
                || !pending.due.sealed.is_empty();
            if !whole || pending.due.open(seal).is_err() {
                let stan = pending.due.stan;
                let detail = Said::new(
                    format!("冲正 {stan:06} 的卡片数据无法解开"),
                    format!("the card data of reversal {stan:06} cannot be opened"),
                );
                return Ok(Err(Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(detail))));
            }
        }
        for (_, place) in closed {
            let range = place.start as usize..place.end as usize;
            if bytes.get(range).is_some_and(|sealed| sealed.iter().any(|byte| *byte != 0)) {
                self.erase(&place)?;
            }
        }
        Ok(Ok(()))
    }

    /// Folds a record and keeps in mind where the card data of reversals that wait lies.
    fn note(&mut self, record: &Record, sealed_at: Range<u64>) {
        self.state.apply(record);
        if let Record::ReversalDue(due) = record {
            self.sealed.insert(due.stan, sealed_at);
        }
        let state = &self.state;
        self.sealed.retain(|stan, _| state.pending(*stan).is_some());
    }

    /// Overwrites card data with zeros.
    fn erase(&mut self, place: &Range<u64>) -> io::Result<()> {
        let zeros = vec![0; (place.end - place.start) as usize];
        self.disk.write_at(place.start, &zeros)
    }

    /// Nothing more is written: nobody knows what is on the disk.
    fn give_up(&mut self, error: &io::Error) -> Failure {
        // What may or may not have been written should not come back as a record. If this fails too, the checksums decide.
        let _ = self.disk.cut(self.end);
        let detail = Said::new(error.to_string(), error.to_string());
        self.broken = Some(detail.clone());
        failed(detail)
    }
}

impl<D: Disk> Journal for FileJournal<D> {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        if let Some(detail) = &self.broken {
            return Err(failed(detail.clone()));
        }
        let Some(written) = frame::write(self.state.records + 1, self.chain, &record) else {
            return Err(failed(Said::new("记录过长", "the record is too long")));
        };
        if let Err(error) = self.disk.write_at(self.end, &written.bytes) {
            let full = is_full(&error);
            return match self.disk.cut(self.end) {
                Ok(()) if full => Err(Failure::new(storage::STORAGE_FULL)),
                _ => Err(self.give_up(&error)),
            };
        }
        if let Err(error) = self.disk.sync() {
            return Err(self.give_up(&error));
        }
        let (begin, sealed) = (self.end, written.sealed);
        self.end += written.bytes.len() as u64;
        self.chain = written.chain;
        let before = self.sealed.clone();
        self.note(&record, begin + sealed.start as u64..begin + sealed.end as u64);
        for (stan, place) in before {
            if self.sealed.get(&stan) != Some(&place) {
                // The record that closed the reversal is on the disk, so its card data goes. That this is on the disk
                // too is not waited for: opening the journal does it again.
                if let Err(error) = self.erase(&place) {
                    self.broken = Some(Said::new(error.to_string(), error.to_string()));
                }
            }
        }
        Ok(())
    }

    fn state(&self) -> &JournalState {
        &self.state
    }
}

fn lock(directory: &Path) -> Result<File, Failure> {
    let path: PathBuf = directory.join(LOCK);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = options.open(&path).map_err(|error| cannot_write(&path, &error))?;
    // A process that is about to become another program holds copies of every open file for a moment, locks too; a
    // terminal that was switched off and on again must not fail on that.
    for _ in 0..LOCK_TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
            Err(TryLockError::Error(error)) => return Err(cannot_write(&path, &error)),
        }
    }
    Err(Failure::new(storage::JOURNAL_IN_USE).text("path", directory.display().to_string()))
}

/// How often the lock is tried before the journal counts as in use.
const LOCK_TRIES: u32 = 20;
/// The pause between two tries.
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(10);

fn read_all(file: &mut File) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(SIZE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "larger than 256 MiB"));
    }
    Ok(bytes)
}

/// Makes sure that names made or changed in a directory are on the disk.
pub(crate) fn sync_directory(directory: &Path) -> io::Result<()> {
    // Only Unix can open a directory; elsewhere the name goes with the file.
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    if is_full(error) {
        return Failure::new(storage::STORAGE_FULL);
    }
    Failure::new(storage::CANNOT_WRITE).text("path", path.display().to_string()).text("detail", error.to_string())
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::new(storage::CANNOT_READ).text("path", path.display().to_string()).text("detail", error.to_string())
}

fn damaged(damage: frame::Damage) -> Failure {
    let frame::Damage { what, offset } = damage;
    let detail = Said::new(format!("{}（第 {offset} 字节）", what.zh), format!("{} (byte {offset})", what.en));
    Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(detail))
}

fn failed(detail: Said) -> Failure {
    Failure::new(storage::JOURNAL_FAILED).fact("detail", Fact::Said(detail))
}

fn not_written(error: &io::Error) -> Failure {
    if is_full(error) {
        return Failure::new(storage::STORAGE_FULL);
    }
    failed(Said::new(error.to_string(), error.to_string()))
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}
