//! `till torture --planted`.

use crate::cli::exit::Exit;
use crate::cli::style::Console;

pub(super) fn planted(console: &Console) -> Exit {
    console.line("-");
    Exit::Failed
}
