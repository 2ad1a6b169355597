//! What a power cut leaves of a record that was being written over zeros.
//!
//! A disk writes sectors, and in any order: of a record that lies in several of them each may have come or not, and a sector
//! that has not come is zeros as before. Nothing else was under way: a record is written when the one before it is on the disk.
//! So a record is torn only if nothing but zeros follows it, and if at least one piece of it, from one border of sectors to the
//! next, is zeros from end to end. No whole record has such a piece: its head has a checksum, its last piece the end mark, and
//! what lies between is text, hashes and cryptograms. One wrong bit makes none either, but for one place, `HeadLost::Bit`.

use super::frame::{HEAD, Head, is_zero};

/// What a disk writes at once or not at all. Many write more; fewer bytes none does.
pub const SECTOR: usize = 512;

/// A record whose head cannot be read, and behind which there is something.
pub(super) enum HeadLost {
    /// A piece with bytes of its head has not come: it never counted.
    Torn,
    /// It is damage.
    Damaged,
    /// A border of sectors cuts its head, and the bytes before it, of the length, are zeros: either the sector has not come, or
    /// one bit is wrong. With this bit turned back the head is right, so it does not matter which: if all else of the record is
    /// there, it is whole.
    Bit([u8; HEAD]),
}

/// Is the record at `at`, of this length, the last one, and is a piece of it missing? `but_first`: its first piece is known to be
/// zeros, and what it was is known too.
pub(super) fn is_torn(file: &[u8], at: usize, length: usize, but_first: bool) -> bool {
    let end = at.saturating_add(length);
    let mut pieces = pieces(at, end).skip(usize::from(but_first));
    file.get(end..).is_some_and(is_zero) && pieces.any(|(from, to)| file.get(from..to).is_some_and(is_zero))
}

/// What became of the record `number` that should begin at `at`.
pub(super) fn without_its_head(file: &[u8], at: usize, number: u64) -> HeadLost {
    if !lacks_a_piece(file, at, HEAD) || goes_on(file, at, number) {
        return HeadLost::Damaged;
    }
    turned_back(file, at, number).map_or(HeadLost::Torn, HeadLost::Bit)
}

/// Is one of the pieces in which a head lies missing? How far the last of them goes is not known, so it is zeros up to the border.
pub(super) fn lacks_a_piece(file: &[u8], at: usize, head: usize) -> bool {
    pieces(at, at.saturating_add(head)).any(|(from, _)| {
        let to = (from / SECTOR + 1) * SECTOR;
        is_zero(file.get(from..to.min(file.len())).unwrap_or_default())
    })
}

/// The parts of a place that lie in one sector each.
fn pieces(from: usize, to: usize) -> impl Iterator<Item = (usize, usize)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let begin = at;
        at = to.min((begin / SECTOR + 1) * SECTOR);
        (begin < to).then_some((begin, at))
    })
}

/// The head with one bit turned over, if that makes it right.
fn turned_back(file: &[u8], at: usize, number: u64) -> Option<[u8; HEAD]> {
    let mut head: [u8; HEAD] = file.get(at..)?.first_chunk().copied()?;
    for bit in 0..HEAD * 8 {
        *head.get_mut(bit / 8)? ^= 1 << (bit % 8);
        if Head::read(&head).is_some_and(|head| head.number == number) {
            return Some(head);
        }
        *head.get_mut(bit / 8)? ^= 1 << (bit % 8);
    }
    None
}

/// Is there a later record behind? Then this one had been on the disk.
fn goes_on(file: &[u8], at: usize, number: u64) -> bool {
    let behind = file.get(at + 1..).unwrap_or_default();
    let written = behind.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let is_later = |bytes: &[u8]| Head::read(bytes).is_some_and(|head| head.number > number);
    behind.get(..written).unwrap_or_default().windows(HEAD).any(is_later)
}
