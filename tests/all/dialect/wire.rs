//! Messages of every rule of the library, to bytes and back.

use super::library_dialect;
use tillscript::payment::iso8583::dialect::{Dialect, Mti};
use tillscript::payment::iso8583::field::{Class, Field, Holds, Length};
use tillscript::payment::iso8583::frame::{frame, unframe};
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::pack;
use tillscript::payment::iso8583::unpack::unpack;

/// A value as long as the field allows, of odd length where it may be.
fn sample(field: &Field) -> Vec<u8> {
    let max = usize::from(field.length.max());
    let length = match field.length {
        Length::Fixed { .. } => max,
        Length::Variable { .. } if max.is_multiple_of(2) => max - 1,
        Length::Variable { .. } => max,
    };
    match (field.holds, field.class) {
        (Holds::ResponseCode, _) => b"51".to_vec(),
        (_, Class::Digits) => b"1234567890".iter().copied().cycle().take(length).collect(),
        (_, Class::SignedDigits) => b"D".iter().chain(b"0123456789".iter().cycle()).copied().take(length).collect(),
        (_, Class::Track) => b"1234567890123456=3012".iter().copied().cycle().take(length).collect(),
        (_, Class::Bytes) => (0..=255).cycle().take(length).collect(),
        (_, Class::Alphanumeric | Class::Text) => b"AZ09az".iter().copied().cycle().take(length).collect(),
    }
}

/// Every dialect of the library.
const NAMES: [&str; 6] = ["cn_pos", "cn_switch", "iso1987", "iso1987_binary", "iso1993", "network_ebcdic"];

fn there_and_back(dialect: &Dialect, message: &Message) {
    let body = pack(message, dialect).unwrap_or_else(|error| panic!("{}: {error}", message.mti));
    let framed = frame(dialect, &body, 3).expect("fits a frame");
    let opened = unframe(dialect, &framed).expect("opens again");
    assert_eq!(opened.body, &body[..]);
    if dialect.framing.header.len() == 6 {
        assert_eq!(opened.host_command, 3);
    }
    let back = unpack(opened.body, dialect).unwrap_or_else(|error| panic!("{}: {error}", message.mti));
    assert!(back == *message, "{} came back changed: {back:?}", message.mti);
}

#[test]
fn a_message_of_every_rule_packs_and_unpacks() {
    let mut messages = 0;
    for name in ["cn_pos", "iso1987"] {
        let dialect = library_dialect(name);
        for rule in &dialect.messages {
            let with_mac = rule.mac.then_some(64);
            let all = rule.needed.iter().chain(rule.optional.iter());
            let replies = rule.reply_needed.iter().chain(rule.echoed.iter());
            for (mti, numbers) in [
                (rule.mti, rule.needed.iter().chain(with_mac).collect::<Vec<u8>>()),
                (rule.mti, all.chain(with_mac).collect()),
                (rule.mti.reply(), replies.chain(with_mac).collect()),
            ] {
                let mut message = Message::new(mti);
                for number in numbers {
                    let field = dialect.field(number).expect("rules name fields that exist");
                    message.set(number, sample(field));
                }
                if let Some(begins) = &rule.processing {
                    message.set(3, format!("{begins:0<6}"));
                }
                there_and_back(dialect, &message);
                messages += 1;
            }
        }
    }
    assert_eq!(messages, 3 * (13 + 6));
}

#[test]
fn every_field_of_the_library_packs_and_unpacks_alone() {
    for name in NAMES {
        let dialect = library_dialect(name);
        for field in &dialect.fields {
            let mut message = Message::new(Mti(200));
            message.set(field.number, sample(field));
            there_and_back(dialect, &message);
        }
    }
}

/// A request of a real terminal, published with its key.
const PUBLISHED: &str = "02003020048000C08015000000000000001234000002030099303030303030303139353237313831383232313738373531353600192600000100060000000000435F01123238343431323334353637383930313233345F03063136303033365F04063230303832365C0230314233413039324145";

#[test]
fn a_published_request_opens() {
    let bytes: Vec<u8> = (0..PUBLISHED.len() / 2)
        .map(|at| u8::from_str_radix(&PUBLISHED[2 * at..2 * at + 2], 16).expect("hexadecimal"))
        .collect();
    let dialect = library_dialect("cn_pos");
    let message = unpack(&bytes, dialect).expect("opens");
    assert_eq!(message.numbers().iter().collect::<Vec<u8>>(), [3, 4, 11, 22, 25, 41, 42, 49, 60, 62, 64]);
    assert_eq!(message.text(4), Some("000000001234"));
    assert_eq!(message.text(22), Some("030"));
    assert_eq!(message.text(42), Some("952718182217875"));
    assert_eq!(message.text(60), Some("2600000100060000000"));
    assert_eq!(message.text(64), Some("B3A092AE"));
    assert_eq!(*pack(&message, dialect).expect("packs"), bytes);
}
