//! How a record lies in a file: lengths, number, checksums, end mark.
//!
//! A journal is a row of segments; each begins with a head of its own, so that reading can begin at any of them.
//!
//! ```text
//! 8   `TILLJRN2`                  once for each segment
//! 4   number of the segment       from 1, little-endian, as all numbers here
//! 8   number of its first record  from 1, counted through all segments
//! 16  the chain before it         zeros in the first segment
//! 4   CRC-32 of all this
//!
//! 4   length of the record
//! 4   length of what is sealed
//! 8   number of the record
//! 4   CRC-32 of these sixteen bytes
//! n   the record
//! 16  the chain: the first half of SHA-256 over the chain before, the number and the record
//! m   what is sealed: protected by its own MAC, so that it can be overwritten with zeros once it is not needed
//! 1   end mark
//! ```
//!
//! The head of a record has a checksum of its own: a damaged length must not make the rest of the file look like a torn
//! end. Each link of the chain hangs on all before it, so a record cannot be changed, left out or moved without every
//! later one showing it.
//!
//! Behind the last record there may be zeros: room for the next. What a power cut leaves of a record that was written into
//! it, `torn` says.

use super::torn::{self, HeadLost};
use crate::script_error::words::{Said, Words};
use crate::world::port::chips::Whose;
use crate::world::port::record::Record;
use crate::world::port::seal::SealedField;
use sha2::{Digest, Sha256};
use std::ops::Range;

/// The first bytes of every segment.
pub const MAGIC: &[u8; 8] = b"TILLJRN2";
/// The first bytes of a journal of the first format, which this program does not read.
const MAGIC_OLD: &[u8; 8] = b"TILLJRN1";
/// How long the head of a segment is.
pub const SEGMENT_HEAD: usize = 8 + 4 + 8 + LINK + 4;

pub(super) const HEAD: usize = 20;
const CHECK: usize = 4;
const LINK: usize = 16;
/// Not zero and no power of two: one wrong bit does not make zero of it, and a place that was never written is zero.
const END_MARK: u8 = 0xA5;
/// Bytes that most records fit in.
const BODY_USUAL: usize = 384;
/// Bytes that what is sealed of most reversals fits in.
const SEALED_USUAL: usize = 256;
/// Bytes of a short record, and records of a short segment: room for them is made at once.
const BYTES_USUAL: usize = 128;
const FRAMES_USUAL: usize = 64;
/// No record is near as long; a longer one is damage, whatever its checksum says.
const RECORD_MAX: usize = 1 << 20;

/// What all records so far come to: two journals with one chain hold the same records in the same order.
pub type Chain = [u8; LINK];

/// Where a segment takes up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// From 1.
    pub number: u32,
    /// Number of its first record.
    pub first: u64,
    /// The chain up to it.
    pub chain: Chain,
}

impl Segment {
    /// The first of a journal.
    pub const FIRST: Segment = Segment { number: 1, first: 1, chain: [0; LINK] };

    /// As it lies in front of its records.
    pub fn to_bytes(self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(&self.number.to_le_bytes());
        bytes.extend_from_slice(&self.first.to_le_bytes());
        bytes.extend_from_slice(&self.chain);
        let check = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&check.to_le_bytes());
        bytes
    }

    /// `None` if it is damaged.
    fn read(bytes: &[u8]) -> Option<Segment> {
        let (head, check) = bytes.split_last_chunk::<CHECK>()?;
        if crc32fast::hash(head) != u32::from_le_bytes(*check) {
            return None;
        }
        let (number, rest) = head.strip_prefix(MAGIC)?.split_first_chunk::<4>()?;
        let (first, chain) = rest.split_first_chunk::<8>()?;
        Some(Segment {
            number: u32::from_le_bytes(*number),
            first: u64::from_le_bytes(*first),
            chain: chain.try_into().ok()?,
        })
    }
}

/// A record as it was found.
#[derive(Debug)]
pub struct Frame {
    /// Its number.
    pub number: u64,
    /// The byte at which it begins.
    pub offset: usize,
    /// The record, what is sealed included.
    pub record: Record,
    /// Where the card data it holds lies in the file, and whose it is.
    pub sealed_at: Vec<(Whose, Range<usize>)>,
}

