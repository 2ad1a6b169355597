//! Records and unions of the trade that every script knows.

use super::doctor;
use super::row::{Simple, Ty};
use crate::language::types::{RecordType, Types, UnionType};
use crate::script_error::words::Words;
use std::sync::{Arc, LazyLock};

/// A record every script knows.
#[derive(Clone, Copy, Debug)]
pub struct RecordShape {
    /// Its name.
    pub name: &'static str,
    /// Fields: name, type, may be left out when it is built (then `none`).
    pub fields: &'static [(&'static str, Ty)],
    /// True if a script may build it by a call.
    pub built_by_scripts: bool,
    /// What it is.
    pub about: Words,
}

/// A union every script knows.
#[derive(Clone, Copy, Debug)]
pub struct UnionShape {
    /// Its name.
    pub name: &'static str,
    /// Variants and what each carries.
    pub variants: &'static [(&'static str, Option<Ty>)],
    /// What it is.
    pub about: Words,
}

const fn plain(simple: Simple) -> Ty {
    Ty::Plain(simple)
}

/// Index of `Txn` in `RECORDS`.
pub const TXN: u16 = 0;
/// Index of `Card`.
pub const CARD: u16 = 1;
/// Index of `WorkKey`.
pub const WORK_KEY: u16 = 2;
/// Index of `KeyBundle`.
pub const KEY_BUNDLE: u16 = 3;
/// Index of `LedgerLine`.
pub const LEDGER_LINE: u16 = 4;
/// Index of `Booking`.
pub const BOOKING: u16 = 5;
/// Index of `Totals`.
pub const TOTALS: u16 = 6;
/// Index of `UploadPart`.
pub const UPLOAD_PART: u16 = 7;
/// Index of `Refusal`.
pub const REFUSAL: u16 = 8;
/// Index of `ChipAnswer`.
pub const CHIP_ANSWER: u16 = 9;
/// Index of `Limits`.
pub const LIMITS: u16 = 10;
/// Index of `OfflineSales`.
pub const OFFLINE_SALES: u16 = 11;

/// Index of `ChipItem`.
pub const CHIP_ITEM: u16 = 12;

