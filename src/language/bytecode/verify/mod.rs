//! The proof a program passes before it runs.

pub mod calls;
pub mod program;
pub mod reads;

mod flow;
mod grants;
mod sealed;
mod state;
