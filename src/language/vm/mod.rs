//! The machine: a function from (run, event) to (run, request).

pub mod run;
pub mod value;

pub mod request;
pub mod view;

pub mod failure;
pub mod limits;
pub mod money;
pub mod snapshot;

mod machine;
mod memory;
mod raise;
mod statement;

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
