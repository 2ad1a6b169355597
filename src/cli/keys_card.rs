//! The tools of `till keys` that compute for a card: CVV, PVV, IBM 3624, track encryption, EMV cryptograms.

use crate::cli::given;
use crate::cli::keys::Tool;
use crate::cli::keys_answer::{Answer, Refusal, required, unreadable};
use crate::cli::keys_compute::{open_bytes, pan, pin, sized};
use crate::payment::card::{Pin, masked_digits};
use crate::payment::hex;
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::card_values::{DecimalisationTable, cvv, natural_pin, pin_from_offset, pin_offset, pvv};
use crate::payment::keys::issuer_keys::{
    CardKeyOption, application_cryptogram, card_key, response_cryptogram_1, script_mac, session_key,
};
use crate::payment::keys::mac::Padding;
use crate::payment::keys::track_cipher::{decrypt_track, encrypt_track};
use crate::script_error::words::{Said, Words};
use clap::ArgMatches;

const KEY: (&str, &str, Words) = ("key", "HEX|@FILE|-", Words { zh: "密钥（双倍长）", en: "The key, of two parts" });
const PAN: (&str, &str, Words) = ("pan", "DIGITS|@FILE|-", Words { zh: "卡号", en: "The card number" });
const REVEAL: (&str, &str, Words) =
    ("reveal", "", Words { zh: "显示 PIN 或磁道；只用于测试数据", en: "Show PIN or track; for test data only" });

/// These tools, in the order of the help.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "cvv",
        about: Words {
            zh: "卡片校验码（CVV、CVV2、iCVV）", en: "The check digits of a card (CVV, CVV2, iCVV)"
        },
        options: &[
            KEY,
            PAN,
            (
                "expiry",
                "DDDD",
                Words {
                    zh: "有效期四位，按发卡行的次序（磁条多为 YYMM）",
                    en: "Expiry, four digits in the issuer's order (mostly YYMM on a stripe)",
                },
            ),
            (
                "service",
                "DDD",
                Words {
                    zh: "服务码；CVV2 为 000，芯片为 999", en: "Service code; 000 for CVV2, 999 in a chip"
                },
            ),
        ],
        example: "till keys cvv --key @cvk.hex --pan @pan.txt --expiry 3012 --service 201",
        go: check_digits,
    },
    Tool {
        name: "pvv",
        about: Words { zh: "PIN 校验值 (PVV)", en: "The PIN verification value (PVV)" },
        options: &[
            KEY,
            PAN,
            ("index", "D", Words { zh: "密钥索引，一位；不写为 1", en: "Key index, one digit; 1 unless told" }),
            ("pin", "DIGITS|@FILE|-", Words { zh: "PIN", en: "The PIN" }),
        ],
        example: "till keys pvv --key @pvk.hex --pan @pan.txt --pin @pin.txt",
        go: verification_value,
    },
    Tool {
        name: "ibm3624",
        about: Words { zh: "IBM 3624 的自然 PIN 与偏移", en: "Natural PIN and offset by IBM 3624" },
        options: &[
            KEY,
            ("validation", "HEX", Words { zh: "验证数据，8 字节", en: "Validation data, 8 bytes" }),
            (
                "table",
                "DIGITS",
                Words {
                    zh: "十进制化表，16 位；不写为 0123456789012345",
                    en: "Decimalisation table, 16 digits; 0123456789012345 unless told",
                },
            ),
            ("pin", "DIGITS|@FILE|-", Words { zh: "客户的 PIN：算出偏移", en: "The customer's PIN: gives the offset" }),
            ("offset", "DIGITS", Words { zh: "偏移：算出 PIN", en: "The offset: gives the PIN" }),
            REVEAL,
        ],
        example: "till keys ibm3624 --key @pvk.hex --validation 1234567890123456 --pin @pin.txt",
        go: ibm,
    },
    Tool {
        name: "track",
        about: Words { zh: "磁道加密与解密", en: "Encrypt or decrypt a track" },
        options: &[
            ("key", "HEX|@FILE|-", Words { zh: "磁道密钥 (TDK)", en: "The track key (TDK)" }),
            ("track", "TEXT|@FILE|-", Words { zh: "磁道", en: "The track" }),
            ("open", "", Words { zh: "解密而不是加密", en: "Decrypt instead of encrypt" }),
            REVEAL,
        ],
        example: "till keys track --key @tdk.hex --track @track2.txt",
        go: track,
    },
    Tool {
        name: "arqc",
        about: Words {
            zh: "EMV 应用密文与发卡行应答（ARQC、ARPC）",
            en: "EMV cryptogram and the issuer's answer (ARQC, ARPC)",
        },
        options: &[
            ("key", "HEX|@FILE|-", Words { zh: "发卡行主密钥", en: "The issuer's master key" }),
            PAN,
            ("psn", "DD", Words { zh: "卡序列号；不写为 00", en: "PAN sequence number; 00 unless told" }),
            (
                "option",
                "A|B",
                Words { zh: "卡密钥派生方式；不写为 A", en: "How the card's key is derived; A unless told" },
            ),
            ("atc", "HEX", Words { zh: "交易计数器，2 字节", en: "Transaction counter, 2 bytes" }),
            ("data", "HEX|@FILE|-", Words { zh: "参与密文的数据", en: "The data under the cryptogram" }),
            (
                "zeros",
                "",
                Words {
                    zh: "以零填充（某些卡组织），不用 80",
                    en: "Fill with zeros, as some schemes do, instead of 80",
                },
            ),
            (
                "arc",
                "HEX",
                Words {
                    zh: "授权响应码，2 字节；不写为 3030",
                    en: "Authorisation response code, 2 bytes; 3030 unless told",
                },
            ),
            ("command", "HEX", Words { zh: "脚本命令：另算其 MAC", en: "A script command: gives its MAC too" }),
        ],
        example: "till keys arqc --key @imk.hex --pan @pan.txt --atc 0001 --data @field55.hex",
        go: cryptogram,
    },
];