/// A segment read to its end.
#[derive(Debug)]
pub struct Scan {
    /// Where it takes up; `None` for a file that the power cut short before it had a head.
    pub segment: Option<Segment>,
    /// Every whole record.
    pub frames: Vec<Frame>,
    /// Where the last whole record ends; what is behind it is room, or was torn by a power cut.
    pub end: usize,
    /// How many bytes behind that are of a torn record: up to the last that is not zero.
    pub torn: usize,
    /// The chain up to its end.
    pub chain: Chain,
    /// The head of the last record and where it belongs, where its first bytes were zeros and all else of it was right.
    pub mended: Option<(usize, [u8; HEAD])>,
}

/// A journal that cannot be read as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The number the damaged record should have; 0 if it is the head of the segment.
    pub record: u64,
    /// The byte at which it begins.
    pub offset: usize,
    /// What is wrong.
    pub what: Words,
}

impl Damage {
    /// What is wrong and where, in a file of this name.
    pub fn said(&self, file: &str) -> Said {
        let Damage { record, offset, what } = self;
        match record {
            0 => Said::new(
                format!("{}（{file}，第 {offset} 字节）", what.zh),
                format!("{} ({file}, byte {offset})", what.en),
            ),
            _ => Said::new(
                format!("{}（{file}，第 {record} 条，第 {offset} 字节）", what.zh),
                format!("{} ({file}, record {record}, byte {offset})", what.en),
            ),
        }
    }
}

/// A record to be appended.
#[derive(Debug)]
pub struct Written {
    /// All bytes.
    pub bytes: Vec<u8>,
    /// Where in them card data lies, and whose it is.
    pub sealed: Vec<(Whose, Range<usize>)>,
    /// The chain for the next record.
    pub chain: Chain,
}

/// Writes a record. `None` if it is longer than a record can be.
pub fn write(number: u64, chain: &Chain, record: &Record) -> Option<Written> {
    // All of it in one buffer, each byte once. Most records fit at the first try.
    let mut bytes = Vec::with_capacity(HEAD + BODY_USUAL + LINK + SEALED_USUAL + 1);
    bytes.resize(HEAD, 0);
    lay_record(record, &mut bytes)?;
    let body = bytes.len() - HEAD;
    let chain = link(chain, number, bytes.get(HEAD..)?);
    bytes.extend_from_slice(&chain);
    let begin = bytes.len();
    let mut sealed = Vec::new();
    for (whose, fields) in record.sealed() {
        let from = bytes.len();
        for field in fields {
            bytes.push(field.number);
            bytes.extend_from_slice(&u16::try_from(field.as_bytes().len()).ok()?.to_le_bytes());
            bytes.extend_from_slice(field.as_bytes());
        }
        sealed.push((whose, from..bytes.len()));
    }
    let clear = bytes.len() - begin;
    if body + clear > RECORD_MAX {
        return None;
    }
    bytes.push(END_MARK);
    let (head, _) = bytes.split_first_chunk_mut::<HEAD>()?;
    let (lengths, check) = head.split_last_chunk_mut::<CHECK>()?;
    lengths[..4].copy_from_slice(&(body as u32).to_le_bytes());
    lengths[4..8].copy_from_slice(&(clear as u32).to_le_bytes());
    lengths[8..].copy_from_slice(&number.to_le_bytes());
    *check = crc32fast::hash(lengths).to_le_bytes();
    Some(Written { bytes, sealed, chain })
}

/// Appends the record itself, without what is sealed.
fn lay_record(record: &Record, bytes: &mut Vec<u8>) -> Option<()> {
    let begin = bytes.len();
    let mut room = BODY_USUAL;
    loop {
        bytes.resize(begin + room, 0);
        match postcard::to_slice(record, bytes.get_mut(begin..)?).map(|written| written.len()) {
            Ok(length) => {
                bytes.truncate(begin + length);
                return Some(());
            }
            Err(postcard::Error::SerializeBufferFull) if room <= RECORD_MAX => room *= 4,
            Err(_) => return None,
        }
    }
}

/// A segment without its last records, as an old copy of it is.
pub fn without_the_last(file: &[u8], records: usize) -> Vec<u8> {
    let Ok(scan) = scan(file) else { return file.to_vec() };
    let at = scan.frames.len().saturating_sub(records);
    let end = scan.frames.get(at).map_or(scan.end, |frame| frame.offset);
    file.get(..end).unwrap_or(file).to_vec()
}

