//! One field as the codec sees it: everything decided that can be decided before a message is there.

use crate::payment::hex;
use crate::payment::iso8583::bcd;
use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem};
use crate::payment::iso8583::ebcdic::{self, CP037, CP1047, Page};
use crate::payment::iso8583::field::{Class, Counts, Encoding, Field, Length, Padding};
use crate::payment::iso8583::number::NumberForm;
use crate::payment::iso8583::pack_error::PackError;
use crate::payment::iso8583::reader::{Place, Reader};

/// What a byte can be, one bit each.
const DIGIT: u8 = 1;
const ALPHANUMERIC: u8 = 2;
const TRACK: u8 = 4;
const PAIR: u8 = 8;
const TRACK_PAIR: u8 = 16;
const HEX: u8 = 32;

/// What each byte is, read as ASCII or as two nibbles.
const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        let (high, low) = (byte >> 4, byte & 0x0F);
        let track = (high <= 9 || high == 0x0D) && (low <= 9 || low == 0x0D);
        kinds[at] = ((byte.is_ascii_digit() as u8) * DIGIT)
            | (((byte.is_ascii_alphanumeric() || byte == b' ') as u8) * ALPHANUMERIC)
            | (((byte.is_ascii_digit() || byte == b'=' || byte == b'D') as u8) * TRACK)
            | (((high <= 9 && low <= 9) as u8) * PAIR)
            | ((track as u8) * TRACK_PAIR)
            | ((byte.is_ascii_hexdigit() as u8) * HEX);
        at += 1;
    }
    kinds
};
const KINDS_037: [u8; 256] = through(&CP037);
const KINDS_1047: [u8; 256] = through(&CP1047);

const fn through(page: &[u8; 256]) -> [u8; 256] {
    let mut kinds = [0; 256];
    let mut at = 0;
    while at < 256 {
        kinds[at] = KINDS[page[at] as usize];
        at += 1;
    }
    kinds
}

/// Are these bytes all of that kind? Without a branch per byte: the place is looked for only when one is not.
#[inline]
fn all_of(kinds: &[u8; 256], kind: u8, bytes: &[u8]) -> bool {
    bytes.iter().fold(kind, |all, byte| all & kinds[usize::from(*byte)]) == kind
}

/// Eight bytes of ASCII digits, or all but digits in the high half of each byte.
#[inline]
fn eight_digits(eight: u64) -> bool {
    const HIGH: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    eight & HIGH == ZEROS && eight.wrapping_add(0x0606_0606_0606_0606) & HIGH == ZEROS
}

/// Sixteen nibbles that are digits: none has its highest bit set beside the second or the third.
#[inline]
fn sixteen_digits(eight: u64) -> bool {
    const TOP: u64 = 0x8888_8888_8888_8888;
    eight & (eight << 1 | eight << 2) & TOP == 0
}

/// Are these bytes good, eight at a time? The last eight overlap those before; `filling` stands for a byte that is good.
#[inline]
fn by_eight(bytes: &[u8], filling: u8, good: impl Fn(u64) -> bool) -> bool {
    if let Some(last) = bytes.last_chunk::<8>() {
        return bytes.as_chunks::<8>().0.iter().all(|eight| good(u64::from_le_bytes(*eight)))
            && good(u64::from_le_bytes(*last));
    }
    let filled = u64::from(filling) * 0x0101_0101_0101_0101;
    match (bytes.first_chunk::<4>(), bytes.first_chunk::<2>(), bytes) {
        (Some(first), ..) => {
            let last = bytes.last_chunk::<4>().map_or(0, |last| u32::from_le_bytes(*last));
            good(u64::from(last) << 32 | u64::from(u32::from_le_bytes(*first)))
        }
        (None, Some(first), _) => {
            let last = bytes.last_chunk::<2>().map_or(0, |last| u16::from_le_bytes(*last));
            good(filled << 32 | u64::from(last) << 16 | u64::from(u16::from_le_bytes(*first)))
        }
        (None, None, &[byte]) => good(filled << 8 | u64::from(byte)),
        _ => true,
    }
}

