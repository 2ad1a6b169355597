//! Two digits a byte.

/// Where the spare nibble of an odd count stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spare {
    /// In front: the digits are right-justified (`001` is `00 01`).
    Left,
    /// Behind: the digits are left-justified (`021` is `02 10`).
    Right,
}

/// The character of a nibble; nibble D is read as `=`.
pub fn character(nibble: u8) -> Option<u8> {
    match nibble {
        0..=9 => Some(b'0' + nibble),
        0x0D => Some(b'='),
        _ => None,
    }
}

/// The nibbles in order, the spare one left out.
pub fn nibbles(bytes: &[u8], count: usize, spare: Spare) -> impl Iterator<Item = u8> {
    let skipped = if spare == Spare::Left { count % 2 } else { 0 };
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).skip(skipped).take(count)
}

/// Appends the characters of nibbles, the spare one left out: four bytes at a time as long as they are digits. What is
/// neither digit nor separator becomes `?`.
pub(super) fn push_characters(bytes: &[u8], count: usize, spare: Spare, out: &mut Vec<u8>) {
    let one = |nibble: u8| character(nibble).unwrap_or(b'?');
    let is_odd = count % 2 == 1;
    let bytes = bytes.get(..count.div_ceil(2)).unwrap_or(bytes);
    let (first, bytes) = bytes.split_at(usize::from(is_odd && spare == Spare::Left).min(bytes.len()));
    out.extend(first.iter().map(|byte| one(byte & 0x0F)));
    let behind = usize::from(is_odd && spare == Spare::Right).min(bytes.len());
    let (bytes, last) = bytes.split_at(bytes.len() - behind);
    let (fours, rest) = bytes.as_chunks::<4>();
    let pairs = |bytes: &[u8], out: &mut Vec<u8>| {
        bytes.iter().for_each(|byte| out.extend_from_slice(&[one(byte >> 4), one(byte & 0x0F)]));
    };
    for four in fours {
        match unpacked(u32::from_le_bytes(*four)) {
            Some(eight) => out.extend_from_slice(&eight),
            None => pairs(four, out),
        }
    }
    pairs(rest, out);
    out.extend(last.iter().map(|byte| one(byte >> 4)));
}

/// Eight digits of four bytes, the first in the lowest byte; `None` if any of them is no digit.
#[inline]
fn unpacked(four: u32) -> Option<[u8; 8]> {
    let spread = (u64::from(four) | u64::from(four) << 16) & 0x0000_FFFF_0000_FFFF;
    let spread = (spread | spread << 8) & 0x00FF_00FF_00FF_00FF;
    let nibbles = spread >> 4 & 0x000F_000F_000F_000F | (spread & 0x000F_000F_000F_000F) << 8;
    // Six more carries a nibble above nine into the upper half of its byte.
    let is_plain = (nibbles + 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0 == 0;
    is_plain.then(|| (nibbles | 0x3030_3030_3030_3030).to_le_bytes())
}

/// The nibble left out of an odd count.
pub fn spare_nibble(bytes: &[u8], count: usize, spare: Spare) -> Option<u8> {
    match spare {
        _ if count.is_multiple_of(2) => None,
        Spare::Left => bytes.first().map(|byte| byte >> 4),
        Spare::Right => bytes.last().map(|byte| byte & 0x0F),
    }
}

/// The nibble of a character that has been looked at: a digit, or the separator of a track.
#[inline]
fn looked_at(character: u8) -> u8 {
    // `=` is 3D and `D` is 44: neither ends in D by itself, digits end in themselves.
    if character.is_ascii_digit() { character & 0x0F } else { 0x0D }
}

/// Appends digits at the right end of so many bytes, zeros in front.
#[inline]
pub(super) fn digits_right(digits: &[u8], width: usize, out: &mut Vec<u8>) {
    let (first, pairs) = digits.split_at(digits.len() % 2);
    let zeros = width.saturating_sub(digits.len().div_ceil(2));
    if zeros > 0 {
        out.extend(std::iter::repeat_n(0, zeros));
    }
    if let [digit] = first {
        out.push(looked_at(*digit));
    }
    push_pairs(pairs, out);
}

/// Appends an even count of characters, two a byte: eight at a time as long as they are plain.
#[inline]
fn push_pairs(characters: &[u8], out: &mut Vec<u8>) {
    let (eights, rest) = characters.as_chunks::<8>();
    for eight in eights {
        match packed(u64::from_le_bytes(*eight)) {
            Some(four) => out.extend_from_slice(&four),
            None => push_one_by_one(eight, out),
        }
    }
    if !rest.is_empty() {
        push_one_by_one(rest, out);
    }
}

#[inline]
fn push_one_by_one(characters: &[u8], out: &mut Vec<u8>) {
    out.extend(characters.as_chunks::<2>().0.iter().map(|[high, low]| looked_at(*high) << 4 | looked_at(*low)));
}

/// Four bytes of eight characters that all begin with the half byte 3: digits, and `=`, which ends in D as it is to be
/// written. `None` for the separator `D`, which ends in 4. The first character is the lowest byte.
#[inline]
fn packed(eight: u64) -> Option<[u8; 4]> {
    if eight & 0xF0F0_F0F0_F0F0_F0F0 != 0x3030_3030_3030_3030 {
        return None;
    }
    let nibbles = eight & 0x0F0F_0F0F_0F0F_0F0F;
    let pairs = (nibbles << 4 | nibbles >> 8) & 0x00FF_00FF_00FF_00FF;
    let fours = (pairs | pairs >> 8) & 0x0000_FFFF_0000_FFFF;
    Some(((fours | fours >> 16) as u32).to_le_bytes())
}

/// Appends digits at the left end of so many bytes, the filling behind.
#[inline]
pub(super) fn digits_left(digits: &[u8], width: usize, fill: u8, out: &mut Vec<u8>) {
    let (pairs, last) = digits.split_at(digits.len() & !1);
    push_pairs(pairs, out);
    if let [digit] = last {
        out.push(looked_at(*digit) << 4 | fill);
    }
    let missing = width.saturating_sub(digits.len().div_ceil(2));
    if missing > 0 {
        out.extend(std::iter::repeat_n(fill << 4 | fill, missing));
    }
}
