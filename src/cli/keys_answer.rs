//! What a key tool answers: rows for a person, one object for a program, and refusals with their codes.

use crate::cli::exit::Exit;
use crate::cli::given::{self, From};
use crate::cli::style::{Console, Format};
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::card_values::CardValueError;
use crate::payment::keys::cipher::KeyError;
use crate::payment::keys::dukpt::DukptError;
use crate::payment::keys::key_block::KeyBlockError;
use crate::payment::keys::pin_block::PinBlockError;
use crate::payment::keys::pin_block_wide::WidePinBlockError;
use crate::payment::keys::secret_key::SecretKey;
use crate::payment::keys::sign_in::BundleError;
use crate::script_error::catalogue::{key_material, keys, storage};
use crate::script_error::code::{Code, Fact};
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Said, Words};
use clap::ArgMatches;
use serde_json::{Map, Value, json};
use std::io::Write;
use zeroize::Zeroizing;

/// Why a tool gives no answer.
#[derive(Debug)]
pub enum Refusal {
    /// What was given cannot be used; there is a page about it.
    Coded(Box<ScriptError>),
    /// The command line is wrong.
    Usage(Said),
}

/// What a tool found out.
#[derive(Debug, Default)]
pub struct Answer {
    rows: Vec<(String, Said, Said)>,
    notes: Vec<Said>,
    members: Map<String, Value>,
    secrets_on_the_line: bool,
    /// What the command ends with.
    pub exit: Option<Exit>,
}

impl Answer {
    /// Adds a row: its name for programs, its label for people, its value.
    pub fn row(&mut self, name: &str, zh: &str, en: &str, value: impl Into<String>) {
        let value = value.into();
        self.row_said(name, zh, en, Said::new(value.clone(), value));
    }

    /// Adds a row whose value differs by language.
    pub fn row_said(&mut self, name: &str, zh: &str, en: &str, value: Said) {
        self.rows.push((name.to_owned(), Said::new(zh, en), value));
    }

    /// Adds a sentence for people; programs find it among the warnings.
    pub fn note(&mut self, said: Said) {
        self.notes.push(said);
    }

    /// Adds something for programs only.
    pub fn member(&mut self, name: &str, value: Value) {
        self.members.insert(name.to_owned(), value);
    }

    /// Reads a key from an option. Remembers if it was written on the command line.
    pub fn key(&mut self, matches: &ArgMatches, id: &str, cipher: Algorithm) -> Result<SecretKey, Refusal> {
        let word = required(matches, id)?;
        Ok(SecretKey::new(cipher, &self.secret_bytes(&word)?)?)
    }

    /// As `key`; `None` where the option is not there.
    pub fn key_if(&mut self, matches: &ArgMatches, id: &str, cipher: Algorithm) -> Result<Option<SecretKey>, Refusal> {
        match matches.get_one::<String>(id) {
            None => Ok(None),
            Some(_) => self.key(matches, id, cipher).map(Some),
        }
    }

    /// Reads a key of any length, as an HMAC takes it.
    pub fn any_key(&mut self, matches: &ArgMatches, id: &str) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let word = required(matches, id)?;
        self.secret_bytes(&word)
    }

    fn secret_bytes(&mut self, word: &str) -> Result<Zeroizing<Vec<u8>>, Refusal> {
        let (bytes, from) = given::bytes(word, Words { zh: "密钥", en: "the key" })?;
        self.secrets_on_the_line |= from == From::CommandLine;
        Ok(bytes)
    }

    /// Reads something secret that is text, such as a PIN.
    pub fn secret_text(&mut self, matches: &ArgMatches, id: &str) -> Result<Zeroizing<String>, Refusal> {
        let (text, from) = given::text(&required(matches, id)?, Words { zh: "输入", en: "the input" })?;
        self.secrets_on_the_line |= from == From::CommandLine;
        Ok(text)
    }

    /// Writes the answer, or why there is none, and says what to end with.
    pub fn end(self, console: &Console, done: Result<(), Refusal>) -> Exit {
        warn(console, self.secrets_on_the_line);
        match done {
            Ok(()) => self.show(console),
            Err(refusal) => refuse(console, &refusal),
        }
    }

    fn show(self, console: &Console) -> Exit {
        if console.format == Format::Json {
            let mut all = Map::new();
            all.insert("ok".into(), (self.exit.unwrap_or(Exit::Fine) == Exit::Fine).into());
            for (name, _, value) in &self.rows {
                all.insert(name.clone(), value.in_language(console.style.language).into());
            }
            all.extend(self.members);
            let language = console.style.language;
            let notes: Vec<String> = self.notes.iter().map(|said| said.in_language(language).to_owned()).collect();
            all.insert("warnings".into(), notes.into());
            console.line(&Value::Object(all).to_string());
        } else {
            for (_, label, value) in &self.rows {
                let language = console.style.language;
                let (label, value) = (label.in_language(language), value.in_language(language));
                console.line(&format!("{label}{}{value}", console.say("：", ": ")));
            }
            for said in &self.notes {
                console.line(said.in_language(console.style.language));
            }
        }
        self.exit.unwrap_or(Exit::Fine)
    }
}

