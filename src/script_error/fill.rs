//! Puts facts into sentences.

use super::code::Fact;
use super::words::{Language, Said, Words};

/// The longest a fact may be in a sentence; more is cut. Facts can come from anybody's file.
const CHARACTERS_MAX: usize = 240;

/// Fills the `{fact}` places of a sentence, in both languages. A fact that is missing shows as `?`.
pub fn fill<N: AsRef<str>>(words: Words, facts: &[(N, Fact)]) -> Said {
    let one = |sentence: &str, language| {
        fill_with(sentence, |name| {
            facts.iter().find(|(known, _)| known.as_ref() == name).map(|(_, fact)| shown(fact, language))
        })
    };
    Said::new(one(words.zh, Language::Zh), one(words.en, Language::En))
}

/// A fact as a reader of the language sees it.
pub fn shown(fact: &Fact, language: Language) -> String {
    match (fact, language) {
        (Fact::Text(text), _) => inert(text),
        (Fact::Said(said), _) => inert(said.in_language(language)),
        (Fact::Count(count), _) => count.to_string(),
        (Fact::Duration(ms), Language::Zh) if ms % 1000 == 0 => format!("{} 秒", ms / 1000),
        (Fact::Duration(ms), Language::En) if ms % 1000 == 0 => format!("{} s", ms / 1000),
        (Fact::Duration(ms), Language::Zh) => format!("{ms} 毫秒"),
        (Fact::Duration(ms), Language::En) => format!("{ms} ms"),
        (Fact::Mti(mti), _) => format!("{mti:04}"),
        (Fact::Field(field), Language::Zh) => format!("第 {field} 域"),
        (Fact::Field(field), Language::En) => format!("F{field}"),
    }
}

/// A fact in both languages.
pub fn said(fact: &Fact) -> Said {
    Said::new(shown(fact, Language::Zh), shown(fact, Language::En))
}

/// The names in a sentence's `{fact}` places, in order.
pub fn places(sentence: &str) -> Vec<&str> {
    pieces(sentence).filter_map(|piece| if let Piece::Place(name) = piece { Some(name) } else { None }).collect()
}

/// A stranger's text made harmless for a screen: control characters and those that hide or turn text are
/// written out, and what is too long is cut.
pub fn inert(text: &str) -> String {
    // Nearly every fact is short and plain.
    if text.len() <= CHARACTERS_MAX && !text.chars().any(is_unseen) {
        return text.to_owned();
    }
    let mut result = String::with_capacity(text.len().min(CHARACTERS_MAX));
    for (count, character) in text.chars().enumerate() {
        if count == CHARACTERS_MAX {
            result.push_str("...");
            break;
        }
        push_inert(&mut result, character);
    }
    result
}

/// Like `inert`, but as long as it is.
pub fn inert_whole(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    text.chars().for_each(|character| push_inert(&mut result, character));
    result
}

/// True for a character that a console may act on, or that nobody can see.
pub fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}')
}

fn push_inert(result: &mut String, character: char) {
    if is_unseen(character) {
        result.push_str(&format!("\\u{{{:x}}}", u32::from(character)));
    } else {
        result.push(character);
    }
}

fn fill_with(sentence: &str, fact: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(sentence.len() + 32);
    let mut after_chinese_fact = false;
    for piece in pieces(sentence) {
        match piece {
            // Chinese keeps a space beside Latin letters only, and the sentence cannot know what the fact will be.
            Piece::Words(words) => match words.strip_prefix(' ') {
                Some(rest) if after_chinese_fact && rest.chars().next().is_none_or(is_chinese) => filled.push_str(rest),
                _ => filled.push_str(words),
            },
            Piece::Place(name) => {
                let shown = fact(name).unwrap_or_else(|| "?".to_string());
                if shown.chars().next().is_some_and(is_chinese)
                    && let Some(before) = filled.strip_suffix(' ')
                    && before.chars().next_back().is_some_and(is_chinese)
                {
                    filled.truncate(before.len());
                }
                filled.push_str(&shown);
            }
        }
        after_chinese_fact = filled.chars().next_back().is_some_and(is_chinese);
    }
    filled
}

fn is_chinese(character: char) -> bool {
    matches!(character, '\u{2E80}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FF60}' | '\u{20000}'..='\u{3FFFF}')
}

enum Piece<'a> {
    Words(&'a str),
    Place(&'a str),
}

// A brace is a place only around a plain name, so that sentences can show code such as `{ ... }`.
fn pieces(sentence: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = sentence;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = leading_place(rest) {
            rest = after;
            return Some(Piece::Place(name));
        }
        let from = rest.chars().next().map_or(0, char::len_utf8);
        let end =
            rest[from..].match_indices('{').map(|(at, _)| at + from).find(|at| leading_place(&rest[*at..]).is_some());
        let (words, after) = rest.split_at(end.unwrap_or(rest.len()));
        rest = after;
        Some(Piece::Words(words))
    })
}

fn leading_place(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('{')?.split_once('}')?;
    // A script's facts may have Chinese names.
    let mut characters = name.chars();
    let plain = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|character| character.is_alphanumeric() || character == '_');
    plain.then_some((name, after))
}

/// Fills the places of a sentence a script wrote; its facts are words already.
pub fn fill_said(sentence: &Said, facts: &[(String, Said)]) -> Said {
    let one = |text: &str, language| {
        fill_with(text, |name| {
            facts.iter().find(|(known, _)| known == name).map(|(_, said)| inert(said.in_language(language)))
        })
    };
    Said::new(one(&sentence.zh, Language::Zh), one(&sentence.en, Language::En))
}
