//! Each packager of jPOS that is understood: imported, and the bytes that it writes.

use tillscript::cli::dialect::jpos;
use tillscript::cli::dialect::jpos_class::PACKAGERS;
use tillscript::cli::dialect::write::script;
use tillscript::payment::hex;
use tillscript::payment::iso8583::dialect::{Dialect, Mti};
use tillscript::payment::iso8583::field::Class;
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::pack;
use tillscript::payment::iso8583::unpack::unpack;
use tillscript::run::known_dialects;

/// Packager, length in the file, other attributes, and the bytes of `AB1`, `00123`, `D00000123` or A1 B2.
///
/// The bytes were worked out by hand from the sources of jPOS.
const BYTES: &[(&str, u16, &str, &str)] = &[
    ("IF_CHAR", 5, "", "4142312020"),
    ("IF_ECHAR", 5, "", "C1C2F14040"),
    ("IFA_NUMERIC", 5, "", "3030313233"),
    ("IFA_AMOUNT", 9, "", "443030303030313233"),
    ("IFA_BINARY", 2, "", "41314232"),
    ("IFA_LCHAR", 9, "", "33414231"),
    ("IFA_LLCHAR", 30, "", "3033414231"),
    ("IFA_LLLCHAR", 30, "", "303033414231"),
    ("IFA_LLLLCHAR", 30, "", "30303033414231"),
    ("IFA_LLNUM", 30, "", "30353030313233"),
    ("IFA_LLLNUM", 30, "", "3030353030313233"),
    ("IFA_LBINARY", 9, "", "32A1B2"),
    ("IFA_LLBINARY", 30, "", "3032A1B2"),
    ("IFA_LLLBINARY", 30, "", "303032A1B2"),
    ("IFA_LLLLBINARY", 30, "", "30303032A1B2"),
    ("IFA_LLABINARY", 30, "", "303241314232"),
    ("IFA_LLLABINARY", 30, "", "30303241314232"),
    ("IFB_NUMERIC", 5, "", "001230"),
    ("IFB_NUMERIC", 5, "pad=\"true\"", "000123"),
    ("IFB_NUMERIC", 6, "pad=\"false\"", "000123"),
    ("IFB_FNUMERIC", 5, "", "00123F"),
    ("IFB_AMOUNT", 9, "pad=\"true\"", "4400000123"),
    ("IFB_BINARY", 2, "", "A1B2"),
    ("IFB_LLNUM", 30, "", "05001230"),
    ("IFB_LLNUM", 30, "pad=\"true\"", "05000123"),
    ("IFB_LLLNUM", 30, "", "0005001230"),
    ("IFB_LLCHAR", 30, "", "03414231"),
    ("IFB_LLLCHAR", 30, "", "0003414231"),
    ("IFB_LLLLCHAR", 30, "", "0003414231"),
    ("IFB_LLBINARY", 30, "", "02A1B2"),
    ("IFB_LLLBINARY", 30, "", "0002A1B2"),
    ("IFB_LLLLBINARY", 30, "", "0002A1B2"),
    ("IFB_LLHNUM", 30, "", "05001230"),
    ("IFB_LLLHNUM", 30, "", "0005001230"),
    ("IFB_LLHCHAR", 255, "", "03414231"),
    ("IFB_LLLHCHAR", 30, "", "0003414231"),
    ("IFB_LLHECHAR", 30, "", "03C1C2F1"),
    ("IFB_LLLHECHAR", 30, "", "0003C1C2F1"),
    ("IFB_LLHBINARY", 30, "", "02A1B2"),
    ("IFB_LLLHBINARY", 30, "", "0002A1B2"),
    ("IFE_CHAR", 5, "", "C1C2F14040"),
    ("IFE_NUMERIC", 5, "", "F0F0F1F2F3"),
    ("IFE_AMOUNT", 9, "", "C4F0F0F0F0F0F1F2F3"),
    ("IFE_LLCHAR", 30, "", "F0F3C1C2F1"),
    ("IFE_LLLCHAR", 30, "", "F0F0F3C1C2F1"),
    ("IFE_LLNUM", 30, "", "F0F5F0F0F1F2F3"),
    ("IFE_LLLNUM", 9, "", "F0F0F5F0F0F1F2F3"),
    ("IFE_LLBINARY", 30, "", "F0F2A1B2"),
    ("IFE_LLLBINARY", 30, "", "F0F0F2A1B2"),
    ("IFEA_LLCHAR", 30, "", "F0F3414231"),
    ("IFAE_LLCHAR", 30, "", "3033C1C2F1"),
    ("IFEB_LLNUM", 30, "", "F0F300123F"),
    ("IFEB_LLLNUM", 30, "", "F0F0F300123F"),
];

