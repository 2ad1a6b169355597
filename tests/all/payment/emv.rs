//! Chip data: tags read strictly and leniently, written again, their words, lists and scripts.

use proptest::prelude::{Just, Strategy, any, prop, proptest};
use std::collections::BTreeSet;
use tillscript::payment::emv::bit_table::GROUPS;
use tillscript::payment::emv::bits::{has_words, meanings};
use tillscript::payment::emv::dictionary::{ENTRIES, Privacy, Shape, entry};
use tillscript::payment::emv::dol::{self, DolError, Filled};
use tillscript::payment::emv::issuer_script::{ScriptFault, ScriptOutcome, goes_on, result, scripts};
use tillscript::payment::emv::tag::Tag;
use tillscript::payment::emv::tlv::{DEPTH_MOST, Node, Reader, TlvFault, find, push, read, write};
use tillscript::payment::hex;

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "").as_bytes()).unwrap().to_vec()
}

/// A field 55 of a sale, with test data only.
const SALE: &str = "9F2608A1B2C3D4E5F60718 9F270180 9F100807010103A0B80401 9F37041A2B3C4D 9F36020123 950500800480 00 \
    9A03260105 9C0100 9F02060000000100 00 5F2A020156 82027C00 9F1A020156 9F03060000000000 00 9F3303E0F1C8 9F34034203 00 \
    9F350122 9F1E083132333435363738 8408A000000333010102 9F09020020 9F410400000123";

fn sale() -> Vec<u8> {
    bytes(SALE)
}

#[test]
fn a_field_55_is_read_and_written_as_it_was() {
    let bytes = sale();
    let reading = read(&bytes, Reader::Strict);
    assert_eq!(reading.error, None);
    assert_eq!(reading.nodes.len(), 20);
    assert_eq!(write(&reading.nodes), Ok(bytes.clone()));
    let amount = find(&reading.nodes, Tag::new(0x9F02)).unwrap();
    assert_eq!((amount.value, amount.offset), (&bytes_of_amount()[..], 53));
}

fn bytes_of_amount() -> Vec<u8> {
    bytes("000000010000")
}

#[test]
fn unknown_tags_are_kept_and_written_again() {
    let with = bytes("DF8129 02 1234 9F26 08 0102030405060708 E3 05 DF7E 02 ABCD");
    let nodes = read(&with, Reader::Strict).whole().unwrap();
    assert_eq!(nodes.iter().map(|node| node.tag.to_string()).collect::<Vec<_>>(), ["DF8129", "9F26", "E3"]);
    assert!(entry(nodes[0].tag).is_none() && nodes[2].children.len() == 1);
    assert_eq!(write(&nodes), Ok(with));
}

/// What both readers say of each: the strict one's fault, the lenient one's; with offset and path as they are printed.
#[test]
fn each_fault_is_told_with_its_place() {
    let told = |text: &str, reader| read(&bytes(text), reader).error.map(|error| error.to_string());
    for (text, strict, lenient) in [
        ("5A81FF00", "byte 0, 5A: the value needs 255 bytes, 1 are left", Some("the value needs")),
        ("5A20 00", "byte 0, 5A: the value needs 32 bytes, 1 are left", Some("the value needs")),
        ("5F20", "byte 2, 5F20: the data end before the length", Some("data end")),
        ("9C0100 5A80", "byte 4, 5A: the length has the indefinite form 80", Some("indefinite")),
        ("5A85 0000000001 00", "byte 1, 5A: the length has 5 bytes, more than 2", Some("more than 2")),
        ("82FF", "byte 1, 82: the length has 127 bytes, more than 2", Some("more than 2")),
        ("82 82FFFF 000000", "byte 0, 82: the value needs 65535 bytes, 3 are left", Some("the value needs")),
        ("9FFFFFFF01 00", "byte 0: the tag does not end", Some("does not end")),
        ("9F", "byte 0: the tag does not end", Some("does not end")),
        ("70 04 5A 03 12 34", "byte 2, 70 > 5A: the value needs 3 bytes, 2 are left", Some("the value needs")),
        ("9C 81 01 00", "byte 1, 9C: the length is written longer than it needs", None),
        ("9C0100 9C0100", "byte 3, 9C: the tag came before", None),
        ("9C0100 FF", "byte 3: a filler byte FF stands here", None),
        ("70 04 9C0100 00", "byte 5, 70: a filler byte 00 stands here", None),
    ] {
        assert_eq!(told(text, Reader::Strict).as_deref(), Some(strict), "{text}");
        match lenient {
            Some(part) => assert!(told(text, Reader::Lenient).unwrap().contains(part), "{text}"),
            None => {
                let bytes = bytes(text);
                let reading = read(&bytes, Reader::Lenient);
                assert_eq!((reading.error, reading.remarks.len()), (None, 1), "{text}");
                assert_eq!(reading.remarks[0].to_string(), strict);
            }
        }
    }
    assert_eq!(told("00 00 9C0100 00", Reader::Strict), None, "zeros may stand between values");
}

