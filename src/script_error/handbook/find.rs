//! Finds the entries that a question is about, the best first, or says that none is.

use super::entry::Entry;
use super::hear::{self, Heard, Named};
use super::index::{self, Index};
use super::shelf;
use super::sounds;
use crate::script_error::nearest::distance;
use crate::script_error::words::Language;
use std::collections::HashMap;

/// From here on it is an answer; below, a guess that is only offered.
pub const SURE: f32 = 0.46;
/// Below this nothing is even offered.
const LIKELY: f32 = 0.2;
/// An answer this much worse than the best is none.
const NEAR_THE_BEST: f32 = 0.72;
/// Answers given at most.
const ANSWERS_MAX: usize = 5;
/// Choices offered at most where there is no answer.
const CHOICES_MAX: usize = 4;

/// How far a name counts against the question in the size of a match.
const NAME_SHARE: f32 = 0.62;
/// A pair that only sounds alike.
const BY_EAR: f32 = 0.72;
/// A word with a slip of the finger.
const BY_FINGER: f32 = 0.82;
/// What an entry's own sentences may add.
const BODY: f32 = 0.12;

/// One entry, and how well it fits: 0 to 1.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The entry.
    pub entry: &'static Entry,
    /// How well it fits.
    pub score: f32,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Answers, the best first; none if nothing fits well.
    pub answers: Vec<Answer>,
    /// What may have been meant, where there is no answer.
    pub choices: Vec<Answer>,
    /// A response code that was named and that no table has.
    pub unlisted: Option<String>,
    /// An `E` code that no script of ours declares.
    pub declared: Option<String>,
}

/// Finds what a question is about. With a table (`cn_pos`, `visa` …) response codes are read by it alone.
pub fn find(question: &str, table: Option<&str>) -> Found {
    let heard = hear::hear(question);
    let mut found = Found::default();
    let mut scores: HashMap<usize, f32> = HashMap::new();
    let all = shelf::all();
    let at = |entry: &Entry| all.iter().position(|other| std::ptr::eq(other, entry));
    if let Some(entry) = shelf::find(question.trim()) {
        let allowed = entry.codes.is_empty() || entry.codes.iter().any(|listed| entry.has_code(listed.code, table));
        if let Some(at) = at(entry).filter(|_| allowed) {
            scores.insert(at, 1.0);
        }
    }
    for named in &heard.named {
        match named {
            Named::Ours(code) => match shelf::find(code) {
                Some(entry) => {
                    scores.extend(at(entry).map(|at| (at, 1.0)));
                }
                None => found.declared = Some(code.clone()),
            },
            Named::Response { code, plain } => {
                let entries = shelf::of_response(code, table);
                if entries.is_empty() && *plain && only_a_code(&heard, code) {
                    // What another table has is offered as that table's, and not as this one's.
                    let elsewhere =
                        shelf::of_response(code, None).into_iter().map(|entry| Answer { entry, score: 0.4 });
                    found.choices.extend(elsewhere);
                    if found.choices.is_empty() {
                        found.unlisted = Some(code.clone());
                    }
                }
                for (rank, entry) in entries.into_iter().enumerate() {
                    let score = if *plain { 0.98 } else { 0.62 } - 0.03 * rank as f32;
                    if let Some(at) = at(entry) {
                        let known = scores.entry(at).or_insert(0.0);
                        *known = known.max(score);
                    }
                }
            }
        }
    }
    let plainly = scores.values().any(|score| *score >= 0.9);
    for (at, score) in by_words(&heard) {
        let known = scores.entry(at).or_insert(0.0);
        // Words support a code that is named as well.
        *known = if *known > 0.0 { (known.max(score) + 0.05 * known.min(score)).min(1.0) } else { score };
    }
    let mut answers: Vec<Answer> = scores.into_iter().map(|(at, score)| Answer { entry: &all[at], score }).collect();
    if let Some(table) = table {
        answers.retain(|answer| {
            answer.entry.codes.is_empty() || answer.entry.codes.iter().any(|listed| listed.tables.contains(&table))
        });
    }
    // Of equals, what a shop meets comes before what an author does, then as written.
    answers.sort_by(|left, right| {
        right.score.total_cmp(&left.score).then_with(|| {
            let order = |answer: &Answer| (answer.entry.row.is_some(), at(answer.entry));
            order(left).cmp(&order(right))
        })
    });
    if !found.choices.is_empty() {
        answers.clear();
    }
    let best = answers.first().map_or(0.0, |answer| answer.score);
    if best >= SURE && found.unlisted.is_none() {
        let least = if plainly { 0.85 } else { best * NEAR_THE_BEST };
        answers.retain(|answer| answer.score >= least && answer.score >= SURE);
        answers.truncate(ANSWERS_MAX);
        found.answers = answers;
    } else if found.unlisted.is_some() {
        // An unknown code is answered as such: what it asks for is the same whatever it is.
        found.answers = shelf::find("T2106").map(|entry| Answer { entry, score: 1.0 }).into_iter().collect();
    } else {
        answers.retain(|answer| answer.score >= LIKELY);
        found.choices.extend(answers);
        found.choices.truncate(CHOICES_MAX);
    }
    found
}

