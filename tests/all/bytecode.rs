//! Programs, from the compiler to the file and back.

#[path = "bytecode/build.rs"]
mod build;
#[path = "bytecode/compiled.rs"]
mod compiled;
#[path = "bytecode/file.rs"]
mod file;
#[path = "bytecode/hand.rs"]
mod hand;
#[path = "bytecode/pages.rs"]
mod pages;
#[path = "bytecode/runs.rs"]
mod runs;
#[path = "bytecode/structure.rs"]
mod structure;
