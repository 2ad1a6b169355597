//! Two dialects built by hand: the POS-to-centre interface in BCD, and the 1987 ASCII profile with all 128 fields.

use tillscript::payment::iso8583::codec::CodecCell;
use tillscript::payment::iso8583::dialect::{Dialect, Framing, WireForm};
use tillscript::payment::iso8583::field::{Class, Encoding, Field, Holds, Length, Padding};
use tillscript::payment::keys::mac::MacAlgorithm;

/// Number, class, encoding, digits of the length (0: fixed), maximum, padding, what it holds.
type Row = (u8, Class, Encoding, u8, u16, Padding, Holds);

/// The fields of a UnionPay terminal.
pub(crate) fn cup() -> Dialect {
    use Class::{Alphanumeric as An, Bytes, Digits as N, Text, Track};
    use Encoding::{Ascii, Bcd, Binary};
    use Padding::{None as Exact, SpacesRight as Spaces, ZerosLeft as Zeros, ZerosRight};
    let rows: &[Row] = &[
        (2, N, Bcd, 2, 19, Exact, Holds::Pan),
        (3, N, Bcd, 0, 6, Zeros, Holds::Plain),
        (4, N, Bcd, 0, 12, Zeros, Holds::Amount),
        (11, N, Bcd, 0, 6, Zeros, Holds::Stan),
        (12, N, Bcd, 0, 6, Zeros, Holds::Time),
        (13, N, Bcd, 0, 4, Zeros, Holds::Date),
        (14, N, Bcd, 0, 4, Zeros, Holds::Expiry),
        (15, N, Bcd, 0, 4, Zeros, Holds::Date),
        (22, N, Bcd, 0, 3, ZerosRight, Holds::Plain),
        (23, N, Bcd, 0, 3, Zeros, Holds::Plain),
        (25, N, Bcd, 0, 2, Zeros, Holds::Plain),
        (26, N, Bcd, 0, 2, Zeros, Holds::Plain),
        (32, N, Bcd, 2, 11, Exact, Holds::Plain),
        (35, Track, Bcd, 2, 37, Exact, Holds::Track),
        (36, Track, Bcd, 3, 104, Exact, Holds::Track),
        (37, An, Ascii, 0, 12, Spaces, Holds::Rrn),
        (38, An, Ascii, 0, 6, Spaces, Holds::Plain),
        (39, An, Ascii, 0, 2, Exact, Holds::ResponseCode),
        (41, Text, Ascii, 0, 8, Spaces, Holds::Plain),
        (42, Text, Ascii, 0, 15, Spaces, Holds::Plain),
        (44, An, Ascii, 2, 25, Exact, Holds::Plain),
        (48, N, Bcd, 3, 322, Exact, Holds::Plain),
        (49, An, Ascii, 0, 3, Exact, Holds::Plain),
        (52, Bytes, Binary, 0, 8, Exact, Holds::PinBlock),
        (53, N, Bcd, 0, 16, Zeros, Holds::Plain),
        (54, Text, Ascii, 3, 40, Exact, Holds::Plain),
        (55, Bytes, Binary, 3, 255, Exact, Holds::Plain),
        (57, Text, Ascii, 3, 100, Exact, Holds::Plain),
        (58, Bytes, Binary, 3, 100, Exact, Holds::Plain),
        (59, Text, Ascii, 3, 600, Exact, Holds::Plain),
        // The published frame has 19 digits here, two more than the field tables.
        (60, N, Bcd, 3, 19, Exact, Holds::Plain),
        (61, N, Bcd, 3, 29, Exact, Holds::Plain),
        (62, Bytes, Binary, 3, 512, Exact, Holds::Keys),
        (63, Text, Ascii, 3, 163, Exact, Holds::Plain),
        (64, Bytes, Binary, 0, 8, Exact, Holds::Mac),
    ];
    let framing = Framing {
        length_bytes: 2,
        tpdu: vec![0x60, 0x00, 0x03, 0x00, 0x00],
        header: vec![0x60, 0x32, 0x10, 0x32, 0x00, 0x72],
        ..Framing::default()
    };
    dialect("cup", WireForm::BCD, framing, rows)
}

