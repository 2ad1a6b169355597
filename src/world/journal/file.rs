//! A journal in a directory: each record is on the disk before the call returns.

use super::disk::{Disk, Folder, Turn, sync_directory};
use super::frame::{Chain, Segment};
use super::group::LogFull;
use super::history::History;
use super::{device_key, frame, names};
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::chips::Whose;
use crate::world::port::failure::Failure;
use crate::world::port::journal::{Journal, JournalState};
use crate::world::port::record::Record;
use crate::world::port::seal::Seal;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// A segment with more than this behind its checkpoint is put aside at the next pause between two transactions, and one
/// with four times as much at once, so that opening reads no more, however old the journal is. Some three hundred sales.
///
/// The checkpoint does not count: that of a long batch is as long, and every transaction would write it anew.
const SEGMENT_BYTES: u64 = 128 << 10;
/// A checkpoint longer than so many times the usual length of a segment makes segments no longer.
const CARRIED_TIMES: u64 = 16;
/// A segment far larger is none of ours.
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
pub struct FileJournal<D = Folder> {
    disk: D,
    // Held while the journal is open.
    lock: Option<File>,
    state: JournalState,
    segment: u32,
    segment_bytes: u64,
    chain: Chain,
    end: u64,
    /// Where the head and what was carried over end.
    carried_end: u64,
    /// Where the card data of what waits lies.
    sealed: BTreeMap<u32, Range<u64>>,
    /// Where that of what chips said lies, which there is of a whole batch.
    chips: Vec<(u32, Range<u64>)>,
    /// Written, and not yet known to be on the disk.
    begun: Option<Begun>,
    /// After a failed sync nobody knows what is on the disk: nothing more is written until the journal is opened anew.
    broken: Option<Broken>,
}

impl FileJournal {
    /// Opens the journal of a directory, or begins one. `fresh_key` becomes its device key if it has none yet.
    ///
    /// `T7004` while another program has it open, `T7003` if it is damaged anywhere but at its end.
    pub fn open(directory: &Path, fresh_key: &[u8; 16]) -> Result<(FileJournal, Seal, Recovery), Failure> {
        fs::create_dir_all(directory).map_err(|error| cannot_write(directory, &error))?;
        let lock = lock(directory)?;
        let path = directory.join(names::ACTIVE);
        let mut folder = Folder::open(directory).map_err(|error| match error.kind() {
            // Only an older part of the journal is there. To begin anew would forget what the missing part says.
            ErrorKind::NotFound => missing(&error),
            _ => cannot_write(&path, &error),
        })?;
        let bytes = read_all(folder.file(), SIZE_MAX).map_err(|error| cannot_read(&path, &error))?;
        let key = device_key::read_or_create(directory, fresh_key)?;
        let seal = Seal::new(&key);
        let (mut journal, recovery) = FileJournal::on(folder, &bytes, &seal)?;
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
        let segment = scan.segment.unwrap_or(Segment::FIRST);
        let mut journal = FileJournal {
            disk,
            lock: None,
            // Records are counted through all segments.
            state: JournalState { records: segment.first.saturating_sub(1), ..JournalState::default() },
            segment: segment.number,
            segment_bytes: SEGMENT_BYTES,
            chain: scan.chain,
            end: scan.end as u64,
            carried_end: 0,
            sealed: BTreeMap::new(),
            chips: Vec::new(),
            begun: None,
            broken: None,
        };
        let recovery = Recovery { is_new: scan.segment.is_none(), torn_bytes: scan.torn };
        let settle = |error: io::Error| not_written(&error);
        if scan.end == 0 {
            journal.begin().map_err(settle)?;
        } else if recovery.torn_bytes > 0 {
            journal.disk.cut(journal.end).map_err(settle)?;
        }
        if let Some((at, head)) = scan.mended {
            journal.disk.write_at(at as u64, &head).and_then(|()| journal.disk.sync()).map_err(settle)?;
        }
        journal.replay(bytes, scan, seal).map_err(settle)??;
        Ok((journal, recovery))
    }

    /// Puts a segment aside once it is longer than this many bytes: fewer for a device that is slow to read.
    pub fn hold_segments_to(&mut self, bytes: u64) {
        self.segment_bytes = bytes;
    }

