//! A message field by field, as a person may see it: masked by what each field holds.

use crate::payment::amount::Amount;
use crate::payment::card::masked_digits;
use crate::payment::currency::Currency;
use crate::payment::emv::dictionary::{self, Entry, Privacy};
use crate::payment::emv::tag::Tag;
use crate::payment::hex;
use crate::payment::iso8583::decode_error::PartKey;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::field::{Class, Field, Holds};
use crate::payment::iso8583::message::Message;
use std::fmt;

/// Which language the names of the fields are in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// One line: `F4 amount 交易金额 100.00 CNY`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedField {
    /// The field's number.
    pub number: u8,
    /// Its short name, as scripts write it; empty if the dialect does not have it.
    pub name: String,
    /// Its name in the language asked for.
    pub label: String,
    /// What it holds, masked.
    pub shown: String,
}

impl fmt::Display for DescribedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{}", self.number)?;
        for part in [&self.name, &self.label, &self.shown] {
            if !part.is_empty() {
                write!(f, " {part}")?;
            }
        }
        Ok(())
    }
}

/// May card data be shown?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reveal {
    /// Never: the way everything is shown.
    No,
    /// All of it. For test data, and only where a person has asked for it.
    TestData,
}

/// What one field holds. `currency`: that of the message's amounts.
pub fn field_value(
    field: &Field,
    content: &[u8],
    currency: Option<Currency>,
    wording: Wording,
    reveal: Reveal,
) -> String {
    let hidden = field.holds.is_sensitive() || matches!(field.holds, Holds::Expiry) || field.has_secret_parts();
    match reveal {
        Reveal::TestData if field.class == Class::Bytes => hex::encode(content),
        Reveal::TestData if hidden => visible(content),
        Reveal::No | Reveal::TestData => shown(field, content, currency, wording),
    }
}

/// What the dictionary of chip data says of a part.
fn entry(key: PartKey) -> Option<&'static Entry> {
    match key {
        PartKey::Ber(..) => Tag::read(key.tag()).and_then(|(tag, _)| dictionary::entry(tag)),
        PartKey::Number(_) | PartKey::Text(..) => None,
    }
}

/// The name of a part: as declared, or as the dictionary of chip data has it; empty where nobody knows it.
pub fn part_name(part: Option<&Field>, key: PartKey, wording: Wording) -> &str {
    match (part, entry(key), wording) {
        (Some(part), _, Wording::Zh) => &part.zh,
        (Some(part), _, Wording::En) => &part.en,
        (None, Some(entry), Wording::Zh) => entry.zh,
        (None, Some(entry), Wording::En) => entry.en,
        (None, None, _) => "",
    }
}

/// What one part of a field holds.
pub fn part_value(
    field: &Field,
    part: Option<&Field>,
    key: PartKey,
    content: &[u8],
    wording: Wording,
    reveal: Reveal,
) -> String {
    let is_card = entry(key).is_some_and(|entry| entry.privacy != Privacy::Open);
    let inside = field.holds.is_sensitive() && field.holds != Holds::ChipData;
    match (part, key) {
        _ if reveal == Reveal::No && (is_card || inside) => match wording {
            Wording::Zh => "<不显示>".to_owned(),
            Wording::En => "<hidden>".to_owned(),
        },
        (Some(part), _) if part.holds != Holds::Plain || part.has_secret_parts() => {
            field_value(part, content, None, wording, reveal)
        }
        (Some(part), _) if part.class == Class::Bytes => hex::encode(content),
        (_, PartKey::Ber(..)) => hex::encode(content),
        _ => visible(content),
    }
}

/// The currency that a field 49 names.
pub fn currency_of(text: Option<&str>) -> Option<Currency> {
    text.and_then(currency)
}

/// The field that says which currency field 4 is in.
const CURRENCY_FIELD: u8 = 49;

/// Every field of the message, ascending.
pub fn describe(message: &Message, dialect: &Dialect, wording: Wording) -> Vec<DescribedField> {
    let currency = message.text(CURRENCY_FIELD).and_then(currency);
    let describe_one = |number, content: &[u8]| match dialect.field(number) {
        Some(field) => DescribedField {
            number,
            name: field.name.clone(),
            label: match wording {
                Wording::Zh => field.zh.clone(),
                Wording::En => field.en.clone(),
            },
            shown: shown(field, content, currency, wording),
        },
        None => {
            DescribedField { number, name: String::new(), label: String::new(), shown: length_only(content, wording) }
        }
    };
    message.iter().map(|(number, value)| describe_one(number, value.as_bytes())).collect()
}

/// Masked by what the field holds. A new kind of content has to be decided upon here before it can be shown.
fn shown(field: &Field, content: &[u8], currency: Option<Currency>, wording: Wording) -> String {
    match field.holds {
        Holds::Pan => masked_digits(content),
        Holds::Track | Holds::PinBlock | Holds::Keys => match wording {
            Wording::Zh => "<不显示>".to_owned(),
            Wording::En => "<hidden>".to_owned(),
        },
        Holds::Expiry => "**/**".to_owned(),
        Holds::Amount => amount(content, currency).unwrap_or_else(|| visible(content)),
        // The Chinese ECB-MAC is eight hexadecimal characters already; written in hexadecimal again nobody knows it.
        Holds::Mac if content.iter().all(u8::is_ascii_hexdigit) => String::from_utf8_lossy(content).into_owned(),
        Holds::Mac => hex::encode(content),
        // Bytes of unknown meaning may be chip data, and chip data has the card number in it.
        Holds::ChipData => length_only(content, wording),
        Holds::Plain if field.class == Class::Bytes || field.has_secret_parts() => length_only(content, wording),
        Holds::Plain | Holds::Stan | Holds::Rrn | Holds::ResponseCode | Holds::Time | Holds::Date => visible(content),
    }
}

fn length_only(content: &[u8], wording: Wording) -> String {
    match wording {
        Wording::Zh => format!("<{} 字节>", content.len()),
        Wording::En => format!("<{} bytes>", content.len()),
    }
}

fn amount(content: &[u8], currency: Option<Currency>) -> Option<String> {
    let all_digits = !content.is_empty() && content.iter().all(u8::is_ascii_digit);
    let minor = std::str::from_utf8(content).ok().filter(|_| all_digits)?.parse().ok()?;
    Some(Amount::new(minor, currency?).to_string())
}

fn currency(code: &str) -> Option<Currency> {
    code.parse().ok().and_then(Currency::from_numeric).or_else(|| Currency::parse(code))
}

/// Text that a stranger sent, safe on a screen: letters of any language as they are, all that could move the cursor,
/// turn the direction of writing or hide as its code.
pub fn visible(content: &[u8]) -> String {
    let mut text = String::with_capacity(content.len());
    for chunk in content.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                ' '..='~' | '\u{3001}'..='\u{3020}' | '\u{FF01}'..='\u{FF60}' => text.push(character),
                // Letters by name, but nothing to see.
                '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => text.extend(character.escape_unicode()),
                _ if character.is_alphanumeric() => text.push(character),
                _ => text.extend(character.escape_unicode()),
            }
        }
        for byte in chunk.invalid() {
            text.push_str("\\x");
            text.push_str(&hex::encode(&[*byte]));
        }
    }
    text
}
