//! The header in front of a message, part by part.

use crate::payment::hex;
use crate::payment::iso8583::dialect::{Framing, HeaderHolds, HeaderPart};
use crate::payment::iso8583::ebcdic::{self, Page};
use crate::payment::iso8583::field::Encoding;
use std::ops::Range;

/// The nibble of a six-byte header without parts that carries the host's command.
const COMMAND_NIBBLE: usize = 5;

/// Where each part is, in nibbles.
pub fn places(parts: &[HeaderPart]) -> impl Iterator<Item = (&HeaderPart, Range<usize>)> {
    parts.iter().scan(0, |at, part| {
        let begin = *at;
        *at += match part.encoding {
            Encoding::Bcd => usize::from(part.length),
            other => 2 * other.width(usize::from(part.length)),
        };
        Some((part, begin..*at))
    })
}

/// Nibbles that the parts take together.
pub fn width(parts: &[HeaderPart]) -> usize {
    places(parts).last().map_or(0, |(_, place)| place.end)
}

/// What a part holds, as text: digits and characters as they are, bytes in hexadecimal.
pub fn text(part: &HeaderPart, place: Range<usize>, header: &[u8]) -> Option<String> {
    let nibbles: Vec<u8> = place.map(|at| nibble(header, at)).collect::<Option<_>>()?;
    let digits = || nibbles.iter().map(|nibble| char::from(hex::digit(*nibble))).collect();
    let bytes = nibbles.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low);
    Some(match part.encoding {
        Encoding::Bcd | Encoding::Binary => digits(),
        Encoding::Ascii | Encoding::HexText => bytes.map(char::from).collect(),
        Encoding::Ebcdic037 => bytes.map(|byte| char::from(ebcdic::character(Page::Cp037, byte))).collect(),
        Encoding::Ebcdic1047 => bytes.map(|byte| char::from(ebcdic::character(Page::Cp1047, byte))).collect(),
    })
}

/// What the host tells the terminal to do next: one digit, 0 for nothing. `None`: what stands there is no digit.
pub fn host_command(framing: &Framing, header: &[u8]) -> Option<u8> {
    let found = places(&framing.header_parts).find(|(part, _)| part.holds == HeaderHolds::HostCommand);
    let command = match found {
        Some((part, place)) => text(part, place, header)?.parse().ok()?,
        None if framing.header_parts.is_empty() && header.len() == 6 => nibble(header, COMMAND_NIBBLE)?,
        None => 0,
    };
    (command <= 9).then_some(command)
}

/// Puts the host's command, the length and, in a reply, the swapped addresses into a header.
pub(super) fn complete(framing: &Framing, header: &mut [u8], host_command: u8, body: usize, reply: bool) {
    let whole = header.len() + body;
    let mut addresses = [None, None];
    for (part, place) in places(&framing.header_parts) {
        match part.holds {
            HeaderHolds::Plain => {}
            HeaderHolds::HostCommand => put(part, place, usize::from(host_command), header),
            HeaderHolds::MessageLength => put(part, place, whole, header),
            HeaderHolds::Target => addresses[0] = Some(place),
            HeaderHolds::Source => addresses[1] = Some(place),
        }
    }
    if framing.header_parts.is_empty() && header.len() == 6 {
        set(header, COMMAND_NIBBLE, host_command);
    }
    if let ([Some(target), Some(source)], true) = (addresses, reply)
        && target.len() == source.len()
    {
        for (one, other) in target.zip(source) {
            let (left, right) = (nibble(header, one).unwrap_or(0), nibble(header, other).unwrap_or(0));
            set(header, one, right);
            set(header, other, left);
        }
    }
}

/// Writes a number into a part, in as many digits as it has.
fn put(part: &HeaderPart, place: Range<usize>, number: usize, header: &mut [u8]) {
    let last = place.end;
    for (power, at) in (place.start..last).rev().enumerate() {
        let digit = |base: usize, power: usize| (number / base.saturating_pow(power as u32) % base) as u8;
        let value = match part.encoding {
            Encoding::Bcd => digit(10, power),
            Encoding::Binary => digit(16, power),
            // A character is two nibbles: 3 or F in front of the digit.
            _ if power % 2 == 0 => digit(10, power / 2),
            Encoding::Ascii | Encoding::HexText => 3,
            Encoding::Ebcdic037 | Encoding::Ebcdic1047 => 0x0F,
        };
        set(header, at, value);
    }
}

fn nibble(bytes: &[u8], at: usize) -> Option<u8> {
    let byte = bytes.get(at / 2)?;
    Some(if at.is_multiple_of(2) { byte >> 4 } else { byte & 0x0F })
}

fn set(bytes: &mut [u8], at: usize, value: u8) {
    if let Some(byte) = bytes.get_mut(at / 2) {
        *byte = if at.is_multiple_of(2) { *byte & 0x0F | value << 4 } else { *byte & 0xF0 | value & 0x0F };
    }
}
