//! What the printer does.

use super::row::{Builtin, Does, Op, Owner, Simple, Sink, Takes, Ty};
use crate::script_error::catalogue::hardware;
use crate::script_error::words::Words;

/// The rows.
pub const ROWS: &[Builtin] = &[Builtin {
    owner: Owner::Device("printer"),
    name: "print",
    property: false,
    does: Does::Request(Op::PrinterPrint),
    takes: &[Takes { name: "slip", ty: Ty::Plain(Simple::Receipt), optional: false, labelled: false }],
    gives: Ty::Plain(Simple::Nothing),
    errors: &[hardware::PAPER_OUT, hardware::PRINTER_FAULT, hardware::PRINTER_HOT, hardware::LOW_BATTERY],
    waits: false,
    sink: Sink::Clear,
    fixture: false,
    about: Words { zh: "打印签购单。", en: "Prints a slip." },
    example: "printer.print(receipts.sale_slip(t))",
}];
