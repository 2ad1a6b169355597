//! What every way through a flow decides about the money it may have moved.

pub mod approval;
pub mod call;
mod choice;
mod path;
pub mod program;
mod region;
mod report;
mod statement;
mod walk;
