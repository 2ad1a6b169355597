//! Notices: messages that are kept and sent until the host has answered them.

use super::row::{Builtin, Does, Op, Owner, Simple, Takes, Ty};
use crate::language::types::Level;
use crate::script_error::catalogue::{limits, network, storage};
use crate::script_error::words::Words;

/// The rows.
pub const ROWS: &[Builtin] = &[
    Builtin {
        owner: Owner::Device("notices"),
        name: "keep",
        property: false,
        does: Does::Request(Op::NoticesKeep),
        takes: &[
            Takes {
                name: "message",
                ty: Ty::Plain(Simple::Message),
                most: Level::Key,
                optional: false,
                labelled: false,
            },
            Takes { name: "books", ty: Ty::Union("TxnKind"), most: Level::Public, optional: true, labelled: true },
        ],
        gives: Ty::Plain(Simple::Nothing),
        errors: &[
            storage::STORAGE_FULL,
            storage::JOURNAL_FAILED,
            limits::NOTICE_MISUSED,
            network::SETTLEMENT_UNFINISHED,
        ],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "先把通知写入日志，以后发送，直到主机应答；books 写明它入什么账。没有 books 的 0220 调整第 61 域所指那一笔的金额。",
            en: "Writes a notice to the journal; it is sent until the host has answered it. `books` says what it books. A 0220 without `books` sets the amount of the transaction in field 61 to its own.",
        },
        example: "notices.keep(request, books: refund)",
    },
    Builtin {
        owner: Owner::Device("notices"),
        name: "send",
        property: false,
        does: Does::Request(Op::NoticesSend),
        takes: &[Takes {
            name: "within",
            ty: Ty::Plain(Simple::Duration),
            most: Level::Public,
            optional: false,
            labelled: true,
        }],
        gives: Ty::Plain(Simple::Int),
        errors: &[storage::STORAGE_FULL, storage::JOURNAL_FAILED],
        waits: true,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "发送所有待发的通知，脚本结果在先；给出仍未得到应答的条数。没有应答不是错误：下次再发。",
            en: "Sends every notice that waits, script results first, and gives how many are still unanswered. No answer is no error: they go again next time.",
        },
        example: "let left = notices.send(within: 60s)",
    },
    Builtin {
        owner: Owner::Device("notices"),
        name: "waiting",
        property: true,
        does: Does::Request(Op::NoticesWaiting),
        takes: &[],
        gives: Ty::Plain(Simple::Int),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "还没有得到应答的通知数。", en: "How many notices the host has not answered." },
        example: "notices.waiting",
    },
    Builtin {
        owner: Owner::Device("notices"),
        name: "answer",
        property: false,
        does: Does::Request(Op::NoticesAnswer),
        takes: &[Takes { name: "stan", ty: Ty::Digits(6), most: Level::Masked, optional: false, labelled: false }],
        gives: Ty::Optional(&Ty::Plain(Simple::ResponseCode)),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "主机对本批次一条通知的应答码；还没有应答则为 none。",
            en: "The response code of a notice of this batch; none while it waits.",
        },
        example: "notices.answer(request.F11)",
    },
    Builtin {
        owner: Owner::Device("notices"),
        name: "refused",
        property: true,
        does: Does::Request(Op::NoticesRefused),
        takes: &[],
        gives: Ty::List(&Ty::Record("Refusal")),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "本批次被主机拒收的通知。", en: "The notices of this batch that the host refused."
        },
        example: "notices.refused.length",
    },
    Builtin {
        owner: Owner::Device("notices"),
        name: "trouble",
        property: true,
        does: Does::Request(Op::NoticesTrouble),
        takes: &[],
        gives: Ty::Plain(Simple::Text),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "还没有得到应答的通知，逐笔写出流水号与上次发送时的错误码或应答码，如“000007 T5103”；没有则为空。",
            en: "The notices that still wait, each by its trace number and the code that the last try came to, such as `000007 T5103`; empty for none.",
        },
        example: "notices.trouble",
    },
];
