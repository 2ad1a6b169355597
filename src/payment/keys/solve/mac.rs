//! Which mistake gives a MAC.

use crate::payment::hex;
use crate::payment::keys::dukpt::DukptError;
use crate::payment::keys::mac_method::{MacKey, MacMethod};
use crate::payment::keys::solve::key_source::KeySource;
use crate::payment::keys::solve::mistake::Mistake;
use crate::payment::keys::solve::search::{Choice, Solved, begins, search};

/// Longer messages make the search long; no terminal sends them.
pub const DATA_LONGEST: usize = 4_096;

/// The frame's bytes in front of the data that are looked at: length, TPDU and header together have 13.
const FRONT_MOST: usize = 64;

/// What of the MAC is taken.
#[derive(Clone, Copy)]
enum Taken {
    Left,
    Right,
    Text,
    Ebcdic,
}

/// Looks for the mistakes that give an observed MAC of 4 bytes or more.
///
/// `data` are the bytes that should be covered. `front` is what stood in front of them in the frame, if known: length, TPDU
/// and header.
pub fn solve(
    source: &KeySource,
    method: MacMethod,
    data: &[u8],
    front: &[u8],
    observed: &[u8],
) -> Result<Solved, DukptError> {
    let keys = source.choice()?;
    let mut methods = Choice::agreed(method);
    for other in MacMethod::ALL.into_iter().filter(|other| *other != method) {
        methods.or(Mistake::OtherMethod(other), other);
    }
    let inputs = inputs(data, front);
    let mut taken = Choice::agreed(Taken::Left);
    taken.or(Mistake::Rightmost, Taken::Right);
    taken.or(Mistake::ValueAsText, Taken::Text);
    taken.or(Mistake::ValueAsEbcdicText, Taken::Ebcdic);
    let choices = [keys.mistakes(), methods.mistakes(), inputs.mistakes(), taken.mistakes()];
    Ok(search(&choices, |at| {
        let [key, method, input, side] = at else { return false };
        let ways = (keys.way(*key), methods.way(*method), inputs.way(*input), taken.way(*side));
        let (Some(key), Some(method), Some(input), Some(side)) = ways else { return false };
        let Ok(key) = MacKey::new(*method, key) else { return false };
        let value = key.compute(input);
        let value = value.as_bytes();
        match side {
            Taken::Left => begins(value, observed),
            Taken::Right => begins(value.get(value.len().saturating_sub(observed.len())..).unwrap_or(&[]), observed),
            Taken::Text => begins(hex::encode(value).as_bytes(), observed),
            Taken::Ebcdic => begins(&ebcdic(hex::encode(value).as_bytes()), observed),
        }
    }))
}

/// The data as agreed, and as every known mistake makes them.
fn inputs(data: &[u8], front: &[u8]) -> Choice<Vec<u8>> {
    let from = |at: usize| data.get(at..).filter(|rest| !rest.is_empty()).map(<[u8]>::to_vec);
    let mut choice = Choice::agreed(data.to_vec());
    choice.or_if(Mistake::WithoutMti, from(2));
    choice.or_if(Mistake::WithoutMtiText, from(4));
    choice.or_if(Mistake::WithoutMtiAndBitmap, from(10));
    // A message type in packed digits begins with 0; in characters, with `0`.
    let mti = if data.first() == Some(&b'0') { 4 } else { 2 };
    choice.or_if(
        Mistake::WithoutBitmap,
        data.get(..mti).and_then(|mti_bytes| Some([mti_bytes, data.get(mti + 8..)?].concat())),
    );
    for late in (1..=24_u8).filter(|late| ![2, 4, 10].contains(late)) {
        choice.or_if(Mistake::BeginsLate(late), from(usize::from(late)));
    }
    let front = front.get(front.len().saturating_sub(FRONT_MOST)..).unwrap_or(&[]);
    for early in 1..=front.len() {
        let before = front.get(front.len() - early..).unwrap_or(&[]);
        choice.or(Mistake::BeginsEarly(early as u8), [before, data].concat());
    }
    for early in 1..=16_u8 {
        let end = data.len().checked_sub(usize::from(early)).filter(|end| *end > 0);
        choice.or_if(Mistake::EndsEarly(early), end.and_then(|end| data.get(..end)).map(<[u8]>::to_vec));
    }
    choice.or(Mistake::WithEmptyMac, [data, &[0; 8]].concat());
    choice.or(Mistake::DataAsCapitalText, hex::encode(data).into_bytes());
    choice.or(Mistake::DataAsSmallText, hex::encode(data).to_ascii_lowercase().into_bytes());
    choice.or_if(Mistake::DataUnpacked, hex::decode(data).map(|bytes| bytes.to_vec()));
    let differs = |changed: Vec<u8>| Some(changed).filter(|changed| changed != data);
    choice.or_if(Mistake::DataInEbcdic, differs(ebcdic(data)));
    choice.or_if(Mistake::DataFromEbcdic, differs(data.iter().map(|byte| of_ebcdic(*byte)).collect()));
    choice
}

/// Letters, digits and spaces as EBCDIC has them; other bytes stay.
fn ebcdic(data: &[u8]) -> Vec<u8> {
    data.iter()
        .map(|byte| match byte {
            b' ' => 0x40,
            b'0'..=b'9' => 0xF0 + (byte - b'0'),
            b'A'..=b'I' => 0xC1 + (byte - b'A'),
            b'J'..=b'R' => 0xD1 + (byte - b'J'),
            b'S'..=b'Z' => 0xE2 + (byte - b'S'),
            b'a'..=b'i' => 0x81 + (byte - b'a'),
            b'j'..=b'r' => 0x91 + (byte - b'j'),
            b's'..=b'z' => 0xA2 + (byte - b's'),
            other => *other,
        })
        .collect()
}

/// The reverse of `ebcdic`.
fn of_ebcdic(byte: u8) -> u8 {
    match byte {
        0x40 => b' ',
        0xF0..=0xF9 => b'0' + (byte - 0xF0),
        0xC1..=0xC9 => b'A' + (byte - 0xC1),
        0xD1..=0xD9 => b'J' + (byte - 0xD1),
        0xE2..=0xE9 => b'S' + (byte - 0xE2),
        0x81..=0x89 => b'a' + (byte - 0x81),
        0x91..=0x99 => b'j' + (byte - 0x91),
        0xA2..=0xA9 => b's' + (byte - 0xA2),
        other => other,
    }
}
