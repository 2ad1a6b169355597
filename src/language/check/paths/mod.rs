//! What every way through a flow decides about the money it may have moved.

pub mod approval;
mod booked;
pub mod call;
mod callee;
mod chip;
mod choice;
mod message;
pub mod order;
mod path;
pub mod program;
mod region;
mod report;
mod statement;
mod step;
mod summary;
mod walk;
