//! The echo: the one message that a terminal may send to see whether its host is there.

use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::payment::iso8583::field::{self, Field};
use crate::payment::iso8583::message::Message;

/// An echo of the dialect: the message of network management that moves no money and hands out no keys.
/// `None` for a dialect that has none.
pub fn echo(dialect: &Dialect, terminal: &str, merchant: &str) -> Option<Message> {
    let rule_of = |mti| dialect.rule(Mti(mti), None).filter(|rule| !rule.moves_money && !rule.mac);
    let by_network_field = |mti| rule_of(mti).filter(|rule| rule.needed.contains(70) || rule.optional.contains(70));
    let rule = by_network_field(800).or_else(|| rule_of(820)).or_else(|| by_network_field(820))?;
    let mut message = Message::new(rule.mti);
    for number in rule.needed.iter().chain(Some(70).filter(|_| rule.optional.contains(70))) {
        let field = dialect.field(number)?;
        let text = match number {
            7 => "0105090000".to_owned(),
            11 => "000001".to_owned(),
            12 => "090000".to_owned(),
            13 => "0105".to_owned(),
            41 => terminal.to_owned(),
            42 => merchant.to_owned(),
            60 => "00000001301".to_owned(),
            70 => "301".to_owned(),
            _ => filler(field),
        };
        message.set(number, text);
    }
    Some(message)
}

/// Something the field can hold.
fn filler(field: &Field) -> String {
    match field.length {
        field::Length::Fixed { max } => "0".repeat(usize::from(max)),
        field::Length::Variable { .. } => "0".to_owned(),
    }
}
