//! A journal as one file, and back: the fence that keeps a restored terminal from using its numbers twice.
//!
//! ```text
//! 8   `TILLBKP1`
//! 4   how many segments, little-endian, as all numbers here
//! for each: 2 length of its name, the name, 8 its length, its bytes
//! 32  SHA-256 over all this
//! ```
//!
//! The device key is not in it: card data of reversals that wait stays sealed, and only the terminal that sealed it can
//! send them.

use super::disk::sync_directory;
use super::frame::{self, Segment};
use super::history::History;
use super::names;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use crate::world::port::journal::Journal;
use crate::world::port::record::{Record, STAN_MAX};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const MAGIC: &[u8; 8] = b"TILLBKP1";
const HASH: usize = 32;
/// The longest backup that is read.
const SIZE_MAX: u64 = 1 << 30;
/// Segments of one backup.
const SEGMENTS_MAX: u32 = 100_000;
/// So many trace numbers are left out after a restore: more than a terminal uses between two backups.
pub const STANS_FENCED: u32 = 5_000;
/// The last batch number; after it comes 1.
const BATCH_MAX: u32 = 999_999;

/// What a backup holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Segments.
    pub segments: usize,
    /// Records.
    pub records: usize,
    /// Bytes of the file.
    pub bytes: usize,
}

/// Writes the journal of a directory into one file that is not there yet. `T7003` if the journal is damaged.
pub fn backup(directory: &Path, file: &Path) -> Result<Size, Failure> {
    let history = History::read(directory)?;
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&(history.parts.len() as u32).to_le_bytes());
    for part in &history.parts {
        let path = directory.join(&part.name);
        let mut whole = fs::read(&path).map_err(|error| cannot_read(&path, &error))?;
        // A record that is being written, or was torn, does not count; one that has come since is not waited for.
        whole.truncate(part.bytes - part.torn);
        // The part that was about to take its place is the one that is written to.
        let name = if part.name == names::NEXT { names::ACTIVE } else { &part.name };
        bytes.extend_from_slice(&(name.len() as u16).to_le_bytes());
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(&(whole.len() as u64).to_le_bytes());
        bytes.extend_from_slice(&whole);
    }
    let hash = Sha256::digest(&bytes);
    bytes.extend_from_slice(&hash);
    // What was read between two looks is read again before it is kept.
    segments(&bytes)?;
    let failed = |error: &io::Error| cannot_write(file, error);
    let mut handle = OpenOptions::new().write(true).create_new(true).open(file).map_err(|error| failed(&error))?;
    let written = handle.write_all(&bytes).and_then(|()| handle.sync_all());
    if let Err(error) = written.and_then(|()| sync_directory(&folder_of(file))) {
        // Half a backup is none.
        let _ = fs::remove_file(file);
        return Err(failed(&error));
    }
    Ok(Size { segments: history.parts.len(), records: history.records().count(), bytes: bytes.len() })
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Puts a backup into a directory that has no journal. The journal is not fenced yet: see `fence`.
pub fn restore(file: &Path, directory: &Path) -> Result<Size, Failure> {
    let handle = File::open(file).map_err(|error| cannot_read(file, &error))?;
    let mut bytes = Vec::new();
    handle.take(SIZE_MAX + 1).read_to_end(&mut bytes).map_err(|error| cannot_read(file, &error))?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(cannot_read(file, &io::Error::new(io::ErrorKind::FileTooLarge, "larger than 1 GiB")));
    }
    let parts = segments(&bytes)?;
    fs::create_dir_all(directory).map_err(|error| cannot_write(directory, &error))?;
    let there = names::archived(directory).map_err(|error| cannot_read(directory, &error))?;
    let is_there = [names::ACTIVE, names::NEXT].iter().any(|name| directory.join(name).exists());
    if is_there || !there.is_empty() {
        let error = io::Error::new(io::ErrorKind::AlreadyExists, "there is a journal already");
        return Err(cannot_write(directory, &error));
    }
    let mut records = 0;
    // The part that is written to comes last: without it the others are no journal that can be gone on with.
    for (name, content, count) in &parts {
        records += count;
        let path = directory.join(name);
        let written = File::create(&path).and_then(|mut file| file.write_all(content).and_then(|()| file.sync_all()));
        written.map_err(|error| cannot_write(&path, &error))?;
    }
    sync_directory(directory).map_err(|error| cannot_write(directory, &error))?;
    Ok(Size { segments: parts.len(), records, bytes: bytes.len() })
}

/// Fences a journal that was restored: the next batch, trace numbers that cannot have been used, signed out, and no
/// transaction before a reconciliation.
pub fn fence(journal: &mut dyn Journal) -> Result<(), Failure> {
    let state = journal.state();
    let batch = if state.batch >= BATCH_MAX { 1 } else { state.batch + 1 };
    let last_stan = (state.last_stan + STANS_FENCED) % STAN_MAX;
    journal.append(Record::Restored { batch, last_stan })
}

/// A segment of a backup: its name, its bytes, and how many records it has.
type Part = (String, Vec<u8>, usize);

/// Takes a backup apart and proves it: its hash, every segment, and the chain through all of them.
fn segments(bytes: &[u8]) -> Result<Vec<Part>, Failure> {
    let wrong =
        |zh: &str, en: &str| Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(Said::new(zh, en)));
    let torn = || wrong("备份不完整", "the backup is not whole");
    let (content, hash) = bytes.split_last_chunk::<HASH>().ok_or_else(torn)?;
    let mut rest = content.strip_prefix(MAGIC).ok_or_else(|| wrong("不是备份文件", "it is no backup"))?;
    if Sha256::digest(content).as_slice() != hash {
        return Err(wrong("备份与其散列不符", "the backup does not match its hash"));
    }
    let mut take = |length: usize| {
        let (taken, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(taken)
    };
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let count = number(take(4).ok_or_else(torn)?);
    if count == 0 || count > u64::from(SEGMENTS_MAX) {
        return Err(torn());
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut before: Option<Segment> = None;
    for at in 1..=count {
        let length = number(take(2).ok_or_else(torn)?) as usize;
        let name = std::str::from_utf8(take(length).ok_or_else(torn)?).map_err(|_| torn())?.to_owned();
        let length = usize::try_from(number(take(8).ok_or_else(torn)?)).map_err(|_| torn())?;
        let segment = take(length).ok_or_else(torn)?;
        let scan = frame::scan(segment)
            .map_err(|damage| Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(damage.said(&name))))?;
        let own = scan.segment.unwrap_or(Segment::FIRST);
        // Names are made anew from the segments: what a file says of its name is not where it goes.
        let wanted = if at == count { names::ACTIVE.to_owned() } else { names::archive(own.number) };
        if name != wanted || scan.end != segment.len() || before.is_some_and(|before| before != own) {
            return Err(wrong(
                "备份里的各段接不上",
                "the segments of the backup do not go on where the one before ends",
            ));
        }
        before = Some(Segment {
            number: own.number.saturating_add(1),
            first: own.first.saturating_add(scan.frames.len() as u64),
            chain: scan.chain,
        });
        parts.push((name, segment.to_vec(), scan.frames.len()));
    }
    if !rest.is_empty() {
        return Err(torn());
    }
    Ok(parts)
}

fn cannot_read(path: &Path, error: &io::Error) -> Failure {
    Failure::new(storage::CANNOT_READ).text("path", path.display().to_string()).text("detail", error.to_string())
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::new(storage::CANNOT_WRITE).text("path", path.display().to_string()).text("detail", error.to_string())
}
