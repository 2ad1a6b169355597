//! The reference page of the instructions, written from their table.

use super::instruction::{Holds, ROWS, Role};
use std::fmt::Write;

/// `docs/reference/instructions.md`.
pub fn instructions() -> String {
    let mut page = String::from(
        "# Instructions\n\n\
         Written by a test from the table in `src/language/bytecode/instruction.rs`; change the table, not this page.\n\n\
         A function works on registers, 64-bit slots with one static type each. `to` is written, other registers are read;\n\
         `base` is the first of consecutive registers. The number is the instruction's byte in the file and never changes.\n\n\
         | number | instruction | operands | what it does |\n\
         |---:|---|---|---|\n",
    );
    for row in ROWS {
        let operands: Vec<String> =
            row.operands.iter().map(|(name, role, holds)| operand(name, *role, *holds)).collect();
        let _ = writeln!(page, "| {} | `{}` | {} | {} |", row.number, row.name, operands.join(", "), row.about.trim());
    }
    page
}

fn operand(name: &str, role: Role, holds: Holds) -> String {
    match holds {
        Holds::Any => format!("`{name}` {}", meaning(role)),
        Holds::Same => format!("`{name}` {} of one type", meaning(role)),
        Holds::Kind(kind) => format!("`{name}` {} ({kind:?})", meaning(role)),
    }
}

fn meaning(role: Role) -> &'static str {
    match role {
        Role::Read => "read",
        Role::Write => "written",
        Role::Base => "first of a row",
        Role::Count => "number",
        Role::Number => "signed number",
        Role::Word => "constant word",
        Role::Text => "constant text",
        Role::Jump => "instruction",
        Role::Function => "function",
        Role::Switch => "switch",
        Role::Shape => "message shape",
        Role::Error => "error",
        Role::Op => "request",
        Role::Native => "pure builtin",
        Role::Field => "message field",
        Role::Show => "form",
    }
}