/// Says that a secret was written where others can read it.
pub fn warn(console: &Console, on_the_line: bool) {
    if !on_the_line {
        return;
    }
    let said = console.say(
        "警告：密钥或 PIN 写在了命令行上，会留在 shell 历史与进程列表中。只用测试密钥；可写入文件后用 @文件名，或用 - 从标准输入读。",
        "warning: a key or PIN is on the command line, where the shell's history and the list of processes show it. Use test\n  keys only; better, put it into a file and write @FILE, or - for standard input.",
    );
    let _ = writeln!(std::io::stderr(), "{said}");
}

/// Writes a refusal and says what to end with.
pub fn refuse(console: &Console, refusal: &Refusal) -> Exit {
    let language = console.style.language;
    let exit = match refusal {
        Refusal::Usage(_) => Exit::Usage,
        Refusal::Coded(error) if error.code == storage::CANNOT_READ.0 => Exit::Surroundings,
        Refusal::Coded(_) => Exit::Refused,
    };
    match (refusal, console.format) {
        (Refusal::Coded(error), Format::Json) => {
            let mut told = json!({ "code": error.code, "message": error.title.in_language(language) });
            if let Some(told) = told.as_object_mut() {
                for (name, value) in &error.facts {
                    told.insert(name.clone(), value.in_language(language).into());
                }
            }
            console.line(&json!({ "ok": false, "error": told }).to_string());
        }
        (Refusal::Usage(said), Format::Json) => {
            let told = json!({ "code": "usage", "message": said.in_language(language) });
            console.line(&json!({ "ok": false, "error": told }).to_string());
        }
        (Refusal::Coded(error), _) => console.refusal(error),
        (Refusal::Usage(said), _) => {
            let _ = writeln!(std::io::stderr(), "{}{}", console.say("", "error: "), said.in_language(language));
        }
    }
    exit
}

/// A value of the command line that has to be there.
pub fn required(matches: &ArgMatches, id: &str) -> Result<String, Refusal> {
    matches
        .get_one::<String>(id)
        .cloned()
        .ok_or_else(|| Refusal::Usage(Said::new(format!("缺少 --{id}。"), format!("--{id} is missing."))))
}

/// A value of the command line that cannot be read as what it should be.
pub fn unreadable(id: &str, zh: &str, en: &str) -> Refusal {
    Refusal::Usage(Said::new(format!("--{id} 须为{zh}。"), format!("--{id} has to be {en}.")))
}

