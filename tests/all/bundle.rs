//! The help desk's bundle: what is in it, what never is, and that it shows the same run again.

use serde_json::{Value, json};
use tillscript::run::bundle::file::{Bundle, Ingredients, make};
use tillscript::run::bundle::pseudonym::Pseudonyms;
use tillscript::run::bundle::scan::{Looks, Scan};

/// A number of the simulated issuers.
const CARD: &str = "6299990000000017";

fn found(value: &Value) -> Vec<Looks> {
    let mut scan = Scan { known: vec!["898310053110007".into()], ..Scan::default() };
    scan.value("$", value);
    scan.found.iter().map(|suspicion| suspicion.what).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let at = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let all = at(0) << 16 | at(1) << 8 | at(2);
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            text.push(if place <= group.len() { char::from(ALPHABET[(all >> shift & 63) as usize]) } else { '=' });
        }
    }
    text
}

fn packed(digits: &str) -> Vec<u8> {
    digits.as_bytes().chunks(2).map(|two| (two[0] - b'0') << 4 | (two[1] - b'0')).collect()
}

fn ebcdic(digits: &str) -> Vec<u8> {
    digits.bytes().map(|byte| byte - b'0' + 0xF0).collect()
}

fn wide(digits: &str, little: bool) -> Vec<u8> {
    digits.bytes().flat_map(|byte| if little { [byte, 0] } else { [0, byte] }).collect()
}

/// Sensitivity: a card number is found in every one of these forms.
#[test]
fn a_card_number_is_found_however_it_is_written() {
    let spaced = "6299 9900 0000 0017";
    let full_width: String = CARD.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap()).collect();
    let backwards: String = CARD.chars().rev().collect();
    let offset = format!("0{}0", hex(&packed(CARD)));
    let forms: Vec<(&str, Value)> = vec![
        ("as it is", json!(CARD)),
        ("in a sentence", json!(format!("card {CARD} was read"))),
        ("as a number", json!(6_299_990_000_000_017_u64)),
        ("as a name", json!({ CARD: 1 })),
        ("with blanks", json!(spaced)),
        ("with hyphens", json!(spaced.replace(' ', "-"))),
        ("with dots", json!(spaced.replace(' ', "."))),
        ("full width", json!(full_width)),
        ("backwards", json!(backwards)),
        ("in a longer run of digits", json!(format!("08{CARD}5710"))),
        ("packed, in hexadecimal", json!(format!("5A08{}9F36", hex(&packed(CARD))))),
        ("packed, shifted by half a byte", json!(offset)),
        ("ASCII in hexadecimal", json!(hex(CARD.as_bytes()))),
        ("EBCDIC in hexadecimal", json!(hex(&ebcdic(CARD)))),
        ("16 bits in hexadecimal", json!(hex(&wide(CARD, true)))),
        ("16 bits, the other end first", json!(hex(&wide(CARD, false)))),
        ("base64", json!(base64(CARD.as_bytes()))),
        ("base64 behind another byte", json!(base64(format!("x{CARD}").as_bytes()))),
        ("base64 for addresses", json!(base64(CARD.as_bytes()).replace('+', "-").replace('/', "_"))),
        ("packed in base64", json!(base64(&[packed(CARD), vec![0xFF; 4]].concat()))),
        ("EBCDIC in base64", json!(base64(&ebcdic(CARD)))),
        ("a list of bytes", json!(CARD.as_bytes())),
        ("a list of packed bytes", json!(packed(CARD))),
        ("deep inside", json!({ "a": [{ "b": [[CARD]] }] })),
    ];
    for (form, value) in forms {
        assert!(found(&value).contains(&Looks::Card), "{form}: {value}");
    }
}

#[test]
fn tracks_and_keys_are_found() {
    for track in [format!("{CARD}=30122201"), format!(";{CARD}D3012"), hex(format!("{CARD}=3012").as_bytes())] {
        assert!(found(&json!(track)).contains(&Looks::Track), "{track}");
    }
    // A track with a wrong check digit is a track all the same.
    assert_eq!(found(&json!("6299990000000011=30122201")), [Looks::Track]);
    for length in [16, 32, 48, 64] {
        let key: String = "0123456789ABCDEF".repeat(4).chars().take(length).collect();
        assert!(found(&json!(format!("key {key}."))).contains(&Looks::Key), "{length}");
    }
    let key = [0x91, 0xA2, 0x33, 0xC4, 0x55, 0xE6, 0x77, 0x08, 0x19, 0x2A, 0x3B, 0x4C, 0x5D, 0x6E, 0x7F, 0x80];
    for skip in 0..3 {
        let mut bytes = vec![b'x'; skip];
        bytes.extend_from_slice(&key);
        for text in [
            bytes.clone(),
            hex(&bytes).into_bytes(),
            hex(&bytes).to_lowercase().into_bytes(),
            base64(&bytes).into_bytes(),
        ] {
            let mut scan = Scan::default();
            scan.known_key("key", &[b"..".as_slice(), &text, b".."].concat(), &key);
            assert_eq!(scan.found.len(), 1, "{skip} {}", String::from_utf8_lossy(&text));
        }
    }
    let mut scan = Scan::default();
    scan.known_key("key", b"nothing of the kind", &key);
    assert_eq!(scan.found, []);
}

