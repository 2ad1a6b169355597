//! Looks for card numbers, tracks and keys in what is about to leave the shop, however they are written.
//!
//! Each text is looked at as it is, without blanks, hyphens and dots between digits, and with full-width digits made
//! plain; what may be hexadecimal, base64 or a list of bytes is looked at as bytes too: as ASCII, EBCDIC, UTF-16, packed
//! digits; and each run of digits backwards. A hard-coded number in a program's code that is no text is not found.

use crate::payment::hex;
use serde_json::Value;

/// Something that looks like what must not leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspicion {
    /// Where, as a path of names and places.
    pub path: String,
    /// What it looks like.
    pub what: Looks,
}

/// What something looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looks {
    /// A card number: length, prefix and check digit fit.
    Card,
    /// A card number, a separator and further digits.
    Track,
    /// As many hexadecimal digits as a key or PIN block has.
    Key,
    /// A key that lies beside the journal.
    KnownKey,
}

impl Looks {
    /// Its name, in Chinese and English.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Looks::Card => ("像卡号", "looks like a card number"),
            Looks::Track => ("像磁道", "looks like a track"),
            Looks::Key => ("像密钥或 PIN 块", "looks like a key or a PIN block"),
            Looks::KnownKey => ("是设备密钥", "is the device's key"),
        }
    }
}

/// Fewest and most digits of a card number.
const CARD_DIGITS: (usize, usize) = (13, 19);
/// Digits in front that name the issuer.
const ISSUER_DIGITS: usize = 6;
/// Fewest characters of base64 that are worth decoding.
const BASE64_CHARACTERS_MIN: usize = 16;
/// Fewest bytes of a list that are worth looking at.
const BYTES_MIN: usize = 7;
/// Fields that hold a MAC: as long as a key, and no secret.
const MAC_FIELDS: [u64; 2] = [64, 128];

/// A scan: what is known to be no card, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// Numbers that are known to be something else, such as the merchant number.
    pub known: Vec<String>,
    /// What looks wrong.
    pub found: Vec<Suspicion>,
    /// How many texts were looked at.
    pub texts: usize,
}

