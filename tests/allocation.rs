//! What reading may allocate; a binary of its own, because its allocator counts.
//!
//! A bytecode file: at most four times its size, at any moment, whatever it says of its own lengths. A script and a proof:
//! as often as their length asks for, whatever their shape. That stands for time, which no test can hold a machine to.

use allocation_counter::measure;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tillscript::language::builtin::shapes as builtin_shapes;
use tillscript::language::bytecode::program::Program;
use tillscript::language::bytecode::verify::program::verify;
use tillscript::language::bytecode::{file, structure};
use tillscript::language::syntax::parse::parse;
use tillscript::run::program::{build, build_text, from_bytes};
use tillscript::script_error::render::{self, Style};
use tillscript::script_error::source::FileId;
use tillscript::script_error::words::Language;

#[path = "all/grown.rs"]
mod grown;
#[path = "all/verify/shapes.rs"]
mod shapes;

/// Magic, format, edition, flags, hash.
const HEADER: usize = 40;
/// What a refusal says about itself, where the file is next to nothing.
const WORDS: u64 = 2 << 10;

/// Sections under the hash.
const SECTIONS: usize = 8;

/// Every shipped script as a file, with its debug section and without.
fn shipped() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "till"));
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let mut program = build(&path).program.expect("a shipped script");
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        files.push((name.clone(), file::write(&program)));
        file::strip(&mut program);
        files.push((format!("{name}, stripped"), file::write(&program)));
    }
    files
}

/// As `docs/bytecode.md` says; nothing is done to a file whose sections are longer than it is.
fn put_hash_right(file: &mut [u8]) {
    let sections = SECTIONS + usize::from(file[7] & 1);
    let mut at = HEADER + sections * 5;
    let mut hash = Sha256::new();
    hash.update(&file[0..7]);
    for section in 0..SECTIONS {
        let Some(row) = file.get(HEADER + section * 5..HEADER + section * 5 + 5) else { return };
        let length = u32::from_le_bytes([row[1], row[2], row[3], row[4]]) as usize;
        let Some(content) = file.get(at..at.saturating_add(length)) else { return };
        hash.update(row);
        hash.update(content);
        at += length;
    }
    let hash: [u8; 32] = hash.finalize().into();
    file[8..HEADER].copy_from_slice(&hash);
}

/// Where each section begins, and where the last one ends.
fn borders(file: &[u8]) -> Vec<usize> {
    let sections = SECTIONS + usize::from(file[7] & 1);
    let mut at = HEADER + sections * 5;
    let mut borders = vec![at];
    for row in file[HEADER..].chunks(5).take(sections) {
        at += u32::from_le_bytes([row[1], row[2], row[3], row[4]]) as usize;
        borders.push(at);
    }
    borders
}

/// The most that is allocated at one moment while a file is read and proved, and whether it was taken.
fn most(bytes: &[u8]) -> (u64, bool) {
    let mut taken = false;
    let seen = measure(|| taken = from_bytes(bytes).is_ok());
    (seen.bytes_max, taken)
}

#[track_caller]
fn within(name: &str, what: &str, bytes: &[u8]) -> bool {
    let (most, taken) = most(bytes);
    let limit = 4 * bytes.len() as u64 + WORDS;
    assert!(most <= limit, "{name}, {what}: {most} bytes for a file of {}", bytes.len());
    taken
}

#[test]
fn a_shipped_file_takes_four_times_its_size_at_most() {
    for (name, bytes) in shipped() {
        let (most, taken) = most(&bytes);
        println!(
            "{name}: {} bytes, {most} allocated at most: {:.2} times",
            bytes.len(),
            most as f64 / bytes.len() as f64
        );
        assert!(taken && most <= 4 * bytes.len() as u64, "{name}: {most} bytes for {}", bytes.len());
    }
}

#[test]
fn a_file_cut_at_the_border_of_a_section_takes_no_more() {
    for (name, bytes) in shipped() {
        for border in borders(&bytes) {
            for end in border.saturating_sub(2)..=(border + 2).min(bytes.len()) {
                let mut cut = bytes[..end].to_vec();
                let taken = within(&name, "cut", &cut);
                assert_eq!(taken, end == bytes.len(), "{name}: {end} bytes");
                put_hash_right(&mut cut);
                within(&name, "cut, and the hash put right", &cut);
            }
        }
    }
}

/// Counts stand in front of lists: each of the first bytes of a section, and many further in, become part of a large number.
#[test]
fn a_file_that_promises_more_than_it_holds_takes_no_more() {
    let promises: [&[u8]; 5] =
        [&[0xFF; 4], &[0xFF, 0x7F], &[0x80, 0x84, 0xAF, 0x5F], &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F], &[0x90, 0x4E]];
    for (name, bytes) in shipped() {
        for at in (HEADER + 1..HEADER + SECTIONS * 5).step_by(5) {
            for length in [u32::MAX, 1 << 24, 1 << 16, bytes.len() as u32, 0] {
                let mut forged = bytes.clone();
                forged[at..at + 4].copy_from_slice(&length.to_le_bytes());
                put_hash_right(&mut forged);
                assert!(!within(&name, "length of a section", &forged), "{name}: the length at {at} was taken");
            }
        }
        for border in borders(&bytes) {
            for at in (border..bytes.len()).take(12).chain((border..bytes.len()).step_by(997)) {
                for promise in promises {
                    let mut forged = bytes.clone();
                    let end = (at + promise.len()).min(forged.len());
                    forged[at..end].copy_from_slice(&promise[..end - at]);
                    put_hash_right(&mut forged);
                    within(&name, &format!("{promise:02X?} at {at}"), &forged);
                }
            }
        }
    }
}

/// One bit in so many; 1 is every bit.
const ONE_IN: usize = 997;