/// The records. Their order is part of the bytecode format: append only.
pub const RECORDS: &[RecordShape] = &[
    RecordShape {
        name: "Txn",
        fields: &[
            ("kind", Ty::Union("TxnKind")),
            ("amount", plain(Simple::Amount)),
            ("request", plain(Simple::Message)),
            ("reply", plain(Simple::Reply)),
        ],
        built_by_scripts: true,
        about: Words {
            zh: "一笔成交的交易，commit 时入账。", en: "A transaction that stands; `commit` books it."
        },
    },
    RecordShape {
        name: "Card",
        fields: &[
            ("pan", plain(Simple::Pan)),
            ("track2", Ty::Optional(&Ty::Plain(Simple::Track))),
            ("expiry", Ty::Optional(&Ty::Plain(Simple::Expiry))),
            ("entry", Ty::Union("Entry")),
            ("sequence", Ty::Optional(&Ty::Digits(3))),
            ("asks_pin", plain(Simple::Bool)),
            ("service_code", Ty::Optional(&Ty::Digits(3))),
            ("tags", Ty::Optional(&Ty::Plain(Simple::ChipData))),
        ],
        built_by_scripts: false,
        about: Words { zh: "读到的卡。", en: "A card that was read." },
    },
    RecordShape {
        name: "WorkKey",
        fields: &[
            ("slot", Ty::Union("KeySlot")),
            ("cryptogram", plain(Simple::Cryptogram)),
            ("kcv", plain(Simple::Kcv)),
        ],
        built_by_scripts: false,
        about: Words {
            zh: "一把工作密钥：密文与校验值。", en: "One work key: its cryptogram and its check value."
        },
    },
    RecordShape {
        name: "KeyBundle",
        fields: &[("keys", Ty::List(&Ty::Record("WorkKey")))],
        built_by_scripts: false,
        about: Words { zh: "签到下发的一组工作密钥。", en: "The work keys that a sign-in brings." },
    },
    RecordShape {
        name: "LedgerLine",
        fields: &[("stan", Ty::Digits(6)), ("amount", plain(Simple::Amount))],
        built_by_scripts: false,
        about: Words { zh: "账上的一笔。", en: "One line of a ledger." },
    },
    RecordShape {
        name: "Booking",
        fields: &[
            ("stan", Ty::Digits(6)),
            ("batch", Ty::Digits(6)),
            ("kind", Ty::Union("TxnKind")),
            ("amount", plain(Simple::Amount)),
            ("card", plain(Simple::Text)),
            ("reference", Ty::Optional(&Ty::Plain(Simple::Text))),
            ("authorisation", Ty::Optional(&Ty::Plain(Simple::Text))),
            ("date", Ty::Digits(4)),
            ("time", Ty::Digits(6)),
            ("taken_back", plain(Simple::Bool)),
            ("original", Ty::Digits(16)),
        ],
        built_by_scripts: false,
        about: Words {
            zh: "本批次里的一笔；card 是屏蔽后的卡号，original 是第 61 域的写法：批次号、流水号、日期。",
            en: "A transaction of this batch; `card` is the masked number, `original` what field 61 says of it: batch, trace number, date.",
        },
    },
    RecordShape {
        name: "Totals",
        fields: &[
            ("debits", plain(Simple::Int)),
            ("debit_amount", plain(Simple::Amount)),
            ("credits", plain(Simple::Int)),
            ("credit_amount", plain(Simple::Amount)),
            ("details", Ty::Digits(62)),
        ],
        built_by_scripts: false,
        about: Words {
            zh: "批次的总额与笔数，内卡外卡合计；details 是第 48 域的写法，内卡外卡分开。",
            en: "Totals and counts of the batch, domestic and foreign cards together; `details` is what field 48 says, the two apart.",
        },
    },
    RecordShape {
        name: "UploadPart",
        fields: &[("count", plain(Simple::Int)), ("details", Ty::Digits(0)), ("stans", Ty::List(&Ty::Digits(6)))],
        built_by_scripts: false,
        about: Words {
            zh: "一段批上送明细；details 是第 48 域的写法。",
            en: "A part of a batch upload; `details` is what field 48 says.",
        },
    },
    RecordShape {
        name: "Refusal",
        fields: &[
            ("stan", Ty::Digits(6)),
            ("amount", Ty::Optional(&Ty::Plain(Simple::Amount))),
            ("code", plain(Simple::ResponseCode)),
        ],
        built_by_scripts: false,
        about: Words { zh: "主机拒收的一条通知。", en: "A notice that the host refused." },
    },
    RecordShape {
        name: "ChipAnswer",
        fields: &[
            ("verdict", Ty::Union("ChipVerdict")),
            ("tags", plain(Simple::ChipData)),
            ("ran_script", plain(Simple::Bool)),
        ],
        built_by_scripts: false,
        about: Words {
            zh: "芯片的回答：同意与否；tags 是上送第 55 域的写法；ran_script：应答带有发卡行脚本，结果在 tags 里。",
            en: "What a chip answered: yes or no; `tags` is what field 55 of a notice says of it; `ran_script`: the reply brought issuer scripts, and their result is in `tags`.",
        },
    },
    RecordShape {
        name: "Limits",
        fields: &[
            ("batch", plain(Simple::Int)),
            ("offline_count", plain(Simple::Int)),
            ("offline_amount", plain(Simple::Amount)),
        ],
        built_by_scripts: false,
        about: Words {
            zh: "终端参数里的上限：一个批次的笔数；没有上送的离线消费的笔数与金额。",
            en: "Limits among the terminal's parameters: transactions of a batch; count and amount of offline sales that wait to be sent.",
        },
    },
    RecordShape {
        name: "OfflineSales",
        fields: &[("count", plain(Simple::Int)), ("amount", plain(Simple::Amount))],
        built_by_scripts: false,
        about: Words {
            zh: "还没有上送的离线消费：笔数与金额。",
            en: "Offline sales that wait to be sent: how many, and what they add up to.",
        },
    },
    RecordShape {
        name: "ChipItem",
        fields: &[
            ("stan", Ty::Digits(6)),
            ("verdict", Ty::Union("ChipVerdict")),
            ("amount", plain(Simple::Amount)),
            ("pan", plain(Simple::Pan)),
            ("entry_mode", Ty::Optional(&Ty::Digits(3))),
            ("sequence", Ty::Optional(&Ty::Digits(3))),
            ("tags", plain(Simple::ChipData)),
            ("details", Ty::Digits(42)),
        ],
        built_by_scripts: false,
        about: Words {
            zh: "批上送的一笔芯片数据：verdict 为 TC 是交易证书，为 AAC 是芯片拒绝；entry_mode、sequence 是原交易的第 22、23 域，tags 是第 55 域，details 是第 48 域的写法。",
            en: "What one chip said, for a batch upload: a certificate where `verdict` is TC, a decline where it is AAC; `entry_mode` and `sequence` are fields 22 and 23 of the transaction, `tags` is field 55, `details` what field 48 says.",
        },
    },
];

