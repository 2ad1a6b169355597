//! The file holds what was written, and nothing damaged gets out of it.

use super::hand;
use sha2::{Digest, Sha256};
use tillscript::language::bytecode::file_error::FORMAT;
use tillscript::language::bytecode::program::Program;
use tillscript::language::bytecode::{disassemble, file};
use tillscript::script_error::catalogue::bytecode;

#[test]
fn a_program_comes_back_as_it_was_written() {
    let program = hand::program();
    assert_eq!(file::read(&file::write(&program)).unwrap(), program);
}

#[test]
fn a_program_without_debug_comes_back_and_keeps_its_hash() {
    let whole = hand::program();
    let mut stripped = whole.clone();
    let debug = file::strip(&mut stripped);
    assert!(stripped.debug.is_none() && stripped.functions.iter().all(|function| function.lines.is_empty()));
    let bytes = file::write(&stripped);
    assert!(bytes.len() < file::write(&whole).len());
    let mut read = file::read(&bytes).unwrap();
    assert_eq!((&read, read.hash, read.debug_id), (&stripped, whole.hash, whole.debug_id));
    let debug = file::read_debug(&file::write_debug(&debug)).unwrap();
    file::attach(&mut read, debug).unwrap();
    assert_eq!(read, whole);
}

#[test]
fn lines_of_another_program_are_refused() {
    let mut other = hand::program();
    other.words.push(7);
    file::seal(&mut other);
    let debug = file::strip(&mut other);
    let mut program = hand::program();
    file::strip(&mut program);
    assert_eq!(file::attach(&mut program, debug).unwrap_err().code, bytecode::DEBUG_MISMATCH);
    assert!(program.debug.is_none());
}

#[test]
fn another_version_is_named() {
    let mut bytes = file::write(&hand::program());
    bytes[4] = 9;
    let error = file::read(&bytes).unwrap_err();
    assert_eq!((error.code, error.found), (bytecode::TILLC_VERSION, 9));
    assert_eq!(error.facts().len(), 2);
}

#[test]
fn another_kind_of_file_is_named() {
    for bytes in [&b""[..], b"TIL", b"#!/bin/sh\n", b"\x7fELF...."] {
        assert_eq!(file::read(bytes).unwrap_err().code, bytecode::NOT_TILLC);
    }
}

#[test]
fn every_truncation_is_refused() {
    let bytes = file::write(&hand::program());
    for length in 0..bytes.len() {
        assert!(file::read(&bytes[..length]).is_err(), "{length} bytes were taken for a program");
    }
    let mut longer = bytes;
    longer.push(0);
    assert_eq!(file::read(&longer).unwrap_err().code, bytecode::TILLC_DAMAGED);
}

#[test]
fn every_changed_byte_is_refused() {
    let bytes = file::write(&hand::program());
    for at in 0..bytes.len() {
        for bit in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
            let mut changed = bytes.clone();
            changed[at] ^= bit;
            let error = file::read(&changed).expect_err("a changed file was taken");
            let expected = match at {
                0..4 => bytecode::NOT_TILLC,
                4..6 => bytecode::TILLC_VERSION,
                _ => bytecode::TILLC_DAMAGED,
            };
            assert_eq!(error.code, expected, "byte {at} changed by {bit:#x}");
        }
    }
}

/// Somebody who knows the format changes a byte and puts the hash right.
#[test]
fn a_forged_file_is_refused_or_has_a_sound_structure() {
    let mut program = hand::program();
    file::strip(&mut program);
    let bytes = file::write(&program);
    let (mut taken, mut refused) = (0, 0);
    for at in HEADER..bytes.len() {
        for bit in [1, 4, 16, 128, 255] {
            let mut forged = bytes.clone();
            forged[at] ^= bit;
            put_hash_right(&mut forged);
            match file::read(&forged) {
                Ok(program) => {
                    taken += 1;
                    disassemble::program(&program, None);
                    let again = file::read(&file::write(&program)).unwrap();
                    assert!(again == Program { hash: again.hash, debug_id: again.debug_id, ..program });
                }
                Err(error) => {
                    refused += 1;
                    let known = [bytecode::TILLC_DAMAGED, bytecode::TILLC_INVALID];
                    assert!(known.contains(&error.code), "{error:?}");
                }
            }
        }
    }
    assert!(refused > taken && taken > 0, "{taken} taken, {refused} refused");
}

#[test]
fn a_file_that_promises_much_and_holds_little_takes_no_room() {
    // Every count says two hundred million; there is no such room.
    for content in [&[0x80, 0x84, 0xAF, 0x5F][..], &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]] {
        let mut bytes = b"TILL".to_vec();
        bytes.extend(FORMAT.to_le_bytes());
        bytes.extend([1, 0]);
        bytes.extend([0; 32]);
        for section in 1..=8 {
            bytes.push(section);
            bytes.extend((content.len() as u32).to_le_bytes());
        }
        for _ in 1..=8 {
            bytes.extend(content);
        }
        put_hash_right(&mut bytes);
        assert_eq!(file::read(&bytes).unwrap_err().code, bytecode::TILLC_DAMAGED);
    }
}

#[test]
fn a_type_nested_without_end_is_refused() {
    let mut program = hand::program();
    let mut ty = tillscript::language::types::Type::Int;
    for _ in 0..5_000 {
        ty = tillscript::language::types::Type::list(ty);
    }
    program.functions[1].registers.push(ty);
    let error = file::read(&file::write(&program)).unwrap_err();
    assert_eq!(error.code, bytecode::TILLC_INVALID);
}

/// The same program gives these very bytes in every build; a change of the format has a new number.
#[test]
fn the_format_stays_what_it_was() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bytecode/format-5.tillc");
    let now = file::write(&hand::program());
    if std::env::var_os("TILL_BLESS").is_some() {
        std::fs::write(path, &now).unwrap();
    }
    let before = std::fs::read(path).unwrap();
    assert!(now == before, "format 5 changed: give the new one a new number");
    assert_eq!(file::read(&before).unwrap(), hand::program());
}

#[test]
fn the_hash_depends_on_what_runs_and_on_nothing_else() {
    let program = hand::program();
    let mut named = program.clone();
    named.debug.as_mut().unwrap().files[0].0 = "elsewhere/hand.till".into();
    file::seal(&mut named);
    assert_eq!(named.hash, program.hash);
    let mut changed: Program = program.clone();
    changed.errors[0].name = "NoWire".into();
    file::seal(&mut changed);
    assert_ne!(changed.hash, program.hash);
    let mut edition = program.clone();
    edition.edition = 2;
    file::seal(&mut edition);
    assert_ne!(edition.hash, program.hash);
}

/// Magic, format, edition, flags, hash.
const HEADER: usize = 40;

/// As `docs/bytecode.md` says.
fn put_hash_right(file: &mut [u8]) {
    let mut hash = Sha256::new();
    hash.update(&file[0..7]);
    let mut at = HEADER + 8 * 5;
    for section in 0..8 {
        let row = &file[HEADER + section * 5..HEADER + section * 5 + 5];
        let length = u32::from_le_bytes([row[1], row[2], row[3], row[4]]) as usize;
        let Some(content) = file.get(at..at.saturating_add(length)) else { return };
        hash.update(row);
        hash.update(content);
        at += length;
    }
    let hash: [u8; 32] = hash.finalize().into();
    file[8..HEADER].copy_from_slice(&hash);
}
