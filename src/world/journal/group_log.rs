//! The log of a group as bytes: entries, in batches, and what a power cut leaves of the last batch.
//!
//! A log is written anew whenever it is opened: that is batch 0, which is on the disk before it counts. Each later batch was one
//! write, and the next one began when the sync after it had returned. So of the last batch any sector may be missing, and what is
//! behind it is zeros; in every other place whatever does not fit is damage. Logs of versions before this have no batches: there
//! an entry that is not whole is the end, if nothing but zeros follows it.

use super::torn::{is_torn, lacks_a_piece};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::ops::Range;

const HEAD: usize = 4 + 4 + 1 + 8 + 4;
const CHECK: usize = 4;
/// No write of a journal is near as long.
const CONTENT_MAX: usize = 4 << 20;

/// What an entry says.
pub(super) const BYTES: u8 = 0;
pub(super) const CUT: u8 = 1;
pub(super) const NEW_SEGMENT: u8 = 2;
pub(super) const ERASED: u8 = 3;
const BATCH: u8 = 4;

/// What the head of a batch holds: how many bytes follow it, and four that no power cut and no wrong bit makes zeros of.
const BATCH_CONTENT: usize = 8 + 4;
const BATCH_WORD: &[u8; 4] = b"TILL";
/// How long the head of a batch is.
pub(super) const BATCH_HEAD: usize = HEAD + BATCH_CONTENT + CHECK;
/// The last byte of a batch.
pub(super) const END_MARK: u8 = 0xA5;

/// What a log holds of one terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The segment that is written to.
    pub active: Vec<u8>,
    /// Segments that were put aside.
    pub archives: BTreeMap<u32, Vec<u8>>,
}

/// Where a log ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// The byte behind its last whole batch or entry.
    pub(super) end: usize,
    /// The number of the next batch.
    pub(super) batch: u64,
}

/// What each terminal has in a log, and where it ends. An error of `InvalidData` means damage.
pub(super) fn read_log(bytes: &[u8]) -> io::Result<(BTreeMap<u32, Held>, Ended)> {
    let mut all: BTreeMap<u32, Held> = BTreeMap::new();
    let mut ended = Ended { end: 0, batch: 0 };
    let mut has_batches = false;
    while ended.end < bytes.len() {
        let (at, rest) = (ended.end, bytes.get(ended.end..).unwrap_or_default());
        match Entry::look(rest) {
            Looked::Whole(entry, length) if entry.what == BATCH => {
                let number = entry.at;
                let is_next = number == ended.batch || at == 0 && number == 1;
                let behind = entry.batch_length().filter(|_| is_next || !has_batches).ok_or_else(damaged)?;
                let batch = at..at.saturating_add(length).saturating_add(behind);
                has_batches = true;
                match entries(bytes, at + length, batch.end) {
                    Some(entries) => {
                        for entry in entries {
                            entry.apply(all.entry(entry.terminal).or_default())?;
                        }
                        ended = Ended { end: batch.end, batch: number.saturating_add(1) };
                    }
                    // It was never acknowledged, so none of it counts.
                    None if number > 0 && is_last(bytes, &batch) && is_unfinished(bytes, &batch) => break,
                    None => return Err(damaged()),
                }
            }
            Looked::Whole(entry, length) if !has_batches => {
                entry.apply(all.entry(entry.terminal).or_default())?;
                ended.end += length;
            }
            Looked::Whole(..) => return Err(damaged()),
            // A log that was written anew begins with all of this, or it would not be there.
            Looked::End { .. } if at == 0 && bytes.get(8..10) == Some(&[BATCH, 0]) => return Err(damaged()),
            Looked::End { is_behind_empty: true } => break,
            Looked::End { .. } if has_batches && is_head_lost(bytes, at, ended.batch) => break,
            Looked::End { .. } => return Err(damaged()),
        }
    }
    ended.batch = ended.batch.max(1);
    Ok((all, ended))
}

/// The entries of a batch, from here to the mark at its end; `None` if they are not all there.
fn entries(bytes: &[u8], begin: usize, end: usize) -> Option<Vec<Entry<'_>>> {
    let (mark, mut rest) = bytes.get(begin..end)?.split_last()?;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let Looked::Whole(entry, length) = Entry::look(rest) else { return None };
        rest = rest.get(length..)?;
        entries.push(entry);
    }
    (*mark == END_MARK).then_some(entries)
}

/// Is nothing behind this batch?
fn is_last(bytes: &[u8], batch: &Range<usize>) -> bool {
    bytes.get(batch.end..).is_none_or(|behind| behind.iter().all(|byte| *byte == 0))
}

/// Is some of the last batch not there: its end, or any of its sectors?
fn is_unfinished(bytes: &[u8], batch: &Range<usize>) -> bool {
    bytes.len() < batch.end || bytes.get(batch.end - 1) == Some(&0) || is_torn(bytes, batch.start, batch.len(), false)
}

/// Is there no head where batch `number` should begin, since its sector has not come, and no later batch behind?
fn is_head_lost(bytes: &[u8], at: usize, number: u64) -> bool {
    let later =
        |rest: &[u8]| matches!(Entry::look(rest), Looked::Whole(entry, _) if entry.what == BATCH && entry.at > number);
    let behind = bytes.get(at + 1..).unwrap_or_default();
    let written = behind.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let behind = behind.get(..written).unwrap_or_default();
    lacks_a_piece(bytes, at, BATCH_HEAD) && !behind.windows(BATCH_HEAD).any(later)
}

