//! What is wrong with bytes, what looks wrong in them, and what would mend it, in words for people.

use crate::payment::iso8583::decode::Begin;
use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use crate::payment::iso8583::dialect::BitmapForm;
use crate::payment::iso8583::field::{Counts, Encoding};
use crate::payment::iso8583::number::NumberForm;
use crate::payment::iso8583::remark::Remark;
use crate::payment::iso8583::what_if::WhatIf;
use crate::run::message_words::of_unpack;
use crate::script_error::catalogue::wire;
use crate::script_error::code::{Code, Fact};
use crate::script_error::words::Said;

/// The code of an error, and its facts.
pub fn code(error: &DecodeError) -> (Code, Vec<(&'static str, Fact)>) {
    let detail = || vec![("detail", Fact::Said(of_unpack(error)))];
    match (error.layer, error.problem, error.field) {
        (Layer::Frame | Layer::Field, DecodeProblem::Trailing, _) => (wire::TRAILING_BYTES, detail()),
        (Layer::Frame, ..) => (wire::FRAME_UNREADABLE, detail()),
        (Layer::Header, ..) => (wire::HEADER_UNREADABLE, detail()),
        (Layer::MessageType, ..) => (wire::MESSAGE_TYPE_UNREADABLE, detail()),
        (Layer::Bitmap, ..) => (wire::BITMAP_UNREADABLE, detail()),
        (Layer::Part, ..) => (wire::PART_UNREADABLE, detail()),
        (Layer::Field, _, Some(number)) => {
            let mut facts = detail();
            facts.push(("field", Fact::Field(number)));
            (wire::FIELD_UNREADABLE, facts)
        }
        (Layer::Field, _, None) => (wire::TRAILING_BYTES, detail()),
    }
}

/// The word for a problem, for programs.
pub fn problem_word(problem: DecodeProblem) -> &'static str {
    match problem {
        DecodeProblem::Truncated => "truncated",
        DecodeProblem::TooShort => "too_short",
        DecodeProblem::Trailing => "trailing",
        DecodeProblem::Digit => "digit",
        DecodeProblem::HexadecimalDigit => "hexadecimal_digit",
        DecodeProblem::Character => "character",
        DecodeProblem::TooLong => "too_long",
        DecodeProblem::SpareNibble => "spare_nibble",
        DecodeProblem::OddCount => "odd_count",
        DecodeProblem::UnknownField => "unknown_field",
        DecodeProblem::Foreign => "foreign",
        DecodeProblem::Unreadable => "unreadable",
    }
}

/// What the bytes begin with.
pub fn of_begin(begin: Begin) -> Said {
    match begin {
        Begin::Frame => Said::new("含长度头", "with its length"),
        Begin::Tpdu => Said::new("从 TPDU 开始", "from the TPDU on"),
        Begin::Header => Said::new("从报文头开始", "from the header on"),
        Begin::Body => Said::new("从报文类型开始", "from the message type on"),
    }
}

/// The word for a remark, for programs, and the field it is about.
pub fn remark_word(remark: Remark) -> (&'static str, Option<u8>) {
    match remark {
        Remark::NoRule => ("no_rule", None),
        Remark::Missing(field) => ("missing", Some(field)),
        Remark::NotInRule(field) => ("not_in_rule", Some(field)),
        Remark::CheckDigit(field) => ("check_digit", Some(field)),
        Remark::NoDate(field) => ("no_date", Some(field)),
        Remark::TrackOfAnotherCard => ("track_of_another_card", Some(35)),
        Remark::NoResponseCode => ("no_response_code", Some(39)),
        Remark::UnknownResponseCode => ("unknown_response_code", Some(39)),
        Remark::NoMac => ("no_mac", Some(64)),
    }
}

/// What looks wrong.
pub fn of_remark(remark: Remark) -> Said {
    match remark {
        Remark::NoRule => Said::new("方言没有这种报文的规则", "the dialect has no rule for this message"),
        Remark::Missing(field) => Said::new(
            format!("这种报文须带 F{field}，没有"),
            format!("F{field} is needed in this message and is not there"),
        ),
        Remark::NotInRule(field) => Said::new(
            format!("这种报文的规则里没有 F{field}"),
            format!("F{field} is there, and the rule of this message does not have it"),
        ),
        Remark::CheckDigit(field) => {
            Said::new(format!("F{field} 卡号的校验位不对"), format!("the check digit of F{field} is wrong"))
        }
        Remark::NoDate(field) => {
            Said::new(format!("F{field} 不是有效的日期或时间"), format!("F{field} is no date or time"))
        }
        Remark::TrackOfAnotherCard => Said::new("F35 的卡号与 F2 不同", "F35 is of another card than F2"),
        Remark::NoResponseCode => Said::new("应答没有 F39", "the reply has no F39"),
        Remark::UnknownResponseCode => Said::new(
            "码表里没有这个应答码，按拒绝处理",
            "the table does not have this response code; it counts as a decline",
        ),
        Remark::NoMac => {
            Said::new("这种报文须带 MAC（F64），没有", "this message carries a MAC (F64), and there is none")
        }
    }
}

