//! Where a message comes from: hexadecimal on the command line, a file, or standard input; as text or as raw bytes.

use crate::cli::exit::Exit;
use crate::cli::style::Console;
use crate::payment::hex;
use crate::script_error::catalogue::{storage, wire};
use crate::script_error::code::{Code, Fact};
use crate::script_error::error::ScriptError;
use crate::script_error::words::Said;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use zeroize::Zeroizing;

/// How the content of input is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// Hexadecimal, with or without spaces.
    Hex,
    /// The bytes themselves.
    Raw,
}

/// The most that is read, in bytes.
pub const BYTES_MAX: u64 = 1 << 20;

/// The bytes of a message that the words name.
pub fn bytes(console: &Console, words: &[String], reading: Option<Reading>) -> Result<Zeroizing<Vec<u8>>, Exit> {
    let content = content(console, words)?;
    to_bytes(console, &content, reading)
}

/// What the words name, as it is: a file, standard input, or the words themselves.
pub fn content(console: &Console, words: &[String]) -> Result<Zeroizing<Vec<u8>>, Exit> {
    match words {
        [] => read(console, "-", &mut std::io::stdin().lock()),
        [word] if word == "-" => read(console, "-", &mut std::io::stdin().lock()),
        [word] if Path::new(word).is_file() => match File::open(word) {
            Ok(mut file) => read(console, word, &mut file),
            Err(error) => Err(refuse(console, storage::CANNOT_READ, path_facts(word, &error.to_string()))),
        },
        words => Ok(Zeroizing::new(words.join(" ").into_bytes())),
    }
}

fn read(console: &Console, name: &str, from: &mut dyn Read) -> Result<Zeroizing<Vec<u8>>, Exit> {
    let mut content = Zeroizing::new(Vec::new());
    match from.take(BYTES_MAX + 1).read_to_end(&mut content) {
        Ok(_) => Ok(content),
        Err(error) => Err(refuse(console, storage::CANNOT_READ, path_facts(name, &error.to_string()))),
    }
}

/// Says that there is no such file.
pub fn no_such_file(console: &Console, name: &str) -> Exit {
    let why = match File::open(name) {
        Err(error) => error.to_string(),
        Ok(_) => "it is no file".to_owned(),
    };
    refuse(console, storage::CANNOT_READ, path_facts(name, &why));
    Exit::Surroundings
}

fn path_facts(name: &str, detail: &str) -> Vec<(&'static str, Fact)> {
    vec![("path", Fact::Text(name.to_owned())), ("detail", Fact::Text(detail.to_owned()))]
}

/// Hexadecimal or raw bytes, by what it looks like where the command line does not say.
fn to_bytes(console: &Console, content: &[u8], reading: Option<Reading>) -> Result<Zeroizing<Vec<u8>>, Exit> {
    let no = |zh: &str, en: &str| {
        let facts = vec![("detail", Fact::Said(Said::new(zh, en)))];
        Err(refuse(console, wire::NOT_BYTES, facts))
    };
    if content.len() as u64 > BYTES_MAX {
        return no("超过 1 MiB", "it has more than 1 MiB");
    }
    if reading == Some(Reading::Raw) {
        return if content.is_empty() {
            no("没有内容", "there is nothing")
        } else {
            Ok(Zeroizing::new(content.to_vec()))
        };
    }
    let digits = digits(content);
    if digits.is_empty() {
        return no("没有内容", "there is nothing");
    }
    let all_hex = digits.iter().all(u8::is_ascii_hexdigit);
    match (all_hex, hex::decode(&digits), reading) {
        (true, Some(bytes), _) => Ok(bytes),
        (true, None, _) => no("十六进制数字的个数为奇数", "the count of hexadecimal digits is odd"),
        (false, _, Some(Reading::Hex)) => no("含有非十六进制字符", "not all of it is hexadecimal"),
        (false, ..) => Ok(Zeroizing::new(content.to_vec())),
    }
}

/// Hexadecimal digits without what people put between them: spaces, line ends, `:`, `,`, `|` and `0x`.
fn digits(content: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut digits = Zeroizing::new(Vec::with_capacity(content.len()));
    for word in content.split(|byte| byte.is_ascii_whitespace() || matches!(byte, b':' | b',' | b'|')) {
        let word = word.strip_prefix(b"0x").or(word.strip_prefix(b"0X")).unwrap_or(word);
        digits.extend_from_slice(word);
    }
    digits
}

/// Says why the command ends.
pub fn refuse(console: &Console, code: Code, facts: Vec<(&'static str, Fact)>) -> Exit {
    console.refusal(&ScriptError::of(code, facts));
    Exit::Refused
}
