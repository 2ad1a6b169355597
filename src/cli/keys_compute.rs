//! The tools of `till keys` that compute with keys alone: check value, parity, PIN block, MAC, DUKPT, key block, sign-in.

use crate::cli::exit::Exit;
use crate::cli::given;
use crate::cli::keys::Tool;
use crate::cli::keys_answer::{Answer, Refusal, check_value_differs, required, unreadable};
use crate::cli::keys_derive;
use crate::cli::style::counted;
use crate::payment::card::{Pan, Pin};
use crate::payment::hex;
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::check_value::{cmac_check_value, zero_check_value};
use crate::payment::keys::cipher::KeyError;
use crate::payment::keys::key_block::{self, KeyBlockHeader, KeyBlockVersion};
use crate::payment::keys::mac_method::{MacKey, MacMethod};
use crate::payment::keys::parity::even_bytes;
use crate::payment::keys::pin_block::{ClearPinBlock, EncryptedPinBlock, PinBlockFormat};
use crate::payment::keys::pin_block_wide::WidePinBlock;
use crate::payment::keys::secret_key::SecretKey;
use crate::payment::keys::sign_in::{check_value_of, split_bundle};
use crate::payment::keys::sm3::{hmac_sm3, sm3};
use crate::script_error::words::{Said, Words};
use clap::ArgMatches;
use zeroize::Zeroizing;

const KEY: (&str, &str, Words) = ("key", "HEX|@FILE|-", Words { zh: "密钥", en: "The key" });
const ALGORITHM: (&str, &str, Words) =
    ("algorithm", "des|aes|sm4", Words { zh: "密钥的算法；不写为 des", en: "The key's cipher; des unless told" });
const PAN: (&str, &str, Words) = ("pan", "DIGITS|@FILE|-", Words { zh: "卡号", en: "The card number" });
const REVEAL: (&str, &str, Words) =
    ("reveal", "", Words { zh: "显示密钥或 PIN；只用于测试数据", en: "Show keys or PINs; for test data only" });
const DATA: (&str, &str, Words) = ("data", "HEX|@FILE|-", Words { zh: "数据", en: "The data" });