    /// The number of the segment that is written to.
    pub fn segment(&self) -> u32 {
        self.segment
    }

    /// Writes the first bytes.
    fn begin(&mut self) -> io::Result<()> {
        self.disk.cut(0)?;
        let head = Segment::FIRST.to_bytes();
        self.disk.write_at(0, &head)?;
        self.disk.sync()?;
        self.end = head.len() as u64;
        Ok(())
    }

    /// Folds what was read, and finishes the erasing of card data that a power cut may have interrupted.
    fn replay(&mut self, bytes: &[u8], scan: frame::Scan, seal: &Seal) -> io::Result<Result<(), Failure>> {
        let mut closed = Vec::new();
        let ends: Vec<usize> = scan.frames.iter().skip(1).map(|frame| frame.offset).chain([scan.end]).collect();
        self.carried_end = frame::SEGMENT_HEAD as u64;
        for (frame, end) in scan.frames.into_iter().zip(ends) {
            let places = frame.sealed_at.into_iter().map(|(whose, at)| (whose, at.start as u64..at.end as u64));
            let checkpoint = frame.record.checkpoint();
            if checkpoint.is_some() || frame.record.is_beside_the_checkpoint() {
                self.carried_end = end as u64;
            }
            let left = checkpoint.map(|checkpoint| checkpoint.left.clone()).unwrap_or_default();
            closed.extend(self.note(frame.record, places));
            if let Some(before) = self.segment.checked_sub(1) {
                self.disk.wipe_all(before, joined(left.into_iter().map(|(start, end)| start..end)))?;
            }
        }
        // INVARIANT: what waits can be opened; it is found out now, not when it must be sent. What chips said need only be whole: a
        // terminal that restores another's journal cannot open it, and lets go of it.
        let cannot = |stan: u32, whose: [&str; 2]| {
            let [zh, en] = whose;
            let detail = Said::new(
                format!("{zh} {stan:06} 的卡片数据无法解开"),
                format!("the card data of {en} {stan:06} cannot be opened"),
            );
            Ok(Err(Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(detail))))
        };
        for due in self.state.waiting() {
            let place = self.sealed.get(&due.stan);
            let whole = place.is_none_or(|place| place.is_empty()) || !due.sealed.is_empty();
            if !whole || due.open(seal).is_err() {
                return cannot(due.stan, ["冲正", "reversal"]);
            }
        }
        if let Some(damaged) = self.state.chips.iter().find(|proof| !proof.is_whole()) {
            return cannot(damaged.stan, ["芯片证书", "certificate"]);
        }
        for place in closed {
            let range = place.start as usize..place.end as usize;
            if bytes.get(range).is_some_and(|sealed| sealed.iter().any(|byte| *byte != 0)) {
                self.erase(&place)?;
            }
        }
        Ok(Ok(()))
    }

    /// Folds a record and keeps in mind where the card data of what waits lies. Gives the places of what waits no longer.
    fn note(&mut self, record: Record, sealed_at: impl IntoIterator<Item = (Whose, Range<u64>)>) -> Vec<Range<u64>> {
        let released = match &record {
            Record::UploadRefused { stan, .. } => *stan,
            _ => None,
        };
        let is_carried = matches!(record, Record::Chips(_));
        self.state.take_in(record);
        let mut over: Vec<Range<u64>> = Vec::new();
        for (whose, place) in sealed_at {
            match whose {
                Whose::Message(stan) => over.extend(self.sealed.insert(stan, place)),
                Whose::Chip(stan) => {
                    let known = self.chips.iter_mut().rev().find(|(known, _)| *known == stan && !is_carried);
                    match known {
                        Some((_, known)) => over.push(std::mem::replace(known, place)),
                        None => self.chips.push((stan, place)),
                    }
                }
            }
        }
        let state = &self.state;
        over.extend(self.sealed.extract_if(.., |stan, _| !state.waits(Whose::Message(*stan))).map(|(_, place)| place));
        // A batch has hundreds of certificates, and most records change nothing about them.
        if state.chips.is_empty() {
            over.extend(self.chips.drain(..).map(|(_, place)| place));
        } else if let Some(released) = released {
            over.extend(self.chips.extract_if(.., |(stan, _)| *stan == released).map(|(_, place)| place));
        }
        over
    }

    /// Puts the segment aside and goes on with one that begins with all that is still needed of it.
    fn turn(&mut self) {
        let places = self.sealed.values().chain(self.chips.iter().map(|(_, place)| place));
        let left = places.map(|place| (place.start, place.end)).collect();
        let record = self.state.carried(left);
        let chips = self.state.hand_out_chips();
        if let Err(chips) = self.turn_to(record, chips) {
            // Everything stays where it is.
            for record in chips {
                if let Record::Chips(carried) = record {
                    self.state.chips.carry(*carried);
                }
            }
        }
    }

    /// Goes on with a segment that begins with this checkpoint. `Err` gives back what chips said: nothing was begun.
    fn turn_to(&mut self, record: Record, chips: Vec<Record>) -> Result<(), Vec<Record>> {
        let segment = Segment { number: self.segment + 1, first: self.state.records + 1, chain: self.chain };
        // A state too long for a record stays where it is.
        let Some(written) = frame::write(segment.first, &self.chain, &record) else { return Err(chips) };
        let mut bytes = segment.to_bytes();
        let begin = bytes.len() as u64;
        bytes.extend_from_slice(&written.bytes);
        let mut chain = written.chain;
        let beside: Vec<Record> = self.state.beside_the_checkpoint().into_iter().chain(chips).collect();
        let mut places = Vec::with_capacity(beside.len());
        for (number, record) in (segment.first + 1..).zip(&beside) {
            let Some(more) = frame::write(number, &chain, record) else { return Err(beside) };
            places.push(places_from(bytes.len() as u64, more.sealed));
            bytes.extend_from_slice(&more.bytes);
            chain = more.chain;
        }
        self.disk.ends_at(self.end);
        match self.disk.turn(self.segment, &bytes) {
            Ok(Turn::Done) => {}
            // A full disk, for one. The segment grows on, and the next pause is the next try.
            Ok(Turn::Refused(_)) => return Err(beside),
            Err(error) => {
                self.give_up_on(&error);
                return Err(beside);
            }
        }
        let before = std::mem::replace(&mut self.segment, segment.number);
        (self.chain, self.end, self.carried_end) = (chain, bytes.len() as u64, bytes.len() as u64);
        let mut over = self.note(record, places_from(begin, written.sealed));
        for (record, places) in beside.into_iter().zip(places) {
            over.extend(self.note(record, places));
        }
        if let Err(error) = self.disk.wipe_all(before, joined(over)) {
            self.give_up_on(&error);
        }
        Ok(())
    }

    /// How much lies behind the checkpoint before a segment is put aside: half of what would have to be carried, where that is more than
    /// usual, so that a long batch is not written again and again.
    fn limit(&self) -> u64 {
        self.segment_bytes.max(self.carried_end.min(self.segment_bytes.saturating_mul(CARRIED_TIMES)) / 2)
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
        self.give_up_on(error).failure()
    }

    fn give_up_on(&mut self, error: &io::Error) -> &Broken {
        let detail = Said::new(error.to_string(), error.to_string());
        self.broken.insert(Broken { detail, is_full: LogFull::is(error) })
    }
}

