//! Reports as people see them; the pages stand in `tests/errors/`.

use super::samples::{self, Sample};
use std::path::Path;
use tillscript::script_error::error::{Money, ScriptError};
use tillscript::script_error::explain::page;
use tillscript::script_error::render::{self, Decor, Style, money_line};
use tillscript::script_error::source::{Sources, display_width};
use tillscript::script_error::words::Language;
use tillscript::script_error::wrap::wrap;
use tillscript::script_error::{cashier, catalogue, json, short};

const BOTH: [Language; 2] = [Language::Zh, Language::En];

fn check_page(name: &str, page: String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    insta::with_settings!({ snapshot_path => folder, prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, page);
    });
}

#[test]
fn findings_in_full() {
    for sample in samples::findings() {
        let pages = BOTH.map(|language| render::finding(&sample.finding, &sample.sources, &Style::plain(language)));
        check_page(sample.name, pages.join("\n"));
    }
}

#[test]
fn script_errors_in_full() {
    let cases = [
        ("timeout", samples::timeout()),
        ("timeout-without-text", samples::timeout_without_text()),
        ("timeout-stripped", samples::timeout_stripped()),
        ("declared-by-a-script", samples::declared()),
        ("many-values", samples::many_values()),
    ];
    for (name, (error, sources)) in cases {
        check_page(
            name,
            BOTH.map(|language| render::script_error(&error, &sources, &Style::plain(language))).join("\n"),
        );
    }
    let (declined, sources) = samples::declined();
    check_page(
        "declined",
        BOTH.map(|language| render::declined(&declined, &sources, &Style::plain(language))).join("\n"),
    );
}

#[test]
fn unicode_frames_and_colours_are_a_choice() {
    let (error, sources) = samples::timeout();
    let unicode = Style { decor: Decor::Unicode, ..Style::plain(Language::Zh) };
    check_page("timeout-unicode", render::script_error(&error, &sources, &unicode));
    let plain = render::script_error(&error, &sources, &Style::plain(Language::Zh));
    let color = render::script_error(&error, &sources, &Style { color: true, ..Style::plain(Language::Zh) });
    assert!(!plain.contains('\u{1b}') && color.contains('\u{1b}'));
    assert_eq!(without_colors(&color), plain);
    let box_character = plain.chars().find(|c| ('\u{2500}'..='\u{257F}').contains(c));
    assert_eq!(box_character, None, "box characters are twice as wide in a Chinese console");
}

fn without_colors(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    plain + rest
}

#[test]
fn one_line_each() {
    let mut lines = String::new();
    for language in BOTH {
        let style = Style::plain(language);
        for Sample { finding, sources, .. } in samples::findings() {
            lines.push_str(&short::finding(&finding, &sources, &style));
        }
        for (error, sources) in [samples::timeout(), samples::timeout_without_text(), samples::timeout_stripped()] {
            lines.push_str(&short::script_error(&error, &sources, &style));
        }
        let (declined, sources) = samples::declined();
        lines.push_str(&short::declined(&declined, &sources, &style));
    }
    check_page("short", lines);
}

#[test]
fn on_a_terminal_screen() {
    let mut screens = String::new();
    for language in BOTH {
        for width in [16, 32] {
            let style = Style { width, ..Style::plain(language) };
            let (error, _) = samples::timeout();
            let (declined, _) = samples::declined();
            let finding = &samples::findings()[0].finding;
            for screen in [
                cashier::script_error(&error, &style),
                cashier::declined(&declined, &style),
                cashier::finding(finding, &style),
            ] {
                for line in screen.lines() {
                    assert!(display_width(line) <= width, "`{line}` is wider than {width}");
                    screens.push_str(&format!("|{line}{}|\n", " ".repeat(width - display_width(line))));
                }
                screens.push('\n');
            }
        }
    }
    check_page("cashier", screens);
}

#[test]
fn as_json_lines() {
    let mut lines = String::new();
    for Sample { finding, sources, .. } in samples::findings().iter().take(4) {
        lines.push_str(&json::finding(finding, sources));
    }
    for (error, sources) in [samples::timeout(), samples::timeout_stripped(), samples::declared()] {
        lines.push_str(&json::script_error(&error, &sources));
    }
    let (declined, sources) = samples::declined();
    lines.push_str(&json::declined(&declined, &sources));
    check_page("json", lines);
}

#[test]
fn explained() {
    for code in ["T0002", "T5101", "T2102"] {
        check_page(&format!("explain-{code}"), BOTH.map(|language| page(code, language).unwrap()).join("\n\n"));
    }
}