/// These tools, in the order of the help.
pub const TOOLS: &[Tool] = &[
    Tool {
        name: "kcv",
        about: Words { zh: "密钥的校验值", en: "The check value of a key" },
        options: &[
            KEY,
            ALGORITHM,
            ("expect", "HEX", Words { zh: "应有的校验值", en: "The check value it should have" }),
            (
                "cmac",
                "",
                Words { zh: "与 --expect 比较 CMAC 校验值", en: "Compare the CMAC check value with --expect" },
            ),
        ],
        example: "till keys kcv --key @tmk.hex --expect 08D7B4",
        go: kcv,
    },
    Tool {
        name: "parity",
        about: Words { zh: "DES 密钥的奇校验", en: "The parity of a DES key" },
        options: &[KEY],
        example: "till keys parity --key @tmk.hex",
        go: parity,
    },
    Tool {
        name: "pin-block",
        about: Words { zh: "加密或打开 PIN 块", en: "Encrypt a PIN block, or open one" },
        options: &[
            ("format-code", "0|1|2|3|4|no-pan", Words { zh: "格式；不写为 0", en: "The format; 0 unless told" }),
            KEY,
            ALGORITHM,
            ("pin", "DIGITS|@FILE|-", Words { zh: "PIN", en: "The PIN" }),
            PAN,
            (
                "fill",
                "HEX",
                Words {
                    zh: "格式 1、3、4 的填充，8 字节；不写则随机",
                    en: "Fill of formats 1, 3 and 4, 8 bytes; random unless told",
                },
            ),
            ("open", "HEX", Words { zh: "要打开的 PIN 块", en: "A block to open" }),
            REVEAL,
        ],
        example: "till keys pin-block --key @pik.hex --pin @pin.txt --pan @pan.txt",
        go: pin_block,
    },
    Tool {
        name: "mac",
        about: Words { zh: "计算 MAC", en: "A MAC" },
        options: &[
            (
                "method",
                "NAME",
                Words {
                    zh: "cup_ecb（默认）、cup_cbc、x9_9、x9_19、iso9797_1_pad2、iso9797_3_pad2、tdes_cmac、aes_cmac、sm4_cbc、sm4_ecb",
                    en: "cup_ecb (unless told), cup_cbc, x9_9, x9_19, iso9797_1_pad2, iso9797_3_pad2, tdes_cmac, aes_cmac, sm4_cbc, sm4_ecb",
                },
            ),
            KEY,
            DATA,
        ],
        example: "till keys mac --method cup_ecb --key @mak.hex --data @message.hex",
        go: mac,
    },
    Tool {
        name: "dukpt",
        about: Words {
            zh: "由 BDK 或初始密钥派生（3DES、AES）",
            en: "Derive from a base or initial key, triple DES or AES",
        },
        options: &[
            ("bdk", "HEX|@FILE|-", Words { zh: "基础派生密钥", en: "The base derivation key" }),
            ("ik", "HEX|@FILE|-", Words { zh: "初始密钥，代替 --bdk", en: "The initial key, instead of --bdk" }),
            (
                "ksn",
                "HEX",
                Words {
                    zh: "密钥序列号：10 字节为 3DES，12 字节为 AES",
                    en: "The key serial number: 10 bytes triple DES, 12 AES",
                },
            ),
            (
                "kind",
                "NAME",
                Words {
                    zh: "AES 派生出的密钥：aes128（默认）、aes192、aes256、tdes2、tdes3",
                    en: "What AES derives: aes128 (unless told), aes192, aes256, tdes2, tdes3",
                },
            ),
            REVEAL,
        ],
        example: "till keys dukpt --bdk @bdk.hex --ksn FFFF9876543210E00001",
        go: keys_derive::derive,
    },
    Tool {
        name: "tr31",
        about: Words {
            zh: "打开或制作密钥块（TR-31 / X9.143）", en: "Open or make a key block (TR-31, X9.143)"
        },
        options: &[
            ("kbpk", "HEX|@FILE|-", Words { zh: "保护密钥", en: "The protection key" }),
            ("block", "TEXT|@FILE|-", Words { zh: "要打开的密钥块", en: "A block to open" }),
            ("wrap", "HEX|@FILE|-", Words { zh: "要放进密钥块的密钥", en: "A key to put into a block" }),
            (
                "version",
                "A|B|C|D|E",
                Words { zh: "密钥块的版本；不写为 B 或 D", en: "Version of the block; B or D unless told" },
            ),
            ("usage", "XX", Words { zh: "用途，如 P0、M3、K0、B0、D0", en: "Usage, such as P0, M3, K0, B0, D0" }),
            (
                "mode",
                "X",
                Words {
                    zh: "使用方式，如 E、D、B、G、V、C、N；不写为 N",
                    en: "Mode, such as E, D, B, G, V, C, N; N unless told",
                },
            ),
            ("exportability", "E|N|S", Words { zh: "可导出性；不写为 N", en: "Exportability; N unless told" }),
            ALGORITHM,
            REVEAL,
        ],
        example: "till keys tr31 --kbpk @kbpk.hex --block @block.txt",
        go: tr31,
    },
    Tool {
        name: "sign-in",
        about: Words { zh: "打开签到应答的第 62 域", en: "Open field 62 of a sign-in reply" },
        options: &[
            ("master", "HEX|@FILE|-", Words { zh: "主密钥", en: "The master key" }),
            ("open", "HEX|@FILE|-", Words { zh: "第 62 域：24、40 或 60 字节", en: "Field 62: 24, 40 or 60 bytes" }),
            REVEAL,
        ],
        example: "till keys sign-in --master @tmk.hex --open @field62.hex",
        go: sign_in,
    },
    Tool {
        name: "sm3",
        about: Words { zh: "SM3 摘要；给出密钥则为 HMAC-SM3", en: "The SM3 digest; with a key, HMAC-SM3" },
        options: &[DATA, ("key", "HEX|@FILE|-", Words { zh: "HMAC 的密钥", en: "The key of an HMAC" })],
        example: "till keys sm3 --data 616263",
        go: digest,
    },
];