/// A change after which the bytes read.
pub fn of_what_if(what: &WhatIf) -> Said {
    let number = |form: NumberForm| match form {
        NumberForm::Binary => ("二进制", "binary"),
        NumberForm::Bcd => ("BCD", "BCD"),
        NumberForm::Ascii => ("ASCII", "ASCII"),
        NumberForm::Ebcdic => ("EBCDIC", "EBCDIC"),
    };
    let encoding = |encoding: Encoding| match encoding {
        Encoding::Ascii => ("ASCII", "ASCII"),
        Encoding::Bcd => ("BCD", "BCD"),
        Encoding::Binary => ("字节", "bytes"),
        Encoding::HexText => ("十六进制文本", "hexadecimal text"),
        Encoding::Ebcdic037 | Encoding::Ebcdic1047 => ("EBCDIC", "EBCDIC"),
    };
    match what {
        WhatIf::HexText => Said::new(
            "收到的是十六进制文本，不是字节：对方把文本当报文发了",
            "these are hexadecimal characters, not bytes: the other side sends the text of the message",
        ),
        WhatIf::LengthInclusive(true) => Said::new(
            "长度含自身（framing length … inclusive）",
            "the length counts itself (framing length … inclusive)",
        ),
        WhatIf::LengthInclusive(false) => Said::new("长度不含自身", "the length does not count itself"),
        WhatIf::LengthForm(0, _) => Said::new("没有长度头", "there is no length in front"),
        WhatIf::LengthForm(bytes, form) => {
            let (zh, en) = number(*form);
            Said::new(format!("长度头是 {bytes} 字节 {zh}"), format!("the length in front is {bytes} bytes, {en}"))
        }
        WhatIf::LengthTurned => Said::new("长度的低字节在前", "the length has its low byte first"),
        WhatIf::LengthWrong { should_be } => Said::new(
            format!("长度应为 {should_be}；其后的报文是完整的"),
            format!("the length should say {should_be}; the message behind it is whole"),
        ),
        WhatIf::NoTpdu => Said::new("没有 TPDU", "there is no TPDU"),
        WhatIf::NoHeader => Said::new("没有报文头", "there is no header"),
        WhatIf::HeaderBytes(bytes) => {
            Said::new(format!("报文头是 {bytes} 字节"), format!("the header has {}", counted(*bytes)))
        }
        WhatIf::Bitmap(BitmapForm::Binary) => {
            Said::new("位图是字节（bitmap binary）", "the bitmap is bytes (bitmap binary)")
        }
        WhatIf::Bitmap(BitmapForm::Hex) => {
            Said::new("位图是十六进制文本（bitmap hex）", "the bitmap is hexadecimal text (bitmap hex)")
        }
        WhatIf::Bitmap(BitmapForm::EbcdicHex) => {
            Said::new("位图是 EBCDIC 的十六进制文本", "the bitmap is hexadecimal text in EBCDIC")
        }
        WhatIf::Form(word) => Said::new(
            format!("报文类型、位图与长度按 form {word} 书写"),
            format!("message type, bitmap and lengths are written as form {word}"),
        ),
        WhatIf::Behind(bytes) => Said::new(
            format!("去掉末尾 {bytes} 字节"),
            if *bytes == 1 {
                "leave out the last byte".to_owned()
            } else {
                format!("leave out the last {bytes} bytes")
            },
        ),
        WhatIf::FieldCounts(field, Counts::Bytes) => {
            Said::new(format!("F{field} 的长度按字节计"), format!("the length of F{field} counts bytes"))
        }
        WhatIf::FieldCounts(field, Counts::Units) => {
            Said::new(format!("F{field} 的长度按位数计"), format!("the length of F{field} counts digits"))
        }
        WhatIf::FieldPrefix(field, form) => {
            let (zh, en) = number(*form);
            Said::new(format!("F{field} 的长度是 {zh}"), format!("the length of F{field} is written in {en}"))
        }
        WhatIf::FieldEncoding(field, to) => {
            let (zh, en) = encoding(*to);
            Said::new(format!("F{field} 用 {zh} 书写"), format!("F{field} is written in {en}"))
        }
        WhatIf::FieldRight(field) => Said::new(
            format!("F{field} 右对齐，填充在前（zeros_left）"),
            format!("F{field} is justified to the right, filled in front (zeros_left)"),
        ),
        WhatIf::FieldLeft(field) => Said::new(
            format!("F{field} 左对齐，填充在后（zeros_right）"),
            format!("F{field} is justified to the left, filled behind (zeros_right)"),
        ),
    }
}

/// `1 byte`, `8 bytes`.
pub fn counted(bytes: usize) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}
