//! What the journal tells: the batch, and the reversals that wait.

use super::row::{Builtin, Does, Op, Owner, Simple, Ty};
use crate::language::types::Level;
use crate::script_error::words::Words;

/// The rows.
pub const ROWS: &[Builtin] = &[
    Builtin {
        owner: Owner::Device("batch"),
        name: "count",
        property: true,
        does: Does::Request(Op::BatchCount),
        takes: &[],
        gives: Ty::Plain(Simple::Int),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "本批次成交笔数。", en: "How many transactions this batch holds." },
        example: "batch.count",
    },
    Builtin {
        owner: Owner::Device("batch"),
        name: "total",
        property: true,
        does: Does::Request(Op::BatchTotal),
        takes: &[],
        gives: Ty::Plain(Simple::Amount),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "本批次成交净额。", en: "What this batch adds up to." },
        example: "batch.total",
    },
    Builtin {
        owner: Owner::Device("journal"),
        name: "pending",
        property: true,
        does: Does::Request(Op::JournalPending),
        takes: &[],
        gives: Ty::Plain(Simple::Int),
        errors: &[],
        waits: false,
        level: Level::Public,
        lowers: false,
        fixture: false,
        about: Words { zh: "待发冲正笔数。", en: "How many reversals wait." },
        example: "expect journal.pending == 1",
    },
];
