//! What fields are made of, in every dialect of the library, and parts that are made of parts.

use crate::payment::messages::value;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_assert_eq, proptest};
use proptest::sample::subsequence;
use std::sync::OnceLock;
use tillscript::payment::hex;
use tillscript::payment::iso8583::decode::{Begin, decode};
use tillscript::payment::iso8583::decode_error::{DecodeProblem, Layer, PartKey};
use tillscript::payment::iso8583::dialect::{Dialect, Mti};
use tillscript::payment::iso8583::field::{Class, Field, Length};
use tillscript::payment::iso8583::layout::{Layout, LayoutKind, Parts};
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::pack;
use tillscript::run::known_dialects;

/// Parts and what they hold.
type Given = Vec<(PartKey, Vec<u8>)>;

/// Every layout of the library with its dialect, its field, and a message type in which it holds.
fn layouts() -> &'static [(Dialect, Field, Layout, Mti)] {
    static FOUND: OnceLock<Vec<(Dialect, Field, Layout, Mti)>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut found = Vec::new();
        for known in known_dialects::all().unwrap_or_else(|unknown| panic!("{unknown:?}")) {
            for field in &known.dialect.fields {
                for layout in &field.layouts {
                    // No dialect has a rule of its own for the parts of this one.
                    let mti = layout.mti.unwrap_or(Mti(820));
                    found.push((known.dialect.clone(), field.clone(), layout.clone(), mti));
                }
            }
        }
        found
    })
}

/// Any parts that a layout can write.
fn any_parts(layout: &Layout) -> BoxedStrategy<Given> {
    let one = |key: PartKey, field: &Field| value(field).prop_map(move |value| (key, value)).boxed();
    let all: Vec<BoxedStrategy<(PartKey, Vec<u8>)>> =
        layout.parts.iter().map(|part| one(part.key, &part.field)).collect();
    match layout.kind {
        // The field may end behind any part.
        LayoutKind::Row => (1..=all.len()).prop_flat_map(move |count| all[..count].to_vec()).boxed(),
        LayoutKind::Bits { .. } => subsequence(all.clone(), 0..=all.len()).prop_flat_map(|some| some).boxed(),
        LayoutKind::Tags { .. } | LayoutKind::Ber => {
            let unknown = match layout.kind {
                LayoutKind::Ber => PartKey::ber(&[0xDF, 0x31]),
                LayoutKind::Tags { tag, .. } => PartKey::text(&b"ZYXW"[..usize::from(tag)]),
                _ => None,
            };
            let extra = proptest::option::of(proptest::collection::vec(any::<u8>(), 0..30));
            (subsequence(all.clone(), 0..=all.len()).prop_flat_map(|some| some), extra, Just(unknown))
                .prop_map(|(mut parts, extra, unknown)| {
                    parts.extend(unknown.zip(extra));
                    parts
                })
                .boxed()
        }
    }
}

fn read_back(parts: &Parts) -> Given {
    parts.values.iter().map(|part| (part.key, part.value.as_bytes().to_vec())).collect()
}

fn borrowed(given: &Given) -> Vec<(PartKey, &[u8])> {
    given.iter().map(|(key, value)| (*key, value.as_slice())).collect()
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(24))]

    #[test]
    fn any_parts_of_the_library_come_back_alone_and_in_a_message(
        all in layouts().iter().map(|(_, _, layout, _)| any_parts(layout)).collect::<Vec<_>>()
    ) {
        for ((dialect, field, layout, mti), given) in layouts().iter().zip(all) {
            let content = layout.write(field.number, &borrowed(&given)).unwrap();
            let read = layout.read(field.number, &content);
            prop_assert_eq!(read.error, None);
            prop_assert_eq!(read_back(&read), given.clone());
            let mut message = Message::new(*mti);
            message.set(field.number, &content);
            let fits = content.len() <= usize::from(field.length.max());
            let whole = !matches!(field.length, Length::Fixed { max } if content.len() != usize::from(max));
            // Digits hold digits only, whatever a part would allow.
            let plain = field.class != Class::Digits || content.iter().all(u8::is_ascii_digit);
            if !(fits && whole && plain) {
                continue;
            }
            let body = pack(&message, dialect).unwrap();
            let decoded = decode(&body, dialect, Some(Begin::Body));
            prop_assert_eq!(&decoded.problems, &[]);
            let found = decoded.field(field.number).and_then(|found| found.parts.as_ref()).map(read_back);
            prop_assert_eq!(found, Some(given));
        }
    }
}

