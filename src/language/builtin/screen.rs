//! What the screen and the keypad do: the cashier reads and answers.

use super::row::{Builtin, Does, Op, Owner, Simple, Takes, Ty};
use crate::language::types::Level;
use crate::script_error::catalogue::person;
use crate::script_error::words::Words;

/// The rows.
pub const ROWS: &[Builtin] = &[
    Builtin {
        owner: Owner::Device("screen"),
        name: "show",
        property: false,
        does: Does::Request(Op::ScreenShow),
        takes: &[Takes {
            name: "text",
            ty: Ty::Plain(Simple::Phrase),
            most: Level::Masked,
            optional: false,
            labelled: false,
        }],
        gives: Ty::Plain(Simple::Nothing),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "在显示屏上显示一句话。", en: "Shows a sentence on the screen." },
        example: "screen.show(signing_in)",
    },
    Builtin {
        owner: Owner::Device("screen"),
        name: "confirm",
        property: false,
        does: Does::Request(Op::ScreenConfirm),
        takes: &[
            Takes {
                name: "question",
                ty: Ty::Plain(Simple::Phrase),
                most: Level::Masked,
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
        gives: Ty::Plain(Simple::Bool),
        errors: &[person::CANCELLED, person::NO_INPUT],
        waits: true,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "显示问题，等待确认或取消。", en: "Shows a question and waits for yes or no." },
        example: "let yes = screen.confirm(question, within: 30s)",
    },
    Builtin {
        owner: Owner::Device("screen"),
        name: "clear",
        property: false,
        does: Does::Request(Op::ScreenClear),
        takes: &[],
        gives: Ty::Plain(Simple::Nothing),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "清空显示屏。", en: "Empties the screen." },
        example: "screen.clear()",
    },
    Builtin {
        owner: Owner::Device("keypad"),
        name: "amount",
        property: false,
        does: Does::Request(Op::KeypadAmount),
        takes: &[
            Takes {
                name: "prompt",
                ty: Ty::Plain(Simple::Phrase),
                most: Level::Masked,
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
        gives: Ty::Plain(Simple::Amount),
        errors: &[person::CANCELLED, person::NO_INPUT],
        waits: true,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "请收银员输入金额。", en: "Asks the cashier for an amount." },
        example: "let amount = keypad.amount(enter_amount, within: 60s)",
    },
    Builtin {
        owner: Owner::Device("keypad"),
        name: "digits",
        property: false,
        does: Does::Request(Op::KeypadDigits),
        takes: &[
            Takes {
                name: "prompt",
                ty: Ty::Plain(Simple::Phrase),
                most: Level::Masked,
                optional: false,
                labelled: false,
            },
            Takes { name: "most", ty: Ty::Plain(Simple::Int), most: Level::Public, optional: false, labelled: true },
            Takes {
                name: "within",
                ty: Ty::Plain(Simple::Duration),
                most: Level::Public,
                optional: false,
                labelled: true,
            },
        ],
        gives: Ty::Digits(0),
        errors: &[person::CANCELLED, person::NO_INPUT],
        waits: true,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words {
            zh: "请收银员输入数字，最多 most 位。", en: "Asks the cashier for digits, at most `most`."
        },
        example: "let trace = keypad.digits(enter_trace, most: 6, within: 60s)",
    },
];
