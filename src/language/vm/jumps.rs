//! Where a switch goes: found at once, however many cases it has.
//!
//! A word is looked up in a table of places that no two cases share; such a table is sought for when a program is
//! prepared. Where none is found, and for texts that are longer than a slot, the cases are sorted and halved.

use super::slot;
use crate::language::bytecode::program::{Program, Switch};

/// The cases of one switch: where they go, or what they give.
#[derive(Debug, Default)]
pub(super) struct Jumps<T = u32> {
    /// Place in `words`, plus one, by the upper bits of key times multiplier; 0: no case. Empty: `words` is halved.
    places: Vec<u8>,
    multiplier: u64,
    shift: u32,
    /// Word and target, sorted.
    words: Vec<(u64, T)>,
    /// Texts longer than a slot, start and length among the constants, and target; sorted by their bytes.
    long: Vec<((u32, u32), T)>,
    otherwise: T,
}

/// Cases that a table of places is sought for: a place is a byte, and 0 is none.
const PLACED_MOST: usize = 255;
/// How many multipliers are tried for each size of table.
const TRIES: u64 = 64;
/// A table has at most so many places for each case.
const SPARSE_MOST: usize = 16;

impl Jumps {
    /// The cases of a switch on words or tags.
    pub(super) fn of_words(switch: &Switch) -> Jumps {
        Jumps::new(switch.cases.clone(), Vec::new(), switch.otherwise)
    }

    /// The cases of a switch on texts.
    pub(super) fn of_texts(program: &Program, switch: &Switch) -> Jumps {
        let (mut words, mut long) = (Vec::new(), Vec::new());
        for (key, target) in &switch.cases {
            let Some(place) = usize::try_from(*key).ok().and_then(|key| program.texts.get(key)) else { continue };
            match slot::inline(bytes_at(program, *place)) {
                Some(word) => words.push((word, *target)),
                None => long.push((*place, *target)),
            }
        }
        // Stable sorts: of two cases with the same text the first counts.
        words.sort_by_key(|(word, _)| *word);
        words.dedup_by_key(|(word, _)| *word);
        long.sort_by_key(|(place, _)| bytes_at(program, *place));
        long.dedup_by_key(|(place, _)| bytes_at(program, *place));
        Jumps::new(words, long, switch.otherwise)
    }

    fn new(words: Vec<(u64, u32)>, long: Vec<((u32, u32), u32)>, otherwise: u32) -> Jumps {
        let mut jumps = Jumps { words, long, otherwise, ..Jumps::default() };
        jumps.seek_places();
        jumps
    }
}

impl<T: Copy + Default> Jumps<T> {
    /// The same cases, each with what this makes of where it goes.
    pub(super) fn map<U>(self, of: impl Fn(T) -> U) -> Jumps<U> {
        let Jumps { places, multiplier, shift, words, long, otherwise } = self;
        Jumps {
            places,
            multiplier,
            shift,
            words: words.into_iter().map(|(word, case)| (word, of(case))).collect(),
            long: long.into_iter().map(|(place, case)| (place, of(case))).collect(),
            otherwise: of(otherwise),
        }
    }

    /// Where the word goes.
    #[inline(always)]
    pub(super) fn word(&self, word: u64) -> T {
        let found = match self.places.get((word.wrapping_mul(self.multiplier) >> self.shift) as usize) {
            Some(place) => self.words.get(usize::from(*place).wrapping_sub(1)),
            None => self.halved(word),
        };
        match found {
            Some((key, target)) if *key == word => *target,
            _ => self.otherwise,
        }
    }

    /// Where a text goes that is longer than a slot.
    pub(super) fn long_text(&self, program: &Program, text: &[u8]) -> T {
        match self.long.binary_search_by(|(place, _)| bytes_at(program, *place).cmp(text)) {
            Ok(at) => self.long.get(at).map_or(self.otherwise, |(_, target)| *target),
            Err(_) => self.otherwise,
        }
    }

    #[inline(never)]
    fn halved(&self, word: u64) -> Option<&(u64, T)> {
        let at = self.words.binary_search_by_key(&word, |(key, _)| *key).ok()?;
        self.words.get(at)
    }
}

impl Jumps {
    /// Seeks a multiplier that gives each case a place of its own.
    fn seek_places(&mut self) {
        let count = self.words.len();
        if count == 0 || count > PLACED_MOST {
            return;
        }
        let mut size = (2 * count).next_power_of_two();
        while size <= SPARSE_MOST * count.next_power_of_two() {
            self.shift = 64 - size.trailing_zeros();
            for try_number in 1..=TRIES {
                self.multiplier = mixed(try_number) | 1;
                if let Some(places) = self.placed(size) {
                    self.places = places;
                    return;
                }
            }
            size *= 2;
        }
        self.multiplier = 0;
    }

    fn placed(&self, size: usize) -> Option<Vec<u8>> {
        let mut places = vec![0; size];
        for ((word, _), number) in self.words.iter().zip(1..=u8::MAX) {
            let place = places.get_mut((word.wrapping_mul(self.multiplier) >> self.shift) as usize)?;
            if *place != 0 {
                return None;
            }
            *place = number;
        }
        Some(places)
    }
}

/// A well mixed number: the finaliser of SplitMix64.
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}

fn bytes_at(program: &Program, (start, length): (u32, u32)) -> &[u8] {
    let start = start as usize;
    program.bytes.get(start..start.saturating_add(length as usize)).unwrap_or_default()
}
