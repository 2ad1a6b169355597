//! Frames on the line, and the frame seen on a real one.

use crate::payment::dialects::{cup, iso1987};
use crate::payment::keys::{bytes, key, vector};
use tillscript::payment::hex;
use tillscript::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::frame::{frame, frame_reply, unframe};
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::message_mac::{MacVerdict, MessageMacError, put_mac, verify_mac};
use tillscript::payment::iso8583::pack::{pack, pack_for_mac};
use tillscript::payment::iso8583::pack_error::PackError;
use tillscript::payment::iso8583::unpack::{mac_input, unpack};
use tillscript::payment::keys::cipher::KeyError;
use tillscript::payment::keys::mac::{MacAlgorithm, verify};

#[test]
fn the_published_frame_is_read_verified_and_written_again() {
    let (vector, dialect) = (vector("cup-mac-v2-wire-frame"), cup());
    let wire = bytes(&vector["in"]["wire_frame"]);
    let framed = unframe(&dialect, &wire).unwrap();
    assert_eq!((hex::encode(framed.tpdu), hex::encode(framed.header)), ("6000030000".into(), "603210320072".into()));
    assert_eq!(framed.host_command, 0);

    let message = unpack(framed.body, &dialect).unwrap();
    assert_eq!(message.mti.to_string(), "0200");
    assert_eq!(message.numbers().iter().collect::<Vec<_>>(), [3, 4, 11, 22, 25, 41, 42, 49, 60, 62, 64]);
    for (number, text) in [
        (3, "000000"),
        (4, "000000001234"),
        (11, "000002"),
        (22, "030"),
        (25, "99"),
        (41, "00000001"),
        (42, "952718182217875"),
        (49, "156"),
        (60, "2600000100060000000"),
        (64, "B3A092AE"),
    ] {
        assert_eq!(message.text(number), Some(text), "field {number}");
    }
    assert_eq!(message.get(62).map(<[u8]>::len), Some(43));

    let key = key(vector["in"]["key"].as_str().unwrap());
    let covered = mac_input(framed.body, &message, &dialect).unwrap();
    assert_eq!(covered, bytes(&vector["in"]["data"]));
    assert_eq!(covered, &pack_for_mac(&message, &dialect).unwrap()[..]);
    assert_eq!(verify(MacAlgorithm::CupEcb, &key, covered, message.get(64).unwrap()), Ok(true));

    assert_eq!(verify_mac(framed.body, &message, &dialect, &key), Ok(MacVerdict::Right));
    let mut unsealed = message.clone();
    unsealed.set(64, "00000000");
    put_mac(&mut unsealed, &dialect, &key).unwrap();
    assert_eq!(unsealed, message);

    let body = pack(&message, &dialect).unwrap();
    assert_eq!(hex::encode(&frame(&dialect, &body, 0).unwrap()), hex::encode(&wire));
}

#[test]
fn a_mac_is_right_wrong_or_missing() {
    let (ascii, mut cup, key) = (iso1987(), cup(), key("0123456789ABCDEFFEDCBA9876543210"));
    for algorithm in MacAlgorithm::ALL {
        cup.mac = Some(algorithm);
        let mut message = Message::new(Mti(210));
        message.set(39, "00");
        let bare = pack(&message, &cup).unwrap();
        assert_eq!(verify_mac(&bare, &message, &cup, &key), Ok(MacVerdict::Missing));
        put_mac(&mut message, &cup, &key).unwrap();
        let mut body = pack(&message, &cup).unwrap().to_vec();
        assert_eq!(verify_mac(&body, &message, &cup, &key), Ok(MacVerdict::Right));
        let other = key.first_part();
        let under_other = verify_mac(&body, &message, &cup, &other);
        // The first part alone is all that X9.9 uses, and too little for X9.19.
        match algorithm {
            MacAlgorithm::X99 => assert_eq!(under_other, Ok(MacVerdict::Right)),
            MacAlgorithm::X919 => assert_eq!(under_other, Err(MessageMacError::Key(KeyError::SinglePart))),
            MacAlgorithm::CupEcb | MacAlgorithm::CupCbc => assert_eq!(under_other, Ok(MacVerdict::Wrong)),
        }
        // Approved in place of declined.
        body[10] ^= 1;
        let tampered = unpack(&body, &cup).unwrap();
        assert_eq!(verify_mac(&body, &tampered, &cup, &key), Ok(MacVerdict::Wrong));
    }
    let mut beyond = Message::new(Mti(800));
    beyond.set(64, "12345678");
    beyond.set(70, "301");
    let body = pack(&beyond, &ascii).unwrap();
    assert_eq!(verify_mac(&body, &beyond, &ascii, &key), Ok(MacVerdict::Wrong));
    let refused = put_mac(&mut beyond, &ascii, &key);
    assert_eq!(refused, Err(MessageMacError::Pack(PackError::BehindMac { number: 70 })));
    cup.mac = None;
    assert_eq!(put_mac(&mut beyond, &cup, &key), Err(MessageMacError::NoAlgorithm));
}

