//! `till keys solve`: which known mistake gives the value that somebody got.

use crate::cli::command;
use crate::cli::exit::Exit;
use crate::cli::keys::option;
use crate::cli::keys_answer::{Answer, Refusal, unreadable};
use crate::cli::keys_compute::{cipher, method, open_bytes, pan, pin, sized};
use crate::cli::style::{Console, Format};
use crate::payment::hex;
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::dukpt::{DukptUse, KeySerial};
use crate::payment::keys::pin_block::PinBlockFormat;
use crate::payment::keys::solve::check_value::{self, CheckRule};
use crate::payment::keys::solve::key_source::KeySource;
use crate::payment::keys::solve::mistake::Mistake;
use crate::payment::keys::solve::search::Solved;
use crate::payment::keys::solve::{mac, pin_block};
use crate::script_error::words::{Language, Said, Words};
use clap::{ArgMatches, Command};
use serde_json::{Value, json};

/// What is typed behind `till keys`.
pub const NAME: &str = "solve";

type Option3 = (&'static str, &'static str, Words);

const COMMON: &[Option3] = &[
    ("key", "HEX|@FILE|-", Words { zh: "双方约定的密钥", en: "The key both sides agreed on" }),
    ("algorithm", "des|aes|sm4", Words { zh: "密钥的算法；不写为 des", en: "The key's cipher; des unless told" }),
    (
        "under",
        "HEX|@FILE|-",
        Words {
            zh: "密钥是在哪把主密钥下送来的，如果知道", en: "The master key it came under, if known"
        },
    ),
    (
        "bdk",
        "HEX|@FILE|-",
        Words {
            zh: "DUKPT：基础派生密钥，代替 --key", en: "DUKPT: the base derivation key, instead of --key"
        },
    ),
    ("ksn", "HEX", Words { zh: "DUKPT：密钥序列号", en: "DUKPT: the key serial number" }),
    (
        "use",
        "NAME",
        Words {
            zh: "DUKPT：pin、mac-request、mac-response、data-request、data-response",
            en: "DUKPT: pin, mac-request, mac-response, data-request, data-response",
        },
    ),
    ("observed", "HEX", Words { zh: "得到的（错误的）值", en: "The value that somebody got" }),
    ("expected", "HEX", Words { zh: "对方给出的值，如果知道", en: "The value the other side has, if known" }),
];

const OF_KCV: &[Option3] = &[("cmac", "", Words { zh: "约定的是 CMAC 校验值", en: "The CMAC check value is agreed" })];
const OF_PIN_BLOCK: &[Option3] = &[
    ("format-code", "0|1|2|3|4|no-pan", Words { zh: "约定的格式；不写为 0", en: "The agreed format; 0 unless told" }),
    ("pin", "DIGITS|@FILE|-", Words { zh: "PIN", en: "The PIN" }),
    ("pan", "DIGITS|@FILE|-", Words { zh: "卡号", en: "The card number" }),
];
const OF_MAC: &[Option3] = &[
    ("method", "NAME", Words { zh: "约定的 MAC 算法；不写为 cup_ecb", en: "The agreed method; cup_ecb unless told" }),
    ("data", "HEX|@FILE|-", Words { zh: "应当参与计算的数据", en: "The data that should be covered" }),
    (
        "front",
        "HEX",
        Words {
            zh: "帧中数据之前的字节：长度、TPDU、报文头",
            en: "What stands in front of them in the frame: length, TPDU, header",
        },
    ),
];

/// What can be solved: name, words, its own options.
const QUESTIONS: &[(&str, Words, &[Option3])] = &[
    ("kcv", Words { zh: "校验值为什么不同", en: "Why a check value differs" }, OF_KCV),
    ("pin-block", Words { zh: "PIN 块为什么不同", en: "Why a PIN block differs" }, OF_PIN_BLOCK),
    ("mac", Words { zh: "MAC 为什么不同", en: "Why a MAC differs" }, OF_MAC),
];

/// `till keys solve` on the command line.
pub fn command(language: Language) -> Command {
    let say = command::say(language);
    let about = say("查出错值是哪种错法得来的", "Find the mistake behind a wrong value");
    let questions = QUESTIONS.iter().map(|(name, words, own)| {
        let options =
            own.iter().chain(COMMON).map(|(name, value, words)| option(name, value, words.in_language(language)));
        Command::new(*name).about(words.in_language(language)).args(options)
    });
    Command::new(NAME).about(about).subcommand_required(true).arg_required_else_help(true).subcommands(questions).after_help(
        say(
            "示例：\n  till keys solve pin-block --key @pik.hex --pin @pin.txt --pan @pan.txt --observed 1A5CD515F9747E41\n以 0 结束：找到；以 1 结束：没有找到。",
            "Example:\n  till keys solve pin-block --key @pik.hex --pin @pin.txt --pan @pan.txt --observed 1A5CD515F9747E41\nEnds with 0 if a mistake was found, with 1 if not.",
        ),
    )
}

