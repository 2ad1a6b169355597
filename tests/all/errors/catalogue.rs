//! The tables themselves: unique codes, words in both languages, places that have facts.

use std::collections::BTreeSet;
use tillscript::script_error::catalogue::{all, caught_by, find, named};
use tillscript::script_error::code::{Help, Layer, Row};
use tillscript::script_error::error::ScriptError;
use tillscript::script_error::explain::{page, suggestion};
use tillscript::script_error::fill::places;
use tillscript::script_error::words::{Language, Words};

fn sentences(row: &Row) -> Vec<(&'static str, Words)> {
    let mut sentences = vec![("title", row.title), ("about", row.about)];
    match row.help {
        Help::Author { fix } => sentences.push(("fix", fix)),
        Help::People { cashier, cardholder, support, .. } => {
            sentences.extend([("cashier", cashier), ("cardholder", cardholder), ("support", support)]);
        }
    }
    sentences
}

#[test]
fn codes_and_names_are_unique_and_in_order() {
    assert!(all().count() >= 80);
    let codes: Vec<&str> = all().map(|row| row.code.0).collect();
    assert!(codes.is_sorted_by(|a, b| a < b), "codes are not in order, or one stands twice");
    let names: BTreeSet<&str> = all().map(|row| row.name).collect();
    assert_eq!(names.len(), codes.len(), "a name stands twice");
    for row in all() {
        assert_eq!(find(row.code.0).map(|row| row.name), Some(row.name));
        assert_eq!(named(row.name).map(|row| row.code), Some(row.code));
    }
}

#[test]
fn a_code_says_its_layer() {
    for row in all() {
        let begins = match row.layer {
            Layer::Lexical => "T00",
            Layer::Syntax => "T01",
            Layer::Types => "T02",
            Layer::Flow => "T03",
            Layer::Reversal => "T04",
            Layer::Secrets => "T05",
            Layer::Capabilities => "T06",
            Layer::Texts => "T07",
            Layer::Tests => "T08",
            Layer::Bytecode => "T09",
            Layer::Person => "T1",
            Layer::Issuer => "T2",
            Layer::Card => "T3",
            Layer::Keys => "T4",
            Layer::Network => "T5",
            Layer::Hardware => "T6",
            Layer::Storage => "T7",
            Layer::Limits => "T8",
            Layer::Internal => "T9",
        };
        assert!(
            row.code.0.starts_with(begins) && row.code.0.len() == 5,
            "{} is not of layer {:?}",
            row.code,
            row.layer
        );
        let before_run = row.code.0.starts_with("T0");
        assert_eq!(
            matches!(row.help, Help::Author { .. }),
            before_run,
            "{}: findings help the author, run-time errors help people",
            row.code
        );
        assert!(row.word.is_none() || !before_run, "{}: nothing can catch a finding", row.code);
    }
}

#[test]
fn nobody_is_left_without_a_word() {
    for row in all() {
        for (which, words) in sentences(row) {
            for (language, sentence) in [("zh", words.zh), ("en", words.en)] {
                assert!(!sentence.trim().is_empty(), "{} has no {which} in {language}", row.code);
                assert_eq!(sentence, sentence.trim(), "{} {which} {language} has spaces at an end", row.code);
                let strange = sentence.chars().find(|c| {
                    matches!(c, '\u{2013}'..='\u{2015}' | '\u{2500}'..='\u{257F}' | '\u{2026}' | '→') || c.is_control()
                });
                assert_eq!(strange, None, "{} {which} {language}: of unsure width in a Chinese console", row.code);
            }
            assert!(
                words.zh.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c)),
                "{} {which}: zh is not Chinese",
                row.code
            );
            assert!(words.en.is_ascii(), "{} {which}: en holds more than ASCII", row.code);
            let prose = which != "title";
            assert!(!prose || words.zh.ends_with('。'), "{} {which}: zh does not end with a full stop", row.code);
            assert!(!prose || words.en.ends_with('.'), "{} {which}: en does not end with a full stop", row.code);
            assert!(
                prose || !words.en.ends_with('.') && !words.zh.ends_with('。'),
                "{}: a title ends without a full stop",
                row.code
            );
        }
        assert!(!row.example.is_empty(), "{} has no example", row.code);
    }
}

