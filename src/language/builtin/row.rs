//! What one builtin is: owner, name, signature, errors, what it does.

use super::shapes::{RECORDS, UNIONS};
use crate::language::types::{Level, Type};
use crate::script_error::code::Code;
use crate::script_error::words::Words;

/// A type in a table; `to_type` gives the language's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ty {
    /// A type without parts.
    Plain(Simple),
    /// `Digits(n)`.
    Digits(u16),
    /// `List[T]`.
    List(&'static Ty),
    /// `T?`.
    Optional(&'static Ty),
    /// A record of `shapes`, by name.
    Record(&'static str),
    /// A union of `shapes`, by name.
    Union(&'static str),
}

/// Types without parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of `Type`")]
pub enum Simple {
    Bool,
    Int,
    Text,
    Bytes,
    Amount,
    Percent,
    Duration,
    Time,
    Message,
    Reply,
    ResponseCode,
    Mti,
    Pan,
    Track,
    Expiry,
    PinBlock,
    Keys,
    Cryptogram,
    ChipData,
    Kcv,
    Phrase,
    Receipt,
    Error,
    Nothing,
}

impl Ty {
    /// The language's type. A name that `shapes` lacks gives `Unknown`; a test proves there is none.
    pub fn to_type(self) -> Type {
        match self {
            Ty::Plain(simple) => match simple {
                Simple::Bool => Type::Bool,
                Simple::Int => Type::Int,
                Simple::Text => Type::Text,
                Simple::Bytes => Type::Bytes,
                Simple::Amount => Type::Amount,
                Simple::Percent => Type::Percent,
                Simple::Duration => Type::Duration,
                Simple::Time => Type::Time,
                Simple::Message => Type::Message(None),
                Simple::Reply => Type::Reply(None),
                Simple::ResponseCode => Type::ResponseCode,
                Simple::Mti => Type::Mti,
                Simple::Pan => Type::Pan,
                Simple::Track => Type::Track,
                Simple::Expiry => Type::Expiry,
                Simple::PinBlock => Type::PinBlock,
                Simple::Keys => Type::Keys,
                Simple::Cryptogram => Type::Cryptogram,
                Simple::ChipData => Type::ChipData,
                Simple::Kcv => Type::Kcv,
                Simple::Phrase => Type::Phrase,
                Simple::Receipt => Type::Receipt,
                Simple::Error => Type::Error,
                Simple::Nothing => Type::Nothing,
            },
            Ty::Digits(n) => Type::Digits(n),
            Ty::List(of) => Type::list(of.to_type()),
            Ty::Optional(of) => Type::optional(of.to_type()),
            Ty::Record(name) => RECORDS
                .iter()
                .position(|record| record.name == name)
                .map_or(Type::Unknown, |at| Type::Record(at as u16)),
            Ty::Union(name) => {
                UNIONS.iter().position(|union| union.name == name).map_or(Type::Unknown, |at| Type::Union(at as u16))
            }
        }
    }
}

/// Whose method, property or member it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A device: `host.send`. Needs `uses host`.
    Device(&'static str),
    /// Nobody: `mask(pan)`.
    Nobody,
    /// Values of a type: `text.length`, `reply.code`.
    Value(Of),
}

/// Which values have a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Text, Digits, Bytes.
    Text,
    /// List.
    List,
    /// Amount.
    Amount,
    /// Reply.
    Reply,
    /// Message.
    Message,
    /// ResponseCode.
    ResponseCode,
    /// Error.
    Error,
}

/// How it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// The run stops and gives out a request; the world answers.
    Request(Op),
    /// The machine does it at once.
    Pure(Pure),
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub struct Takes {
    /// Its label.
    pub name: &'static str,
    /// Its type.
    pub ty: Ty,
    /// The highest level it takes.
    pub most: Level,
    /// May be left out.
    pub optional: bool,
    /// Must be written with its label; others stand in order, with or without it.
    pub labelled: bool,
}

/// One builtin.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    /// Whose.
    pub owner: Owner,
    /// Its name.
    pub name: &'static str,
    /// True if it is read like a field, without parentheses.
    pub property: bool,
    /// How it is done.
    pub does: Does,
    /// Its parameters; the value itself is not among them for members.
    pub takes: &'static [Takes],
    /// The type of what it gives.
    pub gives: Ty,
    /// The errors it can raise, besides limits.
    pub errors: &'static [Code],
    /// True if it waits, and so needs `within:`.
    pub waits: bool,
    /// The level of what it gives, by itself.
    pub level: Level,
    /// True if what it gives may be lower than what it took; otherwise it is at least as high.
    pub lowers: bool,
    /// Only in tests; also takes any number of `F…:` labels.
    pub fixture: bool,
    /// What it does.
    pub about: Words,
    /// A line that uses it.
    pub example: &'static str,
}

impl Of {
    /// The highest level a value may have whose member is read.
    pub const fn most(self) -> Level {
        match self {
            Of::Amount | Of::ResponseCode => Level::Public,
            Of::Text | Of::Error => Level::Masked,
            Of::List | Of::Reply | Of::Message => Level::Key,
        }
    }
}

impl Builtin {
    /// The level of what it gives, for arguments of which this is the highest.
    pub fn gives_level(&self, taken: Level) -> Level {
        if self.lowers { self.level } else { self.level.max(taken) }
    }
}

/// A device.
#[derive(Clone, Copy, Debug)]
pub struct Device {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: Words,
}

macro_rules! operations {
    ($(#[$outer:meta])* $name:ident { $( $(#[$doc:meta])* $variant:ident = $number:literal $word:literal, )* }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the word beside each names the builtin that documents it")]
        pub enum $name { $( $(#[$doc])* $variant = $number, )* }
        impl $name {
            /// All, in the order of their numbers.
            pub const ALL: &'static [$name] = &[ $( $name::$variant, )* ];
            /// The number in bytecode; never changes its meaning.
            pub fn number(self) -> u8 { self as u8 }
            /// The one with this number.
            pub fn from_number(number: u8) -> Option<$name> {
                match number { $( $number => Some($name::$variant), )* _ => None }
            }
            /// As a script writes it.
            pub fn word(self) -> &'static str {
                match self { $( $name::$variant => $word, )* }
            }
        }
    };
}

operations! {
    /// A request to the world. Numbers are part of the bytecode format: append only.
    Op {
        ScreenShow = 1 "screen.show",
        ScreenConfirm = 2 "screen.confirm",
        ScreenClear = 3 "screen.clear",
        KeypadAmount = 4 "keypad.amount",
        KeypadDigits = 5 "keypad.digits",
        CardRead = 6 "card.read",
        CardRelease = 7 "card.release",
        PinpadSerial = 8 "pinpad.serial",
        PinpadEnterPin = 9 "pinpad.enter_pin",
        PinpadReadKeys = 10 "pinpad.read_keys",
        PinpadLoad = 11 "pinpad.load",
        PinpadActivateKeys = 12 "pinpad.activate_keys",
        PinpadDropKeys = 13 "pinpad.drop_keys",
        PinpadEraseWorkKeys = 14 "pinpad.erase_work_keys",
        HostSend = 15 "host.send",
        HostNextStan = 16 "host.next_stan",
        PrinterPrint = 17 "printer.print",
        StoreTerminalId = 18 "store.terminal_id",
        StoreMerchantId = 19 "store.merchant_id",
        StoreMerchantName = 20 "store.merchant_name",
        StoreBatchNo = 21 "store.batch_no",
        StoreOperator = 22 "store.operator",
        StoreSignedIn = 23 "store.signed_in",
        StoreSetClock = 24 "store.set_clock",
        StoreSetBatch = 25 "store.set_batch",
        StoreMarkSignedIn = 26 "store.mark_signed_in",
        StoreMarkSignedOut = 27 "store.mark_signed_out",
        StoreRequireSoftware = 28 "store.require_software",
        BatteryLevel = 29 "battery.level",
        BatteryRequire = 30 "battery.require",
        BeeperBeep = 31 "beeper.beep",
        ClockNow = 32 "clock.now",
        LogInfo = 33 "log.info",
        BatchCount = 34 "batch.count",
        BatchTotal = 35 "batch.total",
        JournalPending = 36 "journal.pending",
        HostCommand = 37 "host.command",
        KeypadSupervisor = 38 "keypad.supervisor",
        HostTakeParameters = 39 "host.take_parameters",
        BatchFind = 40 "batch.find",
        BatchFindReference = 41 "batch.find_reference",
        BatchLast = 42 "batch.last",
        BatchTotals = 43 "batch.totals",
        BatchSettling = 44 "batch.settling",
        BatchBalanced = 45 "batch.balanced",
        BatchReconcile = 46 "batch.reconcile",
        BatchNextUpload = 47 "batch.next_upload",
        BatchMarkUploaded = 48 "batch.mark_uploaded",
        BatchUploads = 49 "batch.uploads",
        BatchEndUpload = 50 "batch.end_upload",
        BatchClose = 51 "batch.close",
        NoticesKeep = 52 "notices.keep",
        NoticesSend = 53 "notices.send",
        NoticesWaiting = 54 "notices.waiting",
        NoticesAnswer = 55 "notices.answer",
        NoticesRefused = 56 "notices.refused",
        NoticesTrouble = 57 "notices.trouble",
        CardComplete = 58 "card.complete",
        CardDecide = 59 "card.decide",
        // Given out by statements, not by calls.
        Sleep = 60 "retry every",
        ReverseOpen = 61 "reversible",
        Commit = 62 "commit",
        Discard = 63 "discard",
        Reverse = 64 "reverse",
        StoreLimits = 65 "store.limits",
        NoticesOffline = 66 "notices.offline",
        BatchNextChip = 67 "batch.next_chip",
        BatchMarkChip = 68 "batch.mark_chip",
        BatchNeedsUpload = 69 "batch.needs_upload",
        DoctorCheck = 70 "doctor.check",
        DoctorAskHost = 71 "doctor.ask_host",
        DoctorFailed = 72 "doctor.failed",
        BatchRefuseChip = 73 "batch.refuse_chip",
        BatchChipsRefused = 74 "batch.chips_refused",
        BatchDispute = 75 "batch.dispute",
        BatchDisputed = 76 "batch.disputed",
        BatchUploadAnew = 77 "batch.upload_anew",
        // Tests only.
        GivenCardInserts = 100 "card.inserts",
        GivenCardTaps = 101 "card.taps",
        GivenCardSwipes = 102 "card.swipes",
        GivenHostReplies = 103 "host.replies",
        GivenHostSilent = 104 "host.silent",
        GivenFault = 105 "terminal.fault",
        SawScreen = 110 "screen.shows",
        SawPrinter = 111 "printer.printed",
        SawHostReceived = 112 "host.received",
        SawHostOrder = 113 "host.order",
        SawHostLedger = 114 "host.ledger",
        SawBatchLedger = 115 "batch.ledger",
    }
}

operations! {
    /// What the machine does at once. Numbers are part of the bytecode format: append only.
    Pure {
        Mask = 1 "mask",
        ToDigits = 2 "digits",
        ZeroPad = 3 "zero_pad",
        Part = 4 "part",
        Contains = 5 "contains",
        StartsWith = 6 "starts_with",
        Hex = 7 "hex",
        AvailableBalance = 8 "available_balance",
        LuhnValid = 9 "luhn_valid",
        TextLength = 20 "text.length",
        ListLength = 21 "list.length",
        AmountMinor = 22 "amount.minor",
        AmountCurrency = 23 "amount.currency",
        AmountCurrencyNumber = 24 "amount.currency_number",
        ReplyCode = 25 "reply.code",
        ReplyMti = 26 "reply.mti",
        MessageMti = 27 "message.mti",
        CodeText = 28 "code.text",
        CodeMeaning = 29 "code.meaning",
        ErrorCode = 30 "error.code",
        ErrorName = 31 "error.name",
        PhraseOf = 32 "phrase",
        DayNear = 33 "day_near",
    }
}

/// The devices a flow can name after `uses`.
pub const DEVICES: &[Device] = &[
    Device { name: "screen", about: Words { zh: "显示屏。", en: "The screen." } },
    Device { name: "keypad", about: Words { zh: "收银员的按键。", en: "The cashier's keys." } },
    Device {
        name: "card",
        about: Words { zh: "读卡器：插卡、挥卡、刷卡。", en: "The card reader: chip, tap, stripe." },
    },
    Device {
        name: "pinpad",
        about: Words {
            zh: "密码键盘，保管密钥，输入密码。", en: "The PIN pad: holds the keys, takes the PIN."
        },
    },
    Device { name: "host", about: Words { zh: "收单主机。", en: "The acquirer's host." } },
    Device { name: "printer", about: Words { zh: "打印机。", en: "The printer." } },
    Device {
        name: "store", about: Words { zh: "终端参数与状态。", en: "The terminal's parameters and state." }
    },
    Device { name: "battery", about: Words { zh: "电池。", en: "The battery." } },
    Device { name: "beeper", about: Words { zh: "蜂鸣器。", en: "The beeper." } },
    Device { name: "clock", about: Words { zh: "时钟。", en: "The clock." } },
    Device {
        name: "log", about: Words { zh: "运行日志；不得写入卡号。", en: "The log; no card data may enter it." }
    },
    Device { name: "batch", about: Words { zh: "本批次的交易。", en: "The transactions of this batch." } },
    Device {
        name: "journal",
        about: Words { zh: "交易日志与待发冲正。", en: "The journal and the reversals that wait." },
    },
    Device {
        name: "notices",
        about: Words {
            zh: "待发通知：离线消费、退货、调整、脚本结果。",
            en: "Notices that are kept and sent: offline sales, refunds, adjustments, script results.",
        },
    },
    Device {
        name: "doctor",
        about: Words {
            zh: "体检：终端能不能工作，不能则该怎么办。",
            en: "The doctor: can this terminal work, and what to do where it cannot.",
        },
    },
    Device {
        name: "terminal",
        about: Words {
            zh: "模拟终端本身，只在测试里用。", en: "The simulated terminal itself; in tests only."
        },
    },
];
