//! How long a flow may keep a cardholder waiting, worked out before it runs.

mod call;
mod deadline;
mod known;
mod path;
pub mod program;
mod statement;
pub mod wait;
mod walk;
mod written;
