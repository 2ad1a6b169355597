//! The known mistakes, and what to say of each: what was used, and the edit that mends it.

use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::dukpt::DukptUse;
use crate::payment::keys::mac_method::MacMethod;
use crate::payment::keys::pin_block::PinBlockFormat;

/// Something done otherwise than agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mistake {
    // The key.
    /// Second half first.
    HalvesSwapped,
    /// Single DES under the first half.
    FirstHalfOnly,
    /// Single DES under the second half.
    SecondHalfOnly,
    /// The key written out to three parts as K1 K2 K2.
    ThirdPartIsSecond,
    /// The characters of the hexadecimal text as the key's bytes, in capitals.
    KeyAsCapitalText,
    /// The same in small letters.
    KeyAsSmallText,
    /// The last byte first.
    KeyReversed,
    /// The parity of a DES key set on a key that has none.
    ParityAdjusted,
    /// The key as it came under the master key, not decrypted.
    StillWrapped,
    /// Decrypted in CBC where it came in ECB.
    UnwrappedInCbc,
    /// The key with another cipher.
    OtherCipher(Algorithm),
    /// The base derivation key itself.
    BaseKey,
    /// The initial key itself.
    InitialKey,
    /// The base key taken for the initial key.
    BaseAsInitial,
    /// The key of the transaction, without a variant.
    TransactionKey,
    /// The variant for another use.
    OtherUse(DukptUse),
    /// Another transaction's key: so many numbers later, or earlier.
    CounterOff(i8),
    // What is encrypted.
    /// Decrypted instead of encrypted.
    Decrypted,
    /// Not encrypted at all.
    InTheClear,
    /// Characters `0` instead of zero bytes.
    AsciiZeros,
    /// Bytes FF instead of zero bytes.
    Ones,
    /// Zeros encrypted where CMAC is agreed.
    EcbForCmac,
    /// CMAC where zeros encrypted is agreed.
    CmacForEcb,
    // What of the value was taken.
    /// The rightmost bytes.
    Rightmost,
    /// The first characters of the hexadecimal text.
    ValueAsText,
    /// The same in EBCDIC.
    ValueAsEbcdicText,
    // PIN blocks.
    /// Another format.
    OtherFormat(PinBlockFormat),
    /// The rightmost twelve digits with the check digit.
    PanWithCheckDigit,
    /// The leftmost twelve digits.
    PanLeftmost,
    /// The twelve digits behind the first.
    PanBehindFirst,
    /// The rightmost sixteen digits.
    PanSixteen,
    /// The twelve digits in front of the sixteen bytes' left instead of right.
    PanLeftJustified,
    /// Zeros for the card number.
    PanZeros,
    /// The card number's digits as characters.
    PanAsText,
    /// Zeros behind the PIN.
    PinFilledWithZeros,
    /// No length in front of the PIN.
    PinWithoutLength,
    /// The PIN's digits as characters.
    PinAsText,
    /// Length written in two digits.
    PinLengthDecimal,
    // MACs.
    /// Another method.
    OtherMethod(MacMethod),
    /// Without the message type, two bytes.
    WithoutMti,
    /// Without the message type, four characters.
    WithoutMtiText,
    /// Without message type and bitmap.
    WithoutMtiAndBitmap,
    /// Without the bitmap.
    WithoutBitmap,
    /// So many bytes too late.
    BeginsLate(u8),
    /// So many bytes too early, with what the frame has in front.
    BeginsEarly(u8),
    /// Without the last bytes.
    EndsEarly(u8),
    /// With eight zero bytes for field 64.
    WithEmptyMac,
    /// The hexadecimal text instead of the bytes, in capitals.
    DataAsCapitalText,
    /// The same in small letters.
    DataAsSmallText,
    /// The text unpacked: its characters were hexadecimal.
    DataUnpacked,
    /// Letters and digits in EBCDIC.
    DataInEbcdic,
    /// EBCDIC turned into ASCII.
    DataFromEbcdic,
}

