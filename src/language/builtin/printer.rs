//! What the printer does.

use super::row::{Builtin, Does, Op, Owner, Simple, Takes, Ty};
use crate::language::types::Level;
use crate::script_error::catalogue::hardware;
use crate::script_error::words::Words;

/// The rows.
pub const ROWS: &[Builtin] = &[Builtin {
    owner: Owner::Device("printer"),
    name: "print",
    property: false,
    does: Does::Request(Op::PrinterPrint),
    takes: &[Takes {
        name: "slip",
        ty: Ty::Plain(Simple::Receipt),
        most: Level::Masked,
        optional: false,
        labelled: false,
    }],
    gives: Ty::Plain(Simple::Nothing),
    errors: &[hardware::PAPER_OUT, hardware::PRINTER_FAULT, hardware::PRINTER_HOT, hardware::LOW_BATTERY],
    waits: false,
    level: Level::Public,
    lowers: false,
    fixture: false,
    about: Words { zh: "打印签购单。", en: "Prints a slip." },
    example: "printer.print(receipts.sale_slip(t))",
}];
