//! Card numbers, tracks, PINs: types that print masked only and leave no trace in memory.
//!
//! None of them can be serialised, and none prints its content: a log line, a panic or a snapshot cannot leak what
//! `Debug` does not show. Each has one method with `clear` in its name; search for that word to find every reader.

use std::fmt;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Why something read from a card or keyed in is not what it should be. Never carries the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CardDataError {
    /// Too short or too long.
    #[error("{found} characters, {min} to {max} expected")]
    Length {
        /// The fewest allowed.
        min: usize,
        /// The most allowed.
        max: usize,
        /// How many there are.
        found: usize,
    },
    /// A character that cannot stand there.
    #[error("the character at {at} cannot stand there")]
    Character {
        /// Counted in bytes from 0.
        at: usize,
    },
    /// No month between 01 and 12.
    #[error("the month is not between 01 and 12")]
    Month,
}

/// Writes equality in constant time and the explicit reader of the clear characters.
macro_rules! clear_characters {
    ($($(#[$about:meta])* $name:ident;)*) => {$(
        $(#[$about])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name(String);

        impl PartialEq for $name {
            fn eq(&self, other: &$name) -> bool {
                self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
            }
        }

        impl Eq for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.masked())
            }
        }
    )*};
}

clear_characters! {
    /// A card number of 13 to 19 digits. Prints as `622202******5678`.
    Pan;
    /// Track 2: card number, `=`, expiry, service code, the issuer's own data.
    Track2;
    /// Track 3. Prints as `<track 3>`.
    Track3;
    /// A PIN of 4 to 12 digits. Prints as `****`, whatever its length.
    Pin;
    /// The three or four digits on the back of a card. Prints as `***`.
    Cvn;
    /// An expiry, YYMM. Prints as `**/**`.
    Expiry;
    /// The three digits of a track that say how a card may be used.
    ServiceCode;
}

impl Pan {
    /// Reads 13 to 19 digits; spaces between them are skipped, as people write card numbers in groups.
    pub fn parse(text: &str) -> Result<Pan, CardDataError> {
        // Room for all of it at once: a string that grows leaves copies behind.
        let mut digits = Pan(String::with_capacity(19));
        let mut found = 0;
        for (at, character) in text.char_indices().filter(|(_, character)| *character != ' ') {
            if !character.is_ascii_digit() {
                return Err(CardDataError::Character { at });
            }
            found += 1;
            if found <= 19 {
                digits.0.push(character);
            }
        }
        if !(13..=19).contains(&found) {
            return Err(CardDataError::Length { min: 13, max: 19, found });
        }
        Ok(digits)
    }

    /// All digits. Only the packer, the PIN-block builder and the simulated issuer call it.
    pub fn clear_digits(&self) -> &str {
        &self.0
    }

    /// The first six digits, a `*` for each hidden one, the last four.
    pub fn masked(&self) -> String {
        masked_digits(self.0.as_bytes())
    }

    /// The first six digits: which bank issued the card.
    pub fn issuer_digits(&self) -> &str {
        self.0.get(..6).unwrap_or("")
    }

    /// The last four digits.
    pub fn last_four(&self) -> &str {
        self.0.len().checked_sub(4).and_then(|from| self.0.get(from..)).unwrap_or("")
    }

    /// True if the check digit is right. Not enforced on reading: private cards exist that have none.
    pub fn passes_luhn(&self) -> bool {
        let sum: u32 = self
            .0
            .bytes()
            .rev()
            .enumerate()
            .map(|(place, byte)| {
                let digit = u32::from(byte - b'0');
                let doubled = digit * 2;
                if place % 2 == 0 {
                    digit
                } else if doubled > 9 {
                    doubled - 9
                } else {
                    doubled
                }
            })
            .sum();
        sum.is_multiple_of(10)
    }
}

/// First six, `*` per hidden digit, last four; all hidden where fewer than 13 characters would leave too little to hide.
pub fn masked_digits(digits: &[u8]) -> String {
    let length = digits.len();
    let shown = |at: usize| length >= 13 && (at < 6 || at + 4 >= length);
    let mut masked = String::with_capacity(length);
    masked.extend(digits.iter().enumerate().map(|(at, byte)| match byte {
        b'0'..=b'9' if shown(at) => char::from(*byte),
        _ => '*',
    }));
    masked
}

impl Track2 {
    /// Reads a track of at most 37 characters: a card number, `=` or `D`, then digits. The signs `;` and `?` around it
    /// may be there. A `D` is kept as `=`.
    pub fn parse(text: &str) -> Result<Track2, CardDataError> {
        let text = text.strip_prefix(';').unwrap_or(text);
        let text = text.strip_suffix('?').unwrap_or(text);
        let length = text.chars().count();
        if !(15..=37).contains(&length) {
            return Err(CardDataError::Length { min: 15, max: 37, found: length });
        }
        let mut track = Track2(String::with_capacity(37));
        let mut separated = false;
        for (at, character) in text.char_indices() {
            match character {
                '0'..='9' => track.0.push(character),
                '=' | 'D' if !separated => {
                    separated = true;
                    track.0.push('=');
                }
                _ => return Err(CardDataError::Character { at }),
            }
        }
        Pan::parse(track.split().0)?;
        if !separated {
            return Err(CardDataError::Character { at: length });
        }
        Ok(track)
    }

