//! One entry of the handbook: what it is, why, where the money is, and who does what.

use crate::script_error::code::{Layer, Row};
use crate::script_error::words::{Audience, Language, Said, Words};

/// Where a message comes from, as somebody who looks for the cause would say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// A question that is about no single place.
    Question,
    /// Cashier or cardholder.
    Person,
    /// Card and chip.
    Card,
    /// The issuer decided.
    Issuer,
    /// Acquirer or switch.
    Acquirer,
    /// The line.
    Network,
    /// Keys, sign-in, registration.
    Keys,
    /// Printer, reader, PIN pad, battery, power.
    Hardware,
    /// Software, parameters and journal of the terminal.
    Terminal,
    /// Why a reversal is sent, and what becomes of it.
    Reversal,
    /// A script, before it runs.
    Script,
}

impl Origin {
    /// All of them, in the order of the pages.
    pub const ALL: [Origin; 11] = [
        Origin::Question,
        Origin::Issuer,
        Origin::Acquirer,
        Origin::Card,
        Origin::Person,
        Origin::Keys,
        Origin::Network,
        Origin::Hardware,
        Origin::Terminal,
        Origin::Reversal,
        Origin::Script,
    ];

    /// The word in the entries and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Origin::Question => "question",
            Origin::Person => "person",
            Origin::Card => "card",
            Origin::Issuer => "issuer",
            Origin::Acquirer => "acquirer",
            Origin::Network => "network",
            Origin::Keys => "keys",
            Origin::Hardware => "hardware",
            Origin::Terminal => "terminal",
            Origin::Reversal => "reversal",
            Origin::Script => "script",
        }
    }

    /// What it is called.
    pub fn name(self) -> Words {
        match self {
            Origin::Question => Words { zh: "常见问题", en: "Questions" },
            Origin::Person => Words { zh: "收银员与持卡人", en: "Cashier and cardholder" },
            Origin::Card => Words { zh: "卡片与芯片", en: "Card and chip" },
            Origin::Issuer => Words { zh: "发卡行", en: "Issuer" },
            Origin::Acquirer => Words { zh: "收单机构与转接中心", en: "Acquirer and switch" },
            Origin::Network => Words { zh: "网络", en: "Network" },
            Origin::Keys => Words { zh: "密钥、签到与登记", en: "Keys, sign-in and registration" },
            Origin::Hardware => Words { zh: "终端硬件", en: "Terminal hardware" },
            Origin::Terminal => {
                Words { zh: "终端软件、参数与日志", en: "Terminal software, parameters and journal" }
            }
            Origin::Reversal => Words { zh: "冲正", en: "Reversals" },
            Origin::Script => Words { zh: "脚本编写", en: "Writing scripts" },
        }
    }

    /// What kind of trouble it is.
    pub fn class(self) -> Class {
        match self {
            Origin::Question => Class::Any,
            Origin::Person => Class::Handling,
            Origin::Card | Origin::Issuer | Origin::Acquirer => Class::Decision,
            Origin::Network | Origin::Reversal => Class::Network,
            Origin::Keys => Class::Keys,
            Origin::Hardware => Class::Hardware,
            Origin::Terminal | Origin::Script => Class::Software,
        }
    }

    fn of(layer: Layer) -> Origin {
        match layer {
            Layer::Person => Origin::Person,
            Layer::Issuer => Origin::Issuer,
            Layer::Card => Origin::Card,
            Layer::Keys => Origin::Keys,
            Layer::Network => Origin::Network,
            Layer::Hardware => Origin::Hardware,
            Layer::Storage | Layer::Limits | Layer::Internal => Origin::Terminal,
            _ => Origin::Script,
        }
    }

    /// The origin an entry names.
    pub fn parse(word: &str) -> Option<Origin> {
        Origin::ALL.into_iter().find(|origin| origin.word() == word)
    }
}

/// The kinds of trouble: who can put it right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// A question across all of them.
    Any,
    /// Card, issuer or acquirer said no: not the terminal's fault.
    Decision,
    /// Line and host link.
    Network,
    /// Keys and registration.
    Keys,
    /// A device.
    Hardware,
    /// Software and parameters.
    Software,
    /// How the terminal was handled.
    Handling,
}

impl Class {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Class::Any => "any",
            Class::Decision => "decision",
            Class::Network => "network",
            Class::Keys => "keys",
            Class::Hardware => "hardware",
            Class::Software => "software",
            Class::Handling => "handling",
        }
    }

    /// What it is called.
    pub fn name(self) -> Words {
        match self {
            Class::Any => Words { zh: "各类都可能", en: "any kind" },
            Class::Decision => {
                Words { zh: "卡、发卡行或收单机构的决定", en: "a decision of card, issuer or acquirer" }
            }
            Class::Network => Words { zh: "网络与结果不明", en: "the line, or a result that is not known" },
            Class::Keys => Words { zh: "密钥与登记", en: "keys and registration" },
            Class::Hardware => Words { zh: "硬件", en: "hardware" },
            Class::Software => Words { zh: "软件与参数", en: "software and parameters" },
            Class::Handling => Words { zh: "操作", en: "handling" },
        }
    }
}

