//! The packagers of jPOS that are understood, one row each: what the class writes on the wire.
//!
//! Facts from the sources of jPOS 2 and 3 (`org.jpos.iso`). What is not in the table is not guessed by its name: `IFA_LLBINARY`
//! and `IFA_BINARY` look alike, and one writes bytes, the other hexadecimal text.

use crate::cli::dialect::spec::length;
use crate::payment::iso8583::dialect::BitmapForm;
use crate::payment::iso8583::field::{Class, Counts, Encoding, Length, Padding};
use crate::payment::iso8583::number::NumberForm;

/// What one packager writes.
#[derive(Clone, Copy, Debug)]
pub struct Packager {
    /// The last word of its class, such as `IFB_LLNUM`.
    pub name: &'static str,
    /// Which characters it takes.
    pub class: Class,
    /// How it writes them.
    pub encoding: Encoding,
    /// Digits of the length in front; 0: none.
    digits: u8,
    /// How that length is written.
    prefix: NumberForm,
    /// What that length counts.
    counts: Counts,
    /// An odd count of BCD digits is filled with F.
    fills_with_f: bool,
}

/// EBCDIC there is code page 1047.
const EBCDIC: Encoding = Encoding::Ebcdic1047;

const fn fixed(name: &'static str, class: Class, encoding: Encoding) -> Packager {
    Packager { name, class, encoding, digits: 0, prefix: NumberForm::Ascii, counts: Counts::Units, fills_with_f: false }
}

const fn variable(name: &'static str, class: Class, encoding: Encoding, digits: u8, prefix: NumberForm) -> Packager {
    Packager { digits, prefix, ..fixed(name, class, encoding) }
}

/// Every packager that is understood.
#[rustfmt::skip]
pub const PACKAGERS: &[Packager] = {
    use Class::{Bytes, Digits, SignedDigits, Text};
    use Encoding::{Ascii, Bcd, Binary, HexText};
    const A: NumberForm = NumberForm::Ascii;
    const B: NumberForm = NumberForm::Bcd;
    const E: NumberForm = NumberForm::Ebcdic;
    const H: NumberForm = NumberForm::Binary;
    &[
        fixed("IF_CHAR", Text, Ascii),
        fixed("IF_ECHAR", Text, EBCDIC),
        fixed("IFA_NUMERIC", Digits, Ascii),
        fixed("IFA_AMOUNT", SignedDigits, Ascii),
        fixed("IFA_BINARY", Bytes, HexText),
        variable("IFA_LCHAR", Text, Ascii, 1, A),
        variable("IFA_LLCHAR", Text, Ascii, 2, A),
        variable("IFA_LLLCHAR", Text, Ascii, 3, A),
        variable("IFA_LLLLCHAR", Text, Ascii, 4, A),
        variable("IFA_LLNUM", Digits, Ascii, 2, A),
        variable("IFA_LLLNUM", Digits, Ascii, 3, A),
        variable("IFA_LBINARY", Bytes, Binary, 1, A),
        variable("IFA_LLBINARY", Bytes, Binary, 2, A),
        variable("IFA_LLLBINARY", Bytes, Binary, 3, A),
        variable("IFA_LLLLBINARY", Bytes, Binary, 4, A),
        variable("IFA_LLABINARY", Bytes, HexText, 2, A),
        variable("IFA_LLLABINARY", Bytes, HexText, 3, A),
        fixed("IFB_NUMERIC", Digits, Bcd),
        Packager { fills_with_f: true, ..fixed("IFB_FNUMERIC", Digits, Bcd) },
        fixed("IFB_AMOUNT", SignedDigits, Bcd),
        fixed("IFB_BINARY", Bytes, Binary),
        variable("IFB_LLNUM", Digits, Bcd, 2, B),
        variable("IFB_LLLNUM", Digits, Bcd, 3, B),
        variable("IFB_LLCHAR", Text, Ascii, 2, B),
        variable("IFB_LLLCHAR", Text, Ascii, 3, B),
        variable("IFB_LLLLCHAR", Text, Ascii, 4, B),
        variable("IFB_LLBINARY", Bytes, Binary, 2, B),
        variable("IFB_LLLBINARY", Bytes, Binary, 3, B),
        variable("IFB_LLLLBINARY", Bytes, Binary, 4, B),
        variable("IFB_LLHNUM", Digits, Bcd, 2, H),
        variable("IFB_LLLHNUM", Digits, Bcd, 3, H),
        variable("IFB_LLHCHAR", Text, Ascii, 2, H),
        variable("IFB_LLLHCHAR", Text, Ascii, 3, H),
        variable("IFB_LLHECHAR", Text, EBCDIC, 2, H),
        variable("IFB_LLLHECHAR", Text, EBCDIC, 3, H),
        variable("IFB_LLHBINARY", Bytes, Binary, 2, H),
        variable("IFB_LLLHBINARY", Bytes, Binary, 3, H),
        fixed("IFE_CHAR", Text, EBCDIC),
        fixed("IFE_NUMERIC", Digits, EBCDIC),
        fixed("IFE_AMOUNT", SignedDigits, EBCDIC),
        variable("IFE_LLCHAR", Text, EBCDIC, 2, E),
        variable("IFE_LLLCHAR", Text, EBCDIC, 3, E),
        variable("IFE_LLNUM", Digits, EBCDIC, 2, E),
        variable("IFE_LLLNUM", Digits, EBCDIC, 3, E),
        variable("IFE_LLBINARY", Bytes, Binary, 2, E),
        variable("IFE_LLLBINARY", Bytes, Binary, 3, E),
        variable("IFEA_LLCHAR", Text, Ascii, 2, E),
        variable("IFAE_LLCHAR", Text, EBCDIC, 2, A),
        // The length counts bytes, and F fills an odd digit.
        Packager { counts: Counts::Bytes, fills_with_f: true, ..variable("IFEB_LLNUM", Digits, Bcd, 2, E) },
        Packager { counts: Counts::Bytes, fills_with_f: true, ..variable("IFEB_LLLNUM", Digits, Bcd, 3, E) },
    ]
};