/// The cipher of `--algorithm`.
pub fn cipher(matches: &ArgMatches) -> Result<Algorithm, Refusal> {
    match matches.get_one::<String>("algorithm") {
        None => Ok(Algorithm::Des),
        Some(word) => {
            Algorithm::parse(word).ok_or_else(|| unreadable("algorithm", " des、aes 或 sm4", "des, aes or sm4"))
        }
    }
}

/// Bytes of an option that holds nothing secret.
pub fn open_bytes(matches: &ArgMatches, id: &'static str) -> Result<Zeroizing<Vec<u8>>, Refusal> {
    let word = required(matches, id)?;
    // The name of the option says to both readers what is meant.
    let what = Words { zh: option_name(id), en: option_name(id) };
    Ok(given::bytes(&word, what)?.0)
}

fn option_name(id: &'static str) -> &'static str {
    match id {
        "data" => "--data",
        "open" => "--open",
        "ksn" => "--ksn",
        "expect" => "--expect",
        "fill" => "--fill",
        "observed" => "--observed",
        "expected" => "--expected",
        "front" => "--front",
        _ => "HEX",
    }
}

/// The card number of `--pan`.
pub fn pan(answer: &mut Answer, matches: &ArgMatches) -> Result<Pan, Refusal> {
    // A card number is card data, not a key: it is masked where it is shown, and a test number may stand on the line.
    let (digits, _) = given::text(&required(matches, "pan")?, Words { zh: "--pan", en: "--pan" })?;
    let number = Pan::parse(&digits).map_err(|_| unreadable("pan", " 13 到 19 位数字", "13 to 19 digits"))?;
    answer.row("pan", "卡号", "card number", number.masked());
    Ok(number)
}

/// The PIN of `--pin`.
pub fn pin(answer: &mut Answer, matches: &ArgMatches) -> Result<Pin, Refusal> {
    let digits = answer.secret_text(matches, "pin")?;
    Pin::parse(&digits).map_err(|_| unreadable("pin", " 4 到 12 位数字", "4 to 12 digits"))
}

/// A block of `N` bytes.
pub fn sized<const N: usize>(bytes: &[u8], id: &str) -> Result<[u8; N], Refusal> {
    bytes.try_into().map_err(|_| unreadable(id, &format!(" {N} 字节"), &format!("{N} bytes")))
}

pub(super) fn reveals(matches: &ArgMatches, answer: &mut Answer) -> bool {
    let reveal = matches.get_flag("reveal");
    if reveal {
        answer.note(Said::new(
            "警告：--reveal 显示了密钥或 PIN；只用于测试数据，不要保存或发送。",
            "warning: --reveal shows keys or PINs; for test data only, do not keep or send this.",
        ));
    }
    reveal
}

pub(super) fn shown(key: &SecretKey) -> String {
    hex::encode(key.clear_bytes())
}

/// A check value of three bytes, as people compare them.
pub(super) fn short(key: &SecretKey) -> String {
    let value = match key.algorithm() {
        Algorithm::Aes => cmac_check_value(key, 3),
        Algorithm::Des | Algorithm::Sm4 => zero_check_value(key, 3),
    };
    value.to_string()
}

fn kcv(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let key = answer.key(matches, "key", cipher(matches)?)?;
    let zeros = zero_check_value(&key, 8);
    let (name, length) = (key.algorithm(), key.length());
    let said = Said::new(format!("{name}，{length} 字节"), format!("{name}, {}", counted(length, "byte")));
    answer.row_said("algorithm", "算法", "cipher", said);
    answer.row("kcv", "校验值", "check value", zeros.to_string());
    let cmac = cmac_check_value(&key, 8);
    match key.algorithm() {
        Algorithm::Des if key.length() > 8 => {
            let first = SecretKey::from(&key.des()?.first_part());
            answer.row(
                "mac_kcv",
                "作 MAC 密钥（只用前 8 字节）",
                "as a MAC key, first 8 bytes",
                zero_check_value(&first, 8).to_string(),
            );
        }
        Algorithm::Des => {}
        Algorithm::Aes | Algorithm::Sm4 => {
            answer.row("cmac_kcv", "CMAC 校验值 (X9.143)", "CMAC check value (X9.143)", cmac.to_string())
        }
    }
    if matches.get_one::<String>("expect").is_some() {
        let expected = open_bytes(matches, "expect")?;
        if !(2..=8).contains(&expected.len()) {
            return Err(unreadable("expect", " 2 到 8 字节", "2 to 8 bytes"));
        }
        let value = if matches.get_flag("cmac") { cmac } else { zeros };
        let found = value.as_bytes().get(..expected.len()).unwrap_or(&[]);
        if !bool::from(subtle::ConstantTimeEq::ct_eq(found, expected.as_slice())) {
            return Err(check_value_differs(&hex::encode(&expected), &hex::encode(found)));
        }
        answer.note(Said::new("与应有的校验值相符。", "It is the check value that was expected."));
    }
    Ok(())
}

fn parity(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let key = answer.key(matches, "key", Algorithm::Des)?;
    let even = even_bytes(&key);
    answer.row("kcv", "校验值", "check value", zero_check_value(&key, 4).to_string());
    answer.row("parity", "奇校验", "odd parity", if even.is_empty() { "yes".to_owned() } else { "no".to_owned() });
    answer.member("even_bytes", even.iter().map(|at| at + 1).collect::<Vec<_>>().into());
    if !even.is_empty() {
        let list = even.iter().map(|at| (at + 1).to_string()).collect::<Vec<_>>();
        answer.note(Said::new(
            format!("第 {} 字节的 1 为偶数个。DES 不看这一位，校验值不因它而变。", list.join("、")),
            format!(
                "Bytes {} have an even number of ones. DES does not look at that bit, and the check value stays.",
                list.join(", ")
            ),
        ));
    }
    Ok(())
}

/// Eight bytes of fill: given, or from the system.
fn fill(matches: &ArgMatches) -> Result<[u8; 8], Refusal> {
    if matches.get_one::<String>("fill").is_some() {
        return sized(&open_bytes(matches, "fill")?, "fill");
    }
    let mut fill = [0; 8];
    random(&mut fill)?;
    Ok(fill)
}

fn random(bytes: &mut [u8]) -> Result<(), Refusal> {
    getrandom::fill(bytes).map_err(|error| {
        Refusal::Usage(Said::new(
            format!("系统没有给出随机数：{error}"),
            format!("the system gives no random numbers: {error}"),
        ))
    })
}

fn pin_block(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let word = matches.get_one::<String>("format-code").map_or("0", String::as_str);
    let wide = word == "4";
    let format = PinBlockFormat::ALL.into_iter().find(|format| format.word() == word);
    if !wide && format.is_none() {
        return Err(unreadable("format-code", " 0、1、2、3、4 或 no-pan", "0, 1, 2, 3, 4 or no-pan"));
    }
    let format = format.unwrap_or(PinBlockFormat::Iso0);
    let cipher = match matches.get_one::<String>("algorithm") {
        None if wide => Algorithm::Aes,
        _ => cipher(matches)?,
    };
    let key = answer.key(matches, "key", cipher)?;
    answer.row("key_kcv", "密钥校验值", "check value of the key", short(&key));
    answer.row("format", "格式", "format", word);
    let number = pan(answer, matches)?;
    if matches.get_one::<String>("open").is_some() {
        let block = open_bytes(matches, "open")?;
        let pin = if wide {
            WidePinBlock::from_bytes(sized(&block, "open")?).read(&key, &number)?
        } else {
            EncryptedPinBlock::from_bytes(sized(&block, "open")?).decrypt(&key.des()?).read(format, &number)?
        };
        let shown = if reveals(matches, answer) { pin.clear_digits().to_owned() } else { pin.masked() };
        answer.row("pin", "PIN", "PIN", shown);
        return Ok(());
    }
    let pin = pin(answer, matches)?;
    let fill = fill(matches)?;
    let block = if wide {
        hex::encode(WidePinBlock::build(&key, &pin, &number, fill)?.as_bytes())
    } else {
        let clear = ClearPinBlock::build(format, &pin, &number, fill);
        if reveals(matches, answer) {
            answer.row("clear", "明文块", "block in the clear", hex::encode(clear.clear_bytes()));
        }
        hex::encode(clear.encrypt(&key.des()?).as_bytes())
    };
    answer.row("pin_block", "PIN 块", "PIN block", block);
    Ok(())
}

/// The method of `--method`.
pub fn method(matches: &ArgMatches) -> Result<MacMethod, Refusal> {
    match matches.get_one::<String>("method") {
        None => Ok(MacMethod::CupEcb),
        Some(word) => MacMethod::parse(word).ok_or_else(|| {
            let known = MacMethod::ALL.map(MacMethod::word);
            unreadable("method", &format!("其中之一：{}", known.join("、")), &format!("one of {}", known.join(", ")))
        }),
    }
}

fn mac(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let method = method(matches)?;
    let key = answer.key(matches, "key", method.algorithm())?;
    let data = open_bytes(matches, "data")?;
    let value = MacKey::new(method, &key)?.compute(&data);
    answer.row("method", "算法", "method", method.word());
    answer.row("key_kcv", "密钥校验值", "check value of the key", short(&key));
    answer.row("bytes", "数据字节数", "bytes of data", data.len().to_string());
    answer.row("mac", "MAC", "MAC", hex::encode(value.as_bytes()));
    if matches!(method, MacMethod::CupEcb | MacMethod::Sm4Ecb) {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        answer.row("mac_text", "作为文本", "as text", text);
    }
    if method == MacMethod::Sm4Ecb {
        answer.note(Said::new(
            "注意：sm4_ecb 是类推，没有公开资料描述它。",
            "note: sm4_ecb is an analogue; no public source describes it.",
        ));
    }
    Ok(())
}

fn tr31(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    if matches.get_one::<String>("wrap").is_some() {
        return wrap(matches, answer);
    }
    let block = answer_text(matches, "block")?;
    let (header, _) = KeyBlockHeader::read(&block)?;
    let protection = answer.key(matches, "kbpk", header.version.algorithm())?;
    let opened = key_block::unwrap(&block, &protection)?;
    header_rows(answer, &opened.header);
    answer.row("kbpk_kcv", "保护密钥校验值", "check value of the protection key", short(&protection));
    answer.row("key_length", "密钥字节数", "bytes of the key", opened.key.length().to_string());
    answer.row("kcv", "密钥校验值", "check value of the key", short(&opened.key));
    if reveals(matches, answer) {
        answer.row("key", "密钥", "key", shown(&opened.key));
    }
    Ok(())
}

fn header_rows(answer: &mut Answer, header: &KeyBlockHeader) {
    let [a, b] = header.usage;
    answer.row("version", "版本", "version", header.version.letter());
    answer.row("usage", "用途", "usage", format!("{a}{b}"));
    answer.row("algorithm", "算法", "algorithm", header.algorithm);
    answer.row("mode", "使用方式", "mode", header.mode);
    answer.row("key_version", "密钥版本", "version of the key", header.key_version.iter().collect::<String>());
    answer.row("exportability", "可导出性", "exportability", header.exportability);
    for (identifier, content) in &header.optional {
        let identifier = identifier.iter().collect::<String>();
        answer.row(
            &format!("optional_{identifier}"),
            &format!("可选块 {identifier}"),
            &format!("optional block {identifier}"),
            content.clone(),
        );
    }
}

/// A text of the command line, a file or standard input, without white space around.
fn answer_text(matches: &ArgMatches, id: &str) -> Result<Zeroizing<String>, Refusal> {
    Ok(given::text(&required(matches, id)?, Words { zh: "密钥块", en: "the key block" })?.0)
}

fn wrap(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let cipher = cipher(matches)?;
    let one = |id: &str, unless: char| -> Result<char, Refusal> {
        let Some(word) = matches.get_one::<String>(id) else { return Ok(unless) };
        let mut characters = word.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) => Ok(character.to_ascii_uppercase()),
            _ => Err(unreadable(id, "一个字符", "one character")),
        }
    };
    let version = one("version", if cipher == Algorithm::Aes { 'D' } else { 'B' })?;
    let version = KeyBlockVersion::parse(version).ok_or_else(|| unreadable("version", " A 到 E", "A to E"))?;
    let usage = required(matches, "usage")?.to_ascii_uppercase();
    let [first, second] = usage.chars().collect::<Vec<_>>()[..] else {
        return Err(unreadable("usage", "两个字符", "two characters"));
    };
    let letter = match cipher {
        Algorithm::Des => 'T',
        Algorithm::Aes => 'A',
        Algorithm::Sm4 => return Err(unreadable("algorithm", " des 或 aes", "des or aes")),
    };
    let mut header = KeyBlockHeader::new(version, [first, second], letter, one("mode", 'N')?);
    header.exportability = one("exportability", 'N')?;
    let key = answer.key(matches, "wrap", cipher)?;
    if key.length() == 8 {
        header.algorithm = 'D';
    }
    let protection = answer.key(matches, "kbpk", version.algorithm())?;
    let mut fill = [0; 32];
    random(&mut fill)?;
    let block = key_block::wrap(&header, &key, &protection, &fill)?;
    header_rows(answer, &header);
    answer.row("kbpk_kcv", "保护密钥校验值", "check value of the protection key", short(&protection));
    answer.row("kcv", "密钥校验值", "check value of the key", short(&key));
    answer.row("block", "密钥块", "key block", block);
    Ok(())
}

