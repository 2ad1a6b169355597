//! The program `till`.

fn main() {}