#[test]
fn what_was_understood_is_given_back_with_the_error() {
    let bytes = bytes("9C0100 70 09 9A03260105 5A0A6299");
    let reading = read(&bytes, Reader::Strict);
    let error = reading.error.unwrap();
    assert_eq!(error.fault, TlvFault::ValueCut { needed: 10, available: 2 });
    assert_eq!(error.path.iter().map(Tag::to_string).collect::<Vec<_>>(), ["70", "5A"]);
    assert_eq!(reading.nodes[1].children[0].tag, Tag::new(0x9A));
}

#[test]
fn templates_within_templates_have_a_limit() {
    let nested = |depth: usize| {
        let mut bytes = bytes("9C0100");
        for _ in 0..depth {
            let mut outer = Vec::new();
            push(&mut outer, Tag::new(0x70), &bytes).unwrap();
            bytes = outer;
        }
        bytes
    };
    assert_eq!(read(&nested(DEPTH_MOST), Reader::Strict).error, None);
    for reader in [Reader::Strict, Reader::Lenient] {
        assert_eq!(read(&nested(DEPTH_MOST + 1), reader).error.map(|error| error.fault), Some(TlvFault::TooDeep));
    }
    // Much deeper than any stack.
    assert!(read(&[0x70, 0x7F].repeat(100_000), Reader::Lenient).error.is_some());
    assert!(read(&[0xFF; 100_000], Reader::Lenient).remarks.len() <= 64);
}

/// Any nodes up to a depth, as bytes.
fn any_tlv() -> impl Strategy<Value = Vec<u8>> {
    let tag = prop::sample::select(ENTRIES.iter().map(|entry| entry.tag).collect::<Vec<_>>());
    let other = prop::sample::select(vec![Tag::new(0xDF8129), Tag::new(0xC1), Tag::new(0x9F7F), Tag::new(0xDF55)]);
    let plain = (prop::strategy::Union::new([tag.boxed(), other.boxed()]), prop::collection::vec(any::<u8>(), 0..200))
        .prop_filter_map("a plain value", |(tag, value)| {
            (!tag.is_constructed()).then(|| {
                let mut bytes = Vec::new();
                push(&mut bytes, tag, &value).unwrap();
                (tag, bytes)
            })
        });
    let node = plain.prop_recursive(4, 24, 4, |inner| {
        let template = prop::sample::select(vec![0x70, 0x77, 0x6F, 0xA5, 0xBF0C, 0x71, 0xE3]);
        (template, prop::collection::vec(inner, 0..4)).prop_map(|(number, children)| {
            let mut bytes = Vec::new();
            push(&mut bytes, Tag::new(number), &joined(children)).unwrap();
            (Tag::new(number), bytes)
        })
    });
    prop::collection::vec(node, 0..6).prop_map(joined)
}

/// Side by side, each tag once.
fn joined(nodes: Vec<(Tag, Vec<u8>)>) -> Vec<u8> {
    let mut seen = BTreeSet::new();
    nodes.into_iter().filter(|(tag, _)| seen.insert(*tag)).flat_map(|(_, bytes)| bytes).collect()
}