#[test]
fn chinese_prose_uses_chinese_punctuation() {
    for row in all() {
        for (which, words) in sentences(row) {
            let characters: Vec<char> = words.zh.chars().collect();
            for pair in characters.windows(2) {
                let wrong = ('\u{4E00}'..='\u{9FFF}').contains(&pair[0])
                    && matches!(pair[1], ',' | ';' | ':' | '?' | '!' | '(' | ')');
                assert!(!wrong, "{} {which}: `{}{}` in Chinese prose", row.code, pair[0], pair[1]);
            }
        }
    }
}

#[test]
fn every_place_in_a_sentence_has_its_fact() {
    for row in all() {
        let known: BTreeSet<&str> = row.facts.iter().map(|(name, _)| *name).collect();
        let mut used = BTreeSet::new();
        for (which, words) in sentences(row) {
            // A page is read without an error at hand, so nothing could fill it; braces there are code.
            if which == "about" {
                let filled = places(words.zh).into_iter().chain(places(words.en)).find(|place| known.contains(place));
                assert_eq!(filled, None, "{}: a page cannot be filled", row.code);
                continue;
            }
            for (language, sentence) in [("zh", words.zh), ("en", words.en)] {
                for place in places(sentence) {
                    // `mask` and the like: code inside a string of an example.
                    assert!(known.contains(place), "{} {which} {language}: no fact `{place}`", row.code);
                    used.insert(place);
                }
            }
        }
        let zh: BTreeSet<&str> = places(row.title.zh).into_iter().collect();
        let en: BTreeSet<&str> = places(row.title.en).into_iter().collect();
        assert_eq!(zh, en, "{}: the titles show different facts", row.code);
        assert_eq!(used, known, "{}: a fact is nowhere said", row.code);
    }
}

#[test]
fn a_missing_fact_shows_as_a_question_mark_and_never_panics() {
    for row in all() {
        let error = ScriptError::of(row.code, Vec::new());
        assert_eq!(error.code, row.code.0);
        let places = places(row.title.en).len();
        let literal = row.title.en.matches('?').count();
        assert_eq!(error.title.en.matches('?').count(), places + literal, "{}: {}", row.code, error.title.en);
    }
}

#[test]
fn scripts_catch_by_words() {
    let codes = |word: &str| caught_by(word).map(|row| row.code.0).collect::<Vec<_>>();
    assert_eq!(codes("timeout"), ["T1002", "T5101"]);
    assert_eq!(codes("no_line"), ["T5001"]);
    assert_eq!(codes("power_cut"), [""; 0]);
    for row in all() {
        let Some(word) = row.word else { continue };
        assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{word}");
    }
}

#[test]
fn every_code_has_its_page_in_both_languages() {
    for row in all() {
        for language in [Language::Zh, Language::En] {
            let text = page(row.code.0, language).unwrap();
            for part in [row.code.0, row.name, row.example.lines().next().unwrap()] {
                assert!(text.contains(part), "the {} page of {} lacks {part}", language.word(), row.code);
            }
            assert!(!text.contains('?') || row.title.en.contains('?') || text.matches('?').count() <= 12, "{text}");
        }
    }
    assert_eq!(page("t5101", Language::En), page("Timeout", Language::En));
    assert_eq!(page("T9999", Language::En), None);
    assert_eq!(page("", Language::Zh), None);
}

#[test]
fn a_mistyped_code_finds_its_neighbour() {
    assert_eq!(suggestion("T5110"), Some("T5101"));
    assert_eq!(suggestion("Timeuot"), Some("Timeout"));
    assert_eq!(suggestion("paperout"), Some("PaperOut"));
    assert_eq!(suggestion("no code looks like this"), None);
    assert_eq!(suggestion(""), None);
}