/// Are these bytes ASCII digits?
#[inline]
fn all_digits(bytes: &[u8]) -> bool {
    by_eight(bytes, b'0', eight_digits)
}

/// Are these bytes two digits each?
#[inline]
fn all_pairs(bytes: &[u8]) -> bool {
    by_eight(bytes, 0, sixteen_digits)
}

/// How the bytes of a field are looked at before they are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// Any byte will do.
    Any,
    /// Each byte must be of this kind.
    Kind(u8),
    /// Pairs of nibbles of this kind, one of which may be spare.
    Nibbles(u8),
    /// Character by character.
    Each,
    /// There is no such way of writing.
    Impossible,
}

/// A field, compiled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) max: u16,
    /// Bytes on the wire of a field of fixed length.
    width: u16,
    pub(super) encoding: Encoding,
    pub(super) class: Class,
    pub(super) padding: Padding,
    counts: Counts,
    /// Form and digits of the length in front; 0 digits: fixed.
    prefix: NumberForm,
    pub(super) digits: u8,
    prefix_width: u8,
    pub(super) fixed: bool,
    look: Look,
    spare_left: bool,
}

/// Where the bytes of a field are, length in front left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
    /// Digits, characters or bytes.
    pub units: u32,
}

impl Row {
    /// Bytes that a field may take, length in front included: what is written there never grows and leaves card data behind.
    #[inline]
    pub(super) fn room_for(&self, value: &[u8]) -> usize {
        2 * value.len().max(if self.fixed { usize::from(self.max) } else { 0 }) + 4
    }

    /// Compiles a field; `lengths` is what the dialect says about lengths.
    pub(super) fn new(field: &Field, lengths: NumberForm) -> Row {
        let max = field.length.max();
        let (fixed, digits, prefix, counts) = match field.length {
            Length::Fixed { .. } => (true, 0, lengths, Counts::Units),
            Length::Variable { digits, prefix, counts, .. } => (false, digits, prefix.unwrap_or(lengths), counts),
        };
        let kind = match field.class {
            Class::Digits => Some(DIGIT),
            Class::Alphanumeric => Some(ALPHANUMERIC),
            Class::Track => Some(TRACK),
            Class::Text | Class::Bytes => None,
            Class::SignedDigits => Some(0),
        };
        let look = match (field.encoding, field.class) {
            _ if !fixed && !(1..=4).contains(&digits) => Look::Impossible,
            (Encoding::Bcd, Class::Digits) => Look::Nibbles(PAIR),
            (Encoding::Bcd, Class::Track) => Look::Nibbles(TRACK_PAIR),
            // A sign in ASCII, then pairs of digits.
            (Encoding::Bcd, Class::SignedDigits) if fixed && max % 2 == 1 => Look::Each,
            (Encoding::Bcd, _) => Look::Impossible,
            (_, Class::SignedDigits) => Look::Each,
            (Encoding::HexText, Class::Bytes) => Look::Kind(HEX),
            (Encoding::HexText, _) => Look::Each,
            _ => kind.map_or(Look::Any, Look::Kind),
        };
        Row {
            max,
            width: width(field.encoding, field.class, usize::from(max)).min(usize::from(u16::MAX)) as u16,
            encoding: field.encoding,
            class: field.class,
            padding: field.padding,
            counts,
            prefix,
            digits,
            prefix_width: prefix.width(digits) as u8,
            fixed,
            look,
            spare_left: field.padding == Padding::ZerosLeft,
        }
    }

