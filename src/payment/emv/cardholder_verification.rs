//! How a cardholder is to be verified, and was: the list of tag 8E and the results of 9F34.

use crate::payment::emv::bits::Meaning;
use crate::payment::emv::tag::Tag;

/// The list of methods.
pub const LIST: Tag = Tag::new(0x8E);
/// What was done.
pub const RESULTS: Tag = Tag::new(0x9F34);

/// True for the tags of this file.
pub(super) fn has_words(tag: Tag) -> bool {
    tag == LIST || tag == RESULTS
}

/// What they say in words; nothing for other tags.
pub(super) fn meanings(tag: Tag, value: &[u8]) -> Vec<Meaning> {
    match tag {
        LIST => list(value),
        RESULTS => results(value),
        _ => Vec::new(),
    }
}

/// The method a code stands for. EMV 4.4 Book 3, annex C3.
fn method(code: u8) -> (&'static str, &'static str) {
    match code & 0x3F {
        0x00 => ("验证失败", "fail cardholder verification"),
        0x01 => ("脱机明文 PIN", "plaintext PIN checked by the card"),
        0x02 => ("联机加密 PIN", "enciphered PIN checked online"),
        0x03 => ("脱机明文 PIN 加签名", "plaintext PIN checked by the card, and signature"),
        0x04 => ("脱机加密 PIN", "enciphered PIN checked by the card"),
        0x05 => ("脱机加密 PIN 加签名", "enciphered PIN checked by the card, and signature"),
        0x06..=0x0F => ("生物特征", "biometric"),
        0x1E => ("签名", "signature"),
        0x1F => ("无须验证", "no verification required"),
        0x20..=0x2F => ("卡组织保留", "reserved for payment systems"),
        0x30..=0x3E => ("发卡行保留", "reserved for the issuer"),
        0x3F => ("未执行", "no verification performed"),
        _ => ("保留", "reserved for future use"),
    }
}

/// When a rule applies.
fn condition(code: u8) -> (&'static str, &'static str) {
    match code {
        0x00 => ("总是", "always"),
        0x01 => ("无人值守取现", "if unattended cash"),
        0x02 => ("非取现且非返现", "if neither cash nor cashback"),
        0x03 => ("终端支持该方法", "if the terminal supports the method"),
        0x04 => ("人工取现", "if manual cash"),
        0x05 => ("返现消费", "if purchase with cashback"),
        0x06 => ("应用货币且低于 X", "if in the card's currency and under X"),
        0x07 => ("应用货币且高于 X", "if in the card's currency and over X"),
        0x08 => ("应用货币且低于 Y", "if in the card's currency and under Y"),
        0x09 => ("应用货币且高于 Y", "if in the card's currency and over Y"),
        0x80.. => ("卡组织自定", "as the payment system defines"),
        _ => ("保留", "reserved for future use"),
    }
}

fn list(value: &[u8]) -> Vec<Meaning> {
    let mut found = Vec::new();
    for (byte, zh, en) in [(1, "金额 X", "amount X"), (5, "金额 Y", "amount Y")] {
        if let Some([a, b, c, d]) = value.get(byte - 1..byte + 3) {
            let amount = u32::from_be_bytes([*a, *b, *c, *d]);
            found.push(Meaning {
                byte,
                mask: 0xFF,
                bits: *d,
                zh: format!("{zh} = {amount}"),
                en: format!("{en} = {amount}"),
            });
        }
    }
    let rules = value.get(8..).unwrap_or(&[]).as_chunks::<2>().0;
    for (number, [code, when]) in (1..).zip(rules) {
        let ((zh, en), (when_zh, when_en)) = (method(*code), condition(*when));
        // Bit 7 says what happens where the method fails.
        let (then_zh, then_en) =
            if code & 0x40 == 0 { ("失败则终止", "else fail") } else { ("失败则下一条", "else next") };
        found.push(Meaning {
            byte: 7 + 2 * number,
            mask: 0xFF,
            bits: *code,
            zh: format!("规则 {number}：{zh}，{when_zh}，{then_zh}"),
            en: format!("rule {number}: {en}, {when_en}, {then_en}"),
        });
    }
    found
}

fn results(value: &[u8]) -> Vec<Meaning> {
    let mut found = Vec::new();
    let mut say = |byte, (bits, (zh, en)): (u8, (&str, &str))| {
        found.push(Meaning { byte, mask: 0xFF, bits, zh: zh.to_owned(), en: en.to_owned() });
    };
    if let Some(&code) = value.first() {
        say(1, (code, method(code)));
    }
    if let Some(&when) = value.get(1) {
        say(2, (when, condition(when)));
    }
    if let Some(&result) = value.get(2) {
        let words = match result {
            0 => ("结果未知（如签名）", "result unknown, as for a signature"),
            1 => ("失败", "failed"),
            2 => ("成功", "successful"),
            _ => ("保留", "reserved for future use"),
        };
        say(3, (result, words));
    }
    found
}
