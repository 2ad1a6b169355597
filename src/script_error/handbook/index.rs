//! The names of all entries, cut into pieces that can be compared with a question.

use super::entry::Entry;
use super::hear;
use super::shelf;
use super::sounds;
use std::collections::HashMap;
use std::sync::LazyLock;

/// How much one Chinese character counts against a pair.
const SINGLE: f32 = 0.25;

/// One name of an entry.
#[derive(Debug)]
pub(super) struct Name {
    /// Which entry.
    pub(super) entry: usize,
    /// In the one form.
    pub(super) text: String,
    /// True for a text of a screen that is no name of its own.
    pub(super) screen: bool,
    /// Its pieces.
    pub(super) pieces: Vec<u32>,
    /// For each piece, the pair of sounds that stands for it; `u32::MAX` if it has none.
    pub(super) sounds: Vec<u32>,
    /// What it weighs as a whole.
    pub(super) weight: f32,
}

/// All names.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) names: Vec<Name>,
    ids: HashMap<String, u32>,
    /// How rare each piece is.
    pub(super) weights: Vec<f32>,
    /// What a piece weighs that no name has.
    pub(super) foreign: f32,
    /// Latin words of the names.
    pub(super) words: Vec<(String, u32)>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| Index::of(shelf::all()));

/// The index of the shelf; made at the first question.
pub(super) fn index() -> &'static Index {
    &INDEX
}

/// The pieces of a text: pairs of Chinese characters and single ones, Latin words. With each its sound.
pub(super) fn pieces(core: &str) -> Vec<(String, Option<String>)> {
    let mut pieces = Vec::new();
    for run in hear::runs(core) {
        let signs: Vec<char> = run.chars().collect();
        if !signs.first().is_some_and(|sign| hear::is_han(*sign)) {
            pieces.push((stem(run).to_owned(), None));
            continue;
        }
        for pair in signs.windows(2) {
            let sound = match (sounds::sound(pair[0]), sounds::sound(pair[1])) {
                (Some(first), Some(second)) => Some(paired(first, second)),
                _ => None,
            };
            pieces.push((pair.iter().collect(), sound));
        }
        pieces.extend(signs.iter().map(|sign| (sign.to_string(), sounds::sound(*sign).map(lone))));
    }
    pieces
}

/// A pair of sounds as a piece of its own.
pub(super) fn paired(first: &str, second: &str) -> String {
    format!("~{first} {second}")
}

/// One sound as a piece.
pub(super) fn lone(sound: &str) -> String {
    format!("~{sound}")
}

/// A plural without its s.
pub(super) fn stem(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 3 && !stem.ends_with('s') => stem,
        _ => word,
    }
}

impl Index {
    fn of(entries: &[Entry]) -> Index {
        let mut index = Index::default();
        let mut holders: Vec<Vec<usize>> = Vec::new();
        for (at, entry) in entries.iter().enumerate() {
            // What an author reads of a finding is long and never typed from memory: its title is enough.
            let titles = [entry.title.zh.as_str(), entry.title.en.as_str()];
            let called = entry.names.iter().copied().chain(titles).map(|text| (text, false));
            let mut texts: Vec<(String, bool)> = called
                .chain(entry.screens.iter().map(|text| (*text, true)))
                .map(|(text, screen)| (hear::core(&hear::plain(text)), screen))
                .collect();
            texts.sort();
            texts.dedup_by(|later, first| later.0 == first.0);
            for (text, screen) in texts {
                let mut name = Name {
                    entry: at,
                    text: String::new(),
                    screen,
                    pieces: Vec::new(),
                    sounds: Vec::new(),
                    weight: 0.0,
                };
                for (piece, sound) in pieces(&text) {
                    let id = index.id(piece, &mut holders);
                    holders[id as usize].push(at);
                    name.pieces.push(id);
                    let sound = sound.map(|sound| index.id(sound, &mut holders));
                    if let Some(sound) = sound {
                        holders[sound as usize].push(at);
                    }
                    name.sounds.push(sound.unwrap_or(u32::MAX));
                }
                name.text = text;
                index.names.push(name);
            }
        }
        let count = entries.len() as f32;
        index.weights = holders
            .iter_mut()
            .map(|held| {
                held.dedup();
                logarithm(1.0 + count / held.len().max(1) as f32)
            })
            .collect();
        index.foreign = 0.5 * logarithm(1.0 + count);
        for (text, id) in &index.ids {
            let mut signs = text.chars();
            let first = signs.next();
            let single = signs.next().is_none() || (first == Some('~') && !text.contains(' '));
            if first.is_some_and(|sign| hear::is_han(sign) || sign == '~') && single {
                index.weights[*id as usize] *= SINGLE;
            }
            if first.is_some_and(|sign| sign.is_ascii_alphabetic()) && text.len() > 2 {
                index.words.push((text.clone(), *id));
            }
        }
        index.words.sort();
        for at in 0..index.names.len() {
            index.names[at].weight = index.names[at].pieces.iter().map(|id| index.weights[*id as usize]).sum();
        }
        index
    }

    fn id(&mut self, piece: String, holders: &mut Vec<Vec<usize>>) -> u32 {
        let next = self.ids.len() as u32;
        let id = *self.ids.entry(piece).or_insert(next);
        if id == next {
            holders.push(Vec::new());
        }
        id
    }

    /// The number of a piece that some name has.
    pub(super) fn known(&self, piece: &str) -> Option<u32> {
        self.ids.get(piece).copied()
    }
}

/// The natural logarithm of a number of at least 1.
///
/// Our own, because nothing else here needs the system's library of mathematics: loading it takes a tenth of every start,
/// and its last digit is not everywhere the same.
fn logarithm(number: f32) -> f32 {
    let bits = f64::from(number).to_bits();
    let exponent = (bits >> 52) as f64 - 1023.0;
    // Between 1 and 2: twice the inverse hyperbolic tangent, which the odd powers of less than a third come to.
    let part = f64::from_bits(bits & ((1 << 52) - 1) | 1023 << 52);
    let ratio = (part - 1.0) / (part + 1.0);
    let series: f64 = (0..9).rev().fold(0.0, |sum, power| sum * ratio * ratio + 1.0 / (2.0 * f64::from(power) + 1.0));
    (exponent * std::f64::consts::LN_2 + 2.0 * ratio * series) as f32
}