/// Where a write of one record, or of the head of a segment, may be torn: at each kind of byte, in the middle and at its end.
///
/// In the lengths, in the number, in the checksum of the head, behind it, in the record, behind it, in the chain, behind
/// it, in what is sealed, and before the end mark.
pub fn places_to_tear(written: &[u8]) -> Vec<usize> {
    let body = written.first_chunk::<4>().map_or(0, |length| u32::from_le_bytes(*length) as usize);
    let chain = HEAD.saturating_add(body);
    let sealed = chain.saturating_add(LINK);
    let end = written.len().saturating_sub(1);
    let all = [
        1,
        4,
        6,
        8,
        12,
        HEAD - CHECK,
        HEAD - 1,
        HEAD,
        HEAD + 1,
        HEAD.saturating_add(body / 2),
        chain,
        chain.saturating_add(LINK / 2),
        sealed,
        sealed.saturating_add(end.saturating_sub(sealed) / 2),
        end,
    ];
    let mut places: Vec<usize> = all.into_iter().filter(|place| *place > 0 && *place < written.len()).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// Reads a whole segment. A torn end is left out; anything else that is wrong is damage.
pub fn scan(file: &[u8]) -> Result<Scan, Damage> {
    let mut scan =
        Scan { segment: None, frames: Vec::new(), end: 0, torn: 0, chain: Segment::FIRST.chain, mended: None };
    let written = file.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let Some((head, mut rest)) = file.split_at_checked(SEGMENT_HEAD).filter(|_| file.starts_with(MAGIC)) else {
        scan.torn = written;
        return begun(file).map(|()| scan);
    };
    let Some(segment) = Segment::read(head) else {
        // Of a segment torn in its head nothing else was ever written.
        scan.torn = written;
        return if is_zero(rest) { Ok(scan) } else { Err(Damage { record: 0, offset: 0, what: HEAD_DAMAGED }) };
    };
    (scan.segment, scan.end, scan.chain) = (Some(segment), SEGMENT_HEAD, segment.chain);
    scan.frames.reserve((written / BYTES_USUAL).min(FRAMES_USUAL));
    let mut number = segment.first;
    while scan.end < written {
        let damaged = |what| Damage { record: number, offset: scan.end, what };
        let Some((head, behind)) = rest.split_at_checked(HEAD) else {
            break;
        };
        let mut mended = None;
        let head = match Head::read(head) {
            Some(head) => head,
            // Of a record torn in its head nothing else was ever written; a whole one has its end mark at least.
            None if is_zero(behind) => break,
            None => match torn::without_its_head(file, scan.end, number) {
                HeadLost::Torn => break,
                HeadLost::Damaged => return Err(damaged(HEAD_DAMAGED)),
                HeadLost::Bit(bytes) => match Head::read(&bytes) {
                    Some(head) => {
                        mended = Some((scan.end, bytes));
                        head
                    }
                    None => return Err(damaged(HEAD_DAMAGED)),
                },
            },
        };
        if head.body > RECORD_MAX || head.sealed > RECORD_MAX {
            return Err(damaged(Words {
                zh: "有记录超过了应有的长度", en: "a record is longer than a record can be"
            }));
        }
        let Some((body, check, sealed, end_mark, behind)) = head.split(behind) else {
            break;
        };
        // A piece of it that never came may lie in what is sealed, which the chain does not cover.
        if torn::is_torn(file, scan.end, head.length(), mended.is_some()) {
            break;
        }
        if end_mark != END_MARK {
            if end_mark == 0 && is_zero(behind) {
                break;
            }
            return Err(damaged(Words { zh: "有记录的末尾损坏", en: "the end of a record is damaged" }));
        }
        if check != link(&scan.chain, head.number, body) {
            return Err(damaged(Words {
                zh: "有记录与校验和不符", en: "a record does not match its checksum"
            }));
        }
        if head.number != number {
            return Err(damaged(Words { zh: "有记录缺失或重复", en: "a record is missing or stands twice" }));
        }
        let length = rest.len() - behind.len();
        let sealed_from = scan.end + length - 1 - sealed.len();
        let (record, sealed_at) = read_record(body, sealed, sealed_from)
            .ok_or_else(|| damaged(Words { zh: "有记录无法读取", en: "a record cannot be read" }))?;
        scan.frames.push(Frame { number, offset: scan.end, record, sealed_at });
        scan.end += length;
        scan.chain = check;
        scan.mended = mended;
        number += 1;
        rest = behind;
    }
    scan.torn = written.saturating_sub(scan.end);
    Ok(scan)
}

const HEAD_DAMAGED: Words = Words { zh: "有记录的头部损坏", en: "the head of a record is damaged" };

/// Is this what a power cut leaves of a file that was about to become a journal?
fn begun(file: &[u8]) -> Result<(), Damage> {
    let damaged = |what| Err(Damage { record: 0, offset: 0, what });
    if file.starts_with(MAGIC_OLD) {
        return damaged(Words {
            zh: "日志是旧格式（1），本版本不能读取",
            en: "the journal is in the old format (1), which this version cannot read",
        });
    }
    let written = file.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let begun = &file[..written.min(file.len())];
    if begun.len() < SEGMENT_HEAD && (MAGIC.starts_with(begun) || begun.starts_with(MAGIC)) {
        return Ok(());
    }
    damaged(Words { zh: "文件开头不是日志", en: "the file does not begin as a journal does" })
}

pub(super) struct Head {
    body: usize,
    sealed: usize,
    pub(super) number: u64,
}

type Parts<'a> = (&'a [u8], Chain, &'a [u8], u8, &'a [u8]);