/// Index of `Outcome` in `UNIONS`.
pub const OUTCOME: u16 = 0;
/// Index of `Entry`.
pub const ENTRY: u16 = 1;
/// Index of `TxnKind`.
pub const TXN_KIND: u16 = 2;
/// Index of `KeySlot`.
pub const KEY_SLOT: u16 = 3;

/// Tags of `Outcome`, in the order of its variants.
pub mod outcome {
    /// `done`
    pub const DONE: u8 = 0;
    /// `approved(Txn)`
    pub const APPROVED: u8 = 1;
    /// `declined(ResponseCode)`
    pub const DECLINED: u8 = 2;
    /// `cancelled`
    pub const CANCELLED: u8 = 3;
    /// `failed(Error)`
    pub const FAILED: u8 = 4;
}

/// The unions. Order and variants are part of the bytecode format: append only.
pub const UNIONS: &[UnionShape] = &[
    UnionShape {
        name: "Outcome",
        variants: &[
            ("done", None),
            ("approved", Some(Ty::Record("Txn"))),
            ("declined", Some(Ty::Plain(Simple::ResponseCode))),
            ("cancelled", None),
            ("failed", Some(Ty::Plain(Simple::Error))),
        ],
        about: Words { zh: "流程的结果。", en: "How a flow ended." },
    },
    UnionShape {
        name: "Entry",
        variants: &[("chip", None), ("tap", None), ("stripe", None), ("manual", None)],
        about: Words { zh: "卡的读入方式。", en: "How a card was read." },
    },
    UnionShape {
        name: "TxnKind",
        variants: &[
            ("sale", None),
            ("void", None),
            ("refund", None),
            ("preauth", None),
            ("completion", None),
            ("balance", None),
            ("preauth_void", None),
            ("completion_void", None),
            ("offline", None),
        ],
        about: Words { zh: "交易种类。", en: "The kind of a transaction." },
    },
    UnionShape {
        name: "KeySlot",
        variants: &[("TMK", None), ("PIK", None), ("MAK", None), ("TDK", None)],
        about: Words {
            zh: "密钥位置：主密钥、PIN、MAC、磁道。", en: "A key's place: master, PIN, MAC, track."
        },
    },
    UnionShape {
        name: "Probe",
        variants: doctor::VARIANTS,
        about: Words { zh: "体检能查的一处。", en: "What the doctor can look at." },
    },
    UnionShape {
        name: "ChipVerdict",
        variants: &[("TC", None), ("AAC", None), ("ARQC", None)],
        about: Words {
            zh: "芯片的决定：TC 同意，AAC 拒绝，ARQC 要问主机。",
            en: "What a chip decides: TC yes, AAC no, ARQC ask the host.",
        },
    },
];

/// The types every program starts with, to add its own to.
pub fn types() -> Types {
    ours().clone()
}

/// The types every program starts with, made once.
pub fn ours() -> &'static Types {
    static OURS: LazyLock<Types> = LazyLock::new(made);
    &OURS
}

fn made() -> Types {
    Types {
        records: RECORDS
            .iter()
            .map(|record| {
                let fields = record.fields.iter().map(|(name, ty)| ((*name).into(), ty.to_type())).collect();
                Arc::new(RecordType { name: record.name.into(), fields })
            })
            .collect(),
        unions: UNIONS
            .iter()
            .map(|union| {
                let variants = union.variants.iter().map(|(name, ty)| ((*name).into(), ty.map(Ty::to_type))).collect();
                Arc::new(UnionType { name: union.name.into(), variants })
            })
            .collect(),
    }
}