#[test]
fn a_file_with_a_flipped_bit_takes_no_more() {
    let told = std::env::var("TILL_FLIP_ONE_IN").ok().and_then(|number| number.parse().ok());
    for (name, bytes) in shipped() {
        for bit in (HEADER * 8..bytes.len() * 8).step_by(told.unwrap_or(ONE_IN).max(1)) {
            let mut forged = bytes.clone();
            forged[bit / 8] ^= 1 << (bit % 8);
            put_hash_right(&mut forged);
            within(&name, &format!("bit {bit}"), &forged);
        }
    }
}

/// How often something is allocated and how many bytes in all, while work is done.
fn total(work: impl FnOnce()) -> [u64; 2] {
    let seen = measure(work);
    [seen.count_total, seen.bytes_total]
}

/// Eight times the length asks for about eight times as much: far from the 64 of work that goes over everything again.
#[track_caller]
fn grows_with_length(name: &str, few: [u64; 2], many: [u64; 2]) {
    grows(name, few, many, 10);
}

#[track_caller]
fn grows(name: &str, few: [u64; 2], many: [u64; 2], times: u64) {
    println!("{name}: {few:?}, {many:?}");
    for (few, many) in few.into_iter().zip(many) {
        assert!(many <= times * few + 100, "{name}: {few}, with eight times the length {many}");
    }
}

#[test]
fn a_text_is_read_with_allocations_by_its_length() {
    let shapes = [
        ("quotes", "", "\"", ""),
        ("one quote a line", "", "\"\n", ""),
        ("parentheses", "", "(", ""),
        ("closers", "", ")", ""),
        ("braces one a line", "flow f() ", "{\n", ""),
        ("one line of words", "", "a ", ""),
        ("words in a flow", "flow f() {\n", "a ", "\n}\n"),
        ("comments", "", "//\n", ""),
        ("line breaks", "", "\n", ""),
        ("NUL", "", "\0", ""),
        ("not", "const A = ", "not ", "b\n"),
        ("a sum", "const A = 1", "+1", "\n"),
        ("members", "const A = a", ".a", "\n"),
        ("a long list", "const A = [1", ",1", "]\n"),
        ("values in a string", "const A = \"", "{a}", "\"\n"),
        ("else if", "flow f() {\n  if a {}", " else if a {}", "\n}\n"),
        ("statements", "flow f() {\n", "  let x = f(a, b: 1)\n", "}\n"),
        ("flows", "", "flow f() {\n}\n", ""),
        ("broken flows", "", "flow f() {\n", ""),
        ("broken statements", "flow f() {\n", "  let = 5\n", "}\n"),
        ("crossed brackets", "flow f() {\n", "(}{)", "}\n"),
        ("table rows", "codes c {\n", "| a | b |\n", "}\n"),
        ("full-width signs", "", "（", ""),
        ("semicolons", "flow f() {\n  a()", ";", "\n}\n"),
        ("annotations", "", "@allow(A)\n", "const A = 1\n"),
        ("arms", "flow f() {\n  match a {\n", "    b => c()\n", "  }\n}\n"),
    ];
    for (name, head, unit, tail) in shapes {
        let read = |length: usize| {
            let text = format!("{head}{}{tail}", unit.repeat(length / unit.len()));
            total(|| drop(parse(FileId(0), &text)))
        };
        grows_with_length(name, read(1 << 13), read(1 << 16));
    }
}

/// Builds a program and drops what came of it.
fn checked(text: &str) {
    drop(build_text("case.till", text));
}

/// A little more than eight times as much: what is sorted or looked up in a tree also takes longer for each.
#[test]
fn a_program_is_checked_with_allocations_by_its_length() {
    let shapes = [grown::NAMES, grown::ANSWERS, grown::VALUES, grown::REGIONS, grown::DECLARATIONS].concat();
    for (name, shape) in shapes {
        let (few, many) = (shape(1), shape(grown::TIMES));
        grows(name, total(|| checked(&few)), total(|| checked(&many)), 16);
    }
    let (few, many) = (grown::lists(1), grown::lists(grown::TIMES));
    grows("lists in lists", total(|| checked(&few)), total(|| checked(&many)), 16);
}

/// Blocks in blocks cannot be longer than they may be deep: there, what is done may be the square of the depth, not more.
#[test]
fn blocks_in_blocks_are_checked_with_allocations_by_the_square_of_their_depth() {
    for (name, shape) in [grown::DEEP, grown::DEEP_REGIONS].concat() {
        let (few, many) = (shape(1), shape(grown::TIMES));
        grows(name, total(|| checked(&few)), total(|| checked(&many)), 64);
    }
}

#[test]
fn a_page_of_a_long_line_takes_no_more_than_the_line() {
    let page = |times: usize| {
        let built = build_text("long.till", &format!("const A = \"{}\" + Unknown\n", "长".repeat(40_000 * times)));
        let found = built.findings.first().expect("a name that is not known");
        total(|| drop(render::finding(found, &built.sources, &Style::plain(Language::Zh))))
    };
    grows_with_length("a page", page(1), page(8));
}

#[test]
fn a_program_is_proved_with_allocations_by_its_size() {
    for shape in 0..shapes::shapes_of(8).len() {
        let proved = |length: u32| {
            let (name, mut code, handlers) = shapes::shapes_of(length).swap_remove(shape);
            code.push(shapes::BACK);
            let functions = vec![shapes::function(code, handlers)];
            let program = Program { types: builtin_shapes::types(), functions, ..Program::default() };
            (name, total(|| assert!(structure::check(&program).is_ok() && verify(&program).is_ok(), "{name}")))
        };
        let ((name, few), (_, many)) = (proved(8_000), proved(64_000));
        grows_with_length(name, few, many);
    }
}
