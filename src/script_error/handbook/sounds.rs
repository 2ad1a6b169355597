//! How Chinese characters sound and what their traditional forms are, for what people type by ear or on other keyboards.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// A syllable and the characters that are read so, one syllable a line. The 3755 common characters; one reading each.
const PINYIN: &str = include_str!("pinyin.txt");

/// A character and its traditional forms, for the characters that entries use.
const TRADITIONAL: &str = include_str!("traditional.txt");

/// The longest syllable, `zhuang`.
const SYLLABLE_LONGEST: usize = 6;

static SOUNDS: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
    PINYIN
        .lines()
        .filter_map(|line| line.split_once(' '))
        .flat_map(|(sound, signs)| signs.chars().map(move |sign| (sign, sound)))
        .collect()
});

static SYLLABLES: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| PINYIN.lines().filter_map(|line| line.split_once(' ')).map(|(sound, _)| sound).collect());

static SIMPLE: LazyLock<HashMap<char, char>> = LazyLock::new(|| {
    TRADITIONAL
        .split_whitespace()
        .filter_map(|group| {
            let mut signs = group.chars();
            Some((signs.next()?, signs))
        })
        .flat_map(|(simple, forms)| forms.map(move |form| (form, simple)))
        .collect()
});

/// The syllable of a character; `None` for one that is not common.
pub fn sound(sign: char) -> Option<&'static str> {
    SOUNDS.get(&sign).copied()
}

/// The simplified form of a traditional character; any other as it is.
pub fn simple(sign: char) -> char {
    SIMPLE.get(&sign).copied().unwrap_or(sign)
}

/// A word of Latin letters as syllables, if it can be read so without a rest: `yuebuzu` is yu e bu zu or yue bu zu.
/// Every way is given, the one with the longest syllables first; at most eight.
pub fn syllables(word: &str) -> Vec<Vec<&'static str>> {
    let mut ways = Vec::new();
    if word.is_ascii() && word.len() <= 60 {
        let mut steps = 2_000;
        split(word, &mut Vec::new(), &mut ways, &mut steps);
    }
    ways
}

fn split(rest: &str, begun: &mut Vec<&'static str>, ways: &mut Vec<Vec<&'static str>>, steps: &mut usize) {
    if rest.is_empty() {
        ways.push(begun.clone());
        return;
    }
    for length in (1..=SYLLABLE_LONGEST.min(rest.len())).rev() {
        if ways.len() >= 8 || *steps == 0 {
            return;
        }
        *steps -= 1;
        if let Some(syllable) = SYLLABLES.get(&rest[..length]) {
            begun.push(syllable);
            split(&rest[length..], begun, ways, steps);
            begun.pop();
        }
    }
}
