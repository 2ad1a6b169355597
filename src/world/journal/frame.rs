//! How a record lies in a file: lengths, number, checksums, end mark.
//!
//! ```text
//! 8  `TILLJRN1`, once
//! 4  length of the record        little-endian, as all numbers here
//! 4  length of what is sealed
//! 8  number of the record, from 1
//! 4  CRC-32 of these sixteen bytes
//! n  the record
//! 4  CRC-32 of the checksum before, the number and the record
//! m  what is sealed: protected by its own MAC, so that it can be overwritten with zeros once it is not needed
//! 1  end mark
//! ```
//!
//! The head has a checksum of its own: a damaged length must not make the rest of the file look like a torn end.

use crate::world::port::record::Record;
use crate::world::port::seal::SealedField;
use std::ops::Range;
use crate::script_error::words::Words;

/// The first bytes of a journal.
pub const MAGIC: &[u8; 8] = b"TILLJRN1";

const HEAD: usize = 20;
const CHECK: usize = 4;
/// Not zero and no power of two: one wrong bit does not make zero of it, and a place that was never written is zero.
const END_MARK: u8 = 0xA5;
/// No record is near as long; a longer one is damage, whatever its checksum says.
const RECORD_MAX: usize = 1 << 20;

/// A record as it was found.
#[derive(Debug)]
pub struct Frame {
    /// The record, what is sealed included.
    pub record: Record,
    /// Where what is sealed lies in the file.
    pub sealed_at: Range<usize>,
}

/// A journal read to its end.
#[derive(Debug)]
pub struct Scan {
    /// Every whole record.
    pub frames: Vec<Frame>,
    /// Where the last whole record ends; what is behind it was torn by a power cut.
    pub end: usize,
    /// The checksum that the next record begins with.
    pub chain: u32,
}

/// A journal that cannot be read as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The byte at which the damaged record begins.
    pub offset: usize,
    /// What is wrong.
    pub what: Words,
}

/// A record to be appended: its bytes, where in them what is sealed lies, and the checksum for the next one.
pub struct Written {
    /// All bytes.
    pub bytes: Vec<u8>,
    /// Where in them what is sealed lies.
    pub sealed: Range<usize>,
    /// The checksum for the next record.
    pub chain: u32,
}

