//! The machine, with programs assembled by hand.

#[path = "vm/again.rs"]
mod again;
#[path = "vm/assemble.rs"]
mod assemble;
#[path = "vm/chaos.rs"]
mod chaos;
#[path = "vm/errors.rs"]
mod errors;
#[path = "vm/instructions.rs"]
mod instructions;
#[path = "vm/limits.rs"]
mod limits;
#[path = "vm/messages.rs"]
mod messages;
#[path = "vm/money.rs"]
mod money;
#[path = "vm/natives.rs"]
mod natives;
#[path = "vm/snapshots.rs"]
mod snapshots;
#[path = "vm/steps.rs"]
mod steps;
#[path = "vm/together.rs"]
mod together;
#[path = "vm/words.rs"]
mod words;
