//! The words of the language: what is reserved, what leads an item or a statement.

/// Words that no value, parameter or declaration may be called. Labels and members may.
pub(super) fn is_reserved(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "break"
            | "commit"
            | "const"
            | "discard"
            | "else"
            | "expect"
            | "fail"
            | "false"
            | "fn"
            | "flow"
            | "for"
            | "given"
            | "if"
            | "import"
            | "in"
            | "let"
            | "match"
            | "none"
            | "not"
            | "on"
            | "or"
            | "pub"
            | "repeat"
            | "return"
            | "reverse"
            | "reversible"
            | "step"
            | "true"
            | "var"
    )
}

/// Words that lead an item.
pub(super) const ITEM_WORDS: [&str; 12] =
    ["flow", "fn", "const", "type", "record", "text", "error", "codes", "table", "receipt", "dialect", "test"];

/// Words that lead a statement.
pub(super) const STATEMENT_WORDS: [&str; 15] = [
    "let",
    "var",
    "return",
    "fail",
    "step",
    "commit",
    "discard",
    "reverse",
    "reversible",
    "repeat",
    "for",
    "given",
    "expect",
    "break",
    "if",
];

/// Annotations.
pub(super) const ANNOTATIONS: [&str; 3] = ["allow", "every_crash_point", "within"];

/// What a line that is not indented begins with.
pub(super) enum Head {
    /// A doc comment or an annotation: the front of an item.
    Front,
    /// A comment.
    Comment,
    /// An item; the word that leads it has so many bytes.
    Item(usize),
    /// Something else.
    Other,
}

/// Looks at the head of a line. Within brackets only what can be nothing but an item counts as one.
pub(super) fn head(line: &str, outside: bool) -> Head {
    if line.starts_with("///") {
        return Head::Front;
    }
    if line.starts_with('@') {
        // The item may follow on the same line; a word behind annotations leads it wherever brackets stand.
        let behind = behind_annotations(line);
        let (word, _) = first_word(behind);
        let leads = ITEM_WORDS.contains(&word) || word == "pub";
        return if leads { Head::Item(line.len() - behind.len() + word.len()) } else { Head::Front };
    }
    if line.starts_with("//") {
        return Head::Comment;
    }
    let (word, rest) = first_word(line);
    let leads = ITEM_WORDS.contains(&word) || matches!(word, "pub" | "import" | "edition");
    if !leads {
        return Head::Other;
    }
    let after = rest.trim_start_matches([' ', '\t']);
    let apart = after.len() < rest.len();
    let named = match word {
        "test" => after.starts_with('"'),
        "edition" => after.starts_with(|sign: char| sign.is_ascii_digit()),
        "pub" => ITEM_WORDS.contains(&first_word(after).0),
        _ => after.starts_with(|sign: char| sign == '_' || unicode_ident::is_xid_start(sign)),
    };
    let item = if outside {
        apart || matches!(word, "flow" | "fn" | "pub" | "dialect" | "import" | "edition") || rest.is_empty()
    } else {
        apart && named
    };
    if item { Head::Item(word.len()) } else { Head::Other }
}

/// What follows the annotations at the head of a line, on that line; empty if nothing does.
fn behind_annotations(text: &str) -> &str {
    let mut line = text.split(['\n', '\r']).next().unwrap_or("");
    let end = line.len();
    while let Some(rest) = line.strip_prefix('@') {
        let rest = rest.trim_start_matches(|sign: char| sign == '_' || unicode_ident::is_xid_continue(sign));
        let (mut depth, mut quoted) = (0usize, false);
        let mut behind = rest.len();
        for (at, sign) in rest.char_indices() {
            match sign {
                '"' => quoted = !quoted,
                '(' if !quoted => depth += 1,
                ')' if !quoted => depth = depth.saturating_sub(1),
                ' ' | '\t' if depth == 0 && !quoted => {
                    behind = at;
                    break;
                }
                _ => {}
            }
        }
        line = rest.get(behind..).unwrap_or("").trim_start_matches([' ', '\t']);
    }
    // The same place in the whole text, so that the caller can tell how far in it is.
    text.get(end - line.len()..).filter(|_| !line.is_empty()).unwrap_or("")
}

fn first_word(line: &str) -> (&str, &str) {
    line.split_at(line.bytes().take_while(|byte| byte.is_ascii_lowercase()).count())
}

/// Can a line behind a finished item only be something that is none?
pub(super) fn begins_garbage(line: &str) -> bool {
    line.starts_with(|sign: char| sign == '_' || unicode_ident::is_xid_start(sign))
        && !matches!(first_word(line).0, "else" | "uses" | "extends" | "on")
}

/// Words that lead a clause of a dialect, or a rule of one of its messages.
pub(super) const CLAUSE_WORDS: [&str; 21] = [
    "form",
    "framing",
    "approved",
    "mac",
    "fields",
    "without",
    "message",
    "reversal",
    "needs",
    "may",
    "reply",
    "echoes",
    "match",
    "moves_money",
    "wait",
    "copies",
    "reason",
    "accepts",
    "length",
    "header",
    "parts",
];

/// Words that lead a line of a receipt.
pub(super) const RECEIPT_WORDS: [&str; 6] = ["centre", "line", "row", "rule", "space", "if"];