fn places_are_right(nodes: &[Node<'_>], whole: &[u8]) {
    for node in nodes {
        assert_eq!(Tag::read(&whole[node.offset..]).map(|(tag, _)| tag), Some(node.tag));
        places_are_right(&node.children, whole);
    }
}

proptest! {
    #[test]
    fn reading_and_writing_are_inverse(bytes in any_tlv()) {
        for reader in [Reader::Strict, Reader::Lenient] {
            let reading = read(&bytes, reader);
            assert_eq!(reading.error, None);
            assert_eq!(write(&reading.nodes), Ok(bytes.clone()));
            places_are_right(&reading.nodes, &bytes);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..300), tag in 0..ENTRIES.len()) {
        survived(&bytes);
        let tag = ENTRIES[tag].tag;
        for meaning in meanings(tag, &bytes) {
            assert!(has_words(tag) && !meaning.zh.is_empty() && !meaning.en.is_empty());
        }
    }

    #[test]
    fn a_changed_or_cut_byte_is_survived(
        (bytes, at, change, cut) in any_tlv().prop_filter("some", |bytes| !bytes.is_empty())
            .prop_flat_map(|bytes| { let n = bytes.len(); (Just(bytes), 0..n, any::<u8>(), 0..n) })
    ) {
        let mut changed = bytes.clone();
        changed[at] ^= change;
        survived(&changed);
        survived(&bytes[..cut]);
    }
}

fn survived(bytes: &[u8]) {
    for reader in [Reader::Strict, Reader::Lenient] {
        let reading = read(bytes, reader);
        if let Some(error) = &reading.error {
            assert!(error.offset <= bytes.len() && error.path.len() <= DEPTH_MOST + 2);
        }
        places_are_right(&reading.nodes, bytes);
        scripts(&reading.nodes);
        if reader == Reader::Strict && reading.error.is_none() {
            // Only zeros between values are left out.
            let again = write(&reading.nodes).unwrap();
            assert_eq!(read(&again, Reader::Strict).error, None);
        }
    }
    let (entries, _) = dol::read(bytes);
    assert!(entries.len() <= bytes.len() / 2 + 1);
}

#[test]
fn the_dictionary_is_in_order_and_speaks_both_languages() {
    for pair in ENTRIES.windows(2) {
        assert!(pair[0].tag < pair[1].tag, "{} stands before {}", pair[0].tag, pair[1].tag);
    }
    for known in ENTRIES {
        assert_eq!(entry(known.tag), Some(known));
        assert!(known.min <= known.max && !known.zh.is_empty() && !known.en.is_empty());
        assert_eq!(known.tag.is_constructed(), known.shape == Shape::Template, "{}", known.tag);
        assert_eq!(Tag::parse(&known.tag.to_string()), Some(known.tag));
    }
    for card_data in [0x5A, 0x57, 0x56, 0x9F6B, 0x5F20, 0x5F24, 0x9F0B, 0x9F1F, 0x9F20, 0x99, 0x5F30] {
        assert_ne!(entry(Tag::new(card_data)).unwrap().privacy, Privacy::Open, "{card_data:X}");
    }
}

#[test]
fn the_rows_of_bits_do_not_overlap_and_lie_within_the_value() {
    for (tag, table) in GROUPS {
        let known = entry(*tag).unwrap_or_else(|| panic!("{tag} is not in the dictionary"));
        for (at, row) in table.iter().enumerate() {
            assert!(row.byte >= 1 && usize::from(row.byte) <= known.max, "{tag}: {}", row.en);
            assert!(row.mask != 0 && row.is & !row.mask == 0, "{tag}: {}", row.en);
            for other in &table[at + 1..] {
                let both = row.byte == other.byte && row.mask & other.mask != 0;
                assert!(!both || (row.mask == other.mask && row.is != other.is), "{tag}: {} / {}", row.en, other.en);
            }
        }
    }
}

fn words(tag: u32, value: &str) -> Vec<String> {
    meanings(Tag::new(tag), &bytes(value)).into_iter().map(|meaning| meaning.en).collect()
}

#[test]
fn bits_say_what_the_books_say() {
    assert_eq!(
        words(0x95, "0080048000"),
        [
            "card and terminal have different application versions",
            "online PIN captured",
            "transaction exceeds floor limit"
        ]
    );
    assert_eq!(words(0x95, "0000000060").len(), 2);
    assert_eq!(words(0x9B, "0401"), ["script processing was performed", "reserved for future use"]);
    assert_eq!(words(0x9F27, "80"), ["ARQC: online authorisation requested"]);
    assert_eq!(words(0x9F27, "42"), ["TC: approved offline", "reason: PIN try limit exceeded"]);
    assert_eq!(words(0x9F34, "420300")[0], "enciphered PIN checked online");
    assert_eq!(
        words(0x8E, "000003E8 00000000 4203 1E03 1F00"),
        [
            "amount X = 1000",
            "amount Y = 0",
            "rule 1: enciphered PIN checked online, if the terminal supports the method, else next",
            "rule 2: signature, if the terminal supports the method, else fail",
            "rule 3: no verification required, always, else fail"
        ]
    );
    assert_eq!(words(0x9F35, "22"), ["controlled by the merchant", "attended, offline with online capability"]);
    assert_eq!(words(0xDF31, "12 00000001"), ["script command failed", "command 2"]);
    assert!(words(0x9F26, "0102030405060708").is_empty());
}

#[test]
fn a_list_is_read_and_filled_by_the_rules_of_its_shapes() {
    let (entries, error) = dol::read(&bytes("9F0206 9F0302 5F2A02 9F3704 9505 5A0A 9F4E04 7003"));
    assert_eq!((entries.len(), error), (8, None));
    let source = [
        (0x9F02, "000100"),       // digits, shorter: zeros in front
        (0x9F03, "000000000099"), // digits, longer: the left goes
        (0x5F2A, "0156"),
        (0x9F37, "1A2B3C4D"),
        (0x5A, "6222021234567890"),   // compressed, shorter: F behind
        (0x9F4E, "5348414E47484149"), // longer: the right goes
    ]
    .map(|(tag, value)| (Tag::new(tag), bytes(value)));
    let (filled, how) =
        dol::fill(&entries, |tag| source.iter().find(|(known, _)| *known == tag).map(|(_, value)| value.as_slice()));
    assert_eq!(
        hex::encode(&filled),
        "000000000100 0099 0156 1A2B3C4D 0000000000 6222021234567890FFFF 5348414E 000000".replace(' ', "")
    );
    use Filled::{Cut, Lengthened, Missing, Whole};
    assert_eq!(how, [Lengthened, Cut, Whole, Whole, Missing, Lengthened, Cut, Missing]);
    let (entries, error) = dol::read(&bytes("9F0206 9F"));
    assert_eq!((entries.len(), error), (1, Some(DolError::Tag { offset: 3 })));
    assert_eq!(dol::read(&bytes("9F0281")).1, Some(DolError::Length { tag: Tag::new(0x9F02), offset: 0 }));
}

#[test]
fn issuer_scripts_are_taken_apart_and_judged() {
    let data = bytes("72 1D 9F18 04 00000001 86 0D 8424000008 CF323F09A0F6AB9E 86 05 841E000008");
    let nodes = read(&data, Reader::Lenient);
    let (script, faults) = scripts(&nodes.nodes).remove(0);
    assert!(faults.is_empty() && !script.before_second);
    assert_eq!(script.identifier, Some([0, 0, 0, 1]));
    let names: Vec<_> = script.commands.iter().map(|command| command.name().unwrap().1).collect();
    assert_eq!(names, ["PIN unblock", "application block"]);
    let long = format!("72 81 81 86 7F {}", "84".repeat(127));
    for (text, expected) in [
        ("71 03 9F18 00", ScriptFault::NoCommand),
        ("71 0A 9F18 03 000001 86 02 8424", ScriptFault::Identifier { found: 3 }),
        ("71 04 86 02 8424", ScriptFault::Command { found: 2 }),
        ("71 09 9C 01 00 86 04 84240000", ScriptFault::Stranger(Tag::new(0x9C))),
        ("71 0C 9F1800 9F1800 86 04 84240000", ScriptFault::TwoIdentifiers),
        (long.as_str(), ScriptFault::TooLong { found: 129 }),
    ] {
        let data = bytes(text);
        let reading = read(&data, Reader::Lenient);
        assert_eq!(reading.error, None, "{text}");
        let (_, faults) = scripts(&reading.nodes).remove(0);
        assert!(faults.contains(&expected), "{text}: {faults:?}");
    }
    assert_eq!(result(ScriptOutcome::Failed(2), Some([1, 2, 3, 4])), [0x12, 1, 2, 3, 4]);
    assert_eq!(result(ScriptOutcome::Failed(99), None), [0x1F, 0, 0, 0, 0]);
    assert_eq!(result(ScriptOutcome::Performed, None)[0], 0x20);
    assert_eq!(result(ScriptOutcome::NotPerformed, None)[0], 0x00);
    assert!(goes_on([0x90, 0]) && goes_on([0x62, 0x83]) && goes_on([0x63, 0xC2]) && !goes_on([0x6A, 0x81]));
}