#[test]
fn the_money_line_comes_right_after_the_source() {
    for language in BOTH {
        for money in Money::ALL {
            let (error, sources) = samples::timeout();
            let text = render::script_error(&error.with_money(money), &sources, &Style::plain(language));
            let mut messages = text.lines().skip_while(|line| !line.starts_with("  = "));
            let expected = money_line(money, language);
            assert_eq!(messages.next(), Some(format!("  = {expected}").as_str()), "{text}");
        }
    }
    let sentences: std::collections::BTreeSet<String> =
        Money::ALL.iter().flat_map(|money| BOTH.map(|language| money_line(*money, language))).collect();
    assert_eq!(sentences.len(), 2 * Money::ALL.len());
}

/// The carets stand under what the finding is about, measured in columns of a console and not in characters.
#[test]
fn carets_stand_under_their_text() {
    for width in [60, 80, 100, 200] {
        for language in BOTH {
            let style = Style { width, ..Style::plain(language) };
            for Sample { name, finding, sources } in samples::findings() {
                let text = render::finding(&finding, &sources, &style);
                let source = sources.file(finding.at.place.file).unwrap();
                let spanned = source.text.as_deref().unwrap()[finding.at.place.span.range()].to_string();
                let position = source.position(finding.at.place.span.start);
                if !spanned.is_empty() {
                    assert_eq!(under_carets(&text, position.line), spanned, "{name} at {width} columns:\n{text}");
                }
                let header = format!("{}:{}:{}", source.name, position.line, position.column);
                assert!(text.contains(&header), "{name}: no {header} in\n{text}");
            }
        }
    }
}

/// A line too long for the console is cut, in columns.
#[test]
fn long_lines_keep_to_the_console() {
    let sample = samples::findings().into_iter().find(|sample| sample.name == "long-line").unwrap();
    for width in [40, 60, 80, 100, 132] {
        let text = render::finding(&sample.finding, &sample.sources, &Style { width, ..Style::plain(Language::Zh) });
        let widest = text.lines().map(display_width).max();
        assert!(widest.is_some_and(|widest| widest <= width), "{widest:?} columns of {width}:\n{text}");
    }
}

/// What stands above the `^` below a numbered source line, found by display columns.
fn under_carets(text: &str, line: u32) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let number = format!("{line} |");
    let at = lines.iter().position(|shown| shown.trim_start().starts_with(&number)).expect("the line is shown");
    let (shown, carets) = (lines[at], lines[at + 1]);
    let start = display_width(&carets[..carets.find('^').expect("carets are right below")]);
    let count = carets.matches('^').count();
    let mut column = 0;
    let mut found = String::new();
    for character in shown.chars() {
        if column >= start && column < start + count {
            found.push(character);
        }
        column += display_width(&character.to_string());
    }
    found
}

#[test]
fn several_files_each_keep_their_place() {
    let (error, sources) = samples::timeout();
    let style = Style::plain(Language::En);
    let text = render::script_error(&error, &sources, &style);
    assert!(
        text.contains("sale.till:5:17") && text.contains("called from main.till:5:10 (flow 开机, step \"首笔\")"),
        "{text}"
    );
    let unknown = ScriptError { trace: Vec::new(), ..error };
    let text = render::script_error(&unknown, &Sources::default(), &style);
    assert!(
        text.starts_with("error[T5101]: no answer to 0200 within 60 s\n")
            && text.contains("money: a reversal is queued"),
        "{text}"
    );
}

#[test]
fn every_code_shows_in_every_form() {
    for row in catalogue::all() {
        let error = ScriptError::of(row.code, Vec::new());
        for language in BOTH {
            let style = Style { width: 40, ..Style::plain(language) };
            let full = render::script_error(&error, &Sources::default(), &style);
            assert!(full.contains(row.code.0) && full.contains(&format!("till explain {}", row.code)), "{full}");
            let screen = cashier::script_error(&error, &style);
            assert!(screen.lines().all(|line| display_width(line) <= 40), "{screen}");
        }
    }
}

#[test]
fn chinese_breaks_between_characters_but_not_before_a_full_stop() {
    assert_eq!(wrap("请先签到，再做交易。", 8), ["请先签", "到，再做", "交易。"]);
    assert_eq!(wrap("请先签到，再做交易。", 100), ["请先签到，再做交易。"]);
    assert_eq!(wrap("Sign in first, then pay.", 10), ["Sign in", "first,", "then pay."]);
    assert_eq!(wrap("abcdefghijkl 1", 8), ["abcdefgh", "ijkl 1"]);
    assert_eq!(wrap("一行\n\n又一行", 20), ["一行", "", "又一行"]);
    assert_eq!(wrap("", 20), [""]);
}
