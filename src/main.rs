//! The program `till`.

use std::process::ExitCode;

/// A sale of the simulated world allocates some three hundred times: what an allocation takes is a fifth of all it takes.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tillscript::cli::commands::main()
}