/// Does it.
pub fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let Some((question, matches)) = matches.subcommand() else { return Exit::Usage };
    let mut answer = Answer::default();
    let done = solve(console, question, matches, &mut answer);
    answer.end(console, done)
}

/// Looks for what gives these bytes.
type Search<'q> = dyn Fn(&[u8]) -> Result<Solved, Refusal> + 'q;

/// A value and the search for what gives it.
struct Question<'q> {
    observed: Vec<u8>,
    expected: Option<Vec<u8>>,
    search: Box<Search<'q>>,
}

fn solve(console: &Console, question: &str, matches: &ArgMatches, answer: &mut Answer) -> Result<(), Refusal> {
    let observed = open_bytes(matches, "observed")?.to_vec();
    let expected = match matches.get_one::<String>("expected") {
        None => None,
        Some(_) => Some(open_bytes(matches, "expected")?.to_vec()),
    };
    let question = match question {
        "kcv" => of_check_value(answer, matches, observed, expected)?,
        "pin-block" => of_pin_block(answer, matches, observed, expected)?,
        _ => of_mac(answer, matches, observed, expected)?,
    };
    tell(console, answer, &question)
}

/// The key of the question, from `--key` or from `--bdk` and `--ksn`.
fn source(
    answer: &mut Answer,
    matches: &ArgMatches,
    unless: Algorithm,
    unless_use: DukptUse,
) -> Result<KeySource, Refusal> {
    let Some(base) = answer.key_if(matches, "bdk", Algorithm::Des)? else {
        let cipher = if matches.get_one::<String>("algorithm").is_some() { cipher(matches)? } else { unless };
        let key = answer.key(matches, "key", cipher)?;
        return Ok(KeySource::Held { key, under: answer.key_if(matches, "under", cipher)? });
    };
    let serial = KeySerial::new(&open_bytes(matches, "ksn")?)?;
    let purpose = match matches.get_one::<String>("use") {
        None => unless_use,
        Some(word) => DukptUse::ALL.into_iter().find(|purpose| purpose.word() == word).ok_or_else(|| {
            let known = DukptUse::ALL.map(DukptUse::word);
            unreadable("use", &format!("其中之一：{}", known.join("、")), &format!("one of {}", known.join(", ")))
        })?,
    };
    Ok(KeySource::Derived { base, serial, purpose })
}

fn long_enough(observed: &[u8], least: usize, most: usize) -> Result<(), Refusal> {
    if (least..=most).contains(&observed.len()) {
        return Ok(());
    }
    // Fewer bytes would be met by chance.
    Err(unreadable("observed", &format!(" {least} 到 {most} 字节"), &format!("{least} to {most} bytes")))
}

fn of_check_value<'q>(
    answer: &mut Answer,
    matches: &ArgMatches,
    observed: Vec<u8>,
    expected: Option<Vec<u8>>,
) -> Result<Question<'q>, Refusal> {
    long_enough(&observed, 3, 16)?;
    let source = source(answer, matches, Algorithm::Des, DukptUse::Pin)?;
    let rule = if matches.get_flag("cmac") { CheckRule::Cmac } else { CheckRule::Zeros };
    let right = check_value::agreed(&source.agreed()?, rule);
    answer.row("right", "按约定应为", "as agreed", hex::encode(right.get(..observed.len()).unwrap_or(&right)));
    Ok(Question { observed, expected, search: Box::new(move |value| Ok(check_value::solve(&source, rule, value)?)) })
}

fn of_pin_block<'q>(
    answer: &mut Answer,
    matches: &ArgMatches,
    observed: Vec<u8>,
    expected: Option<Vec<u8>>,
) -> Result<Question<'q>, Refusal> {
    let word = matches.get_one::<String>("format-code").map_or("0", String::as_str);
    let number = pan(answer, matches)?;
    let digits = pin(answer, matches)?;
    if word == "4" {
        long_enough(&observed, 16, 16)?;
        let source = source(answer, matches, Algorithm::Aes, DukptUse::Pin)?;
        let search =
            move |value: &[u8]| Ok(pin_block::solve_wide(&source, &digits, &number, sized(value, "observed")?)?);
        return Ok(Question { observed, expected, search: Box::new(search) });
    }
    long_enough(&observed, 8, 8)?;
    let format = PinBlockFormat::ALL
        .into_iter()
        .find(|format| format.word() == word)
        .ok_or_else(|| unreadable("format-code", " 0、1、2、3、4 或 no-pan", "0, 1, 2, 3, 4 or no-pan"))?;
    let source = source(answer, matches, Algorithm::Des, DukptUse::Pin)?;
    let search =
        move |value: &[u8]| Ok(pin_block::solve(&source, format, &digits, &number, sized(value, "observed")?)?);
    Ok(Question { observed, expected, search: Box::new(search) })
}