/// True where a question is a code and hardly more.
fn only_a_code(heard: &Heard, code: &str) -> bool {
    let rest: usize = hear::runs(&heard.core)
        .iter()
        .filter(|run| !run.eq_ignore_ascii_case(code))
        .map(|run| run.chars().count())
        .sum();
    rest <= 8
}

/// What the question's pieces are worth, each with the names' pieces it stands for.
struct Weighed {
    /// Piece of a name: how much of its weight counts.
    stands_for: HashMap<u32, f32>,
    whole: f32,
}

fn weigh(index: &Index, core: &str) -> Weighed {
    let mut stands_for: HashMap<u32, f32> = HashMap::new();
    let mut whole = 0.0;
    let mut spoken: Vec<&'static str> = Vec::new();
    let mut add = |id: u32, share: f32| {
        let known = stands_for.entry(id).or_insert(0.0);
        *known = known.max(share);
    };
    for (piece, sound) in index::pieces(core) {
        let latin = piece.chars().next().is_some_and(|sign| sign.is_ascii_alphanumeric());
        if let Some(sound) = sound.and_then(|sound| index.known(&sound)) {
            add(sound, BY_EAR);
        }
        if let Some(id) = index.known(&piece) {
            add(id, 1.0);
            whole += index.weights[id as usize];
            continue;
        }
        if !latin {
            whole += index.foreign * if piece.chars().count() == 1 { 0.12 } else { 0.5 };
            continue;
        }
        let near = slips(index, &piece);
        if let Some(most) = near.iter().map(|id| index.weights[*id as usize]).max_by(f32::total_cmp) {
            whole += most;
            near.into_iter().for_each(|id| add(id, BY_FINGER));
            continue;
        }
        let glued = unglued(index, &piece);
        if !glued.is_empty() {
            for id in glued {
                whole += index.weights[id as usize];
                add(id, BY_FINGER);
            }
            continue;
        }
        let ways = sounds::syllables(&piece);
        if ways.is_empty() {
            whole += index.foreign;
        }
        // Of the ways to read it, the one that meets most; of those, the shortest.
        let met = |way: &Vec<&'static str>| way.iter().filter(|one| index.known(&index::lone(one)).is_some()).count();
        if let Some(way) = ways.into_iter().max_by_key(|way| (met(way), std::cmp::Reverse(way.len()))) {
            spoken.extend(way);
        }
    }
    // What was typed by its sound: singly, and in pairs across the spaces between.
    for sound in &spoken {
        whole += index.foreign * 0.12;
        if let Some(id) = index.known(&index::lone(sound)) {
            add(id, BY_EAR);
        }
    }
    for pair in spoken.windows(2) {
        let id = index.known(&index::paired(pair[0], pair[1]));
        whole += id.map_or(index.foreign * 0.5, |id| index.weights[id as usize]);
        if let Some(id) = id {
            add(id, BY_EAR);
        }
    }
    Weighed { stands_for, whole }
}

