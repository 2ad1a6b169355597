//! What a person hands over: bytes as an argument, a file or standard input, in hexadecimal or raw.

use crate::script_error::catalogue::{key_material, storage};
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Said, Words};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use zeroize::Zeroizing;

/// More than any message, certificate or list of tags.
const BYTES_MAX: u64 = 1 << 20;

/// Where something came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// Written on the command line: the shell's history has it, and who lists processes sees it.
    CommandLine,
    /// A file or standard input.
    Elsewhere,
}

/// The characters of an argument, of the file `@FILE`, or of standard input for `-`.
pub fn characters(word: &str) -> Result<(Zeroizing<Vec<u8>>, From), Box<ScriptError>> {
    if word == "-" {
        return Ok((all("-", io::stdin().lock())?, From::Elsewhere));
    }
    if let Some(name) = word.strip_prefix('@') {
        let file = File::open(name).map_err(|error| cannot_read(name, &error))?;
        return Ok((all(name, file)?, From::Elsewhere));
    }
    Ok((Zeroizing::new(word.as_bytes().to_vec()), From::CommandLine))
}

/// As `characters`, without white space around, which an editor puts at the end of a file.
pub fn text(word: &str, what: Words) -> Result<(Zeroizing<String>, From), Box<ScriptError>> {
    let (bytes, from) = characters(word)?;
    let text = std::str::from_utf8(&bytes).map_err(|_| not_hexadecimal(what))?;
    Ok((Zeroizing::new(text.trim().to_owned()), from))
}

/// Bytes: hexadecimal digits with or without white space. From a file or standard input raw bytes are taken as well.
pub fn bytes(word: &str, what: Words) -> Result<(Zeroizing<Vec<u8>>, From), Box<ScriptError>> {
    let (given, from) = characters(word)?;
    match (unpacked(&given), from) {
        (Some(bytes), _) => Ok((bytes, from)),
        (None, From::Elsewhere) if !given.is_ascii() || given.iter().any(|byte| is_control(*byte)) => Ok((given, from)),
        (None, _) => Err(not_hexadecimal(what)),
    }
}

/// As `bytes`; a word that is no hexadecimal and names a file is that file.
pub fn bytes_or_file(word: &str, what: Words) -> Result<Zeroizing<Vec<u8>>, Box<ScriptError>> {
    let is_file = unpacked(word.as_bytes()).is_none() && word != "-" && Path::new(word).is_file();
    let word = if is_file { format!("@{word}") } else { word.to_owned() };
    Ok(bytes(&word, what)?.0)
}

/// No character that a text in hexadecimal has.
fn is_control(byte: u8) -> bool {
    byte.is_ascii_control() && !byte.is_ascii_whitespace()
}

fn unpacked(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    digits.extend(text.iter().copied().filter(|byte| !byte.is_ascii_whitespace()));
    crate::payment::hex::decode(&digits)
}

fn all(name: &str, from: impl Read) -> Result<Zeroizing<Vec<u8>>, Box<ScriptError>> {
    let mut bytes = Zeroizing::new(Vec::new());
    from.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| cannot_read(name, &error))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(cannot_read(name, &io::Error::other(format!("more than {BYTES_MAX} bytes"))));
    }
    Ok(bytes)
}

fn cannot_read(name: &str, error: &io::Error) -> Box<ScriptError> {
    let facts = vec![("path", Fact::Text(name.to_owned())), ("detail", Fact::Text(error.to_string()))];
    Box::new(ScriptError::of(storage::CANNOT_READ, facts))
}

/// Something is not written in hexadecimal digits.
pub fn not_hexadecimal(what: Words) -> Box<ScriptError> {
    Box::new(ScriptError::of(key_material::NOT_HEXADECIMAL, vec![("what", Fact::Said(Said::new(what.zh, what.en)))]))
}