#[test]
fn every_kind_of_layout_is_in_the_library_or_tried_by_hand() {
    let kinds: Vec<LayoutKind> = layouts().iter().map(|(_, _, layout, _)| layout.kind).collect();
    assert!(kinds.contains(&LayoutKind::Row) && kinds.contains(&LayoutKind::Ber));
    assert!(kinds.iter().any(|kind| matches!(kind, LayoutKind::Tags { .. })));
    assert!(kinds.len() >= 7, "{}", kinds.len());
}

const NESTED: &str = include_str!("../../cli/specs/parts-of-parts.till");

fn nested() -> Dialect {
    known_dialects::from_text(NESTED).unwrap_or_else(|unknown| panic!("{unknown:?}")).dialect
}

/// A message whose field 48 is this, and what became of it.
fn with_48(content: &str) -> (Dialect, tillscript::payment::iso8583::decode::Decoded) {
    let dialect = nested();
    let mut message = Message::new(Mti(800));
    message.set(48, content);
    let body = pack(&message, &dialect).unwrap();
    let decoded = decode(&body, &dialect, Some(Begin::Body));
    (dialect, decoded)
}

#[test]
fn parts_of_parts_are_read() {
    let (_, decoded) = with_48("AS0071203abcZZ002??PN02001166299990000000018");
    assert_eq!((decoded.problems.as_slice(), decoded.part_problems.as_slice()), (&[][..], &[][..]));
    let parts = decoded.field(48).unwrap().parts.as_ref().unwrap();
    let inner = |at: usize| read_back(parts.values[at].parts.as_ref().unwrap());
    let number = PartKey::Number;
    assert_eq!(inner(0), [(number(1), b"12".to_vec()), (number(2), b"abc".to_vec())]);
    assert_eq!(parts.values[1].parts, None, "an element that is not declared");
    let tag = |text: &[u8]| PartKey::text(text).unwrap();
    assert_eq!(inner(2), [(tag(b"01"), b"6299990000000018".to_vec())]);
}

#[test]
fn damage_inside_a_part_is_named_by_its_path_and_byte() {
    // The inner length says nine, three are there.
    let (_, decoded) = with_48("AS0071209abcZZ002??");
    assert_eq!(decoded.problems, [], "the message as a whole can be read");
    let [problem] = decoded.part_problems.as_slice() else { panic!("{:?}", decoded.part_problems) };
    assert_eq!((problem.path().as_str(), problem.layer), ("F48.AS.2", Layer::Part));
    assert_eq!((problem.problem, problem.needed, problem.available), (DecodeProblem::Truncated, 9, 3));
    // Type, bitmap and length take 23 bytes in text; tag and length five, the first part and the inner length four.
    assert_eq!(problem.offset, 4 + 16 + 3 + 5 + 4);
    let found = decoded.field(48).unwrap().parts.as_ref().unwrap();
    assert_eq!(found.values.len(), 2, "what stands behind is read all the same");
}

#[test]
fn a_secret_part_hides_the_whole() {
    let dialect = nested();
    let field = dialect.field(48).unwrap();
    assert!(field.has_secret_parts());
    let mut message = Message::new(Mti(800));
    message.set(48, "PN02001166299990000000018");
    let shown = format!(
        "{:?}",
        tillscript::payment::iso8583::describe::describe(
            &message,
            &dialect,
            tillscript::payment::iso8583::describe::Wording::En
        )
    );
    assert!(!shown.contains("6299990000"), "{shown}");
}

#[test]
fn wrong_parts_of_parts_are_findings() {
    for (clause, said) in [
        ("parts F48.XX row {", "no part XX of F48 is declared"),
        ("parts F47.1 row {", "no part 1 of F47 is declared"),
        ("parts F48.AS ber {", "`ber` is for fields of class `b`"),
    ] {
        let text = NESTED.replace("parts F48.AS row {", clause);
        let Err(known_dialects::Unknown::Findings(_, findings)) = known_dialects::from_text(&text) else {
            panic!("{clause} is taken");
        };
        let shown = format!("{findings:?}");
        assert!(shown.contains(said), "{clause}: {shown}");
    }
}

#[test]
fn hex_of_a_nested_message_is_what_it_was() {
    let layout = &nested().field(48).unwrap().layouts[0].clone();
    let content = hex::decode(b"415330303731323033616263").unwrap();
    let read = layout.read(48, &content);
    assert_eq!(*layout.write(48, &borrowed(&read_back(&read))).unwrap(), *content);
}
