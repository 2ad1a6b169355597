//! What looks wrong in a message that can be read.

use crate::payment::card::Pan;
use crate::payment::iso8583::decode::Decoded;
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::payment::iso8583::field::Holds;

/// Something a person should look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// The dialect has no rule for this message type.
    NoRule,
    /// The rule asks for a field that is not there.
    Missing(u8),
    /// The rule knows nothing of a field that is there.
    NotInRule(u8),
    /// The check digit of the card number is wrong.
    CheckDigit(u8),
    /// No date, no time, or a month that does not exist.
    NoDate(u8),
    /// Track 2 is of another card than field 2.
    TrackOfAnotherCard,
    /// A reply has no response code.
    NoResponseCode,
    /// The dialect does not know the response code.
    UnknownResponseCode,
    /// The rule asks for a MAC and there is none.
    NoMac,
}

/// Fields.
const PROCESSING: u8 = 3;
const RESPONSE: u8 = 39;
const MAC: u8 = 64;

/// What looks wrong. Says nothing of what could not be read at all.
pub fn remarks(decoded: &Decoded, dialect: &Dialect, knows_code: impl Fn(&str) -> bool) -> Vec<Remark> {
    let mut found = Vec::new();
    let Some(mti) = decoded.mti else { return found };
    let is_reply = mti.0 / 10 % 2 == 1;
    if decoded.is_ok() {
        by_rule(mti, is_reply, decoded, dialect, &mut found);
    }
    for field in &decoded.fields {
        let Some(declared) = dialect.field(field.number) else { continue };
        let text = std::str::from_utf8(field.value.as_bytes()).unwrap_or_default();
        let pair = |at: usize| text.get(at..at + 2).and_then(|digits| digits.parse::<u8>().ok());
        let within = |at: usize, low: u8, high: u8| pair(at).is_some_and(|number| (low..=high).contains(&number));
        match declared.holds {
            Holds::Pan if Pan::parse(text).is_ok_and(|pan| !pan.passes_luhn()) => {
                found.push(Remark::CheckDigit(field.number));
            }
            Holds::Date if !(within(0, 1, 12) && within(2, 1, 31)) => found.push(Remark::NoDate(field.number)),
            Holds::Time if !(within(0, 0, 23) && within(2, 0, 59) && within(4, 0, 59)) => {
                found.push(Remark::NoDate(field.number));
            }
            Holds::Expiry if !within(2, 1, 12) => found.push(Remark::NoDate(field.number)),
            Holds::ResponseCode if is_reply && !knows_code(text) => found.push(Remark::UnknownResponseCode),
            _ => {}
        }
    }
    if let (Some(pan), Some(track)) = (decoded.text(2), decoded.text(35))
        && track.split(['=', 'D']).next() != Some(pan)
    {
        found.push(Remark::TrackOfAnotherCard);
    }
    found
}

fn by_rule(mti: Mti, is_reply: bool, decoded: &Decoded, dialect: &Dialect, found: &mut Vec<Remark>) {
    let request = if is_reply { Mti(mti.0 - 10) } else { mti };
    let Some(rule) = dialect.rule(request, decoded.text(PROCESSING)) else {
        if !dialect.messages.is_empty() {
            found.push(Remark::NoRule);
        }
        return;
    };
    let has = |number: u8| decoded.field(number).is_some();
    if is_reply {
        let approved = decoded.text(RESPONSE).and_then(|code| {
            crate::payment::iso8583::response::ResponseCode::parse(code).map(|code| dialect.approves(code))
        });
        match approved {
            None if rule.reply_needed.contains(RESPONSE) => found.push(Remark::NoResponseCode),
            Some(false) => {}
            _ => found.extend(rule.reply_needed.iter().filter(|number| !has(*number)).map(Remark::Missing)),
        }
        if rule.mac && approved == Some(true) && !has(MAC) {
            found.push(Remark::NoMac);
        }
        return;
    }
    found.extend(rule.needed.iter().filter(|number| !has(*number)).map(Remark::Missing));
    let strange = decoded
        .fields
        .iter()
        .map(|field| field.number)
        .filter(|number| *number != MAC && !rule.needed.contains(*number) && !rule.optional.contains(*number));
    found.extend(strange.map(Remark::NotInRule));
    if rule.mac && !has(MAC) {
        found.push(Remark::NoMac);
    }
}
