//! Breaks sentences to a width in display columns.

use super::source::display_width;
use unicode_width::UnicodeWidthChar;

/// A Chinese character takes two columns: nothing narrower could hold one.
const WIDTH_MIN: usize = 2;

/// The lines of a text, none wider than `width` columns. Latin breaks at spaces, Chinese between characters,
/// but no line starts with a closing sign or ends with an opening one.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(WIDTH_MIN);
    text.split('\n').flat_map(|paragraph| wrap_paragraph(paragraph, width)).collect()
}

fn wrap_paragraph(paragraph: &str, width: usize) -> Vec<String> {
    if display_width(paragraph) <= width {
        return vec![paragraph.trim_end().to_string()];
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for piece in pieces(paragraph) {
        let kept = piece.trim_end();
        // A space at the break is the break: it needs no room.
        let needed = display_width(kept);
        if used > 0 && used + needed > width {
            lines.push(take_line(&mut line));
            used = 0;
        }
        if needed <= width {
            line.push_str(piece);
            used += needed + display_width(&piece[kept.len()..]);
            continue;
        }
        for character in piece.chars() {
            let character_width = character.width().unwrap_or(0);
            if used > 0 && used + character_width > width {
                lines.push(take_line(&mut line));
                used = 0;
            }
            line.push(character);
            used += character_width;
        }
    }
    lines.push(take_line(&mut line));
    lines
}

fn take_line(line: &mut String) -> String {
    let taken = line.trim_end().to_string();
    line.clear();
    taken
}

/// The parts of a paragraph that stay together, each with the spaces after it.
fn pieces(paragraph: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (at, character) in paragraph.char_indices() {
        if before.is_some_and(|before| may_break(before, character)) {
            pieces.push(&paragraph[start..at]);
            start = at;
        }
        before = Some(character);
    }
    if start < paragraph.len() {
        pieces.push(&paragraph[start..]);
    }
    pieces
}

fn may_break(before: char, after: char) -> bool {
    if after == ' ' || opens(before) || closes(after) {
        return false;
    }
    before == ' ' || is_wide(before) || is_wide(after)
}

fn is_wide(character: char) -> bool {
    character.width() == Some(2)
}

fn opens(character: char) -> bool {
    matches!(character, '（' | '“' | '‘' | '《' | '「' | '【' | '(' | '[' | '{' | '¥' | '$')
}

fn closes(character: char) -> bool {
    matches!(
        character,
        '，' | '。'
            | '、'
            | '；'
            | '：'
            | '？'
            | '！'
            | '）'
            | '”'
            | '’'
            | '》'
            | '」'
            | '】'
            | ','
            | '.'
            | ';'
            | ':'
            | '?'
            | '!'
            | ')'
            | ']'
            | '}'
            | '%'
    )
}
