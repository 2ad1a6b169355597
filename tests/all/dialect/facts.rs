//! The library's values against the published tables.

use super::{library_codes, library_dialect};
use tillscript::payment::iso8583::bitmap::Bitmap;
use tillscript::payment::iso8583::dialect::{FieldSet, MessageRule, Mti, WireForm};
use tillscript::payment::iso8583::field::{Class, Encoding, Holds, Length, Padding};
use tillscript::payment::iso8583::response::{Category, ResponseCode};
use tillscript::payment::keys::mac::MacAlgorithm;

type Row = (u8, Class, Encoding, Length, Padding, Holds);

fn fixed(max: u16) -> Length {
    Length::Fixed { max }
}

fn variable(digits: u8, max: u16) -> Length {
    Length::variable(digits, max)
}

fn rows_are(dialect: &str, rows: &[Row]) {
    for (number, class, encoding, length, padding, holds) in rows {
        let field = library_dialect(dialect).field(*number).expect("a field");
        let found = (field.number, field.class, field.encoding, field.length, field.padding, field.holds);
        assert_eq!(found, (*number, *class, *encoding, *length, *padding, *holds), "F{number} of {dialect}");
    }
}

#[test]
fn fields_of_a_chinese_terminal() {
    use Class::{Alphanumeric as An, Bytes, Digits as N, Text, Track};
    use Encoding::{Ascii, Bcd, Binary};
    use Padding::{None as Exact, SpacesRight, ZerosLeft, ZerosRight};
    rows_are(
        "cn_pos",
        &[
            (2, N, Bcd, variable(2, 19), Exact, Holds::Pan),
            (3, N, Bcd, fixed(6), ZerosLeft, Holds::Plain),
            (4, N, Bcd, fixed(12), ZerosLeft, Holds::Amount),
            (11, N, Bcd, fixed(6), ZerosLeft, Holds::Stan),
            (12, N, Bcd, fixed(6), ZerosLeft, Holds::Time),
            (13, N, Bcd, fixed(4), ZerosLeft, Holds::Date),
            (14, N, Bcd, fixed(4), ZerosLeft, Holds::Expiry),
            (22, N, Bcd, fixed(3), ZerosRight, Holds::Plain),
            (23, N, Bcd, fixed(3), ZerosLeft, Holds::Plain),
            (25, N, Bcd, fixed(2), ZerosLeft, Holds::Plain),
            (32, N, Bcd, variable(2, 11), Exact, Holds::Plain),
            (35, Track, Bcd, variable(2, 37), Exact, Holds::Track),
            (36, Track, Bcd, variable(3, 104), Exact, Holds::Track),
            (37, An, Ascii, fixed(12), SpacesRight, Holds::Rrn),
            (38, An, Ascii, fixed(6), SpacesRight, Holds::Plain),
            (39, An, Ascii, fixed(2), Exact, Holds::ResponseCode),
            (41, Text, Ascii, fixed(8), SpacesRight, Holds::Plain),
            (42, Text, Ascii, fixed(15), SpacesRight, Holds::Plain),
            (44, An, Ascii, variable(2, 25), Exact, Holds::Plain),
            (48, N, Bcd, variable(3, 322), Exact, Holds::Plain),
            (49, An, Ascii, fixed(3), Exact, Holds::Plain),
            (52, Bytes, Binary, fixed(8), Exact, Holds::PinBlock),
            (53, N, Bcd, fixed(16), ZerosLeft, Holds::Plain),
            (54, An, Ascii, variable(3, 40), Exact, Holds::Plain),
            (55, Bytes, Binary, variable(3, 255), Exact, Holds::ChipData),
            (59, Text, Ascii, variable(3, 600), Exact, Holds::Plain),
            (61, N, Bcd, variable(3, 29), Exact, Holds::Plain),
            (62, Bytes, Binary, variable(3, 512), Exact, Holds::Keys),
            (63, Text, Ascii, variable(3, 163), Exact, Holds::Plain),
            (64, Bytes, Binary, fixed(8), Exact, Holds::Mac),
        ],
    );
    let numbers: Vec<u8> = library_dialect("cn_pos").fields.iter().map(|field| field.number).collect();
    assert_eq!(
        numbers,
        [
            2, 3, 4, 11, 12, 13, 14, 15, 22, 23, 25, 26, 32, 35, 36, 37, 38, 39, 41, 42, 44, 48, 49, 52, 53, 54, 55,
            57, 58, 59, 60, 61, 62, 63, 64
        ],
        "fields that the interface does not use are gone"
    );
}