fn sign_in(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let master = answer.key(matches, "master", Algorithm::Des)?;
    let wrapped = split_bundle(&open_bytes(matches, "open")?)?;
    answer.row("master_kcv", "主密钥校验值", "check value of the master key", short(&master));
    let reveal = reveals(matches, answer);
    let master = master.des()?;
    for one in &wrapped {
        let slot = one.slot.to_string();
        let name = slot.to_ascii_lowercase();
        match one.open(&master) {
            Ok(key) => {
                let kcv = check_value_of(one.slot, &key, 4).to_string();
                let clear = if reveal { format!(" {}", hex::encode(key.clear_bytes())) } else { String::new() };
                answer.row(&name, &slot, &slot, format!("ok {kcv}{clear}"));
            }
            Err(error) => {
                answer.row_said(&name, &slot, &slot, refused(error));
                answer.exit = Some(Exit::Refused);
            }
        }
    }
    if answer.exit.is_some() {
        answer.note(Said::new(
            "多半是主密钥或其索引不对，或单双倍长不一致；一把不符，就一把也不要启用。",
            "Mostly it is the wrong master key or index, or single against double length. If one does not match, use none.",
        ));
    }
    Ok(())
}

/// Why a work key does not open, in both languages.
fn refused(error: KeyError) -> Said {
    let zh = match error {
        KeyError::CheckValue { expected, found, .. } => format!("校验值不符：应为 {expected}，算得 {found}"),
        KeyError::Weak => "是弱密钥".to_owned(),
        KeyError::EqualParts => "两半相同".to_owned(),
        _ => "不能用".to_owned(),
    };
    Said::new(zh, error.to_string())
}

fn digest(matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let data = open_bytes(matches, "data")?;
    if matches.get_one::<String>("key").is_none() {
        answer.row("sm3", "SM3", "SM3", hex::encode(&sm3(&data)));
        return Ok(());
    }
    let key = answer.any_key(matches, "key")?;
    answer.row("hmac_sm3", "HMAC-SM3", "HMAC-SM3", hex::encode(hmac_sm3(&key, &data).as_slice()));
    Ok(())
}