/// What reports are full of is none of it.
#[test]
fn what_is_no_secret_is_left_alone() {
    for value in [
        json!("629999******0018"),
        json!("629999******0018=************"),
        json!("898310053110007"),
        json!("010509000002"),
        json!(1_767_603_672_350_i64),
        json!("2026-01-05 09:01:12"),
        json!("20260105090112"),
        json!("22000001000600"),
        json!("2600000000000000"),
        json!("000000000000000000"),
        json!("8CA64D"),
        json!({ "number": 64, "name": "MAC", "value": "10F3F6CA4C3A1C37" }),
        json!([64, { "Text": "10F3F6CA4C3A1C37" }]),
        json!("交易成功 50.00 CNY"),
        json!([1, 2, 3]),
        json!("store.require_software"),
    ] {
        assert_eq!(found(&value), [], "{value}");
    }
}

#[test]
fn a_card_has_one_pseudonym_and_keeps_its_shape() {
    let mut names = Pseudonyms::default();
    assert_eq!(
        names.text("card 629999******0018, again 629999******0018"),
        "card 000000******0001, again 000000******0001"
    );
    assert_eq!(names.text("629999*********0018"), "000000*********0002");
    assert_eq!(names.text("499999******0018=****"), "000000******0003=****");
    assert_eq!(names.count(), 3);
    for same in ["", "****", "62999******0018", "629999*0018", "629999******018", "629999******", "交易******0018"] {
        assert_eq!(names.text(same), same);
    }
    let mut value = json!({ "629999": ["x 629999******0018", { "a": "629999******0018" }], "b": 1 });
    names.value(&mut value);
    assert_eq!(value, json!({ "629999": ["x 000000******0001", { "a": "000000******0001" }], "b": 1 }));
}

fn trace(at_ms: i64, text: &str) -> String {
    let head = json!({ "till_trace": 1, "program": "00", "script": "a.till", "flow": "a", "arguments": [], "seed": 0 });
    let end = json!({ "end": { "money": "moved", "pending": 0, "terminal": "10000001", "at_ms": at_ms } });
    format!("{head}\n{}\n{end}\n", json!({ "happening": { "Log": { "text": text } } }))
}

#[test]
fn only_the_last_so_much_is_taken_and_the_cards_keep_together() {
    let traces = [trace(1_000_000, "629999******0017"), trace(5_000_000, "629999******0018")];
    let transactions = vec![
        json!({ "stan": "000001", "at_ms": 1_000_000, "card": "629999******0017" }),
        json!({ "stan": "000002", "at_ms": 4_990_000, "card": "629999******0018" }),
    ];
    let from =
        |last| Ingredients { traces: &traces, transactions: transactions.clone(), last, ..Ingredients::default() };
    let all = make(from(None)).unwrap();
    assert_eq!((all.bundle.traces.len(), all.bundle.transactions.len(), all.bundle.head.cards), (2, 2, 2));
    assert_eq!(all.scan.found, []);
    let some = make(from(Some(("20m".into(), 1_200_000)))).unwrap();
    assert_eq!((some.bundle.traces.len(), some.bundle.transactions.len(), some.bundle.head.cards), (1, 1, 1));
    assert!(some.text.contains("000000******0001") && !some.text.contains("629999"));
    assert_eq!(Bundle::read(&some.text).unwrap(), some.bundle);
}

#[test]
fn a_bundle_that_was_changed_is_refused() {
    let traces = [trace(1_000_000, "one"), trace(2_000_000, "two")];
    let made = make(Ingredients { traces: &traces, ..Ingredients::default() }).unwrap();
    assert!(Bundle::read(&made.text).is_ok());
    let lines: Vec<&str> = made.text.lines().collect();
    for gone in 0..lines.len() {
        let text: String =
            lines.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, line)| format!("{line}\n")).collect();
        assert!(Bundle::read(&text).is_err(), "without line {gone}");
    }
    for at in 0..made.text.len() {
        if made.text.is_char_boundary(at) {
            assert!(Bundle::read(&made.text[..at]).is_err() || at + 1 == made.text.len(), "cut at {at}");
        }
    }
    for (from, to) in [("one", "two"), ("\"number\":2", "\"number\":3"), ("moved", "move!")] {
        assert!(Bundle::read(&made.text.replacen(from, to, 1)).is_err(), "{from}");
    }
    for text in ["", "\n", "{}", "{\"till_bundle\":2,\"made_by\":\"\",\"last\":null,\"cards\":0}\n", "[1]\n"] {
        assert!(Bundle::read(text).is_err(), "{text:?}");
    }
    assert!(Bundle::read(&format!("{}{{}}\n", made.text)).is_err());
}

#[test]
fn a_text_with_a_card_number_keeps_the_bundle_at_home() {
    let traces = [trace(1_000_000, &format!("read {CARD}"))];
    let made = make(Ingredients { traces: &traces, ..Ingredients::default() }).unwrap();
    let paths: Vec<&str> = made.scan.found.iter().map(|suspicion| suspicion.path.as_str()).collect();
    assert_eq!(paths, ["trace 1 line 2.happening.Log.text"]);
    let bad = make(Ingredients { traces: &["no trace".into()], ..Ingredients::default() });
    assert!(bad.is_err());
}