#[test]
fn fields_of_the_1987_profile() {
    use Class::{Alphanumeric as An, Bytes, Digits as N, SignedDigits, Text, Track};
    use Encoding::{Ascii, HexText};
    use Padding::{None as Exact, SpacesRight, ZerosLeft};
    rows_are(
        "iso1987",
        &[
            (2, N, Ascii, variable(2, 19), Exact, Holds::Pan),
            (7, N, Ascii, fixed(10), ZerosLeft, Holds::Plain),
            (28, SignedDigits, Ascii, fixed(9), ZerosLeft, Holds::Plain),
            (34, Text, Ascii, variable(2, 28), Exact, Holds::Pan),
            (35, Track, Ascii, variable(2, 37), Exact, Holds::Track),
            (43, Text, Ascii, fixed(40), SpacesRight, Holds::Plain),
            (45, Text, Ascii, variable(2, 76), Exact, Holds::Track),
            (49, An, Ascii, fixed(3), SpacesRight, Holds::Plain),
            (52, Bytes, HexText, fixed(8), Exact, Holds::PinBlock),
            (55, Text, Ascii, variable(3, 999), Exact, Holds::ChipData),
            (64, Bytes, HexText, fixed(8), Exact, Holds::Mac),
            (70, N, Ascii, fixed(3), ZerosLeft, Holds::Plain),
            (90, N, Ascii, fixed(42), ZerosLeft, Holds::Plain),
            (95, An, Ascii, fixed(42), SpacesRight, Holds::Plain),
            (97, SignedDigits, Ascii, fixed(17), ZerosLeft, Holds::Plain),
            (100, N, Ascii, variable(2, 11), Exact, Holds::Plain),
            (127, Text, Ascii, variable(3, 999), Exact, Holds::Plain),
            (128, Bytes, HexText, fixed(8), Exact, Holds::Plain),
        ],
    );
    let numbers = library_dialect("iso1987").fields.iter().map(|field| field.number);
    assert!(numbers.eq(2..=128), "every number once");
}

fn rule(mti: u16, processing: Option<&str>) -> &'static MessageRule {
    library_dialect("cn_pos").rule(Mti(mti), processing).expect("a rule")
}

fn bitmap(fields: impl Iterator<Item = u8>) -> String {
    let bitmap: Bitmap = fields.collect();
    let mut text = Vec::new();
    bitmap.write(WireForm::ASCII.bitmap, &mut text);
    String::from_utf8(text).expect("hexadecimal")
}

/// The published least bitmap of a request and the bitmap of its reply.
const PUBLISHED: &[(u16, Option<&str>, &str, &str)] = &[
    (200, Some("310000"), "2020048000C08011", "603C00810AD08C11"),
    (200, Some("000000"), "3020048000C08011", "703E00810ED08813"),
    (200, Some("200000"), "3020048008C08019", "703E00810ED08813"),
    (220, Some("200000"), "3020048008C0801B", "703E00810AD08813"),
    (220, Some("000000"), "7020048000C00013", "703E00810ED08813"),
    (100, Some("030000"), "3020048000C08011", "703E00810ED08813"),
    (100, Some("200000"), "3020048004C08019", "703E00810ED08813"),
    (400, None, "3020048002C08011", "703E00810AD08811"),
    (800, None, "0020000000C00012", "003800010AC00014"),
    (820, None, "0000000000C00010", "0018000002C00010"),
    (500, None, "0020000000C18012", "003A000108C18012"),
    (320, None, "0020000000C10010", "003800010AC10010"),
];

#[test]
fn requests_need_the_published_least_bitmap() {
    for (mti, processing, request, reply) in PUBLISHED {
        let rule = rule(*mti, *processing);
        let mac = rule.mac.then_some(64);
        assert_eq!(bitmap(rule.needed.iter().chain(mac)), *request, "{mti} {}", rule.name);
        let sent = u64::from_str_radix(reply, 16).expect("hexadecimal");
        let sent: FieldSet = (1..=64).filter(|number| sent >> (64 - number) & 1 == 1).collect();
        let asked = rule.reply_needed.iter().filter(|number| !sent.contains(*number));
        assert_eq!(asked.count(), 0, "{mti} {} asks for more than hosts send", rule.name);
        assert_eq!(sent.contains(64), rule.mac, "{mti} {}", rule.name);
    }
}

#[test]
fn rules_of_a_chinese_terminal() {
    let dialect = library_dialect("cn_pos");
    assert_eq!(dialect.base.as_deref(), Some("iso1987"));
    assert_eq!(dialect.form, WireForm::BCD);
    assert_eq!(dialect.framing.length_bytes, 2);
    assert_eq!(dialect.framing.tpdu, [0x60, 0, 3, 0, 0]);
    assert_eq!(dialect.framing.header, [0x60, 0x32, 0, 0x32, 0, 0]);
    assert_eq!(dialect.mac, Some(MacAlgorithm::CupEcb));
    let moving: Vec<&str> =
        dialect.messages.iter().filter(|rule| rule.moves_money).map(|rule| rule.name.as_str()).collect();
    assert_eq!(moving, ["preauth", "preauth_void", "sale", "void"]);
    let sale = rule(200, Some("000000"));
    assert_eq!(sale.match_key, [3, 11, 41, 42].into_iter().collect());
    assert!(sale.echoed.contains(4), "an approval of another amount must not match");
    assert!(!rule(500, None).reply_needed.contains(39), "a settlement reply has no field 39");
    assert!(!rule(820, None).needed.contains(11), "an echo has no trace number");
    let reversal = dialect.reversal.as_ref().expect("a reversal");
    assert_eq!(reversal.mti, Mti(400));
    let reasons = [reversal.reason_default, reversal.reason_timeout, reversal.reason_mac];
    assert_eq!(reasons.map(|code| code.to_string()), ["06", "98", "A0"]);
    assert_eq!(reversal.accepted, ["00", "12", "25"].map(|code| ResponseCode::parse(code).expect("a code")));
    for number in [35, 36, 52, 53, 26, 37, 62, 64] {
        assert!(!reversal.copied.contains(number), "F{number} does not go into a reversal");
    }
    assert_eq!(reversal.copied, [2, 3, 4, 11, 14, 22, 23, 25, 38, 41, 42, 49, 55, 60, 61].into_iter().collect());
}