impl Scan {
    /// Looks at every text and list of bytes in a value.
    pub fn value(&mut self, path: &str, value: &Value) {
        match value {
            Value::String(text) => self.text(path, text),
            Value::Number(number) => self.digits(path, &number.to_string()),
            Value::Array(values) => {
                if let Some(bytes) = as_bytes(values) {
                    self.bytes(path, &bytes, true);
                    return;
                }
                let is_mac = values.first().and_then(Value::as_u64).is_some_and(|number| MAC_FIELDS.contains(&number));
                for (at, value) in values.iter().enumerate().filter(|(at, _)| !(is_mac && *at == 1)) {
                    self.value(&format!("{path}[{at}]"), value);
                }
            }
            Value::Object(members) => {
                let is_mac = members.get("number").and_then(Value::as_u64).is_some_and(|n| MAC_FIELDS.contains(&n));
                for (name, value) in members.iter().filter(|(name, _)| !(is_mac && *name == "value")) {
                    self.text(path, name);
                    self.value(&format!("{path}.{name}"), value);
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Looks at one text, and at the bytes it may stand for.
    pub fn text(&mut self, path: &str, text: &str) {
        self.texts += 1;
        self.digits(path, text);
        for token in text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '=' | '-' | '_')) {
            let is_hex = token.len() >= 2 && token.bytes().all(|byte| byte.is_ascii_hexdigit());
            let has_letter = token.bytes().any(|byte| byte.is_ascii_alphabetic());
            if is_hex && has_letter && matches!(token.len(), 16 | 32 | 48 | 64) {
                self.add(path, Looks::Key);
            }
            if is_hex && let Some(bytes) = hex::decode(token.as_bytes()) {
                self.bytes(path, &bytes, false);
            }
            if token.len() >= BASE64_CHARACTERS_MIN
                && let Some(bytes) = base64(token)
            {
                self.bytes(path, &bytes, true);
            }
        }
    }

    /// Looks at bytes as characters of several codes, and as packed digits if asked to.
    pub fn bytes(&mut self, path: &str, bytes: &[u8], packed: bool) {
        let ascii: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        self.digits(path, &ascii);
        let ebcdic: String = bytes
            .iter()
            .map(|byte| match byte {
                0xF0..=0xF9 => char::from(b'0' + (byte - 0xF0)),
                0x7E => '=',
                0x40 => ' ',
                0xC4 => 'D',
                _ => '\u{1}',
            })
            .collect();
        self.digits(path, &ebcdic);
        // Every other byte zero: characters of 16 bits, either end first.
        let wide: String = bytes.iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect();
        if wide.len() * 2 <= ascii.chars().count() + 1 {
            self.digits(path, &wide);
        }
        if packed {
            let mut nibbles = String::with_capacity(bytes.len() * 2);
            for byte in bytes {
                for nibble in [byte >> 4, byte & 15] {
                    nibbles.push(char::from_digit(u32::from(nibble), 16).unwrap_or('x').to_ascii_uppercase());
                }
            }
            self.digits(path, &nibbles);
        }
    }

    /// Looks for a secret that is known, written as it is, in hexadecimal or in base64 at any offset.
    pub fn known_key(&mut self, path: &str, text: &[u8], key: &[u8]) {
        let small = text.to_ascii_lowercase();
        let holds = |part: &[u8], all: &[u8]| part.len() >= 8 && all.windows(part.len()).any(|window| window == part);
        let mut in_hex = hex::encode(key).into_bytes();
        in_hex.make_ascii_lowercase();
        let in_base64 = (0..3).any(|skip| {
            // Whole groups from each of the three places where the key may begin.
            let whole = key.get(skip..).unwrap_or_default();
            let whole = &whole[..whole.len() / 3 * 3];
            holds(&written_in_base64(whole), text)
        });
        if holds(key, text) || holds(&in_hex, &small) || in_base64 {
            self.add(path, Looks::KnownKey);
        }
    }

    fn digits(&mut self, path: &str, text: &str) {
        let plain: Vec<char> = text
            .chars()
            .map(|c| match c {
                '０'..='９' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
                other => other,
            })
            .collect();
        let mut at = 0;
        while at < plain.len() {
            if !plain[at].is_ascii_digit() {
                at += 1;
                continue;
            }
            let (run, whole, behind) = run_of_digits(&plain, at);
            let separated = matches!(plain.get(behind), Some('=' | 'D' | 'd'));
            let follows = plain[behind.min(plain.len())..].iter().skip(1).take_while(|c| c.is_ascii_digit()).count();
            if separated && follows >= 4 && (CARD_DIGITS.0..=CARD_DIGITS.1).contains(&run.len()) {
                self.add(path, Looks::Track);
            } else if self.is_card(&run) || (whole != run && self.is_card(&whole)) {
                self.add(path, Looks::Card);
            }
            at = behind.max(at + 1);
        }
    }

    /// Whether digits are, or hold, a card number, forwards or backwards.
    fn is_card(&self, run: &str) -> bool {
        if self.known.iter().any(|known| known == run) || run.len() < CARD_DIGITS.0 {
            return false;
        }
        let backwards: String = run.chars().rev().collect();
        let digits = |text: &str| text.bytes().map(|byte| byte - b'0').collect::<Vec<u8>>();
        let (forwards, backwards) = (digits(run), digits(&backwards));
        let whole = run.len() <= CARD_DIGITS.1
            && ((may_begin(&forwards) && luhn(&forwards)) || (has_length(&backwards) && luhn(&backwards)));
        // Part of a longer run: only where prefix and length agree, or every long number would be one.
        whole
            || (CARD_DIGITS.0..=CARD_DIGITS.1)
                .any(|length| forwards.windows(length).any(|window| has_length(window) && luhn(window)))
    }

    fn add(&mut self, path: &str, what: Looks) {
        let suspicion = Suspicion { path: path.to_owned(), what };
        if !self.found.contains(&suspicion) {
            self.found.push(suspicion);
        }
    }
}

/// The digits from here on; the same with blanks, hyphens and dots between them left out; and the place behind the first.
fn run_of_digits(text: &[char], from: usize) -> (String, String, usize) {
    let run: String = text[from..].iter().take_while(|c| c.is_ascii_digit()).collect();
    let behind = from + run.len();
    let mut whole = String::new();
    let mut gap = false;
    for c in &text[from..] {
        match c {
            c if c.is_ascii_digit() => (gap, _) = (false, whole.push(*c)),
            ' ' | '-' | '.' if !gap => gap = true,
            _ => break,
        }
    }
    (run, whole, behind)
}

/// First digits that card numbers have.
fn may_begin(digits: &[u8]) -> bool {
    matches!(digits.first(), Some(3..=6)) || matches!(digits, [2, 2..=7, ..] | [8, 1, ..] | [9, ..])
}

/// Prefix and length of a scheme agree.
fn has_length(digits: &[u8]) -> bool {
    match (digits, digits.len()) {
        ([6, 2, ..], 16..=19) | ([8, 1, ..], 16..=19) => true,
        ([4, ..] | [5, 1..=5, ..] | [3, 5, ..] | [6, 5, ..] | [6, 4, 4..=9, ..] | [6, 0, 1, 1, ..], 16) => true,
        ([2, second, third, fourth, ..], 16) => {
            (2221..=2720).contains(&(2000 + u16::from(*second) * 100 + u16::from(*third) * 10 + u16::from(*fourth)))
        }
        ([3, 4 | 7, ..], 15) | ([3, 0 | 6 | 8 | 9, ..], 14) => true,
        _ => false,
    }
}

/// The check digit of ISO 7812-1 fits, and there is an account number.
fn luhn(digits: &[u8]) -> bool {
    if digits.is_empty() {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    // Nobody has an account of zeros; field 53 is such a number.
    let account = digits.get(ISSUER_DIGITS..digits.len() - 1).unwrap_or_default();
    sum.is_multiple_of(10) && account.iter().any(|digit| *digit != 0)
}

fn as_bytes(values: &[Value]) -> Option<Vec<u8>> {
    if values.len() < BYTES_MIN {
        return None;
    }
    values.iter().map(|value| value.as_u64().and_then(|number| u8::try_from(number).ok())).collect()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64, both alphabets, with or without filler; a remainder is left out.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let byte = match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        };
        let value = ALPHABET.iter().position(|known| *known == byte)?;
        held = (held << 6 | u32::try_from(value).ok()?) & 0xFFFF;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

/// Whole groups of three bytes as base64.
fn written_in_base64(bytes: &[u8]) -> Vec<u8> {
    let mut written = Vec::new();
    for group in bytes.chunks_exact(3) {
        let all = u32::from(group[0]) << 16 | u32::from(group[1]) << 8 | u32::from(group[2]);
        for shift in [18, 12, 6, 0] {
            written.push(ALPHABET[(all >> shift & 63) as usize]);
        }
    }
    written
}
