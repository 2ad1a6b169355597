//! How many instructions a program can execute at most, proved from its bytecode.

mod longest;
mod loops;
pub mod program;
mod work;