#[test]
fn a_reply_turns_the_addresses_and_carries_the_hosts_command() {
    let mut dialect = cup();
    dialect.framing.tpdu = vec![0x60, 0x00, 0x03, 0x12, 0x34];
    let reply = frame_reply(&dialect, b"body", 3).unwrap();
    assert_eq!(hex::encode(&reply), "000F60123400036032133200 72".replace(' ', "") + "626F6479");
    let framed = unframe(&dialect, &reply).unwrap();
    assert_eq!((framed.host_command, framed.body), (3, &b"body"[..]));
    assert_eq!(format!("{framed:?}"), "<frame: host command 3, body of 4 bytes>");
    assert_eq!(frame(&dialect, b"body", 10).err(), Some(PackError::HostCommand));
}

#[test]
fn without_framing_the_body_is_the_frame() {
    let dialect = iso1987();
    let framed = frame(&dialect, b"body", 0).unwrap();
    assert_eq!(framed[..], *b"body");
    assert_eq!(unframe(&dialect, &framed).unwrap().body, b"body");
}

#[test]
fn a_length_that_is_not_that_of_the_frame_is_an_error() {
    let dialect = cup();
    let whole = frame(&dialect, b"body", 0).unwrap();
    let error = |layer, offset, needed, available, problem| {
        Err(DecodeError {
            layer,
            field: None,
            part: None,
            inner: None,
            offset,
            needed,
            available,
            problem,
            suspect: None,
        })
    };
    assert_eq!(unframe(&dialect, &[]), error(Layer::Frame, 0, 2, 0, DecodeProblem::Truncated));
    assert_eq!(unframe(&dialect, &whole[..1]), error(Layer::Frame, 0, 2, 1, DecodeProblem::Truncated));
    assert_eq!(unframe(&dialect, &whole[..10]), error(Layer::Frame, 2, 15, 8, DecodeProblem::Truncated));
    let longer = [&whole[..], b"!"].concat();
    assert_eq!(unframe(&dialect, &longer), error(Layer::Frame, 17, 15, 1, DecodeProblem::Trailing));
    assert_eq!(unframe(&dialect, &[0, 0]), error(Layer::Frame, 2, 5, 0, DecodeProblem::Truncated));
    assert_eq!(unframe(&dialect, &[0, 5, 0x60, 0, 3, 0, 0]), error(Layer::Header, 7, 6, 0, DecodeProblem::Truncated));
    assert_eq!(unframe(&dialect, &[0xFF; 40]), error(Layer::Frame, 2, 65_535, 38, DecodeProblem::Truncated));
    // No TPDU: the message type stands in its place.
    let bare = [0, 13, 2, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert_eq!(unframe(&dialect, &bare), error(Layer::Frame, 2, 5, 5, DecodeProblem::Foreign));
    let mut command = whole.to_vec();
    command[9] = 0x1F;
    assert_eq!(unframe(&dialect, &command), error(Layer::Header, 9, 1, 1, DecodeProblem::Digit));
    let found = 65_536;
    let too_long = PackError::FrameTooLong { max: 65_535, found };
    assert_eq!(frame(&dialect, &vec![0; found - 11], 0).err(), Some(too_long));
    assert!(frame(&dialect, &vec![0; found - 12], 0).is_ok());
}