/// Every field of ISO 8583:1987, from 2 to 128, in ASCII.
pub(crate) fn iso1987() -> Dialect {
    use Class::{Alphanumeric as An, Bytes, Digits as N, SignedDigits, Text, Track};
    use Encoding::{Ascii, HexText};
    use Padding::{None as Exact, SpacesRight as Spaces, ZerosLeft as Zeros};
    let n = |number, max| (number, N, Ascii, 0, max, Zeros, Holds::Plain);
    let an = |number, max| (number, An, Ascii, 0, max, Spaces, Holds::Plain);
    let ans = |number, max| (number, Text, Ascii, 0, max, Spaces, Holds::Plain);
    let variable = |number, class, digits, max| (number, class, Ascii, digits, max, Exact, Holds::Plain);
    let bytes = |number, max| (number, Bytes, HexText, 0, max, Exact, Holds::Plain);
    let signed = |number, max| (number, SignedDigits, Ascii, 0, max, Zeros, Holds::Plain);
    let mut rows: Vec<Row> = vec![
        (2, N, Ascii, 2, 19, Exact, Holds::Pan),
        (35, Track, Ascii, 2, 37, Exact, Holds::Track),
        (36, Track, Ascii, 3, 104, Exact, Holds::Track),
        (52, Bytes, HexText, 0, 8, Exact, Holds::PinBlock),
        (64, Bytes, HexText, 0, 8, Exact, Holds::Mac),
        (128, Bytes, HexText, 0, 8, Exact, Holds::Mac),
        variable(44, Text, 2, 25),
        variable(45, Text, 2, 76),
        variable(34, Text, 2, 28),
        variable(54, Text, 3, 120),
        variable(101, Text, 2, 17),
        variable(102, Text, 2, 28),
        variable(103, Text, 2, 28),
        variable(104, Text, 3, 100),
        ans(43, 40),
        ans(98, 25),
        bytes(65, 1),
        bytes(96, 16),
        n(90, 42),
        signed(97, 17),
    ];
    let numbers: [(u16, &[u8]); 9] = [
        (6, &[3, 11, 12, 73, 93]),
        (12, &[4, 5, 6, 82, 83, 84, 85]),
        (10, &[7, 74, 75, 76, 77, 78, 79, 80, 81]),
        (8, &[8, 9, 10]),
        (4, &[13, 14, 15, 16, 17, 18, 71, 72]),
        (3, &[19, 20, 21, 22, 23, 24, 68, 69, 70]),
        (2, &[25, 26, 67]),
        (1, &[27, 66]),
        (16, &[53, 86, 87, 88, 89]),
    ];
    for (max, fields) in numbers {
        rows.extend(fields.iter().map(|number| n(*number, max)));
    }
    rows.extend([28, 29, 30, 31].map(|number| signed(number, 9)));
    rows.extend([32, 33, 99, 100].map(|number| variable(number, N, 2, 11)));
    rows.extend([(37, 12), (38, 6), (39, 2), (40, 3), (49, 3), (50, 3), (51, 3)].map(|(number, max)| an(number, max)));
    rows.extend([(91, 1), (92, 2), (94, 7), (95, 42)].map(|(number, max)| an(number, max)));
    rows.extend([(41, 8), (42, 15)].map(|(number, max)| ans(number, max)));
    rows.extend((46..=48).chain(55..=63).chain(105..=127).map(|number| variable(number, Text, 3, 999)));
    rows.sort_by_key(|row| row.0);
    assert!(rows.iter().map(|row| row.0).eq(2..=128), "every number once");
    dialect("iso1987", WireForm::ASCII, Framing::default(), &rows)
}

fn dialect(name: &str, form: WireForm, framing: Framing, rows: &[Row]) -> Dialect {
    let field = |&(number, class, encoding, digits, max, padding, holds): &Row| Field {
        number,
        name: format!("field_{number}"),
        zh: format!("域{number}"),
        en: format!("Field {number}"),
        holds,
        class,
        encoding,
        length: if digits == 0 { Length::Fixed { max } } else { Length::variable(digits, max) },
        padding,
        layouts: Vec::new(),
    };
    Dialect {
        name: name.to_owned(),
        base: None,
        form,
        framing,
        fields: rows.iter().map(field).collect(),
        messages: Vec::new(),
        approved: Vec::new(),
        reversal: None,
        mac: Some(MacAlgorithm::CupEcb),
        table: CodecCell::default(),
    }
}