/// Where the money is when this shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MoneyState {
    /// Nothing was taken.
    NotMoved,
    /// The payment stands.
    Moved,
    /// Not known; a reversal takes back what was taken.
    ReversalQueued,
    /// Not known: look it up.
    Unknown,
    /// It depends on what is described in the entry.
    Depends,
    /// There is no transaction yet.
    NoTransaction,
}

impl MoneyState {
    /// All of them.
    pub const ALL: [MoneyState; 6] = [
        MoneyState::NotMoved,
        MoneyState::Moved,
        MoneyState::ReversalQueued,
        MoneyState::Unknown,
        MoneyState::Depends,
        MoneyState::NoTransaction,
    ];

    /// The word in the entries and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            MoneyState::NotMoved => "not_moved",
            MoneyState::Moved => "moved",
            MoneyState::ReversalQueued => "reversal_queued",
            MoneyState::Unknown => "unknown",
            MoneyState::Depends => "depends",
            MoneyState::NoTransaction => "no_transaction",
        }
    }

    /// The sentence, where an entry has no better one.
    pub fn sentence(self) -> Words {
        match self {
            MoneyState::NotMoved => Words { zh: "没有扣款。", en: "Nothing was taken." },
            MoneyState::Moved => Words { zh: "已成交，钱已付。", en: "The payment stands." },
            MoneyState::ReversalQueued => Words {
                zh: "结果不明；终端会冲正，扣了的会退回。",
                en: "Not known; the terminal reverses, and what was taken comes back.",
            },
            MoneyState::Unknown => Words {
                zh: "结果不明：先查这一笔，再决定是否重做。",
                en: "Not known: look it up before you repeat it.",
            },
            MoneyState::Depends => Words { zh: "看情形，见下。", en: "It depends, see below." },
            MoneyState::NoTransaction => {
                Words { zh: "与钱无关，没有交易。", en: "No money is in this: there was no transaction." }
            }
        }
    }

    /// The state a word names.
    pub fn parse(word: &str) -> Option<MoneyState> {
        MoneyState::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// How sure we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sure {
    /// Till's own behaviour: its tests show it.
    Own,
    /// Independent sources agree.
    Several,
    /// One source.
    One,
    /// Reasoned, not seen.
    Reasoned,
    /// Nobody has said in public what it means.
    Unknown,
}

impl Sure {
    /// All of them.
    pub const ALL: [Sure; 5] = [Sure::Own, Sure::Several, Sure::One, Sure::Reasoned, Sure::Unknown];

    /// The word in the entries and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Sure::Own => "own",
            Sure::Several => "several",
            Sure::One => "one",
            Sure::Reasoned => "reasoned",
            Sure::Unknown => "unknown",
        }
    }

    /// In words.
    pub fn sentence(self) -> Words {
        match self {
            Sure::Own => Words { zh: "本程序自己的行为，有测试。", en: "Till's own behaviour; tested." },
            Sure::Several => Words { zh: "多个独立来源一致。", en: "Independent sources agree." },
            Sure::One => Words {
                zh: "只有一个来源，请向收单机构核实。",
                en: "One source only; check with the acquirer.",
            },
            Sure::Reasoned => Words { zh: "推断，没有直接来源。", en: "Reasoned; no source says so." },
            Sure::Unknown => Words { zh: "没有公开的含义。", en: "It has no public meaning." },
        }
    }

    /// The degree a word names.
    pub fn parse(word: &str) -> Option<Sure> {
        Sure::ALL.into_iter().find(|sure| sure.word() == word)
    }
}

/// A code of field 39 or tag 8A, and the tables in which it has this meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedCode {
    /// The code, `51`.
    pub code: &'static str,
    /// `cn_pos`, `cn_pos_old`, `iso1987`, `visa`, `mastercard`, `other`, `emv`, `front_end`, `reversal`.
    pub tables: Vec<&'static str>,
}

/// The tables a [`ListedCode`] may name, and what they are.
pub const TABLES: &[(&str, Words)] = &[
    ("cn_pos", Words { zh: "中国收单主机，现行", en: "Chinese hosts, as they are now" }),
    ("cn_pos_old", Words { zh: "中国收单主机，旧版", en: "Chinese hosts, the older table" }),
    ("iso1987", Words { zh: "ISO 8583:1987", en: "ISO 8583:1987" }),
    ("visa", Words { zh: "Visa", en: "Visa" }),
    ("mastercard", Words { zh: "Mastercard", en: "Mastercard" }),
    ("other", Words { zh: "其他网络", en: "other networks" }),
    ("emv", Words { zh: "终端自己填的（8A）", en: "given by the terminal itself (8A)" }),
    ("front_end", Words { zh: "某家前置自编", en: "made up by one front end" }),
    ("reversal", Words { zh: "冲正原因", en: "reason of a reversal" }),
];