fn check_digits(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let key = answer.key(matches, "key", Algorithm::Des)?.des()?;
    let number = pan(answer, matches)?;
    let value = cvv(&key, &number, &required(matches, "expiry")?, &required(matches, "service")?)?;
    answer.row("cvv", "校验码", "check digits", value.as_str());
    Ok(())
}

fn verification_value(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let key = answer.key(matches, "key", Algorithm::Des)?.des()?;
    let number = pan(answer, matches)?;
    let pin = pin(answer, matches)?;
    let index = matches.get_one::<String>("index").map_or("1", String::as_str);
    let value = pvv(&key, &number, index, &pin)?;
    answer.row("pvv", "PVV", "PVV", value.as_str());
    Ok(())
}

fn ibm(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let key = answer.key(matches, "key", Algorithm::Des)?.des()?;
    let validation = sized(&open_bytes(matches, "validation")?, "validation")?;
    let table = match matches.get_one::<String>("table") {
        None => DecimalisationTable::default(),
        Some(text) => DecimalisationTable::parse(text)?,
    };
    let reveal = matches.get_flag("reveal");
    let say = |pin: &Pin| if reveal { pin.clear_digits().to_owned() } else { pin.masked() };
    if let Some(offset) = matches.get_one::<String>("offset") {
        let natural = natural_pin(&key, validation, &table, offset.len())?;
        answer.row("natural_pin", "自然 PIN", "natural PIN", say(&natural));
        answer.row("pin", "PIN", "PIN", say(&pin_from_offset(&natural, offset)?));
    } else {
        let pin = pin(answer, matches)?;
        let natural = natural_pin(&key, validation, &table, pin.clear_digits().len())?;
        answer.row("natural_pin", "自然 PIN", "natural PIN", say(&natural));
        answer.row("offset", "偏移", "offset", pin_offset(&natural, &pin)?);
    }
    if reveal {
        answer.note(Said::new(
            "警告：--reveal 显示了 PIN；只用于测试数据。",
            "warning: --reveal shows PINs; for test data only.",
        ));
    }
    Ok(())
}

fn track(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let key = answer.key(matches, "key", Algorithm::Des)?.des()?;
    let (text, _) = given::text(&required(matches, "track")?, Words { zh: "--track", en: "--track" })?;
    let open = matches.get_flag("open");
    let changed = if open { decrypt_track(&text, &key) } else { encrypt_track(&text, &key) };
    let changed = changed.map_err(|_| unreadable("track", "数字与 = 或 D", "digits and = or D"))?;
    // Encrypted or not, the card number in front stays in the clear.
    let number: String = changed.chars().take_while(char::is_ascii_digit).collect();
    let hidden = changed.len().saturating_sub(number.len());
    let shown = match (matches.get_flag("reveal"), open) {
        (true, _) => changed.to_string(),
        (false, true) => format!("{}{}", masked_digits(number.as_bytes()), "*".repeat(hidden)),
        (false, false) => {
            format!("{}{}", masked_digits(number.as_bytes()), changed.get(number.len()..).unwrap_or(""))
        }
    };
    answer.row("track", "磁道", "track", shown);
    if matches.get_flag("reveal") {
        answer.note(Said::new(
            "警告：--reveal 显示了卡号；只用于测试数据。",
            "warning: --reveal shows the card number; for test data only.",
        ));
    }
    Ok(())
}

fn cryptogram(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let issuer = answer.key(matches, "key", Algorithm::Des)?;
    let number = pan(answer, matches)?;
    let sequence = matches.get_one::<String>("psn").map_or("00", String::as_str);
    if sequence.len() != 2 || sequence.bytes().any(|byte| !byte.is_ascii_digit()) {
        return Err(unreadable("psn", "两位数字", "two digits"));
    }
    let option = match matches.get_one::<String>("option").map_or("A", String::as_str) {
        "A" | "a" => CardKeyOption::A,
        "B" | "b" => CardKeyOption::B,
        _ => return Err(unreadable("option", " A 或 B", "A or B")),
    };
    let card = card_key(&issuer, option, &number, sized(sequence.as_bytes(), "psn")?)?;
    let [high, low] = sized(&open_bytes(matches, "atc")?, "atc")?;
    let session = session_key(&card, [high, low, 0, 0, 0, 0, 0, 0])?;
    let padding = if matches.get_flag("zeros") { Padding::Zeros } else { Padding::OneThenZeros };
    let found = application_cryptogram(&session, &open_bytes(matches, "data")?, padding)?;
    let response = match matches.get_one::<String>("arc") {
        None => *b"00",
        Some(_) => sized(&open_bytes(matches, "arc")?, "arc")?,
    };
    answer.row("arqc", "应用密文", "cryptogram", hex::encode(&found));
    let answer_1 = response_cryptogram_1(&session, found, response)?;
    answer.row(
        "arpc",
        "发卡行应答（方法 1，会话密钥）",
        "issuer's answer (method 1, session key)",
        hex::encode(&answer_1),
    );
    let by_card = response_cryptogram_1(&card, found, response)?;
    answer.row(
        "arpc_card_key",
        "发卡行应答（方法 1，卡密钥）",
        "issuer's answer (method 1, card key)",
        hex::encode(&by_card),
    );
    if matches.get_one::<String>("command").is_some() {
        let script = session_key(&card, found)?;
        let mac = script_mac(&script, &open_bytes(matches, "command")?)?;
        answer.row("script_mac", "脚本命令 MAC", "MAC of the script command", hex::encode(&mac));
    }
    Ok(())
}