impl Head {
    /// How long its record is, all in all.
    fn length(&self) -> usize {
        HEAD.saturating_add(self.body).saturating_add(LINK).saturating_add(self.sealed).saturating_add(1)
    }

    /// `None` where its checksum says that it is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Head> {
        let (lengths, check) = bytes.split_last_chunk::<CHECK>()?;
        if crc32fast::hash(lengths) != u32::from_le_bytes(*check) {
            return None;
        }
        let (body, rest) = lengths.split_first_chunk::<4>()?;
        let (sealed, rest) = rest.split_first_chunk::<4>()?;
        let (number, _) = rest.split_first_chunk::<8>()?;
        Some(Head {
            body: u32::from_le_bytes(*body) as usize,
            sealed: u32::from_le_bytes(*sealed) as usize,
            number: u64::from_le_bytes(*number),
        })
    }

    /// Record, its link, what is sealed, the end mark and what is behind; `None` if the file ends before.
    fn split<'a>(&self, bytes: &'a [u8]) -> Option<Parts<'a>> {
        let (body, rest) = bytes.split_at_checked(self.body)?;
        let (check, rest) = rest.split_first_chunk::<LINK>()?;
        let (sealed, rest) = rest.split_at_checked(self.sealed)?;
        let (end_mark, behind) = rest.split_first()?;
        Some((body, *check, sealed, *end_mark, behind))
    }
}

fn link(chain: &Chain, number: u64, body: &[u8]) -> Chain {
    let mut hash = Sha256::new();
    hash.update(chain);
    hash.update(number.to_le_bytes());
    hash.update(body);
    let mut link = [0; LINK];
    link.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    link
}

pub(super) fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// A record with its card data, and where in the file that lies.
type Read = (Record, Vec<(Whose, Range<usize>)>);

fn read_record(body: &[u8], sealed: &[u8], from: usize) -> Option<Read> {
    let (mut record, rest) = postcard::take_from_bytes::<Record>(body).ok()?;
    if !rest.is_empty() {
        return None;
    }
    let mut behind = sealed;
    let lengths: Vec<usize> = match record.sealed_lengths() {
        None => vec![sealed.len()],
        Some(lengths) => lengths.iter().map(|length| *length as usize).collect(),
    };
    let mut places = Vec::with_capacity(lengths.len());
    let mut at = from;
    for ((whose, fields), length) in record.sealed_mut().into_iter().zip(lengths) {
        let (own, rest) = behind.split_at_checked(length)?;
        // What cannot be taken apart was erased, wholly or in part: whether that is damage, its MAC and the records
        // behind it decide.
        *fields = read_sealed(own).unwrap_or_default();
        places.push((whose, at..at + length));
        (behind, at) = (rest, at + length);
    }
    behind.is_empty().then_some((record, places))
}

fn read_sealed(mut bytes: &[u8]) -> Option<Vec<SealedField>> {
    let mut fields = Vec::new();
    while let Some((number, rest)) = bytes.split_first() {
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let (field, rest) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length)))?;
        fields.push(SealedField::from_bytes(*number, field.to_vec()));
        bytes = rest;
    }
    Some(fields)
}
