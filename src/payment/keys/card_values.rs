//! What an issuer computes from a card number: CVV, PVV, and PINs by IBM 3624.

use crate::payment::card::{Pan, Pin};
use crate::payment::keys::cipher::{KeyBytes, KeyError};
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a value cannot be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CardValueError {
    /// The key is not of two parts.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An input of another length, or with other characters than digits.
    #[error("{what} has to be {needed} digits")]
    Digits {
        /// Which input.
        what: &'static str,
        /// How many.
        needed: usize,
    },
    /// The PIN is shorter or longer than the method takes.
    #[error("the PIN has to have {needed} digits or more")]
    PinLength {
        /// The fewest digits.
        needed: usize,
    },
}

/// Which of the four digits of expiry comes first, and what stands where the service code does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardCheck {
    /// On the stripe: the service code of the track.
    Cvv,
    /// On the back: `000` instead of the service code.
    Cvv2,
    /// In the chip: `999` instead of the service code.
    Icvv,
}

/// The check digits of a card (CVV, CVC): three digits. `expiry` is four digits in the order the issuer uses, mostly YYMM
/// for the stripe and MMYY for the back; `service` three.
pub fn cvv(key: &KeyBytes, pan: &Pan, expiry: &str, service: &str) -> Result<Zeroizing<String>, CardValueError> {
    if key.length() != 16 {
        return Err(KeyError::SinglePart.into());
    }
    digits("the expiry", expiry, 4)?;
    digits("the service code", service, 3)?;
    let text = Zeroizing::new(format!("{}{expiry}{service}", pan.clear_digits()));
    let mut blocks = Zeroizing::new([0_u8; 16]);
    for (at, digit) in text.bytes().enumerate().take(32) {
        let nibble = digit - b'0';
        blocks.iter_mut().skip(at / 2).take(1).for_each(|byte| *byte |= if at % 2 == 0 { nibble << 4 } else { nibble });
    }
    let [first, second] = blocks.as_chunks::<8>().0 else { unreachable!("sixteen bytes are two blocks") };
    let mut middle = key.first_part().encrypt_block(*first);
    middle.iter_mut().zip(second).for_each(|(to, from)| *to ^= from);
    Ok(decimal(&key.encrypt_block(middle), 3))
}

/// The PIN verification value of Visa's method: four digits. `index` is one digit that names the key; of a PIN the first
/// four digits count.
pub fn pvv(key: &KeyBytes, pan: &Pan, index: &str, pin: &Pin) -> Result<Zeroizing<String>, CardValueError> {
    if key.length() != 16 {
        return Err(KeyError::SinglePart.into());
    }
    digits("the key index", index, 1)?;
    let number = pan.clear_digits();
    let without_check = number.get(..number.len() - 1).unwrap_or("");
    let rightmost = without_check.get(without_check.len().saturating_sub(11)..).unwrap_or("");
    let four = pin.clear_digits().get(..4).ok_or(CardValueError::PinLength { needed: 4 })?;
    let text = Zeroizing::new(format!("{rightmost}{index}{four}"));
    Ok(decimal(&key.encrypt_block(*block_of(&text)), 4))
}

/// Turns hexadecimal digits of an encrypted block into PIN digits: sixteen digits, one for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecimalisationTable([u8; 16]);

impl Default for DecimalisationTable {
    fn default() -> DecimalisationTable {
        DecimalisationTable([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5])
    }
}

impl DecimalisationTable {
    /// Reads sixteen digits.
    pub fn parse(text: &str) -> Result<DecimalisationTable, CardValueError> {
        digits("the decimalisation table", text, 16)?;
        let mut table = DecimalisationTable::default();
        table.0.iter_mut().zip(text.bytes()).for_each(|(to, digit)| *to = digit - b'0');
        Ok(table)
    }
}

/// The PIN that belongs to a card by IBM 3624, before any offset: `length` digits, 4 to 12.
///
/// `validation` is sixteen hexadecimal digits made from the card number as the issuer agreed, mostly its rightmost digits.
pub fn natural_pin(
    key: &KeyBytes,
    validation: [u8; 8],
    table: &DecimalisationTable,
    length: usize,
) -> Result<Pin, CardValueError> {
    if !(4..=12).contains(&length) {
        return Err(CardValueError::PinLength { needed: 4 });
    }
    let block = Zeroizing::new(key.encrypt_block(validation));
    let mut digits = Zeroizing::new(String::with_capacity(16));
    for nibble in block.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).take(length) {
        digits.push(char::from(b'0' + table.0.get(usize::from(nibble)).copied().unwrap_or(0)));
    }
    Pin::parse(&digits).map_err(|_| CardValueError::PinLength { needed: 4 })
}

/// What has to be added to the natural PIN, digit by digit, to give the PIN the customer chose.
pub fn pin_offset(natural: &Pin, chosen: &Pin) -> Result<String, CardValueError> {
    combined(natural, chosen.clear_digits(), |natural, chosen| (chosen + 10 - natural) % 10)
}

/// The PIN that natural PIN and offset give.
pub fn pin_from_offset(natural: &Pin, offset: &str) -> Result<Pin, CardValueError> {
    digits("the offset", offset, natural.clear_digits().len())?;
    let digits = Zeroizing::new(combined(natural, offset, |natural, offset| (natural + offset) % 10)?);
    Pin::parse(&digits).map_err(|_| CardValueError::PinLength { needed: 4 })
}

fn combined(natural: &Pin, other: &str, act: impl Fn(u8, u8) -> u8) -> Result<String, CardValueError> {
    let natural = natural.clear_digits();
    if natural.len() != other.len() {
        return Err(CardValueError::PinLength { needed: natural.len() });
    }
    Ok(natural.bytes().zip(other.bytes()).map(|(n, o)| char::from(b'0' + act(n - b'0', o - b'0'))).collect())
}

/// Sixteen digits as eight bytes.
fn block_of(text: &str) -> Zeroizing<[u8; 8]> {
    let mut block = Zeroizing::new([0; 8]);
    for (to, pair) in block.iter_mut().zip(text.as_bytes().as_chunks::<2>().0) {
        let [high, low] = pair;
        *to = (high - b'0') << 4 | (low - b'0');
    }
    block
}

/// The decimal digits of a block, left to right; then, if they do not suffice, its letters less ten.
fn decimal(block: &[u8; 8], length: usize) -> Zeroizing<String> {
    let nibbles = || block.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
    let letters = nibbles().filter(|nibble| *nibble > 9).map(|nibble| nibble - 10);
    let all = nibbles().filter(|nibble| *nibble < 10).chain(letters);
    Zeroizing::new(all.take(length).map(|digit| char::from(b'0' + digit)).collect())
}

fn digits(what: &'static str, text: &str, needed: usize) -> Result<(), CardValueError> {
    if text.len() == needed && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(());
    }
    Err(CardValueError::Digits { what, needed })
}
