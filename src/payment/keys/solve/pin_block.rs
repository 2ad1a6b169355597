//! Which mistake gives a PIN block.

use crate::payment::card::{Pan, Pin};
use crate::payment::keys::block_cipher::{Algorithm, BlockCipher, xor};
use crate::payment::keys::dukpt::DukptError;
use crate::payment::keys::pin_block::{ClearPinBlock, PinBlockFormat};
use crate::payment::keys::pin_block_wide::WidePinBlock;
use crate::payment::keys::secret_key::Expanded;
use crate::payment::keys::solve::key_source::KeySource;
use crate::payment::keys::solve::mistake::Mistake;
use crate::payment::keys::solve::search::{Choice, Solved, search};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Which digits of the card number, and where.
type PanBlock = Zeroizing<[u8; 8]>;

/// How the PIN stands in its field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PinField {
    Right,
    Zeros,
    NoLength,
    Text,
    DecimalLength,
}

/// What is done with the block.
#[derive(Clone, Copy)]
enum Act {
    Encrypt,
    Decrypt,
    Nothing,
}

/// Looks for the mistakes that give an observed block of eight bytes.
///
/// Formats 1 and 3 hold chance: their blocks are opened and read instead of made again.
pub fn solve(
    source: &KeySource,
    format: PinBlockFormat,
    pin: &Pin,
    pan: &Pan,
    observed: [u8; 8],
) -> Result<Solved, DukptError> {
    let keys = source.choice()?;
    let mut formats = Choice::agreed(format);
    for other in PinBlockFormat::ALL.into_iter().filter(|other| *other != format) {
        formats.or(Mistake::OtherFormat(other), other);
    }
    let pans = pan_blocks(pan);
    let mut fields = Choice::agreed(PinField::Right);
    fields.or(Mistake::PinFilledWithZeros, PinField::Zeros);
    fields.or(Mistake::PinWithoutLength, PinField::NoLength);
    fields.or(Mistake::PinAsText, PinField::Text);
    fields.or(Mistake::PinLengthDecimal, PinField::DecimalLength);
    let mut acts = Choice::agreed(Act::Encrypt);
    acts.or(Mistake::Decrypted, Act::Decrypt);
    acts.or(Mistake::InTheClear, Act::Nothing);
    let choices = [keys.mistakes(), formats.mistakes(), pans.mistakes(), fields.mistakes(), acts.mistakes()];
    Ok(search(&choices, |at| {
        let [key, format, pan, field, act] = at else { return false };
        let ways = (keys.way(*key), formats.way(*format), pans.way(*pan), fields.way(*field), acts.way(*act));
        let (Some(key), Some(format), Some(pan_block), Some(field), Some(act)) = ways else { return false };
        // A key of another cipher has blocks of another size.
        let Expanded::Narrow(key) = key.expand() else { return false };
        let uses_pan = matches!(format, PinBlockFormat::Iso0 | PinBlockFormat::Iso3);
        if !uses_pan && *pan != 0 {
            return false;
        }
        if matches!(format, PinBlockFormat::Iso1 | PinBlockFormat::Iso3) {
            let mut clear = Zeroizing::new(match act {
                Act::Encrypt => key.decrypt(observed),
                Act::Decrypt => key.encrypt(observed),
                Act::Nothing => observed,
            });
            if uses_pan {
                *clear = xor(*clear, **pan_block);
            }
            return *field == PinField::Right && holds(&clear, *format, pin);
        }
        let mut block = pin_field(pin, *format, *field);
        if uses_pan {
            *block = xor(*block, **pan_block);
        }
        let made = match act {
            Act::Encrypt => key.encrypt(*block),
            Act::Decrypt => key.decrypt(*block),
            Act::Nothing => *block,
        };
        made.ct_eq(&observed).into()
    }))
}

/// Looks for the mistakes that give an observed block of format 4.
pub fn solve_wide(source: &KeySource, pin: &Pin, pan: &Pan, observed: [u8; 16]) -> Result<Solved, DukptError> {
    let keys = source.choice()?;
    let digits = pan.clear_digits();
    let mut pans = Choice::agreed(Some(pan.clone()));
    // Thirteen digits at least make a card number; the others cannot be read as one.
    pans.or_if(Mistake::PanBehindFirst, digits.get(1..).and_then(|digits| Pan::parse(digits).ok()).map(Some));
    let without = digits.get(..digits.len() - 1).and_then(|digits| Pan::parse(digits).ok());
    pans.or_if(Mistake::PanLeftmost, without.map(Some));
    let zeros = Zeroizing::new("0".repeat(digits.len()));
    pans.or_if(Mistake::PanZeros, Pan::parse(&zeros).ok().map(Some));
    Ok(search(&[keys.mistakes(), pans.mistakes()], |at| {
        let [key, pan] = at else { return false };
        let (Some(key), Some(Some(pan))) = (keys.way(*key), pans.way(*pan)) else { return false };
        key.algorithm() != Algorithm::Des
            && WidePinBlock::from_bytes(observed).read(key, pan).is_ok_and(|read| read == *pin)
    }))
}