fn coded(code: Code, facts: Vec<(&'static str, Fact)>) -> Refusal {
    Refusal::Coded(Box::new(ScriptError::of(code, facts)))
}

fn count(number: usize) -> Fact {
    Fact::Count(i64::try_from(number).unwrap_or(i64::MAX))
}

fn both(zh: impl Into<String>, en: impl Into<String>) -> Fact {
    Fact::Said(Said::new(zh, en))
}

/// A key that does not match its check value.
pub fn check_value_differs(expected: &str, found: &str) -> Refusal {
    let facts = vec![("expected", Fact::Text(expected.to_owned())), ("found", Fact::Text(found.to_owned()))];
    coded(key_material::KEY_CHECK_VALUE, facts)
}

impl std::convert::From<Box<ScriptError>> for Refusal {
    fn from(error: Box<ScriptError>) -> Refusal {
        Refusal::Coded(error)
    }
}

impl std::convert::From<KeyError> for Refusal {
    fn from(error: KeyError) -> Refusal {
        match error {
            KeyError::Length { found } => {
                coded(key_material::KEY_LENGTH, vec![("algorithm", Fact::Text("DES".into())), ("length", count(found))])
            }
            KeyError::LengthOf { algorithm, found } => {
                let facts = vec![("algorithm", Fact::Text(algorithm.to_string())), ("length", count(found))];
                coded(key_material::KEY_LENGTH, facts)
            }
            KeyError::NotHexadecimal => given::not_hexadecimal(Words { zh: "密钥", en: "the key" }).into(),
            KeyError::Weak => coded(key_material::KEY_WEAK, Vec::new()),
            KeyError::EqualParts => coded(key_material::KEY_PARTS_EQUAL, Vec::new()),
            KeyError::SinglePart => {
                let needed = both("双倍长或三倍长密钥", "a key of two parts or three");
                coded(
                    key_material::KEY_KIND,
                    vec![("needed", needed), ("found", both("单倍长密钥", "one of a single part"))],
                )
            }
            KeyError::Algorithm { needed, found } => {
                let needed = both(format!(" {needed} 密钥"), format!("a key of {needed}"));
                let found = both(format!(" {found} 密钥"), format!("one of {found}"));
                coded(key_material::KEY_KIND, vec![("needed", needed), ("found", found)])
            }
            KeyError::PartialBlock { length, block } => {
                let zh = format!("{length} 字节不能分成 {block} 字节的整块");
                coded(key_material::KEY_BLOCK_FORM, vec![("detail", both(zh, error.to_string()))])
            }
            KeyError::CheckValue { expected, found, .. } => {
                check_value_differs(&expected.to_string(), &found.to_string())
            }
        }
    }
}

impl std::convert::From<DukptError> for Refusal {
    fn from(error: DukptError) -> Refusal {
        let zh = match error {
            DukptError::Key(error) => return error.into(),
            DukptError::SerialLength { needed, found } => format!("应为 {needed} 字节，给了 {found} 字节"),
            DukptError::CounterZero => "计数器为零；第一笔交易为 1".to_owned(),
            DukptError::TooManyOnes { found, most } => {
                format!("计数器有 {found} 个 1，超过 {most} 个；终端会跳过这样的号码")
            }
            DukptError::Exhausted => "号码已全部用完；终端需要新的初始密钥".to_owned(),
        };
        coded(key_material::KEY_SERIAL, vec![("detail", both(zh, error.to_string()))])
    }
}

impl std::convert::From<KeyBlockError> for Refusal {
    fn from(error: KeyBlockError) -> Refusal {
        let zh = match error {
            KeyBlockError::Key(error) => return error.into(),
            KeyBlockError::Mac => return coded(key_material::KEY_BLOCK_MAC, Vec::new()),
            KeyBlockError::Version { found } => {
                return coded(key_material::KEY_BLOCK_VERSION, vec![("found", Fact::Text(found.to_string()))]);
            }
            KeyBlockError::Length { said, found } => format!("头部写明 {said} 个字符，实有 {found} 个"),
            KeyBlockError::Header { at, found } => format!("头部第 {at} 个字符不能是 {found:?}"),
            KeyBlockError::OptionalBlock { index } => format!("第 {index} 个可选块放不下"),
            KeyBlockError::Body => "头部之后不是成块的十六进制数字".to_owned(),
            KeyBlockError::KeyLength { bits } => format!("块中写明密钥为 {bits} 位，不可能"),
        };
        coded(key_material::KEY_BLOCK_FORM, vec![("detail", both(zh, error.to_string()))])
    }
}

impl std::convert::From<PinBlockError> for Refusal {
    fn from(error: PinBlockError) -> Refusal {
        let (zh, en) = match error {
            PinBlockError::Format => ("第一个字符不是这一格式的", "it does not begin with the digit of its format"),
            PinBlockError::Length => ("长度不在 4 到 12 之间", "its length is not between 4 and 12"),
            PinBlockError::Digits => ("PIN 的位置上不是数字", "something else than digits stands where the PIN does"),
            PinBlockError::Fill => ("PIN 之后的填充不对", "what fills it behind the PIN is not as the format says"),
        };
        coded(key_material::PIN_BLOCK_EMPTY, vec![("reason", both(zh, en))])
    }
}

impl std::convert::From<WidePinBlockError> for Refusal {
    fn from(error: WidePinBlockError) -> Refusal {
        match error {
            WidePinBlockError::Key(error) => error.into(),
            WidePinBlockError::Block(error) => error.into(),
        }
    }
}

impl std::convert::From<BundleError> for Refusal {
    fn from(error: BundleError) -> Refusal {
        match error {
            BundleError::Key(error) => error.into(),
            BundleError::Length { found } => coded(keys::BAD_KEY_BUNDLE, vec![("length", count(found))]),
            BundleError::KeyLength { found, .. } => KeyError::Length { found }.into(),
            BundleError::Place { .. } => {
                Refusal::Usage(Said::new("密钥不合这一布局。", "these are not the keys of the layout."))
            }
        }
    }
}

impl std::convert::From<CardValueError> for Refusal {
    fn from(error: CardValueError) -> Refusal {
        match error {
            CardValueError::Key(error) => error.into(),
            CardValueError::Digits { needed, .. } => {
                Refusal::Usage(Said::new(format!("须为 {needed} 位数字：{error}。"), format!("{error}.")))
            }
            CardValueError::PinLength { needed } => {
                Refusal::Usage(Said::new(format!("PIN 至少 {needed} 位。"), format!("{error}.")))
            }
        }
    }
}
