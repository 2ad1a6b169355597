//! All tests of the house, in one binary.

#[path = "all/vm.rs"]
mod vm;
