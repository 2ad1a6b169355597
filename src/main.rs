//! The program `till`.

use std::process::ExitCode;

fn main() -> ExitCode {
    tillscript::cli::commands::main()
}
