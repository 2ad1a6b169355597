//! Which dialect bytes are written in: each known one tried, and ranked by what it makes of them.

use crate::payment::iso8583::decode::{Begin, Decoded, decode};
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::remark::{Remark, remarks};

/// What one dialect makes of the bytes.
#[derive(Clone, Debug)]
pub struct Guess {
    /// Its place in the list that was given.
    pub dialect: usize,
    /// How well it fits, 0 to 100.
    pub fit: u8,
    /// What it reads.
    pub decoded: Decoded,
    /// What looks wrong in that.
    pub remarks: Vec<Remark>,
}

/// Every dialect, the best first. Of two that fit alike the earlier one comes first.
pub fn guess<'d>(bytes: &[u8], dialects: impl Iterator<Item = &'d Dialect>) -> Vec<Guess> {
    let mut all: Vec<Guess> = dialects
        .enumerate()
        .filter_map(|(at, dialect)| {
            let begins = [None].into_iter().chain(Begin::ALL.map(Some));
            begins
                .map(|begin| {
                    let decoded = decode(bytes, dialect, begin);
                    let remarks = remarks(&decoded, dialect, |_| true);
                    Guess { dialect: at, fit: fit(bytes, dialect, &decoded, &remarks), decoded, remarks }
                })
                .reduce(|best, next| if next.fit > best.fit { next } else { best })
        })
        .collect();
    all.sort_by_key(|guess| std::cmp::Reverse(guess.fit));
    all
}

/// How well a reading fits. A message that reads to its last byte has at least 50; what is plausible makes the rest.
fn fit(bytes: &[u8], dialect: &Dialect, decoded: &Decoded, remarks: &[Remark]) -> u8 {
    let Some(mti) = decoded.mti.filter(|mti| mti.is_usual()) else { return 0 };
    let announced = decoded.present.map_or(0, |present| present.count());
    if announced == 0 {
        return 1;
    }
    let mut fit = 0_usize;
    if decoded.is_ok() {
        fit += 50;
    } else {
        // How far it came: of the fields that the bitmap announces, and of the bytes.
        let read = bytes.len().saturating_sub(decoded.left.len());
        fit += 20 * decoded.fields.len() / announced.max(1) + 10 * read / bytes.len().max(1);
        fit = fit.saturating_sub(4 * decoded.problems.len());
    }
    let request = if mti.0 / 10 % 2 == 1 { mti.0 - 10 } else { mti.0 };
    if dialect.messages.iter().any(|rule| rule.mti.0 == request) {
        fit += 15;
    }
    if decoded.begin == Begin::Frame && dialect.framing.length_bytes > 0 {
        fit += 10;
    }
    if !decoded.tpdu.is_empty() && decoded.tpdu == dialect.framing.tpdu {
        fit += 5;
    }
    let looks_wrong = remarks.iter().filter(|remark| !matches!(remark, Remark::NotInRule(_))).count();
    fit += 20_usize.saturating_sub(5 * looks_wrong);
    fit.min(100) as u8
}
