//! Words written in as few bytes as they need.

use tillscript::language::vm::slot;
use tillscript::language::vm::words::{self, Reader, Writer};

/// Words of every form, and their neighbours.
fn all_kinds() -> Vec<u64> {
    let mut words = vec![0, 255, 256, u64::MAX, 1 << 63, 0x80 << 56, 0x88 << 56, 0x81 << 56 | 0xFFFF, 0xFF_FFFF_FFFF];
    words.extend((0..64).flat_map(|bit| [1 << bit, u64::MAX >> bit, u64::MAX << bit, 0x9234_5678_9ABC_DEF0 >> bit]));
    let texts = ["", "0", "00", "001", "TILL", "12345", "lane 4", "余额7"];
    words.extend(texts.iter().filter_map(|text| slot::inline(text.as_bytes())));
    for length in [1, 7, 8, 255, 256, 70_000] {
        words.extend([0, 9, 255, 256, 65_535, 65_536, u32::MAX].map(|at| slot::heap_text(at, length)));
    }
    words.extend(
        [(7, 9), (65_535, 255), (65_536, 255), (7, 256), (0, 0)].map(|(at, length)| slot::constant_text(at, length)),
    );
    words.push(slot::list(300, 3));
    words
}

fn written(words: &[u64]) -> Vec<u8> {
    let mut buffer = vec![0xAA; words::room(words.len())];
    let mut writer = Writer::new(&mut buffer);
    writer.row(words);
    writer.end().to_vec()
}

fn read(bytes: &[u8], count: usize) -> Option<Vec<u64>> {
    let (mut words, mut reader) = (vec![0; count], Reader::new(bytes));
    reader.row(&mut words)?;
    reader.rest().is_empty().then_some(words)
}

#[test]
fn every_word_comes_back_and_half_a_row_does_not() {
    let words = all_kinds();
    for count in [words.len(), words.len() - 1, 1, 0] {
        let words = &words[..count];
        let bytes = written(words);
        assert_eq!(read(&bytes, count).as_deref(), Some(words));
        for end in 0..bytes.len() {
            assert_eq!(read(&bytes[..end], count), None, "{end} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn what_runs_are_full_of_takes_little() {
    let length = |word: u64| written(&[word, 0]).len() - 1;
    let text = |text: &str| slot::inline(text.as_bytes()).unwrap();
    let plain = [0, 200, 60_000, text("00"), text("lane 4")];
    assert_eq!(plain.map(length), [0, 1, 2, 2, 6]);
    let references =
        [slot::heap_text(40, 16), slot::heap_text(400, 16), slot::constant_text(400, 16), slot::list(9, 3)];
    assert_eq!(references.map(length), [2, 3, 3, 3]);
}

#[test]
fn a_buffer_that_is_too_small_takes_nothing_more() {
    let mut buffer = [0; 4];
    let mut writer = Writer::new(&mut buffer);
    writer.row(&[1, 2, 3]);
    writer.bytes(b"12345");
    assert_eq!(writer.end(), b"");
}