/// Places in the file of what lies at these places of a record that begins there.
fn places_from(begin: u64, sealed: Vec<(Whose, Range<usize>)>) -> Vec<(Whose, Range<u64>)> {
    sealed.into_iter().map(|(whose, at)| (whose, begin + at.start as u64..begin + at.end as u64)).collect()
}

/// The same places, those that touch one another as one.
fn joined(places: impl IntoIterator<Item = Range<u64>>) -> Vec<Range<u64>> {
    let mut places: Vec<Range<u64>> = places.into_iter().collect();
    places.sort_by_key(|place| place.start);
    let mut all: Vec<Range<u64>> = Vec::new();
    for place in places {
        match all.last_mut() {
            Some(last) if last.end == place.start => last.end = place.end,
            _ => all.push(place),
        }
    }
    all
}

/// Why nothing more is written.
#[derive(Clone, Debug)]
struct Broken {
    detail: Said,
    /// The disk that many terminals share has no room left: their log was not written, and the way out is room.
    is_full: bool,
}

impl Broken {
    fn failure(&self) -> Failure {
        if self.is_full { Failure::new(storage::STORAGE_FULL) } else { failed(self.detail.clone()) }
    }
}

/// A record that was written and is not known to be on the disk: it counts for nothing yet.
#[derive(Debug)]
struct Begun {
    record: Record,
    written: frame::Written,
}

