//! A merchant number: 15 characters, field 42.

/// Its parts: institution 3, region 4, trade 4, serial 4.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MerchantNumber(String);

/// Why a text is no merchant number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFault {
    /// It has so many characters, not 15.
    Length(usize),
    /// The character at this place, counted from 1, is neither a digit nor a Latin letter.
    Character(usize),
    /// There is a letter at this place, counted from 1: only the last four may be letters.
    Letter(usize),
}

/// Characters of a merchant number.
pub const LENGTH: usize = 15;
/// From here on letters have been seen on slips.
const SERIAL: usize = 11;

impl MerchantNumber {
    /// Reads a number; white space and hyphens, which people put in, are left out.
    pub fn read(text: &str) -> Result<MerchantNumber, NumberFault> {
        let characters: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if characters.len() != LENGTH {
            return Err(NumberFault::Length(characters.len()));
        }
        for (at, character) in characters.iter().enumerate() {
            if !character.is_ascii_alphanumeric() {
                return Err(NumberFault::Character(at + 1));
            }
            if at < SERIAL && !character.is_ascii_digit() {
                return Err(NumberFault::Letter(at + 1));
            }
        }
        Ok(MerchantNumber(characters.into_iter().collect::<String>().to_ascii_uppercase()))
    }

    /// All of it.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// Characters 1 to 3: the acquirer.
    pub fn institution(&self) -> &str {
        &self.0[..3]
    }

    /// Characters 4 to 7: the region.
    pub fn region(&self) -> &str {
        &self.0[3..7]
    }

    /// Characters 8 to 11: the trade, or digits of the acquirer's own.
    pub fn trade(&self) -> &str {
        &self.0[7..SERIAL]
    }

    /// Characters 12 to 15: the serial number.
    pub fn serial(&self) -> &str {
        &self.0[SERIAL..]
    }
}
