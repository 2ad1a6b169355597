//! What the terminal can be asked about itself before anybody is to pay.

use super::row::{Builtin, Does, Op, Owner, Simple, Takes, Ty};
use crate::language::types::Level;
use crate::script_error::words::Words;

macro_rules! probes {
    ($( $(#[$doc:meta])* $variant:ident $word:literal $carries:expr; $zh:literal $en:literal; )*) => {
        /// What `doctor.check` looks at. The order is part of the bytecode format: append only.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Probe { $( $(#[$doc])* $variant, )* }

        impl Probe {
            /// All, in the order of the language's tags.
            pub const ALL: &'static [Probe] = &[ $( Probe::$variant, )* ];

            /// The one with this tag.
            pub fn from_tag(tag: u8) -> Option<Probe> {
                Probe::ALL.get(usize::from(tag)).copied()
            }

            /// As a script and JSON write it.
            pub fn word(self) -> &'static str {
                match self { $( Probe::$variant => $word, )* }
            }

            /// What a page calls it.
            pub fn name(self) -> Words {
                match self { $( Probe::$variant => Words { zh: $zh, en: $en }, )* }
            }
        }

        /// The variants of the language's `Probe`, and what each carries.
        pub const VARIANTS: &[(&str, Option<Ty>)] = &[ $( ($word, $carries), )* ];
    };
}

probes! {
    /// Paper, print head, mechanism.
    Printing "printing" None; "打印机" "printer";
    /// The reader answers.
    CardReader "card_reader" None; "读卡器" "card reader";
    /// Plugged in, not locked.
    PinPad "pin_pad" None; "密码键盘" "PIN pad";
    /// The PIN pad's serial number is the one on record.
    SerialNumber "serial_number" None; "密码键盘串号" "PIN pad serial";
    /// The battery is at least so full, or the mains plugged in.
    Power "power" Some(Ty::Plain(Simple::Percent)); "电量" "battery";
    /// The disk takes a record.
    Storage "storage" None; "存储" "storage";
    /// The clock says something that can be.
    TimeOfDay "time_of_day" None; "时钟" "clock";
    /// The terminal's software is new enough.
    Software "software" Some(Ty::Plain(Simple::Text)); "终端程序" "software";
    /// The master key is there.
    MasterKey "master_key" None; "主密钥" "master key";
    /// The work keys of a sign-in are there.
    WorkKeys "work_keys" None; "工作密钥" "work keys";
    /// The terminal is signed in.
    SignedIn "signed_in" None; "签到" "sign-in";
    /// The journal's chain of checksums is whole.
    JournalChain "journal_chain" None; "日志" "journal";
    /// No reversal waits.
    WaitingReversals "waiting_reversals" None; "待发冲正" "reversals";
    /// No script result of a chip card waits.
    WaitingResults "waiting_results" None; "待送脚本结果" "script results";
    /// No notice waits.
    WaitingNotices "waiting_notices" None; "待送通知" "notices";
    /// No settlement is half done.
    OpenSettlement "open_settlement" None; "结算" "settlement";
    /// The batch is not older than a day.
    BatchAge "batch_age" None; "批次时间" "age of batch";
    /// The batch has room for more; carries how many transactions it holds.
    BatchRoom "batch_room" Some(Ty::Plain(Simple::Int)); "批次余量" "room in batch";
}

/// The rows.
pub const ROWS: &[Builtin] = &[
    Builtin {
        owner: Owner::Device("doctor"),
        name: "check",
        property: false,
        does: Does::Request(Op::DoctorCheck),
        takes: &[Takes {
            name: "probe",
            ty: Ty::Union("Probe"),
            most: Level::Public,
            optional: false,
            labelled: false,
        }],
        gives: Ty::Plain(Simple::Bool),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "查终端的一处，报一行结论；不合格给出 false，警告与没有查的给出 true。从不报错，不动账，不发报文。",
            en: "Looks at one thing of the terminal and tells a line of verdict; gives false if it failed, true with a warning too and where it could not be checked. Never fails, moves no money, sends nothing.",
        },
        example: "doctor.check(power(20%))",
    },
    Builtin {
        owner: Owner::Device("doctor"),
        name: "ask_host",
        property: false,
        does: Does::Request(Op::DoctorAskHost),
        takes: &[Takes {
            name: "within",
            ty: Ty::Plain(Simple::Duration),
            most: Level::Public,
            optional: false,
            labelled: true,
        }],
        gives: Ty::Plain(Simple::Bool),
        errors: &[],
        waits: true,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "逐层查主机：线路、TLS、帧、回响、备用地址、时间，各报一行；within 由各地址均分。只发回响。有一个地址能用就给出 true。",
            en: "Looks at the host layer by layer: line, TLS, frame, echo, backup address, time, a line of verdict each; its addresses share `within`. Sends nothing but echoes. Gives true if any address works.",
        },
        example: "doctor.ask_host(within: 20s)",
    },
    Builtin {
        owner: Owner::Device("doctor"),
        name: "failed",
        property: true,
        does: Does::Request(Op::DoctorFailed),
        takes: &[],
        gives: Ty::Plain(Simple::Int),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "这次运行里不合格的有几处。", en: "How many checks of this run have failed." },
        example: "if doctor.failed > 0 { fail NotReady }",
    },
];