impl<D: Disk> FileJournal<D> {
    /// The first half of `append`: writes a record and does not wait for the disk. It counts for nothing, and nobody may act
    /// on it, before `settle` has returned. One thread serves many terminals of a group so.
    pub fn begin_append(&mut self, record: Record) -> Result<(), Failure> {
        self.settle()?;
        let begun = self.write(record)?;
        if let Err(error) = self.disk.begin_sync() {
            return Err(self.give_up(&error));
        }
        self.begun = Some(begun);
        Ok(())
    }

    /// The second half: waits until the record that was begun is on the disk. Nothing to do where none was.
    pub fn settle(&mut self) -> Result<(), Failure> {
        let Some(begun) = self.begun.take() else { return Ok(()) };
        if let Err(error) = self.disk.sync() {
            return Err(self.give_up(&error));
        }
        self.count(begun);
        Ok(())
    }

    fn write(&mut self, record: Record) -> Result<Begun, Failure> {
        if let Some(broken) = &self.broken {
            return Err(broken.failure());
        }
        let Some(written) = frame::write(self.state.records + 1, &self.chain, &record) else {
            return Err(failed(Said::new("记录过长", "the record is too long")));
        };
        if let Err(error) = self.disk.write_at(self.end, &written.bytes) {
            let full = is_full(&error);
            return match self.disk.cut(self.end) {
                Ok(()) if full => Err(Failure::new(storage::STORAGE_FULL)),
                _ => Err(self.give_up(&error)),
            };
        }
        Ok(Begun { record, written })
    }

    /// The record is on the disk: from here on it counts.
    fn count(&mut self, begun: Begun) {
        let Begun { record, written } = begun;
        let begin = self.end;
        self.end += written.bytes.len() as u64;
        self.chain = written.chain;
        let places = places_from(begin, written.sealed);
        let pause = record.ends_transaction();
        for place in self.note(record, places) {
            // The record that closed the reversal is on the disk, so its card data goes. That this is on the disk
            // too is not waited for: opening the journal does it again.
            if let Err(error) = self.erase(&place) {
                self.give_up_on(&error);
            }
        }
        let limit = self.limit();
        let is_long = self.end - self.carried_end > if pause { limit } else { limit.saturating_mul(4) };
        if is_long && self.broken.is_none() {
            self.turn();
        }
    }
}

impl<D: Disk> Journal for FileJournal<D> {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        self.begin_append(record)?;
        self.settle()
    }

    fn state(&self) -> &JournalState {
        &self.state
    }

    fn room(&mut self) -> Option<Result<(), Failure>> {
        if let Some(broken) = &self.broken {
            return Some(Err(broken.failure()));
        }
        self.disk.attempt().map(|tried| tried.map_err(|error| not_written(&error)))
    }

    fn verify(&mut self) -> Option<Result<u64, Failure>> {
        let directory = self.disk.directory()?;
        Some(History::read(directory).map(|history| history.records().count() as u64))
    }
}

pub(super) fn lock(directory: &Path) -> Result<File, Failure> {
    let path: PathBuf = directory.join(names::LOCK);
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

/// All of a file, if it is no longer than this.
pub(super) fn read_all(file: &mut File, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("larger than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

pub(super) fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    if is_full(error) {
        return Failure::new(storage::STORAGE_FULL);
    }
    Failure::new(storage::CANNOT_WRITE).text("path", path.display().to_string()).text("detail", error.to_string())
}

pub(super) fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::new(storage::CANNOT_READ).text("path", path.display().to_string()).text("detail", error.to_string())
}

fn missing(error: &io::Error) -> Failure {
    let detail = Said::new(format!("{} 不见了，而较早的部分还在", names::ACTIVE), error.to_string());
    Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(detail))
}

fn damaged(damage: frame::Damage) -> Failure {
    Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(damage.said(names::ACTIVE)))
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

pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}
