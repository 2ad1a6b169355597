//! Two digits a byte.

/// Where the spare nibble of an odd count stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spare {
    /// In front: the digits are right-justified (`001` is `00 01`).
    Left,
    /// Behind: the digits are left-justified (`021` is `02 10`).
    Right,
}

/// The nibble of a character; `=` and `D` of a track are both nibble D.
pub fn nibble(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'=' | b'D' => Some(0x0D),
        _ => None,
    }
}

/// The character of a nibble; nibble D is read as `=`.
pub fn character(nibble: u8) -> Option<u8> {
    match nibble {
        0..=9 => Some(b'0' + nibble),
        0x0D => Some(b'='),
        _ => None,
    }
}

/// Appends the characters, a zero in the spare nibble; `false` if one of them has no nibble.
#[must_use]
pub fn write(characters: &[u8], spare: Spare, out: &mut Vec<u8>) -> bool {
    let odd = characters.len() % 2 == 1;
    let front = (odd && spare == Spare::Left).then_some(b'0');
    let behind = (odd && spare == Spare::Right).then_some(b'0');
    let mut high = None;
    for character in front.into_iter().chain(characters.iter().copied()).chain(behind) {
        let Some(low) = nibble(character) else {
            return false;
        };
        high = match high {
            None => Some(low),
            Some(high) => {
                out.push(high << 4 | low);
                None
            }
        };
    }
    true
}

/// The nibbles in order, the spare one left out.
pub fn nibbles(bytes: &[u8], count: usize, spare: Spare) -> impl Iterator<Item = u8> {
    let skipped = if spare == Spare::Left { count % 2 } else { 0 };
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).skip(skipped).take(count)
}

/// The nibble left out of an odd count.
pub fn spare_nibble(bytes: &[u8], count: usize, spare: Spare) -> Option<u8> {
    match spare {
        _ if count.is_multiple_of(2) => None,
        Spare::Left => bytes.first().map(|byte| byte >> 4),
        Spare::Right => bytes.last().map(|byte| byte & 0x0F),
    }
}
