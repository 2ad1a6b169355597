//! The machine: a function from (run, event) to (run, request).

pub mod run;
pub mod value;

pub mod request;
pub mod view;

pub mod failure;
pub mod limits;
pub mod money;
pub mod packed;
pub mod snapshot;

mod jumps;
mod live;
mod machine;
mod memory;
mod places;
mod plain;
mod pool;
mod prepared;
mod raise;
mod shape;
mod short;
mod slip;
mod stack;
mod statement;
mod step;
mod table;
mod translate;
mod written;

pub mod arithmetic;
pub mod equal;
pub mod message;
pub mod native;
pub mod show;

pub mod answer;
pub mod frame;
pub mod heap;
pub mod slot;
pub mod trap;
pub mod words;
