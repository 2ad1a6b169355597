//! Whatever a stranger's file or message holds, a report is shown and stays harmless.

use super::samples;
use proptest::prelude::*;
use tillscript::script_error::catalogue::{network, types};
use tillscript::script_error::code::Fact;
use tillscript::script_error::error::{Frame, ScriptError};
use tillscript::script_error::fill::{fill, inert, is_unseen, places};
use tillscript::script_error::finding::{Edit, Finding};
use tillscript::script_error::render::{self, Decor, Style};
use tillscript::script_error::source::{FileId, Place, Source, Sources, Span};
use tillscript::script_error::words::{Language, Said, Words};
use tillscript::script_error::{cashier, json, short};

const PIECES: &[&str] = &[
    "a",
    " ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "中",
    "（",
    "。",
    "💳",
    "👨\u{200D}👩",
    "e\u{301}",
    "\u{200B}",
    "\u{202E}",
    "\u{feff}",
    "\u{0}",
    "\u{1b}[31m",
    "\u{85}",
    "\u{9b}",
    "\u{2028}",
    "{",
    "}",
    "\"",
    "flow f() -> Outcome {",
    "ＡＢ",
    "\u{1F3FB}",
    "字字字字字字字字字字字字字字字字字字字字",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..60).prop_map(|pieces| pieces.concat())
}

fn place() -> impl Strategy<Value = Place> {
    (0..300u32, 0..300u32, 0..3u16)
        .prop_map(|(start, end, file)| Place { file: FileId(file), span: Span { start, end } })
}

fn style() -> impl Strategy<Value = Style> {
    (any::<bool>(), any::<bool>(), 0..160usize).prop_map(|(zh, unicode, width)| Style {
        language: if zh { Language::Zh } else { Language::En },
        color: false,
        width,
        decor: if unicode { Decor::Unicode } else { Decor::Ascii },
    })
}

/// A console acts on none of it.
fn is_harmless(shown: &str) -> bool {
    shown.chars().all(|character| character == '\n' || !is_unseen(character))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_finding_over_any_text_is_shown(
        first in text(), second in text(), style in style(), at in place(), said in text(),
        labels in prop::collection::vec((place(), text()), 0..4),
        edits in prop::collection::vec((place(), text()), 0..4),
    ) {
        let mut sources = Sources::default();
        sources.add(Source::new(first.clone(), first.clone()));
        sources.add(Source::new("b.till", second));
        sources.add(Source::without_text("c.tillc", vec![0, 5, 90]));
        let mut finding = Finding::error(types::UNKNOWN_NAME, at).text("name", said.clone()).label(&said, &said).note(&said, &said);
        for (place, text) in labels {
            finding = finding.also(place, &text, &text);
        }
        let edits: Vec<Edit> = edits.into_iter().map(|(place, replacement)| Edit { place, replacement }).collect();
        finding = finding.edits(edits, true, &said, &said);
        let full = render::finding(&finding, &sources, &style);
        prop_assert!(full.contains("T0201") && is_harmless(&full), "{full:?}");
        let short = short::finding(&finding, &sources, &style);
        prop_assert!(is_harmless(&short) && short.lines().count() == 1, "{short:?}");
        let line = json::finding(&finding, &sources);
        prop_assert!(is_harmless(&line) && line.lines().count() == 1, "{line:?}");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        prop_assert_eq!(value["notes"][0]["zh"].as_str(), Some(said.as_str()));
    }

    #[test]
    fn any_script_error_is_shown(text in text(), name in text(), style in style(), at in prop::option::of(place()), times in 0..4u32) {
        let mut sources = Sources::default();
        sources.add(Source::new("a.till", text.clone()));
        sources.add(Source::without_text(name.clone(), vec![0, 5, 90]));
        let frame = Frame { flow: name.clone(), step: Some(text.clone()), place: at, function: 1, pc: 2, shown: vec![(name.clone(), text.clone())] };
        let mut error = ScriptError::of(network::GARBLED_REPLY, vec![("detail", Fact::Text(text.clone()))])
            .called_from(frame.clone())
            .called_from(frame)
            .answered(name.clone())
            .after_attempts(times);
        error.title = Said::new(text.clone(), text);
        for shown in [
            render::script_error(&error, &sources, &style),
            short::script_error(&error, &sources, &style),
            cashier::script_error(&error, &style),
            json::script_error(&error, &sources),
        ] {
            prop_assert!(is_harmless(&shown), "{shown:?}");
        }
    }
}

#[test]
fn facts_are_made_harmless_and_short() {
    assert_eq!(inert("a\u{202E}b\u{1b}[2J\nc"), "a\\u{202e}b\\u{1b}[2J\\u{a}c");
    assert_eq!(inert(&"长".repeat(10_000)).chars().count(), 243);
    let words = Words { zh: "收到“{sign}”。", en: "got `{sign}` { not a place } {Nor this} {." };
    let said = fill(words, &[("sign", Fact::Text("{sign}\u{7}".into()))]);
    assert_eq!(said.zh, "收到“{sign}\\u{7}”。");
    assert_eq!(said.en, "got `{sign}\\u{7}` { not a place } {Nor this} {.");
    assert_eq!(places(words.en), ["sign"]);
}

#[test]
fn facts_read_well_in_each_language() {
    let words = Words {
        zh: "报文 {message} 在 {after}内缺少 {field}，共 {count} 次",
        en: "{message} lacks {field} within {after}, {count} times",
    };
    let facts = [
        ("message", Fact::Mti(200)),
        ("after", Fact::Duration(60_000)),
        ("field", Fact::Field(39)),
        ("count", Fact::Count(-3)),
    ];
    let said = fill(words, &facts);
    assert_eq!(said.zh, "报文 0200 在 60 秒内缺少第 39 域，共 -3 次");
    assert_eq!(said.en, "0200 lacks F39 within 60 s, -3 times");
    let odd = fill(words, &[("after", Fact::Duration(1_500)), ("message", Fact::Said(Said::new("消费", "sale")))]);
    assert_eq!(odd.zh, "报文消费在 1500 毫秒内缺少 ?，共 ? 次");
    assert_eq!(odd.en, "sale lacks ? within 1500 ms, ? times");
}

#[test]
fn a_megabyte_on_one_line_is_cut_to_what_matters() {
    let text = format!("const A = \"{}\" + 错名\n", "长".repeat(350_000));
    let (sources, _) = samples::sources("huge.till", &text);
    let finding = Finding::error(types::UNKNOWN_NAME, samples::place(&text, "错名", 0))
        .text("name", "错名")
        .label("没有", "none");
    let page = render::finding(&finding, &sources, &Style::plain(Language::Zh));
    assert!(
        page.len() < 2_000
            && page.contains("huge.till:1:350016")
            && page.contains("错名")
            && page.contains("^^^^ 没有"),
        "{page}"
    );
}

#[test]
fn a_place_over_many_lines_shows_its_first() {
    let text = format!("flow f() -> Outcome {{\n{}}}\n", "  step \"x\"\n".repeat(5_000));
    let (sources, file) = samples::sources("tall.till", &text);
    let all = Place { file, span: Span::new(0, text.len()) };
    let page = render::finding(&Finding::error(types::FLOW_TOO_LARGE, all), &sources, &Style::plain(Language::En));
    assert!(page.lines().count() < 12 && page.contains("flow f() -> Outcome {"), "{page}");
}
