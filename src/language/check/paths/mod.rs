//! What every way through a flow decides about the money it may have moved.

mod approval;
mod call;
mod choice;
mod path;
pub mod program;
mod region;
mod report;
mod statement;
mod walk;