/// Writes a record. `None` if it is longer than a record can be.
pub fn write(number: u64, chain: u32, record: &Record) -> Option<Written> {
    let body = postcard::to_stdvec(record).ok()?;
    let mut sealed = Vec::new();
    if let Record::ReversalDue(due) = record {
        for field in &due.sealed {
            sealed.push(field.number);
            sealed.extend_from_slice(&u16::try_from(field.as_bytes().len()).ok()?.to_le_bytes());
            sealed.extend_from_slice(field.as_bytes());
        }
    }
    if body.len() + sealed.len() > RECORD_MAX {
        return None;
    }
    let mut bytes = Vec::with_capacity(HEAD + body.len() + CHECK + sealed.len() + 1);
    bytes.extend_from_slice(&u32::try_from(body.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(sealed.len()).ok()?.to_le_bytes());
    bytes.extend_from_slice(&number.to_le_bytes());
    let head_check = crc32fast::hash(&bytes);
    bytes.extend_from_slice(&head_check.to_le_bytes());
    bytes.extend_from_slice(&body);
    let check = body_check(chain, number, &body);
    bytes.extend_from_slice(&check.to_le_bytes());
    let begin = bytes.len();
    bytes.extend_from_slice(&sealed);
    let sealed = begin..bytes.len();
    bytes.push(END_MARK);
    Some(Written { bytes, sealed, chain: check })
}

/// Reads a whole journal. A torn end is left out; anything else that is wrong is damage.
pub fn scan(file: &[u8]) -> Result<Scan, Damage> {
    let mut scan = Scan { frames: Vec::new(), end: 0, chain: 0 };
    let Some(mut rest) = file.strip_prefix(MAGIC) else {
        // The power went while the file was made: there was no record yet.
        let written = file.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let torn = file.get(..written).is_some_and(|written| MAGIC.starts_with(written));
        let damage = Damage { offset: 0, what: Words { zh: "文件开头不是日志", en: "the file does not begin as a journal does" } };
        return if torn { Ok(scan) } else { Err(damage) };
    };
    scan.end = MAGIC.len();
    let mut number = 1;
    while !rest.is_empty() {
        let damaged = |what| Damage { offset: scan.end, what };
        let Some((head, behind)) = rest.split_at_checked(HEAD) else {
            break;
        };
        let Some(head) = Head::read(head) else {
            // Of a record torn in its head nothing else was ever written; a whole one has its end mark at least.
            if is_zero(Some(behind)) {
                break;
            }
            return Err(damaged(Words { zh: "有记录的头部损坏", en: "the head of a record is damaged" }));
        };
        if head.body > RECORD_MAX || head.sealed > RECORD_MAX {
            return Err(damaged(Words { zh: "有记录超过了应有的长度", en: "a record is longer than a record can be" }));
        }
        let Some((body, check, sealed, end_mark, behind)) = head.split(behind) else {
            break;
        };
        if end_mark != END_MARK {
            if end_mark == 0 && is_zero(Some(behind)) {
                break;
            }
            return Err(damaged(Words { zh: "有记录的末尾损坏", en: "the end of a record is damaged" }));
        }
        if check != body_check(scan.chain, head.number, body).to_le_bytes() {
            return Err(damaged(Words { zh: "有记录与校验和不符", en: "a record does not match its checksum" }));
        }
        if head.number != number {
            return Err(damaged(Words { zh: "有记录缺失或重复", en: "a record is missing or stands twice" }));
        }
        let record = read_record(body, sealed).ok_or_else(|| damaged(Words { zh: "有记录无法读取", en: "a record cannot be read" }))?;
        let length = rest.len() - behind.len();
        let sealed_end = scan.end + length - 1;
        scan.frames.push(Frame { record, sealed_at: sealed_end - sealed.len()..sealed_end });
        scan.end += length;
        scan.chain = u32::from_le_bytes(check);
        number += 1;
        rest = behind;
    }
    Ok(scan)
}

struct Head {
    body: usize,
    sealed: usize,
    number: u64,
}

type Parts<'a> = (&'a [u8], [u8; CHECK], &'a [u8], u8, &'a [u8]);

impl Head {
    fn read(bytes: &[u8]) -> Option<Head> {
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

    /// Record, its checksum, what is sealed, the end mark and what is behind; `None` if the file ends before.
    fn split<'a>(&self, bytes: &'a [u8]) -> Option<Parts<'a>> {
        let (body, rest) = bytes.split_at_checked(self.body)?;
        let (check, rest) = rest.split_first_chunk::<CHECK>()?;
        let (sealed, rest) = rest.split_at_checked(self.sealed)?;
        let (end_mark, behind) = rest.split_first()?;
        Some((body, *check, sealed, *end_mark, behind))
    }
}

fn body_check(chain: u32, number: u64, body: &[u8]) -> u32 {
    let mut check = crc32fast::Hasher::new();
    check.update(&chain.to_le_bytes());
    check.update(&number.to_le_bytes());
    check.update(body);
    check.finalize()
}

fn is_zero(bytes: Option<&[u8]>) -> bool {
    bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0))
}

fn read_record(body: &[u8], sealed: &[u8]) -> Option<Record> {
    let (mut record, rest) = postcard::take_from_bytes::<Record>(body).ok()?;
    if !rest.is_empty() {
        return None;
    }
    if let Record::ReversalDue(due) = &mut record {
        // What cannot be taken apart was erased, wholly or in part: whether that is damage, its MAC and the records
        // behind it decide.
        due.sealed = read_sealed(sealed).unwrap_or_default();
    } else if !sealed.is_empty() {
        return None;
    }
    Some(record)
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