/// The dialect that is made of a file with these fields, and what was left out.
fn imported(fields: &str) -> Result<(Dialect, Vec<String>), String> {
    let text = format!(
        "<isopackager><isofield id=\"0\" length=\"4\" name=\"TYPE\" class=\"org.jpos.iso.IFA_NUMERIC\"/>\
         <isofield id=\"1\" length=\"16\" name=\"MAP\" class=\"org.jpos.iso.IFB_BITMAP\"/>{fields}</isopackager>"
    );
    let spec = jpos::read(&text).map_err(|said| said.en)?;
    let left_out = spec.left_out.iter().map(|said| said.en.clone()).collect();
    let script = script(&spec).map_err(|said| said.en)?;
    match known_dialects::from_text(&script) {
        Ok(known) => Ok((known.dialect, left_out)),
        Err(unknown) => Err(format!("{unknown:?}\n{script}")),
    }
}

#[test]
fn each_packager_writes_its_bytes() {
    for (name, length, more, expected) in BYTES {
        let field =
            format!("<isofield id=\"48\" length=\"{length}\" name=\"IT\" {more} class=\"org.jpos.iso.{name}\"/>");
        let (dialect, left_out) = imported(&field).unwrap_or_else(|said| panic!("{name}: {said}"));
        assert_eq!(left_out, [""; 0], "{name}");
        let mut message = Message::new(Mti(800));
        let value: &[u8] = match dialect.field(48).expect("the field").class {
            Class::Digits if *length == 6 => b"000123",
            Class::Digits => b"00123",
            Class::SignedDigits => b"D00000123",
            Class::Bytes => &[0xA1, 0xB2],
            _ => b"AB1",
        };
        message.set(48, value);
        let body = pack(&message, &dialect).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(hex::encode(&body[12..]), *expected, "{name} {more}");
        assert_eq!(unpack(&body, &dialect).as_ref().map(|read| read.get(48)), Ok(Some(value)), "{name}");
    }
    let untried = PACKAGERS.iter().find(|known| !BYTES.iter().any(|(name, ..)| *name == known.name));
    assert!(untried.is_none(), "no bytes for {untried:?}");
}

#[test]
fn what_is_not_in_the_table_is_named_and_never_guessed() {
    for name in
        ["IFA_FLLCHAR", "IFB_LLHFBINARY", "IFE_BINARY", "IFB_HEX", "IFA_LLBNUM", "IFA_TTLLCHAR", "IF_NOP", "Mine"]
    {
        let field = format!(
            "<isofield id=\"2\" length=\"19\" name=\"PAN\" class=\"org.jpos.iso.IFA_LLNUM\"/>\
             <isofield id=\"48\" length=\"9\" name=\"IT\" class=\"a.b.{name}\"/>"
        );
        let (dialect, left_out) = imported(&field).unwrap_or_else(|said| panic!("{name}: {said}"));
        assert!(dialect.field(48).is_none(), "{name}");
        assert_eq!(left_out, [format!("field 48: there is no way of writing for {name}")]);
    }
    // An odd count of digits behind a sign.
    let (_, left_out) = imported(
        "<isofield id=\"2\" length=\"19\" name=\"PAN\" class=\"IFA_LLNUM\"/>\
         <isofield id=\"28\" length=\"8\" name=\"FEE\" class=\"org.jpos.iso.IFB_AMOUNT\"/>",
    )
    .unwrap();
    assert_eq!(left_out.len(), 1);
    // Nothing can be read without these two.
    for (id, name) in [(0, "IFB_HEX"), (1, "IFX_BITMAP")] {
        let text =
            format!("<isopackager><isofield id=\"{id}\" length=\"4\" name=\"T\" class=\"{name}\"/></isopackager>");
        let said = jpos::read(&text).map(|_| ()).unwrap_err();
        assert_eq!(said.en, format!("field {id}: there is no way of writing for {name}"));
    }
}

#[test]
fn parts_of_parts_are_imported_and_what_is_deeper_stays_in_one_piece() {
    let mut fields = "<isofield id=\"1\" length=\"2\" name=\"A\" class=\"IFA_NUMERIC\"/>".to_owned();
    for level in (1..=40).rev() {
        fields = format!(
            "<isofieldpackager id=\"1\" length=\"{}\" name=\"L{level}\" class=\"IF_CHAR\" packager=\"x\">{fields}</isofieldpackager>",
            2
        );
    }
    let whole = format!(
        "<isofieldpackager id=\"48\" length=\"99\" name=\"IT\" class=\"IFA_LLCHAR\" packager=\"x\">{fields}</isofieldpackager>"
    );
    let (dialect, _) = imported(&whole).unwrap();
    let part = |field: &tillscript::payment::iso8583::field::Field| field.layouts[0].parts[0].field.clone();
    let second = part(&part(dialect.field(48).unwrap()));
    assert!(second.layouts.is_empty());
}
