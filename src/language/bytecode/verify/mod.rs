//! The proof a program passes before it runs.

pub mod calls;
pub mod program;

mod flow;
mod grants;
mod reads;
mod sealed;
mod state;