/// One cause, and how to tell it from the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The cause.
    pub said: Said,
    /// How to tell it.
    pub tell: Option<Said>,
}

/// How an entry is shown on the simulated terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trial {
    /// Command lines without `till`; the last one shows it. None where the example of its row does.
    Runs(Vec<&'static str>),
    /// A sale whose host answers with this code.
    Reply(&'static str),
    /// It cannot be shown yet, and why.
    NotYet(Said),
}

/// One entry.
#[derive(Clone, Debug)]
pub struct Entry {
    /// How it is called for: `51`, `T5101`, `printer-heat`. Never changes its meaning.
    pub id: &'static str,
    /// What it means, in one line.
    pub title: Said,
    /// Names people type, in either language.
    pub names: Vec<&'static str>,
    /// What terminals show, as they write it.
    pub screens: Vec<&'static str>,
    /// The response codes it stands for.
    pub codes: Vec<ListedCode>,
    /// Where it comes from.
    pub origin: Origin,
    /// Where the money is.
    pub money: MoneyState,
    /// The same in a sentence.
    pub money_said: Said,
    /// What it is, in a few sentences; of codes of ours.
    pub about: Option<Said>,
    /// Why, the likeliest first.
    pub why: Vec<Cause>,
    /// What the cashier does, in order. The first is short and stands alone.
    pub cashier: Vec<Said>,
    /// What the cardholder is told and does.
    pub cardholder: Vec<Said>,
    /// What support does, in order.
    pub support: Vec<Said>,
    /// What the author of a script does.
    pub author: Vec<Said>,
    /// What not to do; advice that goes round and is wrong is called wrong.
    pub avoid: Vec<Said>,
    /// When to stop, and whom to call.
    pub stop: Option<Said>,
    /// What the slip shows.
    pub slip: Option<Said>,
    /// The question that brings a caller on.
    pub ask: Vec<Said>,
    /// Ids of entries near it.
    pub see: Vec<&'static str>,
    /// How sure we are.
    pub sure: Sure,
    /// How it is shown.
    pub trial: Trial,
    /// Its row, if it is a code of ours.
    pub row: Option<&'static Row>,
}

impl Entry {
    /// An entry that says nothing yet.
    pub(super) fn blank(id: &'static str) -> Entry {
        Entry {
            id,
            title: Said::default(),
            names: Vec::new(),
            screens: Vec::new(),
            codes: Vec::new(),
            origin: Origin::Question,
            money: MoneyState::Depends,
            money_said: Said::default(),
            about: None,
            why: Vec::new(),
            cashier: Vec::new(),
            cardholder: Vec::new(),
            support: Vec::new(),
            author: Vec::new(),
            avoid: Vec::new(),
            stop: None,
            slip: None,
            ask: Vec::new(),
            see: Vec::new(),
            sure: Sure::Own,
            trial: Trial::NotYet(Said::default()),
            row: None,
        }
    }

    /// The origin of a row's layer.
    pub(super) fn origin_of(row: &Row) -> Origin {
        Origin::of(row.layer)
    }

    /// What one person does.
    pub fn steps(&self, audience: Audience) -> &[Said] {
        match audience {
            Audience::Cashier => &self.cashier,
            Audience::Cardholder => &self.cardholder,
            Audience::Support => &self.support,
        }
    }

    /// The code a person would quote: a response code, ours, or nothing.
    pub fn code(&self) -> Option<&'static str> {
        match (self.codes.first(), self.row) {
            (Some(listed), _) => Some(listed.code),
            (None, Some(row)) => Some(row.code.0),
            (None, None) => is_declared(self.id).then_some(self.id),
        }
    }

    /// True if it has this code in one of these tables; in any, if none is named.
    pub fn has_code(&self, code: &str, table: Option<&str>) -> bool {
        self.codes.iter().any(|listed| listed.code == code && table.is_none_or(|table| listed.tables.contains(&table)))
    }

    /// Everything it says in one language, for a search that looks further than the names.
    pub(super) fn body(&self, language: Language) -> impl Iterator<Item = &str> {
        let causes = self.why.iter().flat_map(|cause| [Some(&cause.said), cause.tell.as_ref()]).flatten();
        self.about
            .iter()
            .chain(causes)
            .chain(&self.cashier)
            .chain(&self.cardholder)
            .chain(&self.support)
            .chain(&self.author)
            .map(move |said| said.in_language(language))
    }
}

/// True for a code that a script declared: `E4102`.
pub fn is_declared(word: &str) -> bool {
    word.strip_prefix('E').is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
