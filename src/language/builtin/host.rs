//! What the line to the host does.

use super::row::{Builtin, Does, Op, Owner, Simple, Takes, Ty};
use crate::language::types::Level;
use crate::script_error::catalogue::{keys, limits, network, storage};
use crate::script_error::words::Words;

/// The rows.
pub const ROWS: &[Builtin] = &[
    Builtin {
        owner: Owner::Device("host"),
        name: "send",
        property: false,
        does: Does::Request(Op::HostSend),
        takes: &[
            Takes {
                name: "message",
                ty: Ty::Plain(Simple::Message),
                most: Level::Key,
                optional: false,
                labelled: false,
            },
            Takes {
                name: "within",
                ty: Ty::Plain(Simple::Duration),
                most: Level::Public,
                optional: false,
                labelled: true,
            },
        ],
        gives: Ty::Plain(Simple::Reply),
        errors: &[
            network::NO_LINE,
            network::TIMEOUT,
            network::LINE_DROPPED,
            network::GARBLED_REPLY,
            network::REPLY_MISMATCH,
            network::REPLY_INCOMPLETE,
            keys::BAD_MAC,
            keys::NOT_SIGNED_IN,
            network::REVERSAL_UNFINISHED,
            limits::AMOUNT_NOT_SENDABLE,
            limits::FIELD_DOES_NOT_FIT,
        ],
        waits: true,
        level: Level::Key,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "发送报文，等待与之匹配并通过校验的应答。",
            en: "Sends a message and waits for the reply that matches it and passes every check.",
        },
        example: "let reply = host.send(request, within: 60s)",
    },
    Builtin {
        owner: Owner::Device("host"),
        name: "next_stan",
        property: false,
        does: Does::Request(Op::HostNextStan),
        takes: &[],
        gives: Ty::Digits(6),
        errors: &[storage::STORAGE_FULL, storage::JOURNAL_FAILED],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "取下一个流水号；已落盘，断电不会重号。",
            en: "Takes the next trace number; on disk before it is given out, so power loss repeats none.",
        },
        example: "F11: host.next_stan()",
    },
    Builtin {
        owner: Owner::Device("host"),
        name: "command",
        property: true,
        does: Does::Request(Op::HostCommand),
        takes: &[],
        gives: Ty::Plain(Simple::Int),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "主机在应答报文头里要求终端做的事：0 无，1 下载参数，2 上传状态，3 重新签到……；读过即清。",
            en: "What the header of the last reply asks the terminal to do: 0 nothing, 1 download parameters, 2 upload its status, 3 sign in again, and so on. Reading it takes it away.",
        },
        example: "let wanted = host.command",
    },
    Builtin {
        owner: Owner::Device("host"),
        name: "take_parameters",
        property: false,
        does: Does::Request(Op::HostTakeParameters),
        takes: &[Takes {
            name: "parameters",
            ty: Ty::Plain(Simple::Keys),
            most: Level::Key,
            optional: false,
            labelled: false,
        }],
        gives: Ty::Plain(Simple::Nothing),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "采用参数下载应答第 62 域的参数；不认得的略过。",
            en: "Takes over the parameters in field 62 of a download; what it does not know is left out.",
        },
        example: "host.take_parameters(parameters)",
    },
];
