//! The one message of the bench, packed and unpacked by code that knows nothing else.

/// How a field is written: its number, the digits of its length (0: fixed), its greatest length, what it holds.
const LAYOUT: [(u8, u8, usize, Kind); 20] = [
    (2, 2, 19, Kind::Digits),
    (3, 0, 6, Kind::Digits),
    (4, 0, 12, Kind::Digits),
    (7, 0, 10, Kind::Digits),
    (11, 0, 6, Kind::Digits),
    (12, 0, 6, Kind::Digits),
    (13, 0, 4, Kind::Digits),
    (14, 0, 4, Kind::Digits),
    (18, 0, 4, Kind::Digits),
    (22, 0, 3, Kind::Digits),
    (25, 0, 2, Kind::Digits),
    (32, 2, 11, Kind::Digits),
    (35, 2, 37, Kind::Track),
    (37, 0, 12, Kind::Letters),
    (41, 0, 8, Kind::Text),
    (42, 0, 15, Kind::Text),
    (43, 0, 40, Kind::Text),
    (49, 0, 3, Kind::Letters),
    (52, 0, 8, Kind::Bytes),
    (64, 0, 8, Kind::Bytes),
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Digits,
    Track,
    Letters,
    Text,
    Bytes,
}

const BITMAP: u64 = {
    let mut bits = 0;
    let mut at = 0;
    while at < 20 {
        bits |= 1 << (64 - LAYOUT[at].0 as u64);
        at += 1;
    }
    bits
};

const HEX: &[u8; 16] = b"0123456789ABCDEF";

fn good(kind: Kind, value: &[u8]) -> bool {
    match kind {
        Kind::Digits => value.iter().all(u8::is_ascii_digit),
        Kind::Track => value.iter().all(|c| c.is_ascii_digit() || matches!(c, b'=' | b'D')),
        Kind::Letters => value.iter().all(|c| c.is_ascii_alphanumeric() || *c == b' '),
        Kind::Text | Kind::Bytes => true,
    }
}

fn nibble(c: u8) -> u8 {
    if c.is_ascii_digit() { c & 0x0F } else { 0x0D }
}

fn pairs(digits: &[u8], left: bool, out: &mut Vec<u8>) {
    let mut rest = digits;
    if left && digits.len() % 2 == 1 {
        out.push(nibble(digits[0]));
        rest = &digits[1..];
    }
    let (whole, last) = rest.as_chunks::<2>();
    out.extend(whole.iter().map(|[high, low]| nibble(*high) << 4 | nibble(*low)));
    if let [digit] = last {
        out.push(nibble(*digit) << 4);
    }
}

fn hex_text(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend(bytes.iter().flat_map(|byte| [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]));
}

/// Appends the message.
pub(crate) fn pack(bcd: bool, fields: &[(u8, &[u8]); 20], out: &mut Vec<u8>) {
    if bcd {
        out.extend([0x02, 0x00]);
        out.extend(BITMAP.to_be_bytes());
    } else {
        out.extend(b"0200");
        hex_text(&BITMAP.to_be_bytes(), out);
    }
    for ((_, digits, max, kind), (_, value)) in LAYOUT.iter().zip(fields) {
        assert!(good(*kind, value) && value.len() <= *max && (*digits > 0 || value.len() == *max));
        if *digits > 0 {
            let length = value.len() as u8;
            if bcd {
                out.push(((length / 10) << 4) | (length % 10));
            } else {
                out.extend([b'0' + length / 10, b'0' + length % 10]);
            }
        }
        match kind {
            Kind::Digits | Kind::Track if bcd => pairs(value, *digits == 0, out),
            Kind::Bytes if !bcd => hex_text(value, out),
            _ => out.extend_from_slice(value),
        }
    }
}

/// Finds where each field is; `None`: something is wrong.
pub(crate) fn unpack(bcd: bool, body: &[u8], spans: &mut [(u32, u32); 20]) -> Option<()> {
    let (head, mut at) = if bcd { (body.get(..10)?, 10) } else { (body.get(..20)?, 20) };
    let bitmap = if bcd {
        (head[..2] == [0x02, 0x00]).then_some(())?;
        u64::from_be_bytes(head[2..].try_into().ok()?)
    } else {
        (head[..4] == *b"0200").then_some(())?;
        let mut bits = 0;
        for c in &head[4..] {
            let digit = match c {
                b'0'..=b'9' => c - b'0',
                b'A'..=b'F' => c - b'A' + 10,
                _ => return None,
            };
            bits = bits << 4 | u64::from(digit);
        }
        bits
    };
    if bitmap != BITMAP {
        return None;
    }
    for ((_, digits, max, kind), span) in LAYOUT.iter().zip(spans.iter_mut()) {
        let mut units = *max;
        if *digits > 0 {
            if bcd {
                let byte = *body.get(at)?;
                (byte >> 4 <= 9 && byte & 15 <= 9).then_some(())?;
                units = usize::from((byte >> 4) * 10 + (byte & 15));
                at += 1;
            } else {
                let &[high, low] = body.get(at..at + 2)? else { return None };
                (high.is_ascii_digit() && low.is_ascii_digit()).then_some(())?;
                units = usize::from((high - b'0') * 10 + low - b'0');
                at += 2;
            }
            (units <= *max).then_some(())?;
        }
        let width = match kind {
            Kind::Digits | Kind::Track if bcd => units.div_ceil(2),
            Kind::Bytes if !bcd => 2 * units,
            _ => units,
        };
        let raw = body.get(at..at + width)?;
        let fine = match kind {
            Kind::Digits if bcd => raw.iter().all(|byte| byte >> 4 <= 9 && byte & 15 <= 9),
            Kind::Track if bcd => {
                let nibble = |n: u8| n <= 9 || n == 13;
                raw.iter().all(|byte| nibble(byte >> 4) && nibble(byte & 15))
            }
            Kind::Bytes if !bcd => raw.iter().all(u8::is_ascii_hexdigit),
            kind => good(*kind, raw),
        };
        fine.then_some(())?;
        *span = (at as u32, (at + width) as u32);
        at += width;
    }
    (at == body.len()).then_some(())
}