/// The packagers of field 1.
pub const BITMAPS: &[(&str, BitmapForm)] =
    &[("IFA_BITMAP", BitmapForm::Hex), ("IFB_BITMAP", BitmapForm::Binary), ("IFE_BITMAP", BitmapForm::EbcdicHex)];

/// The packager of this class, by the last word of its name.
pub fn packager(short: &str) -> Option<&'static Packager> {
    PACKAGERS.iter().find(|packager| packager.name == short)
}

impl Packager {
    /// The length of a field of at most so many digits, characters or bytes.
    pub fn length(&self, max: u16) -> Length {
        match length(self.digits, max, self.prefix) {
            Length::Variable { digits, max, prefix, .. } => {
                Length::Variable { digits, max, prefix, counts: self.counts }
            }
            fixed => fixed,
        }
    }

    /// What fills a field; `pad`: the attribute of the file, which says where the spare nibble of BCD stands.
    pub fn padding(&self, max: u16, pad: bool) -> Padding {
        let odd = max % 2 == 1;
        match (self.class, self.encoding, self.digits) {
            (Class::Digits, Encoding::Bcd, _) if self.fills_with_f && !pad => Padding::FRight,
            // Short numbers are filled with zeros in front. Where an odd count stands on the left they would have to be
            // filled on both sides, so such a value has to be whole.
            (Class::Digits, Encoding::Bcd, 0) if odd && !pad => Padding::None,
            (Class::Digits, Encoding::Bcd, 1..) if pad => Padding::ZerosLeft,
            (Class::Digits | Class::SignedDigits, _, 0) => Padding::ZerosLeft,
            (Class::Text, _, 0) => Padding::SpacesRight,
            _ => Padding::None,
        }
    }
}