#[test]
fn everything_copied_into_a_reversal_may_be_in_one() {
    for name in ["cn_pos", "iso1987"] {
        let dialect = library_dialect(name);
        let reversal = dialect.reversal.as_ref().expect("a reversal");
        let rule = dialect.rule(reversal.mti, None).expect("a rule");
        let carried = FieldSet(rule.needed.0 | rule.optional.0);
        let lost: Vec<u8> = reversal.copied.iter().filter(|number| !carried.contains(*number)).collect();
        assert_eq!(lost, Vec::<u8>::new(), "{name}");
        assert!(rule.needed.contains(39), "{name}: the reason");
        for request in dialect.messages.iter().filter(|rule| rule.moves_money) {
            let missing: Vec<u8> = rule
                .needed
                .iter()
                .filter(|number| {
                    *number != 39 && !(reversal.copied.contains(*number) && request.needed.contains(*number))
                })
                .collect();
            assert_eq!(missing, Vec::<u8>::new(), "{name}: the reversal of {} lacks what it needs", request.name);
        }
    }
}

#[test]
fn the_approved_set_is_the_category_accept() {
    for name in ["cn_pos", "iso1987"] {
        let accepted: Vec<ResponseCode> = library_codes(name)
            .rows
            .iter()
            .filter(|row| row.category == Category::Accept)
            .map(|row| row.code)
            .collect();
        // A code that a script takes for an approval and the journal does not, or the reverse, would lose money.
        assert_eq!(accepted, library_dialect(name).approved, "{name}");
    }
}

#[test]
fn codes_of_a_chinese_host() {
    let table = library_codes("cn_pos");
    let of = |category: Category| -> Vec<String> {
        let rows = table.rows.iter().filter(|row| row.category == category);
        rows.map(|row| row.code.to_string()).collect()
    };
    assert_eq!(of(Category::Accept), ["00", "10", "11", "A2", "A4", "A5", "A6"]);
    assert_eq!(of(Category::Capture), ["04", "07", "33", "34", "35", "36", "37", "41", "43", "67"]);
    assert_eq!(of(Category::Rekey), ["77", "99", "A0"]);
    assert_eq!(of(Category::Retry), ["06", "09", "19", "68", "90", "91", "92", "96", "98", "A7"]);
    assert_eq!(of(Category::Refer), ["01", "02", "60", "66"]);
    for (code, name) in [
        ("03", "invalid_merchant"),
        ("04", "pick_up"),
        ("07", "special_pick_up"),
        ("34", "suspected_fraud"),
        ("41", "lost_card"),
        ("43", "stolen_card"),
        ("51", "insufficient_funds"),
        ("54", "expired_card"),
        ("55", "wrong_pin"),
        ("57", "not_permitted_to_cardholder"),
        ("91", "issuer_unavailable"),
        ("96", "system_malfunction"),
        ("97", "terminal_unknown"),
        ("99", "pin_format_error"),
        ("A0", "mac_error"),
    ] {
        let row = table.named(name).expect(name);
        assert_eq!(row.code.to_string(), code);
        assert_eq!(table.row(row.code), Some(row));
    }
    for unknown in ["08", "16", "17", "70", "Y1", "Z3", "E1", "N7"] {
        let code = ResponseCode::parse(unknown).expect("a code");
        assert_eq!(table.row(code), None, "{unknown} is no answer of a Chinese host");
        assert_eq!(table.category(code), Category::Decline);
    }
    assert_eq!(table.rows.len(), 77);
}

#[test]
fn sentences_about_codes_are_safe_to_read_out() {
    for name in ["cn_pos", "iso1987"] {
        for row in &library_codes(name).rows {
            let code = row.code;
            for zh in [&row.zh, &row.cashier_zh] {
                assert!(
                    zh.is_empty() || zh.chars().any(|sign| ('\u{4e00}'..='\u{9fff}').contains(&sign)),
                    "{code} {zh}"
                );
                assert!(!zh.contains("扣款") && !zh.contains(','), "{code} {zh}");
                assert!(!zh.contains("强行") || zh.contains("不得强行"), "{code} {zh}");
            }
            for en in [&row.en, &row.cashier_en] {
                assert!(en.is_ascii() && !en.contains("charged") && !en.contains("force"), "{code} {en}");
            }
        }
    }
}