    /// The whole track. Only the packer and the simulated issuer call it.
    pub fn clear_characters(&self) -> &str {
        &self.0
    }

    /// The card number in front of the separator.
    pub fn pan(&self) -> Pan {
        // INVARIANT: `parse` has read the number as a Pan.
        Pan(self.split().0.to_owned())
    }

    /// The expiry; `None` where the track has none, or zeros in its place as many domestic debit cards do.
    pub fn expiry(&self) -> Option<Expiry> {
        self.split().1.get(..4).and_then(|yymm| Expiry::parse(yymm).ok())
    }

    /// The three digits behind the expiry, if there.
    pub fn service_code(&self) -> Option<ServiceCode> {
        self.split().1.get(4..7).map(|digits| ServiceCode(digits.to_owned()))
    }

    /// The card number masked, everything behind it hidden.
    pub fn masked(&self) -> String {
        let (pan, rest) = self.split();
        let mut masked = masked_digits(pan.as_bytes());
        masked.reserve_exact(1 + rest.len());
        masked.push('=');
        masked.extend(std::iter::repeat_n('*', rest.len()));
        masked
    }

    fn split(&self) -> (&str, &str) {
        self.0.split_once('=').unwrap_or((&self.0, ""))
    }
}

impl Track3 {
    /// Reads a track of at most 104 digits and `=` or `D`; a `D` is kept as `=`.
    pub fn parse(text: &str) -> Result<Track3, CardDataError> {
        let found = text.chars().count();
        if !(1..=104).contains(&found) {
            return Err(CardDataError::Length { min: 1, max: 104, found });
        }
        let mut track = Track3(String::with_capacity(104));
        for (at, character) in text.char_indices() {
            match character {
                '0'..='9' | '=' => track.0.push(character),
                'D' => track.0.push('='),
                _ => return Err(CardDataError::Character { at }),
            }
        }
        Ok(track)
    }

    /// The whole track. Only the packer and the simulated issuer call it.
    pub fn clear_characters(&self) -> &str {
        &self.0
    }

    /// Nothing of the track.
    pub fn masked(&self) -> String {
        "<track 3>".to_owned()
    }
}

impl Pin {
    /// Reads 4 to 12 digits.
    pub fn parse(text: &str) -> Result<Pin, CardDataError> {
        digits_of(text, 4, 12).map(Pin)
    }

    /// All digits. Only the PIN-block builder and the simulated issuer call it.
    pub fn clear_digits(&self) -> &str {
        &self.0
    }

    /// Four stars: the length of a PIN is a secret too.
    pub fn masked(&self) -> String {
        "****".to_owned()
    }
}

impl Cvn {
    /// Reads three or four digits.
    pub fn parse(text: &str) -> Result<Cvn, CardDataError> {
        digits_of(text, 3, 4).map(Cvn)
    }

    /// All digits. Only the packer and the simulated issuer call it.
    pub fn clear_digits(&self) -> &str {
        &self.0
    }

    /// Three stars.
    pub fn masked(&self) -> String {
        "***".to_owned()
    }
}

impl Expiry {
    /// Reads YYMM.
    pub fn parse(text: &str) -> Result<Expiry, CardDataError> {
        let expiry = Expiry(digits_of(text, 4, 4)?);
        if (1..=12).contains(&expiry.month()) { Ok(expiry) } else { Err(CardDataError::Month) }
    }

    /// YYMM. Only the packer and the simulated issuer call it.
    pub fn clear_digits(&self) -> &str {
        &self.0
    }

    /// True once the month of expiry is over. Two-digit years are of this century.
    pub fn is_past(&self, year: u16, month: u8) -> bool {
        (2000 + u16::from(self.pair(0)), self.month()) < (year, month)
    }

    /// Stars.
    pub fn masked(&self) -> String {
        "**/**".to_owned()
    }

    fn month(&self) -> u8 {
        self.pair(2)
    }

    fn pair(&self, from: usize) -> u8 {
        self.0.get(from..from + 2).and_then(|digits| digits.parse().ok()).unwrap_or(0)
    }
}

impl ServiceCode {
    /// Reads three digits.
    pub fn parse(text: &str) -> Result<ServiceCode, CardDataError> {
        digits_of(text, 3, 3).map(ServiceCode)
    }

    /// All digits.
    pub fn clear_digits(&self) -> &str {
        &self.0
    }

    /// True if the card has a chip, so that its stripe may be read only after the chip has failed.
    pub fn has_chip(&self) -> bool {
        // ISO/IEC 7813: first digit 2 and 6 stand for a chip card, international and national.
        self.0.starts_with(['2', '6'])
    }

    /// Three stars.
    pub fn masked(&self) -> String {
        "***".to_owned()
    }
}

/// Between `min` and `max` ASCII digits and nothing else.
fn digits_of(text: &str, min: usize, max: usize) -> Result<String, CardDataError> {
    if let Some((at, _)) = text.char_indices().find(|(_, character)| !character.is_ascii_digit()) {
        return Err(CardDataError::Character { at });
    }
    if !(min..=max).contains(&text.len()) {
        return Err(CardDataError::Length { min, max, found: text.len() });
    }
    Ok(text.to_owned())
}
