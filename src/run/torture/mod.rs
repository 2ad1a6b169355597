//! Torture: a flow under every fault, with the power cut at every moment, and the books compared afterwards.

pub mod bench;
pub mod cells;
pub mod customers;
pub mod dice;
pub mod engine;
pub mod plan;
pub mod planted;
pub mod random;
pub mod recover;
pub mod report;
pub mod story;
pub mod subject;