    fn kinds(&self) -> &'static [u8; 256] {
        match self.encoding {
            Encoding::Ebcdic037 => &KINDS_037,
            Encoding::Ebcdic1047 => &KINDS_1047,
            _ => &KINDS,
        }
    }

    /// Finds where the field ends. What its bytes hold is not looked at yet.
    pub(super) fn measure<'a>(&self, place: Place, reader: &mut Reader<'a>) -> Result<(Span, &'a [u8]), DecodeError> {
        let (units, width) =
            if self.fixed { (usize::from(self.max), usize::from(self.width)) } else { self.announced(place, reader)? };
        let start = reader.offset();
        let raw = reader.take(width, place)?;
        Ok((Span { start: start as u32, end: (start + width) as u32, units: units as u32 }, raw))
    }

    /// Reads the length in front: units and bytes.
    fn announced(&self, place: Place, reader: &mut Reader<'_>) -> Result<(usize, usize), DecodeError> {
        let begin = reader.offset();
        if self.look == Look::Impossible {
            return Err(place.error(DecodeProblem::Unreadable, begin, 0, 0));
        }
        let bytes = reader.take(usize::from(self.prefix_width), place)?;
        let count = match self.prefix.read(bytes) {
            Ok(count) => count,
            Err(at) => return Err(place.error(DecodeProblem::Digit, begin + at, 1, 1)),
        };
        let (units, width) = match self.counts {
            Counts::Units => (count, self.encoding.width(count)),
            Counts::Bytes => (self.encoding.units(count), count),
        };
        let max = usize::from(self.max);
        // Half a byte more than an odd greatest length is its spare nibble.
        let most = if self.counts == Counts::Bytes { self.encoding.units(self.encoding.width(max)) } else { max };
        if units > most {
            return Err(place.error(DecodeProblem::TooLong, begin, max, units));
        }
        if self.counts == Counts::Bytes && self.encoding == Encoding::HexText && !count.is_multiple_of(2) {
            return Err(place.error(DecodeProblem::OddCount, begin, 2, 1));
        }
        Ok((units, width))
    }

    /// Where a field is that begins at this byte, if all about it is good and plain; `None`: look with `measure` and `look`,
    /// which say what is wrong, or see to what is rare.
    #[inline(always)]
    pub(super) fn glance(&self, body: &[u8], at: usize) -> Option<Span> {
        let (start, units, width) = if self.fixed {
            (at, usize::from(self.max), usize::from(self.width))
        } else {
            let start = at + usize::from(self.prefix_width);
            let count = self.prefix.read(body.get(at..start)?).ok()?;
            if count > usize::from(self.max) || self.counts == Counts::Bytes {
                return None;
            }
            (start, count, self.encoding.width(count))
        };
        let end = start + width;
        let raw = body.get(start..end)?;
        self.is_good(units, raw).then_some(Span { start: start as u32, end: end as u32, units: units as u32 })
    }

    /// Are the bytes plainly what the class and the encoding allow?
    #[inline(always)]
    fn is_good(&self, units: usize, raw: &[u8]) -> bool {
        match self.look {
            Look::Any => true,
            Look::Kind(DIGIT) if self.encoding == Encoding::Ascii => all_digits(raw),
            Look::Kind(kind) => all_of(self.kinds(), kind, raw),
            // All digits, the spare one too. In a fixed field that one has to be zero; what else may fill it is seen to
            // where there is time.
            Look::Nibbles(kind) => {
                let digits = if kind == PAIR { all_pairs(raw) } else { all_of(&KINDS, kind, raw) };
                digits && (!self.fixed || units.is_multiple_of(2) || self.spare_is_zero(raw))
            }
            Look::Each | Look::Impossible => false,
        }
    }

    /// Looks at the bytes of a field: is each what the class and the encoding allow?
    pub(super) fn look(&self, place: Place, span: Span, raw: &[u8]) -> Result<(), DecodeError> {
        let by_bytes = self.counts == Counts::Bytes && self.encoding == Encoding::Bcd;
        if !by_bytes && self.is_good(span.units as usize, raw) { Ok(()) } else { self.look_closely(place, span, raw) }
    }

    /// Character by character; finds the place of the one that is wrong, if one is.
    #[inline(never)]
    fn look_closely(&self, place: Place, span: Span, raw: &[u8]) -> Result<(), DecodeError> {
        let start = span.start as usize;
        match self.look {
            Look::Any => Ok(()),
            Look::Impossible => Err(place.error(DecodeProblem::Unreadable, start, 0, 0)),
            Look::Nibbles(_) => self.look_at_nibbles(place, span, raw),
            Look::Kind(kind) if self.encoding == Encoding::HexText => {
                match raw.iter().position(|byte| KINDS[usize::from(*byte)] & kind == 0) {
                    None => Ok(()),
                    Some(at) => Err(place.error(DecodeProblem::HexadecimalDigit, start + at / 2 * 2, 2, 2)),
                }
            }
            Look::Kind(_) | Look::Each => {
                let mut characters = zeroize::Zeroizing::new(Vec::with_capacity(raw.len()));
                self.characters(span, raw, &mut characters);
                if self.encoding == Encoding::HexText
                    && let Some(at) = raw.iter().position(|byte| !byte.is_ascii_hexdigit())
                {
                    return Err(place.error(DecodeProblem::HexadecimalDigit, start + at / 2 * 2, 2, 2));
                }
                let kept = self.without_filling(&characters);
                match kept.iter().enumerate().position(|(at, character)| !self.class.allows(at, *character)) {
                    None => Ok(()),
                    Some(at) => {
                        let before = width(self.encoding, self.class, at + 1).saturating_sub(1);
                        Err(place.error(DecodeProblem::Character, start + before, 1, 1))
                    }
                }
            }
        }
    }

    fn look_at_nibbles(&self, place: Place, span: Span, raw: &[u8]) -> Result<(), DecodeError> {
        let start = span.start as usize;
        let count = span.units as usize;
        let spare = self.spare();
        // What fills the last nibble of a variable field differs between hosts and means nothing. In a fixed field
        // it shows that the other side justifies differently: `0021` for entry mode 021 would be read as 002.
        let filled = bcd::spare_nibble(raw, count, spare).filter(|nibble| self.fixed && !matches!(nibble, 0 | 0x0F));
        if filled.is_some() {
            return Err(place.error(DecodeProblem::SpareNibble, start, raw.len(), raw.len()));
        }
        let skipped = usize::from(spare == bcd::Spare::Left && count % 2 == 1);
        let counted = self.nibble_count(span, raw);
        if counted > usize::from(self.max) {
            return Err(place.error(DecodeProblem::TooLong, start, usize::from(self.max), counted));
        }
        for (at, nibble) in bcd::nibbles(raw, counted, spare).enumerate() {
            let good = bcd::character(nibble).is_some_and(|c| self.class == Class::Track || c.is_ascii_digit());
            if !good {
                return Err(place.error(DecodeProblem::Digit, start + (at + skipped) / 2, 1, 1));
            }
        }
        Ok(())
    }

    /// How many nibbles are digits: all that the length counts, without an F that fills up where the length counts bytes.
    fn nibble_count(&self, span: Span, raw: &[u8]) -> usize {
        let units = span.units as usize;
        let filled = self.counts == Counts::Bytes && raw.last().is_some_and(|byte| byte & 0x0F == 0x0F);
        units - usize::from(filled && units > 0)
    }

    #[inline]
    fn spare_is_zero(&self, raw: &[u8]) -> bool {
        let spare =
            if self.spare_left { raw.first().map(|byte| byte >> 4) } else { raw.last().map(|byte| byte & 0x0F) };
        spare == Some(0)
    }

    /// Where a field of odd length has its spare nibble.
    fn spare(&self) -> bcd::Spare {
        if self.spare_left { bcd::Spare::Left } else { bcd::Spare::Right }
    }

    /// Appends the characters or bytes of a field that has been looked at, filling included.
    pub(super) fn characters(&self, span: Span, raw: &[u8], out: &mut Vec<u8>) {
        match self.encoding {
            Encoding::Ascii | Encoding::Binary => out.extend_from_slice(raw),
            Encoding::Ebcdic037 => out.extend(raw.iter().map(|byte| ebcdic::character(Page::Cp037, *byte))),
            Encoding::Ebcdic1047 => out.extend(raw.iter().map(|byte| ebcdic::character(Page::Cp1047, *byte))),
            Encoding::HexText => out.extend(raw.as_chunks::<2>().0.iter().map(|pair| {
                let [high, low] = pair.map(|digit| hex::nibble(digit).unwrap_or(0));
                high << 4 | low
            })),
            Encoding::Bcd if self.class == Class::SignedDigits => {
                let (sign, pairs) = raw.split_at(raw.len().min(1));
                out.extend_from_slice(sign);
                let digits = (span.units as usize).saturating_sub(1);
                bcd::push_characters(pairs, digits, bcd::Spare::Left, out);
            }
            Encoding::Bcd => {
                bcd::push_characters(raw, self.nibble_count(span, raw), self.spare(), out);
            }
        }
    }

    /// What is read of a field's characters: without the spaces that may fill it.
    pub(super) fn without_filling<'a>(&self, characters: &'a [u8]) -> &'a [u8] {
        // Bytes that end in 20 are no filling.
        if self.fixed && self.padding == Padding::SpacesRight && self.class != Class::Bytes {
            let end = characters.iter().rposition(|character| *character != b' ').map_or(0, |last| last + 1);
            characters.get(..end).unwrap_or(characters)
        } else {
            characters
        }
    }

    /// Appends a field: its length where it has one, then its value, filled to its place.
    #[inline]
    pub(super) fn write(&self, number: u8, value: &[u8], out: &mut Vec<u8>) -> Result<(), PackError> {
        self.check(number, value)?;
        if self.fixed {
            self.write_fixed(number, value, out)
        } else {
            let count = match self.counts {
                Counts::Units => value.len(),
                // Counted in bytes, an odd digit more could not be told from its filling, unless that is an F.
                Counts::Bytes
                    if self.encoding == Encoding::Bcd && value.len() % 2 == 1 && self.padding != Padding::FRight =>
                {
                    return Err(PackError::TooShort { number, needed: value.len() + 1, found: value.len() });
                }
                Counts::Bytes => self.encoding.width(value.len()),
            };
            self.prefix.write(count, self.digits, out).ok_or(PackError::Unwritable { number })?;
            match self.encoding {
                Encoding::Bcd if self.spare_left => bcd::digits_right(value, value.len().div_ceil(2), out),
                Encoding::Bcd => bcd::digits_left(value, value.len().div_ceil(2), self.fill(), out),
                _ => self.write_characters(value, out),
            }
            Ok(())
        }
    }

    fn fill(&self) -> u8 {
        if self.padding == Padding::FRight { 0x0F } else { 0 }
    }

    /// Refuses what the field's class, encoding or greatest length does not allow.
    #[inline]
    fn check(&self, number: u8, value: &[u8]) -> Result<(), PackError> {
        let good = self.look != Look::Impossible
            && match self.class {
                Class::Digits => all_digits(value),
                Class::Alphanumeric => all_of(&KINDS, ALPHANUMERIC, value),
                Class::Track => all_of(&KINDS, TRACK, value),
                Class::Text | Class::Bytes => true,
                Class::SignedDigits => false,
            };
        if !good {
            self.check_closely(number, value)?;
        }
        let (max, found) = (usize::from(self.max), value.len());
        if found > max { Err(PackError::TooLong { number, max, found }) } else { Ok(()) }
    }

    /// Finds the place of a character that the class does not allow, if there is one.
    #[cold]
    fn check_closely(&self, number: u8, value: &[u8]) -> Result<(), PackError> {
        if self.look == Look::Impossible {
            return Err(PackError::Unwritable { number });
        }
        match value.iter().enumerate().position(|(place, byte)| !self.class.allows(place, *byte)) {
            Some(place) => Err(PackError::Character { number, place }),
            None => Ok(()),
        }
    }

    #[inline]
    fn write_fixed(&self, number: u8, value: &[u8], out: &mut Vec<u8>) -> Result<(), PackError> {
        let max = usize::from(self.max);
        let missing = max.saturating_sub(value.len());
        if missing > 0 {
            self.may_be_filled(number, value)?;
        }
        if self.encoding == Encoding::Bcd {
            let width = usize::from(self.width);
            match self.padding {
                _ if self.class == Class::SignedDigits => {
                    let (sign, digits) = value.split_at(value.len().min(1));
                    out.extend_from_slice(sign);
                    bcd::digits_right(digits, width.saturating_sub(1), out);
                }
                Padding::ZerosLeft => bcd::digits_right(value, width, out),
                _ => bcd::digits_left(value, width, self.fill(), out),
            }
            return Ok(());
        }
        if missing == 0 {
            self.write_characters(value, out);
            return Ok(());
        }
        let zero = if self.class == Class::Bytes { 0 } else { b'0' };
        match self.padding {
            Padding::ZerosLeft => {
                let sign = usize::from(self.class == Class::SignedDigits).min(value.len());
                let (front, digits) = value.split_at(sign);
                self.write_characters(front, out);
                self.write_filling(zero, missing, out);
                self.write_characters(digits, out);
            }
            Padding::SpacesRight => {
                self.write_characters(value, out);
                self.write_filling(b' ', missing, out);
            }
            Padding::ZerosRight | Padding::None | Padding::FRight => {
                self.write_characters(value, out);
                self.write_filling(zero, missing, out);
            }
        }
        Ok(())
    }

    /// A value shorter than its place: may it be filled?
    #[cold]
    fn may_be_filled(&self, number: u8, value: &[u8]) -> Result<(), PackError> {
        let too_short = PackError::TooShort { number, needed: usize::from(self.max), found: value.len() };
        match self.padding {
            Padding::None | Padding::FRight => Err(too_short),
            // Nothing at all is no number: it must not go out as zero.
            Padding::ZerosLeft | Padding::ZerosRight if value.is_empty() => Err(too_short),
            // Bytes that end in 20 could not be told from filled ones.
            Padding::SpacesRight if self.class == Class::Bytes => Err(too_short),
            Padding::SpacesRight if self.encoding == Encoding::Bcd => Err(PackError::Unwritable { number }),
            Padding::ZerosLeft | Padding::ZerosRight | Padding::SpacesRight => Ok(()),
        }
    }

    fn write_filling(&self, character: u8, count: usize, out: &mut Vec<u8>) {
        match self.encoding {
            Encoding::HexText => {
                let digits = [hex::digit(character >> 4), hex::digit(character)];
                out.extend(std::iter::repeat_n(digits, count).flatten());
            }
            Encoding::Ebcdic037 => out.extend(std::iter::repeat_n(ebcdic::byte(Page::Cp037, character), count)),
            Encoding::Ebcdic1047 => out.extend(std::iter::repeat_n(ebcdic::byte(Page::Cp1047, character), count)),
            Encoding::Ascii | Encoding::Binary | Encoding::Bcd => out.extend(std::iter::repeat_n(character, count)),
        }
    }

    #[inline]
    fn write_characters(&self, characters: &[u8], out: &mut Vec<u8>) {
        match self.encoding {
            Encoding::Ascii | Encoding::Binary | Encoding::Bcd => out.extend_from_slice(characters),
            Encoding::HexText => {
                out.extend(characters.iter().flat_map(|byte| [hex::digit(byte >> 4), hex::digit(*byte)]));
            }
            Encoding::Ebcdic037 => out.extend(characters.iter().map(|c| ebcdic::byte(Page::Cp037, *c))),
            Encoding::Ebcdic1047 => out.extend(characters.iter().map(|c| ebcdic::byte(Page::Cp1047, *c))),
        }
    }
}

/// Bytes on the wire of so many digits or characters; a sign in front of BCD digits has a byte of its own.
fn width(encoding: Encoding, class: Class, units: usize) -> usize {
    match (encoding, class, units) {
        (Encoding::Bcd, Class::SignedDigits, 1..) => 1 + encoding.width(units - 1),
        _ => encoding.width(units),
    }
}