/// The shortest log that holds this.
pub(super) fn written(all: &BTreeMap<u32, Held>) -> io::Result<(Vec<u8>, Ended)> {
    let mut bytes = vec![0; BATCH_HEAD];
    for (terminal, held) in all {
        let mut segments = held.archives.values().chain([&held.active]);
        lay(&mut bytes, *terminal, BYTES, 0, segments.next().map_or(&[], Vec::as_slice))?;
        for (number, segment) in held.archives.keys().zip(segments) {
            lay(&mut bytes, *terminal, NEW_SEGMENT, u64::from(*number), segment)?;
        }
    }
    bytes.push(END_MARK);
    put_batch_head(&mut bytes, 0);
    let end = bytes.len();
    Ok((bytes, Ended { end, batch: 1 }))
}

/// Fills in the head of a batch, for which there is a place in front of it.
pub(super) fn put_batch_head(batch: &mut [u8], number: u64) {
    let behind = batch.len().saturating_sub(BATCH_HEAD) as u64;
    let mut content = behind.to_le_bytes().to_vec();
    content.extend_from_slice(BATCH_WORD);
    let mut head = Vec::with_capacity(BATCH_HEAD);
    // INVARIANT: twelve bytes are no content that is too long.
    if lay(&mut head, 0, BATCH, number, &content).is_ok() {
        batch.iter_mut().zip(head).for_each(|(to, from)| *to = from);
    }
}

/// Appends an entry.
pub(super) fn lay(log: &mut Vec<u8>, terminal: u32, what: u8, at: u64, content: &[u8]) -> io::Result<()> {
    if content.len() > CONTENT_MAX {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let begin = log.len();
    log.reserve(HEAD + content.len() + CHECK);
    log.extend_from_slice(&(content.len() as u32).to_le_bytes());
    log.extend_from_slice(&terminal.to_le_bytes());
    log.push(what);
    log.extend_from_slice(&at.to_le_bytes());
    let check = crc32fast::hash(log.get(begin..).unwrap_or_default());
    log.extend_from_slice(&check.to_le_bytes());
    log.extend_from_slice(content);
    log.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    Ok(())
}

struct Entry<'b> {
    terminal: u32,
    what: u8,
    at: u64,
    content: &'b [u8],
}

/// What stands where an entry should.
enum Looked<'b> {
    /// An entry, and how long it is.
    Whole(Entry<'b>, usize),
    /// None that is whole.
    End {
        /// The file ends there, or nothing but zeros follows what does not fit.
        is_behind_empty: bool,
    },
}

fn damaged() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "an entry of the log is damaged")
}

impl<'b> Entry<'b> {
    fn look(bytes: &'b [u8]) -> Looked<'b> {
        let is_empty = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        let Some((head, behind)) = bytes.split_at_checked(HEAD) else { return Looked::End { is_behind_empty: true } };
        let (facts, check) = head.split_at(HEAD - CHECK);
        if u64::from(crc32fast::hash(facts)) != number(check) {
            return Looked::End { is_behind_empty: is_empty(behind) };
        }
        let length = number(&facts[..4]) as usize;
        if length > CONTENT_MAX {
            return Looked::End { is_behind_empty: false };
        }
        let Some((content, behind)) = behind.split_at_checked(length) else {
            return Looked::End { is_behind_empty: true };
        };
        let Some((check, behind)) = behind.split_at_checked(CHECK) else {
            return Looked::End { is_behind_empty: true };
        };
        if u64::from(crc32fast::hash(content)) != number(check) {
            return Looked::End { is_behind_empty: is_empty(behind) };
        }
        let entry = Entry { terminal: number(&facts[4..8]) as u32, what: facts[8], at: number(&facts[9..17]), content };
        Looked::Whole(entry, HEAD + length + CHECK)
    }

    /// How many bytes of its batch follow its head.
    fn batch_length(&self) -> Option<usize> {
        let (length, word) = self.content.split_first_chunk::<8>()?;
        (word == BATCH_WORD).then(|| usize::try_from(u64::from_le_bytes(*length)).ok()).flatten()
    }

    fn apply(&self, held: &mut Held) -> io::Result<()> {
        let at = usize::try_from(self.at).map_err(|_| damaged())?;
        match self.what {
            BYTES => {
                // A journal writes at its end or within: a gap was never written.
                if at > held.active.len() {
                    return Err(damaged());
                }
                let end = at + self.content.len();
                if held.active.len() < end {
                    held.active.resize(end, 0);
                }
                held.active.get_mut(at..end).ok_or_else(damaged)?.copy_from_slice(self.content);
            }
            CUT => held.active.truncate(at),
            NEW_SEGMENT => {
                let old = std::mem::replace(&mut held.active, self.content.to_vec());
                held.archives.insert(u32::try_from(self.at).map_err(|_| damaged())?, old);
            }
            ERASED => {
                let (number, length) = self.content.split_first_chunk::<8>().ok_or_else(damaged)?;
                let length = length.first_chunk::<8>().ok_or_else(damaged)?;
                let (number, length) = (u64::from_le_bytes(*number), u64::from_le_bytes(*length) as usize);
                let archive = held.archives.get_mut(&u32::try_from(number).map_err(|_| damaged())?);
                if let Some(place) = archive.and_then(|bytes| bytes.get_mut(at..at.checked_add(length)?)) {
                    place.fill(0);
                }
            }
            _ => return Err(damaged()),
        }
        Ok(())
    }
}
