//! Signs that look like others, cannot be seen, or change the direction of text.

use crate::script_error::words::Words;

/// The ASCII text a full-width sign was probably meant for.
pub(super) fn full_width(sign: char) -> Option<char> {
    match sign {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(sign as u32 - 0xFF01 + 0x21),
        '。' => Some('.'),
        '、' => Some(','),
        '【' | '〔' => Some('['),
        '】' | '〕' => Some(']'),
        '《' | '〈' => Some('<'),
        '》' | '〉' => Some('>'),
        '￥' => Some('¥'),
        _ => None,
    }
}

/// What a sign of mathematics or typography was probably meant for.
pub(super) fn meant(sign: char) -> Option<&'static str> {
    Some(match sign {
        '≠' => "!=",
        '≤' | '≦' => "<=",
        '≥' | '≧' => ">=",
        '×' => "*",
        '÷' => "/",
        '−' | '–' | '—' => "-",
        '→' => "->",
        '⇒' => "=>",
        '…' => "",
        _ => return None,
    })
}

/// Quotation marks other than `"`, and the one that closes.
pub(super) fn closing_quote(sign: char) -> Option<char> {
    match sign {
        '“' | '”' | '„' => Some('”'),
        '‘' | '’' => Some('’'),
        '「' => Some('」'),
        '『' => Some('』'),
        '«' => Some('»'),
        '\'' => Some('\''),
        '`' => Some('`'),
        '＂' => Some('＂'),
        '＇' => Some('＇'),
        _ => None,
    }
}

/// Signs that change the direction of text, so that code reads otherwise than it runs.
pub(super) fn is_bidirectional(sign: char) -> bool {
    matches!(sign, '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Control characters that belong into no text: all but tab and line break.
pub(super) fn is_control(sign: char) -> bool {
    (sign.is_control() && !matches!(sign, '\t' | '\n')) || matches!(sign, '\u{2028}' | '\u{2029}')
}

/// Signs that cannot be seen, or that look like a space.
pub(super) fn is_invisible(sign: char) -> bool {
    matches!(
        sign,
        '\u{00A0}'
            | '\u{00AD}'
            | '\u{034F}'
            | '\u{115F}'
            | '\u{1160}'
            | '\u{1680}'
            | '\u{17B4}'
            | '\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{2000}'..='\u{200D}'
            | '\u{202F}'
            | '\u{205F}'..='\u{2065}'
            | '\u{206A}'..='\u{206F}'
            | '\u{3000}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// `U+200B` and, for the common ones, a name.
pub(super) fn called(sign: char) -> String {
    let name = match sign {
        '\0' => " NULL",
        '\r' => " CARRIAGE RETURN",
        '\u{1B}' => " ESCAPE",
        '\u{7F}' => " DELETE",
        '\u{00A0}' => " NO-BREAK SPACE",
        '\u{00AD}' => " SOFT HYPHEN",
        '\u{200B}' => " ZERO WIDTH SPACE",
        '\u{200C}' => " ZERO WIDTH NON-JOINER",
        '\u{200D}' => " ZERO WIDTH JOINER",
        '\u{200E}' => " LEFT-TO-RIGHT MARK",
        '\u{200F}' => " RIGHT-TO-LEFT MARK",
        '\u{061C}' => " ARABIC LETTER MARK",
        '\u{202A}' => " LEFT-TO-RIGHT EMBEDDING",
        '\u{202B}' => " RIGHT-TO-LEFT EMBEDDING",
        '\u{202C}' => " POP DIRECTIONAL FORMATTING",
        '\u{202D}' => " LEFT-TO-RIGHT OVERRIDE",
        '\u{202E}' => " RIGHT-TO-LEFT OVERRIDE",
        '\u{2028}' => " LINE SEPARATOR",
        '\u{2029}' => " PARAGRAPH SEPARATOR",
        '\u{2060}' => " WORD JOINER",
        '\u{2066}' => " LEFT-TO-RIGHT ISOLATE",
        '\u{2067}' => " RIGHT-TO-LEFT ISOLATE",
        '\u{2068}' => " FIRST STRONG ISOLATE",
        '\u{2069}' => " POP DIRECTIONAL ISOLATE",
        '\u{3000}' => " IDEOGRAPHIC SPACE",
        '\u{FEFF}' => " BYTE ORDER MARK",
        _ => "",
    };
    format!("U+{:04X}{name}", sign as u32)
}

/// What kind of bracket a sign is, for the label.
pub(super) fn kind_of_sign(ascii: char) -> Words {
    match ascii {
        '(' | ')' => Words { zh: "全角括号", en: "full-width parenthesis" },
        '{' | '}' => Words { zh: "全角花括号", en: "full-width brace" },
        '[' | ']' => Words { zh: "全角方括号", en: "full-width bracket" },
        ',' => Words { zh: "全角逗号", en: "full-width comma" },
        ':' => Words { zh: "全角冒号", en: "full-width colon" },
        '0'..='9' => Words { zh: "全角数字", en: "full-width digit" },
        _ => Words { zh: "全角符号", en: "full-width sign" },
    }
}

/// Does a name mix scripts so that it can be taken for another one?
pub(super) fn is_look_alike(name: &str) -> bool {
    let (mut latin, mut greek, mut cyrillic, mut plain) = (false, false, false, false);
    for sign in name.chars() {
        match sign {
            'a'..='z' | 'A'..='Z' => latin = true,
            '\u{0370}'..='\u{03FF}' | '\u{1F00}'..='\u{1FFF}' => {
                greek = true;
                plain |= !"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧανορυχ".contains(sign);
            }
            '\u{0400}'..='\u{052F}' | '\u{1C80}'..='\u{1C8F}' | '\u{2DE0}'..='\u{2DFF}' => {
                cyrillic = true;
                plain |= !"АВЕКМНОРСТУХЅІЈаеорсухѕіјһԁԛԝ".contains(sign);
            }
            '0'..='9' | '_' => {}
            _ => plain = true,
        }
    }
    // One script alone is suspicious only where every letter of it has a Latin double.
    usize::from(latin) + usize::from(greek) + usize::from(cyrillic) > 1 || ((greek || cyrillic) && !plain)
}
