//! What the card reader does.

use super::row::{Builtin, Does, Op, Owner, Simple, Takes, Ty};
use crate::language::types::Level;
use crate::script_error::catalogue::{card, hardware, person};
use crate::script_error::words::Words;

/// The rows.
pub const ROWS: &[Builtin] = &[
    Builtin {
        owner: Owner::Device("card"),
        name: "read",
        property: false,
        does: Does::Request(Op::CardRead),
        takes: &[
            Takes {
                name: "accept",
                ty: Ty::List(&Ty::Union("Entry")),
                most: Level::Public,
                optional: false,
                labelled: true,
            },
            Takes {
                name: "amount",
                ty: Ty::Plain(Simple::Amount),
                most: Level::Public,
                optional: true,
                labelled: true,
            },
            Takes {
                name: "within",
                ty: Ty::Plain(Simple::Duration),
                most: Level::Public,
                optional: false,
                labelled: true,
            },
        ],
        gives: Ty::Record("Card"),
        errors: &[
            person::CANCELLED,
            person::NO_INPUT,
            card::CHIP_UNREADABLE,
            card::STRIPE_UNREADABLE,
            card::CARD_REMOVED,
            card::CARD_NOT_SUPPORTED,
            card::CARD_BLOCKED,
            card::USE_CHIP,
            hardware::READER_FAULT,
        ],
        waits: true,
        level: Level::Secret,
        lowers: false,
        fixture: false,
        about: Words { zh: "请持卡人出示卡，读出卡。", en: "Asks for a card and reads it." },
        example: "let c = card.read(accept: [chip, tap, stripe], amount: amount, within: 60s)",
    },
    Builtin {
        owner: Owner::Device("card"),
        name: "complete",
        property: false,
        does: Does::Request(Op::CardComplete),
        takes: &[
            Takes { name: "reply", ty: Ty::Plain(Simple::Reply), most: Level::Key, optional: false, labelled: false },
            Takes {
                name: "within",
                ty: Ty::Plain(Simple::Duration),
                most: Level::Public,
                optional: false,
                labelled: true,
            },
        ],
        gives: Ty::Optional(&Ty::Record("ChipAnswer")),
        errors: &[card::CHIP_UNREADABLE, card::CARD_REMOVED, hardware::READER_FAULT],
        waits: true,
        level: Level::Secret,
        lowers: true,
        fixture: false,
        about: Words {
            zh: "把主机的应答交给芯片：核对应答确是发卡行的（91），执行发卡行脚本 71，第二次 GENERATE AC，再执行脚本 72。拒绝也可以给它看。不是插卡读的则为 none。芯片拒绝的交易不能 commit。",
            en: "Shows the chip the host's answer, yes or no: it checks that the issuer gave it (91), then come issuer scripts 71, the second GENERATE AC, and scripts 72. None for a card that was not read by its chip. What the chip declines cannot be committed.",
        },
        example: "let answer = card.complete(reply, within: 10s)",
    },
    Builtin {
        owner: Owner::Device("card"),
        name: "decide",
        property: false,
        does: Does::Request(Op::CardDecide),
        takes: &[
            Takes {
                name: "amount",
                ty: Ty::Plain(Simple::Amount),
                most: Level::Public,
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
        gives: Ty::Optional(&Ty::Record("ChipAnswer")),
        errors: &[card::CHIP_UNREADABLE, card::CARD_REMOVED, hardware::READER_FAULT],
        waits: true,
        level: Level::Secret,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "请芯片不问主机就批准（第一次 GENERATE AC 要 TC）。不是插卡读的则为 none。",
            en: "Asks the chip to approve without the host (the first GENERATE AC asks for a TC). None for a card that was not read by its chip.",
        },
        example: "let answer = card.decide(amount, within: 10s)",
    },
    Builtin {
        owner: Owner::Device("card"),
        name: "release",
        property: false,
        does: Does::Request(Op::CardRelease),
        takes: &[],
        gives: Ty::Plain(Simple::Nothing),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "释放卡片，提示取卡。", en: "Lets the card go and says so." },
        example: "card.release()",
    },
];
