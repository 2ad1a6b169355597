//! Bytes as hexadecimal text.

use zeroize::Zeroizing;

const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// The character of the low nibble, in capitals.
pub fn digit(nibble: u8) -> u8 {
    DIGITS[usize::from(nibble & 0x0F)]
}

/// The nibble a character stands for; both cases are read.
pub fn nibble(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'A'..=b'F' => Some(character - b'A' + 10),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

/// Two characters a byte, in capitals.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [char::from(digit(byte >> 4)), char::from(digit(*byte))]).collect()
}

/// The bytes that pairs of characters stand for; `None` for an odd count or a character that is no hexadecimal digit.
pub fn decode(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let pairs = text.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    for pair in pairs {
        let &[high, low] = pair else { return None };
        bytes.push(nibble(high)? << 4 | nibble(low)?);
    }
    Some(bytes)
}