/// True if a block in the clear, the card number taken out, holds the PIN in this format.
fn holds(clear: &[u8; 8], format: PinBlockFormat, pin: &Pin) -> bool {
    let [first, ..] = *clear;
    let mut as_bare = Zeroizing::new(*clear);
    let digit = first >> 4;
    match format {
        PinBlockFormat::Iso1 => digit == 1 && bare(&as_bare, pin),
        _ => {
            // The fill of format 3 is A to F; without the card number it reads as format 1 does.
            let nibbles: Zeroizing<Vec<u8>> =
                Zeroizing::new(clear.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).collect());
            let fill = nibbles.get(2 + pin.clear_digits().len()..).unwrap_or(&[]);
            let well_filled = fill.iter().all(|nibble| *nibble >= 0x0A);
            as_bare.iter_mut().take(1).for_each(|byte| *byte = 0x10 | (*byte & 0x0F));
            digit == 3 && well_filled && bare(&as_bare, pin)
        }
    }
}

/// True if the block reads as format 1 with this PIN.
fn bare(clear: &[u8; 8], pin: &Pin) -> bool {
    // Format 1 does not look at the card number; any serves.
    let Ok(any) = Pan::parse("0000000000000") else { return false };
    ClearPinBlock::from_bytes(*clear).read(PinBlockFormat::Iso1, &any).is_ok_and(|read| read == *pin)
}

/// The PIN in its field, as agreed or not.
fn pin_field(pin: &Pin, format: PinBlockFormat, field: PinField) -> Zeroizing<[u8; 8]> {
    let digits = pin.clear_digits().as_bytes();
    let head = if format == PinBlockFormat::Iso2 { 2 } else { 0 };
    let length = digits.len() as u8;
    let packed = || digits.iter().map(|digit| digit - b'0');
    match field {
        PinField::Right => block([head, length].into_iter().chain(packed()), 0x0F),
        PinField::Zeros => block([head, length].into_iter().chain(packed()), 0),
        PinField::NoLength => block(packed(), 0x0F),
        PinField::Text => block([head, length].into_iter().chain(digits.iter().flat_map(|d| [d >> 4, d & 0x0F])), 0x0F),
        PinField::DecimalLength => block([length / 10, length % 10].into_iter().chain(packed()), 0x0F),
    }
}

/// The card number's block as agreed, and as every known mistake makes it.
fn pan_blocks(pan: &Pan) -> Choice<PanBlock> {
    let digits = pan.clear_digits();
    let count = digits.len();
    let packed = |digits: &str| -> PanBlock { block(digits.bytes().map(|digit| digit - b'0'), 0) };
    let right = |digits: &str| -> PanBlock { packed(&Zeroizing::new(format!("0000{digits}"))) };
    // A card number has thirteen digits at least: twelve and the check digit.
    let slice = |from: usize, to: usize| digits.get(from..to).unwrap_or("");
    let mut choice = Choice::agreed(right(slice(count - 13, count - 1)));
    choice.or(Mistake::PanWithCheckDigit, right(slice(count - 12, count)));
    choice.or(Mistake::PanLeftmost, right(slice(0, 12)));
    choice.or(Mistake::PanBehindFirst, right(slice(1, 13)));
    choice.or(Mistake::PanSixteen, packed(slice(count.saturating_sub(16), count)));
    choice.or(Mistake::PanLeftJustified, packed(slice(count - 13, count - 1)));
    choice.or(Mistake::PanZeros, packed(""));
    let text = slice(count - 13, count - 1).as_bytes();
    let characters = text.iter().rev().take(8).rev().flat_map(|digit| [digit >> 4, digit & 0x0F]);
    choice.or(Mistake::PanAsText, block(characters, 0));
    choice
}

/// Nibbles packed, the rest filled.
fn block(nibbles: impl Iterator<Item = u8>, fill: u8) -> Zeroizing<[u8; 8]> {
    let mut block = Zeroizing::new([0; 8]);
    for (at, nibble) in nibbles.chain(std::iter::repeat(fill)).take(16).enumerate() {
        block.iter_mut().skip(at / 2).take(1).for_each(|byte| *byte |= if at % 2 == 0 { nibble << 4 } else { nibble });
    }
    block
}
