//! What a flow does with the host's answer, with errors, and with its own names.

mod again;
mod answer;
mod branch;
mod caught;
mod codes;
mod condition;
mod entry_mode;
mod look;
mod never;
mod outcome;
pub mod program;
mod references;
mod same;
mod stores;
mod unused_items;
mod unused_names;
mod walk;