/// What to say of a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MistakeWords {
    /// What was used, in Chinese: goes on from “你用了”.
    pub used_zh: String,
    /// What was used, in English: goes on from "you used".
    pub used_en: String,
    /// The edit, in Chinese.
    pub mend_zh: String,
    /// The edit, in English.
    pub mend_en: String,
}

impl Mistake {
    /// A name for programs.
    pub fn name(self) -> String {
        let debug = format!("{self:?}");
        let mut name = String::new();
        for (at, character) in debug.split('(').next().unwrap_or("").char_indices() {
            if character.is_ascii_uppercase() && at > 0 {
                name.push('-');
            }
            name.push(character.to_ascii_lowercase());
        }
        name
    }

    /// What to say of it.
    pub fn words(self) -> MistakeWords {
        let (used_zh, used_en, mend_zh, mend_en) = match self {
            Mistake::OtherCipher(cipher) => {
                return of(
                    format!("{cipher} 算法"),
                    format!("the cipher {cipher}"),
                    "改用约定的算法".into(),
                    "use the cipher that was agreed".into(),
                );
            }
            Mistake::OtherUse(other) => {
                return of(
                    format!("另一用途的密钥变体（{}）", other.word()),
                    format!("the variant for {}", other.word()),
                    "换成这一用途的变体：每种用途改动的字节不同".into(),
                    "use the variant for this use: each changes another byte of the key".into(),
                );
            }
            Mistake::CounterOff(by) => {
                return of(
                    format!("KSN 计数器相差 {by:+} 的密钥"),
                    format!("the key of a counter {by:+} away"),
                    "先取当前 KSN 派生密钥，再加一；两边比较 KSN 的末位".into(),
                    "derive with the KSN that is sent, then count up; compare the last digits of both KSNs".into(),
                );
            }
            Mistake::OtherFormat(format) => {
                return of(
                    format!("PIN 块格式 {}", format.word()),
                    format!("PIN block format {}", format.word()),
                    "改用约定的格式；它写在第 53 域第 1 位".into(),
                    "use the format that was agreed; field 53 begins with it".into(),
                );
            }
            Mistake::OtherMethod(method) => {
                return of(
                    format!("MAC 算法 {}", method.word()),
                    format!("the MAC method {}", method.word()),
                    "改用约定的 MAC 算法与填充".into(),
                    "use the MAC method and padding that were agreed".into(),
                );
            }
            Mistake::BeginsLate(by) => {
                return of(
                    format!("少了开头 {by} 字节的 MAC 数据"),
                    format!("MAC data that begin {by} bytes too late"),
                    "从消息类型开始计算".into(),
                    "begin with the message type".into(),
                );
            }
            Mistake::BeginsEarly(by) => {
                return of(
                    format!("多了前面 {by} 字节（长度、TPDU 或报文头）的 MAC 数据"),
                    format!("MAC data with {by} bytes of length, TPDU or header in front"),
                    "去掉长度、TPDU 与报文头，从消息类型开始".into(),
                    "leave out length, TPDU and header; begin with the message type".into(),
                );
            }
            Mistake::EndsEarly(by) => {
                return of(
                    format!("少了末尾 {by} 字节的 MAC 数据"),
                    format!("MAC data that end {by} bytes too early"),
                    "算到第 64 域之前的最后一个域为止".into(),
                    "go on to the last field before field 64".into(),
                );
            }
            Mistake::HalvesSwapped => (
                "前后两半颠倒的密钥",
                "the halves of the key the other way round",
                "把前 8 字节放在前面",
                "put the first 8 bytes first",
            ),
            Mistake::FirstHalfOnly => (
                "密钥的前一半（单 DES）",
                "only the first half of the key, as single DES",
                "用整把密钥做 3DES",
                "use the whole key, with triple DES",
            ),
            Mistake::SecondHalfOnly => (
                "密钥的后一半（单 DES）",
                "only the second half of the key, as single DES",
                "用整把密钥做 3DES",
                "use the whole key, with triple DES",
            ),
            Mistake::ThirdPartIsSecond => (
                "按 K1 K2 K2 补足的三倍长密钥",
                "the key written out to three parts as K1 K2 K2",
                "按 K1 K2 K1 补足",
                "write it out as K1 K2 K1",
            ),
            Mistake::KeyAsCapitalText | Mistake::KeyAsSmallText => (
                "密钥的十六进制文本本身",
                "the hexadecimal text of the key as its bytes",
                "先把每两个字符转为一个字节",
                "turn each two characters into one byte first",
            ),
            Mistake::KeyReversed => (
                "字节顺序颠倒的密钥",
                "the bytes of the key in reverse order",
                "按书写的顺序使用",
                "use them in the order they are written",
            ),
            Mistake::ParityAdjusted => (
                "调整过奇校验的密钥",
                "the key with odd parity set",
                "只有 DES 密钥有校验位；保持原样",
                "only DES keys have parity bits; leave this one as it is",
            ),
            Mistake::StillWrapped => (
                "尚在主密钥加密之下的密钥",
                "the key as it came, still under the master key",
                "先用主密钥解密",
                "decrypt it under the master key first",
            ),
            Mistake::UnwrappedInCbc => (
                "以 CBC 解密得到的密钥",
                "the key decrypted in CBC",
                "以 ECB 逐块解密",
                "decrypt each block by itself, in ECB",
            ),
            Mistake::BaseKey => (
                "基础派生密钥 (BDK) 本身",
                "the base derivation key itself",
                "先派生初始密钥，再派生交易密钥与变体",
                "derive the initial key, then the transaction's, then the variant",
            ),
            Mistake::InitialKey => (
                "初始密钥本身",
                "the initial key itself",
                "用 KSN 的计数器派生交易密钥与变体",
                "derive the transaction's key with the counter of the KSN, then the variant",
            ),
            Mistake::BaseAsInitial => (
                "当作初始密钥的 BDK",
                "the base derivation key in place of the initial key",
                "先用 BDK 与 KSN 派生初始密钥",
                "derive the initial key from it with the KSN first",
            ),
            Mistake::TransactionKey => (
                "未作变体的交易密钥",
                "the transaction key without a variant",
                "按用途取变体",
                "make the variant for its use",
            ),
            Mistake::Decrypted => ("解密代替加密", "decryption instead of encryption", "改为加密", "encrypt"),
            Mistake::InTheClear => ("未加密的数据", "no encryption", "用密钥加密", "encrypt under the key"),
            Mistake::AsciiZeros => (
                "字符 0（30）而不是零字节",
                "characters 0 (byte 30) instead of zero bytes",
                "加密全零的字节",
                "encrypt bytes of zero",
            ),
            Mistake::Ones => {
                ("FF 字节而不是零字节", "bytes FF instead of zero bytes", "加密全零的字节", "encrypt bytes of zero")
            }
            Mistake::EcbForCmac => (
                "零块加密的校验值",
                "a block of zeros encrypted",
                "改用零块的 CMAC（X9.143）",
                "use the CMAC of a block of zeros (X9.143)",
            ),
            Mistake::CmacForEcb => {
                ("CMAC 校验值", "the CMAC of a block of zeros", "改为直接加密零块", "encrypt the block of zeros")
            }
            Mistake::Rightmost => {
                ("结果最右的字节", "the rightmost bytes of the result", "取最左的字节", "take the leftmost")
            }
            Mistake::ValueAsText => (
                "结果的十六进制文本",
                "the hexadecimal text of the result",
                "取结果的字节本身",
                "take the bytes of the result",
            ),
            Mistake::ValueAsEbcdicText => (
                "结果的 EBCDIC 十六进制文本",
                "the hexadecimal text of the result in EBCDIC",
                "取约定的字节或 ASCII 文本",
                "take the bytes, or ASCII text, as agreed",
            ),
            Mistake::PanWithCheckDigit => (
                "卡号最右 12 位（含校验位）",
                "the rightmost 12 digits of the card number, check digit included",
                "先去掉最后一位校验位，再取最右 12 位",
                "leave out the last digit, then take the rightmost 12",
            ),
            Mistake::PanLeftmost => (
                "卡号最左 12 位",
                "the leftmost 12 digits of the card number",
                "去掉校验位后取最右 12 位",
                "leave out the last digit, then take the rightmost 12",
            ),
            Mistake::PanBehindFirst => (
                "卡号第 2 至 13 位",
                "digits 2 to 13 of the card number",
                "去掉校验位后取最右 12 位；卡号不一定是 16 位",
                "count from the right: leave out the last digit, take 12",
            ),
            Mistake::PanSixteen => {
                ("卡号 16 位", "16 digits of the card number", "四个零后接 12 位", "use four zeros, then 12 digits")
            }
            Mistake::PanLeftJustified => (
                "靠左的卡号位（零在后）",
                "the card number's digits on the left, zeros behind",
                "四个零放在前面",
                "put the four zeros in front",
            ),
            Mistake::PanZeros => (
                "全零代替卡号",
                "zeros for the card number",
                "用卡号；若约定不带卡号，格式不是 0",
                "use the card number; without it the format is another",
            ),
            Mistake::PanAsText => (
                "卡号的字符而不是压缩数字",
                "the card number's characters instead of packed digits",
                "两位数字压成一个字节",
                "pack two digits into one byte",
            ),
            Mistake::PinFilledWithZeros => {
                ("PIN 后补 0", "zeros behind the PIN", "PIN 后补 F", "fill with F behind the PIN")
            }
            Mistake::PinWithoutLength => (
                "没有长度的 PIN",
                "no length in front of the PIN",
                "先写格式位与长度位",
                "write the format digit and the length first",
            ),
            Mistake::PinAsText => (
                "PIN 的字符而不是压缩数字",
                "the PIN's characters instead of packed digits",
                "两位数字压成一个字节",
                "pack two digits into one byte",
            ),
            Mistake::PinLengthDecimal => (
                "两位十进制的 PIN 长度",
                "the length of the PIN in two decimal digits",
                "长度只占一个十六进制位",
                "write the length as one hexadecimal digit",
            ),
            Mistake::WithoutMti => (
                "不含消息类型（2 字节）的 MAC 数据",
                "MAC data without the message type (2 bytes)",
                "从消息类型开始计算",
                "begin with the message type",
            ),
            Mistake::WithoutMtiText => (
                "不含消息类型（4 字符）的 MAC 数据",
                "MAC data without the message type (4 characters)",
                "从消息类型开始计算",
                "begin with the message type",
            ),
            Mistake::WithoutMtiAndBitmap => (
                "不含消息类型与位图的 MAC 数据",
                "MAC data without message type and bitmap",
                "从消息类型开始，位图也参与计算",
                "begin with the message type; the bitmap is covered too",
            ),
            Mistake::WithoutBitmap => {
                ("不含位图的 MAC 数据", "MAC data without the bitmap", "位图也参与计算", "the bitmap is covered too")
            }
            Mistake::WithEmptyMac => (
                "末尾带 8 个零字节（空的第 64 域）的 MAC 数据",
                "MAC data with eight zero bytes for field 64",
                "第 64 域不参与计算",
                "leave field 64 out",
            ),
            Mistake::DataAsCapitalText | Mistake::DataAsSmallText => (
                "报文的十六进制文本",
                "the hexadecimal text of the message",
                "用报文的字节计算",
                "compute over the bytes of the message",
            ),
            Mistake::DataUnpacked => (
                "由文本转换成的字节",
                "the bytes that the text stands for",
                "用文本的字符本身计算",
                "compute over the characters themselves",
            ),
            Mistake::DataInEbcdic => (
                "转换为 EBCDIC 的数据",
                "the data in EBCDIC",
                "转换之前计算 MAC",
                "compute the MAC before they are converted",
            ),
            Mistake::DataFromEbcdic => (
                "转换为 ASCII 的数据",
                "the data converted to ASCII",
                "转换之前计算 MAC",
                "compute the MAC before they are converted",
            ),
        };
        of(used_zh.into(), used_en.into(), mend_zh.into(), mend_en.into())
    }
}

fn of(used_zh: String, used_en: String, mend_zh: String, mend_en: String) -> MistakeWords {
    MistakeWords { used_zh, used_en, mend_zh, mend_en }
}
