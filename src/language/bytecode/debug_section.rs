//! The debug section: files, names of registers, line tables; with a checksum of its own.

use super::file_error::FileError;
use super::program::{Debug, Program};
use super::wire::{Read, Reader, Writer};
use crate::script_error::source::{FileId, Span};
use sha2::{Digest, Sha256};

/// Bytes of the checksum in front.
const CHECKSUM: usize = 16;

type Lines<'p> = (FileId, &'p [(u32, Span)]);

/// The section of a program that has its lines in its functions.
pub(super) fn write(program: &Program, debug: &Debug, id: [u8; 16]) -> Vec<u8> {
    let lines: Vec<Lines<'_>> =
        program.functions.iter().map(|function| (function.file, function.lines.as_slice())).collect();
    section(debug, id, &lines)
}

/// The section that was taken out of a program.
pub(super) fn write_stripped(debug: &Debug) -> Vec<u8> {
    let lines: Vec<Lines<'_>> = debug.lines.iter().map(|(file, lines)| (*file, lines.as_slice())).collect();
    section(debug, debug.id, &lines)
}

fn section(debug: &Debug, id: [u8; 16], lines: &[Lines<'_>]) -> Vec<u8> {
    let mut to = Writer::default();
    to.raw(&id);
    to.count(debug.files.len());
    for (name, starts) in &debug.files {
        to.text(name);
        to.count(starts.len());
        let mut before = 0;
        for start in starts {
            to.signed(i64::from(*start) - before);
            before = i64::from(*start);
        }
    }
    to.count(debug.names.len());
    for names in &debug.names {
        to.count(names.len());
        for (register, name, start, end) in names {
            to.raw(&[*register]);
            to.text(name);
            to.number(u64::from(*start));
            to.number(u64::from(*end));
        }
    }
    to.count(lines.len());
    for (file, lines) in lines {
        to.number(u64::from(file.0));
        to.count(lines.len());
        let (mut at, mut start) = (0, 0);
        for (instruction, span) in *lines {
            to.signed(i64::from(*instruction) - at);
            to.signed(i64::from(span.start) - start);
            to.signed(i64::from(span.end) - i64::from(span.start));
            at = i64::from(*instruction);
            start = i64::from(span.start);
        }
    }
    let content = to.into_bytes();
    let mut section = checksum(&content).to_vec();
    section.extend_from_slice(&content);
    section
}

/// The section of a file.
pub(super) fn read(bytes: &[u8]) -> Read<Debug> {
    let mut from = Reader::new(bytes);
    let stored = from.take(CHECKSUM)?;
    let content = from.all();
    if stored != checksum(content) {
        return Err(FileError::damaged("调试信息的校验和不符", "the checksum of the debug section does not match"));
    }
    let mut from = Reader::new(content);
    let mut id = [0; 16];
    for (to, byte) in id.iter_mut().zip(from.take(16)?) {
        *to = *byte;
    }
    let files = from.list(|from| {
        let name = from.text()?.to_string();
        let mut before = 0;
        let starts = from.list(|from| step(from, &mut before))?;
        Ok((name, starts))
    })?;
    let names = from.list(|from| from.list(|from| Ok((from.byte()?, from.text()?, from.number()?, from.number()?))))?;
    let lines = from.list(|from| {
        let file = FileId(from.number()?);
        let (mut at, mut start) = (0, 0);
        let lines = from.list(|from| {
            let instruction = step(from, &mut at)?;
            let first = step(from, &mut start)?;
            let mut end = start;
            let end = step(from, &mut end)?;
            Ok((instruction, Span { start: first, end }))
        })?;
        Ok((file, lines))
    })?;
    from.end()?;
    Ok(Debug { id, files, names, lines })
}

/// The next of numbers that are written as differences.
fn step(from: &mut Reader<'_>, before: &mut i64) -> Read<u32> {
    let next = before.checked_add(from.signed()?);
    let next = next
        .and_then(|next| u32::try_from(next).ok())
        .ok_or_else(|| FileError::damaged("行号表不对", "the line table is wrong"))?;
    *before = i64::from(next);
    Ok(next)
}

fn checksum(content: &[u8]) -> [u8; CHECKSUM] {
    let whole = Sha256::digest(content);
    let mut checksum = [0; CHECKSUM];
    for (to, from) in checksum.iter_mut().zip(whole) {
        *to = from;
    }
    checksum
}