/// Known words that one or two slips lead to.
fn slips(index: &Index, word: &str) -> Vec<u32> {
    let most = match word.len() {
        0..4 => return Vec::new(),
        4..8 => 1,
        _ => 2,
    };
    let near: Vec<(usize, u32)> = index
        .words
        .iter()
        .filter(|(known, _)| known.len().abs_diff(word.len()) <= most && known.len() > 3)
        .map(|(known, id)| (distance(word, known, most), *id))
        .filter(|(distance, _)| *distance <= most)
        .collect();
    let least = near.iter().map(|(distance, _)| *distance).min().unwrap_or(0);
    near.into_iter().filter(|(distance, _)| *distance == least).map(|(_, id)| id).collect()
}

/// Known words that were typed without their spaces.
fn unglued(index: &Index, word: &str) -> Vec<u32> {
    if !(6..=40).contains(&word.len()) || !word.is_ascii() {
        return Vec::new();
    }
    let known = |part: &str| if part.len() >= 2 { index.known(index::stem(part)) } else { None };
    for first in 2..word.len() - 1 {
        let Some(front) = known(&word[..first]) else { continue };
        let rest = &word[first..];
        if let Some(back) = known(rest) {
            return vec![front, back];
        }
        for second in 2..rest.len().saturating_sub(1) {
            if let (Some(middle), Some(back)) = (known(&rest[..second]), known(&rest[second..])) {
                return vec![front, middle, back];
            }
        }
    }
    Vec::new()
}

/// The entries whose names fit, by their number.
fn by_words(heard: &Heard) -> HashMap<usize, f32> {
    let index = index::index();
    let core = without_codes(heard);
    let weighed = weigh(index, &core);
    let mut best: HashMap<usize, f32> = HashMap::new();
    if weighed.stands_for.is_empty() {
        return best;
    }
    for name in &index.names {
        let mut met = 0.0;
        for (piece, sound) in name.pieces.iter().zip(&name.sounds) {
            let share = weighed.stands_for.get(piece).copied().unwrap_or(0.0);
            let by_ear = weighed.stands_for.get(sound).copied().unwrap_or(0.0);
            met += index.weights[*piece as usize] * share.max(by_ear);
        }
        if met == 0.0 {
            continue;
        }
        let mut score = met / (NAME_SHARE * name.weight + (1.0 - NAME_SHARE) * weighed.whole.max(met));
        if name.text == heard.core {
            score = if name.screen { 0.95 } else { 0.97 };
        } else if name.text.chars().count() >= 4 && heard.text.contains(&name.text) {
            score += 0.12 * (1.0 - score);
        }
        let known = best.entry(name.entry).or_insert(0.0);
        *known = known.max(score.min(0.97));
    }
    let top = best.values().copied().fold(0.0, f32::max);
    if top < 0.8 {
        add_bodies(heard, &mut best);
    }
    best
}

/// The question without the codes that were picked out of it: they have been looked up.
fn without_codes(heard: &Heard) -> String {
    let named = |run: &str| {
        heard.named.iter().any(|named| match named {
            Named::Ours(code) | Named::Response { code, .. } => code.eq_ignore_ascii_case(run),
        })
    };
    hear::runs(&heard.core).into_iter().filter(|run| !named(run)).collect::<Vec<_>>().join(" ")
}

/// What the sentences of an entry add to a name that fits in part.
fn add_bodies(heard: &Heard, best: &mut HashMap<usize, f32>) {
    let pieces: Vec<String> = index::pieces(&heard.core)
        .into_iter()
        .map(|(piece, _)| piece)
        .filter(|piece| piece.chars().count() > 1)
        .collect();
    if pieces.is_empty() {
        return;
    }
    let language = if heard.core.chars().any(hear::is_han) { Language::Zh } else { Language::En };
    for (at, score) in best.iter_mut().filter(|(_, score)| **score > 0.15) {
        let body = shelf::all()[*at].body(language).collect::<Vec<_>>().join(" ").to_lowercase();
        let met = pieces.iter().filter(|piece| body.contains(piece.as_str())).count();
        *score += BODY * met as f32 / pieces.len() as f32 * (1.0 - *score);
    }
}