fn of_mac<'q>(
    answer: &mut Answer,
    matches: &ArgMatches,
    observed: Vec<u8>,
    expected: Option<Vec<u8>>,
) -> Result<Question<'q>, Refusal> {
    long_enough(&observed, 4, 16)?;
    let method = method(matches)?;
    let data = open_bytes(matches, "data")?;
    if data.len() > mac::DATA_LONGEST {
        return Err(unreadable("data", "不超过 4096 字节", "no longer than 4096 bytes"));
    }
    let front = match matches.get_one::<String>("front") {
        None => Vec::new(),
        Some(_) => open_bytes(matches, "front")?.to_vec(),
    };
    let source = source(answer, matches, method.algorithm(), DukptUse::MacRequest)?;
    answer.row("method", "约定的算法", "agreed method", method.word());
    let search = move |value: &[u8]| Ok(mac::solve(&source, method, &data, &front, value)?);
    Ok(Question { observed, expected, search: Box::new(search) })
}

/// Searches and says what came of it.
fn tell(console: &Console, answer: &mut Answer, question: &Question<'_>) -> Result<(), Refusal> {
    let solved = (question.search)(&question.observed)?;
    answer.row("observed", "得到的值", "observed", hex::encode(&question.observed));
    if let Some(expected) = &question.expected {
        answer.row("expected", "对方的值", "expected", hex::encode(expected));
    }
    answer.member(
        "solutions",
        solved.found.iter().map(|mistakes| solution(console, mistakes)).collect::<Vec<_>>().into(),
    );
    answer.member("looked_at", solved.looked_at.into());
    answer.member("tried", solved.tried.iter().map(|mistake| mistake.name()).collect::<Vec<_>>().into());
    match solved.found.first() {
        None => {
            answer.exit = Some(Exit::Failed);
            let (zh, en) = tried(&solved);
            answer.note(Said::new(
                format!("没有找到：试了 {} 种组合，最多两处错误。试过的错法：{zh}", solved.looked_at),
                format!(
                    "Nothing found in {} combinations of at most two mistakes. What was tried:{en}",
                    solved.looked_at
                ),
            ));
            answer.note(Said::new(
                "可能是密钥、卡号、PIN 或数据本身不同：先比较两边的密钥校验值，再逐字节比较数据。",
                "Key, card number, PIN or data themselves may differ: compare the check values of both keys, then the data byte by byte.",
            ));
        }
        Some(none) if none.is_empty() => {
            answer.note(Said::new(
                "得到的值正是按约定算出的值：错在对方，或双方的约定不同。",
                "The observed value is the one that was agreed: the other side is wrong, or agreed on something else.",
            ));
        }
        Some(_) => solved.found.iter().for_each(|mistakes| say(console, answer, mistakes, Who::You)),
    }
    let Some(expected) = &question.expected else { return Ok(()) };
    let theirs = (question.search)(expected)?;
    match theirs.found.first() {
        Some(none) if none.is_empty() => {}
        Some(_) => theirs.found.iter().for_each(|mistakes| say(console, answer, mistakes, Who::TheOtherSide)),
        None => answer.note(Said::new(
            "对方的值不能由这些输入按约定算出；对方的密钥或数据可能不同。",
            "The expected value does not come from these inputs: the other side may have another key or other data.",
        )),
    }
    Ok(())
}

/// Whose mistake.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    You,
    TheOtherSide,
}

fn say(console: &Console, answer: &mut Answer, mistakes: &[Mistake], who: Who) {
    if console.format == Format::Json {
        return;
    }
    for mistake in mistakes {
        let words = mistake.words();
        let (who_zh, who_en) = match who {
            Who::You => ("你用了", "You used"),
            Who::TheOtherSide => ("对方用了", "The other side used"),
        };
        answer.note(Said::new(
            format!("{who_zh}{}。\n  改法：{}。", words.used_zh, words.mend_zh),
            format!("{who_en} {}.\n  To mend it: {}.", words.used_en, words.mend_en),
        ));
    }
}

fn solution(console: &Console, mistakes: &[Mistake]) -> Value {
    let each = mistakes.iter().map(|mistake| {
        let words = mistake.words();
        json!({
            "mistake": mistake.name(),
            "used": console.say(&words.used_zh, &words.used_en),
            "mend": console.say(&words.mend_zh, &words.mend_en),
        })
    });
    Value::Array(each.collect())
}

/// The mistakes that were tried, in words; relatives once.
fn tried(solved: &Solved) -> (String, String) {
    let (mut zh, mut en) = (String::new(), String::new());
    let mut said = Vec::new();
    for mistake in &solved.tried {
        let words = mistake.words();
        if !said.contains(&words.used_en) {
            zh.push_str(&format!("\n  · {}", words.used_zh));
            en.push_str(&format!("\n  - {}", words.used_en));
            said.push(words.used_en);
        }
    }
    (zh, en)
}
