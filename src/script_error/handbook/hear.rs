//! What somebody typed, made comparable: one width, one case, one kind of characters; codes picked out.

use super::entry::is_declared;
use super::sounds;
use crate::script_error::catalogue;
use unicode_normalization::UnicodeNormalization;

/// Signs that are read of a question; more is a whole log, and its first lines say it.
const SIGNS_MAX: usize = 2_000;

/// Words around a question that say nothing about which one it is.
const PHRASES: &[&str] = &[
    "是什么意思",
    "什么意思",
    "是什么原因",
    "什么原因",
    "怎么回事",
    "怎么解决",
    "怎么处理",
    "怎么弄",
    "怎么办",
    "如何解决",
    "如何处理",
    "该怎么",
    "为什么",
    "请问",
    "你好",
    "pos机",
    "pos终端",
    "刷卡机",
    "收款机",
    "机器",
    "屏幕",
    "显示",
    "提示",
    "出现",
    "一直",
    "老是",
    "总是",
    "突然",
    "我的",
    "我们",
    "的时候",
    "错误代码",
    "报错",
];

/// The same in English.
const WORDS: &[&str] = &[
    "what",
    "does",
    "do",
    "did",
    "mean",
    "meaning",
    "is",
    "the",
    "a",
    "an",
    "how",
    "to",
    "fix",
    "my",
    "on",
    "pos",
    "terminal",
    "machine",
    "shows",
    "show",
    "says",
    "say",
    "displayed",
    "message",
    "why",
    "i",
    "get",
    "got",
    "help",
    "me",
    "it",
    "in",
    "of",
    "for",
    "and",
    "this",
    "that",
    "when",
    "solve",
    "please",
    "our",
    "with",
    "was",
    "but",
    "at",
];

/// What in front of two characters says that they are a response code.
const CODE_WORDS: &[&str] = &[
    "39",
    "f39",
    "de39",
    "39域",
    "应答码",
    "响应码",
    "返回码",
    "错误码",
    "错误代码",
    "代码",
    "code",
    "rc",
    "resp",
    "response",
    "response_code",
    "显示",
    "提示",
    "报",
    "出现",
    "返回",
    "应答",
    "declined",
    "错误",
    "error",
    "answer",
];

/// A code that was named, and how plainly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// `T5101` or `E4102`.
    Ours(String),
    /// A response code, and whether it was called one.
    Response {
        /// The two characters.
        code: String,
        /// True where the context says that it is a code.
        plain: bool,
    },
}

/// A question, heard.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// Everything in one form: NFKC, lower case, simplified characters.
    pub text: String,
    /// The same without the phrases that say nothing; words and runs of Chinese, with single spaces.
    pub core: String,
    /// The codes it names.
    pub named: Vec<Named>,
}

/// Brings a text into the one form: NFKC, lower case, simplified, no invisible signs.
pub fn plain(text: &str) -> String {
    text.nfkc()
        .take(SIGNS_MAX)
        .flat_map(char::to_lowercase)
        .map(sounds::simple)
        .filter(|sign| !matches!(sign, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}'))
        .collect()
}

/// True for a Chinese character.
pub fn is_han(sign: char) -> bool {
    matches!(sign, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

/// The runs of a plain text: Chinese runs and Latin words or numbers, in order.
pub fn runs(text: &str) -> Vec<&str> {
    let mut runs = Vec::new();
    let mut start: Option<(usize, bool)> = None;
    for (at, sign) in text.char_indices() {
        let kind = if is_han(sign) {
            Some(true)
        } else if sign.is_alphanumeric() || sign == '_' {
            Some(false)
        } else {
            None
        };
        match (start, kind) {
            (Some((_, was)), Some(now)) if was == now => {}
            _ => {
                if let Some((from, _)) = start.take() {
                    runs.push(&text[from..at]);
                }
                start = kind.map(|kind| (at, kind));
            }
        }
    }
    if let Some((from, _)) = start {
        runs.push(&text[from..]);
    }
    runs
}

/// Takes out what says nothing. A text that would be empty then stays as it is.
pub fn core(text: &str) -> String {
    let mut rest = text.to_owned();
    for phrase in PHRASES {
        if rest.contains(phrase) {
            rest = rest.replace(phrase, " ");
        }
    }
    let kept: Vec<&str> = runs(&rest).into_iter().filter(|run| !WORDS.contains(run)).collect();
    if kept.is_empty() { runs(text).join(" ") } else { kept.join(" ") }
}

/// Hears a question.
pub fn hear(question: &str) -> Heard {
    let facts = pasted(question);
    let text = plain(facts.as_ref().map_or(question, |(_, title)| title));
    let mut named = facts.map(|(named, _)| named).unwrap_or_default();
    for found in codes(&text) {
        if !named.contains(&found) {
            named.push(found);
        }
    }
    Heard { core: core(&text), text, named }
}

/// A line of JSON that this program wrote: its codes and its words.
fn pasted(question: &str) -> Option<(Vec<Named>, String)> {
    let line = question.trim();
    if !line.starts_with('{') {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(line.lines().next()?).ok()?;
    let words = |name: &str| value.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    let mut named = Vec::new();
    if let Some(code) = words("code") {
        named.extend(ours(&code));
    }
    for name in ["response", "response_code", "39", "F39"] {
        if let Some(code) = words(name).filter(|code| is_response(&code.to_lowercase())) {
            named.push(Named::Response { code: code.to_uppercase(), plain: true });
        }
    }
    let title = ["title", "message", "text", "error"].iter().find_map(|name| match value.get(name)? {
        serde_json::Value::String(text) => Some(text.clone()),
        both => both.get("en").or(both.get("zh"))?.as_str().map(str::to_owned),
    });
    Some((named, title.unwrap_or_default()))
}

fn ours(word: &str) -> Option<Named> {
    let word = word.to_uppercase();
    (catalogue::find(&word).is_some() || is_declared(&word)).then_some(Named::Ours(word))
}

/// Two letters or digits.
fn is_response(word: &str) -> bool {
    word.len() == 2 && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn codes(text: &str) -> Vec<Named> {
    let mut found = Vec::new();
    let runs = runs(text);
    for (at, run) in runs.iter().enumerate() {
        if let Some(named) = ours(run) {
            found.push(named);
            continue;
        }
        let Some((code, glued)) = response_in(run) else { continue };
        let digit = code.bytes().any(|byte| byte.is_ascii_digit());
        let before = at.checked_sub(1).and_then(|before| runs.get(before)).copied().unwrap_or("");
        let called = glued || CODE_WORDS.iter().any(|word| before.ends_with(word)) || bracketed(text, code);
        let alone = runs.len() == 1;
        if alone || (called && digit) || (digit && runs.len() <= 4 && text.chars().count() <= 24) {
            found.push(Named::Response { code: code.to_uppercase(), plain: alone || called });
        }
    }
    found
}

/// `51`, or the code in `39=51` written as one word such as `rc51` or `f39_51`.
fn response_in(run: &str) -> Option<(&str, bool)> {
    if is_response(run) {
        return Some((run, false));
    }
    let front = ["f39", "de39", "rc", "code"].into_iter().find(|front| run.starts_with(front))?;
    let rest = run[front.len()..].trim_start_matches('_');
    is_response(rest).then_some((rest, true))
}

fn bracketed(text: &str, code: &str) -> bool {
    [('[', ']'), ('(', ')'), ('【', '】')].iter().any(|(open, close)| text.contains(&format!("{open}{code}{close}")))
}
