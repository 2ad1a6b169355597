//! Why a bytecode file is not run.

use crate::script_error::catalogue::bytecode;
use crate::script_error::code::{Code, Fact};
use crate::script_error::words::Said;

/// Why a bytecode file is not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// T0901 to T0905.
    pub code: Code,
    /// What is wrong, for T0903 and T0904; else empty.
    pub detail: Said,
    /// The version the file has, for T0902.
    pub found: u16,
}

/// The one version this program writes and reads.
pub const FORMAT: u16 = 5;

impl FileError {
    /// T0901: another kind of file.
    pub(super) fn other_kind() -> FileError {
        FileError::of(bytecode::NOT_TILLC)
    }

    /// T0902: another version.
    pub(super) fn version(found: u16) -> FileError {
        FileError { found, ..FileError::of(bytecode::TILLC_VERSION) }
    }

    /// T0903: not the bytes that were written.
    pub(super) fn damaged(zh: &str, en: &str) -> FileError {
        FileError { detail: Said::new(zh, en), ..FileError::of(bytecode::TILLC_DAMAGED) }
    }

    /// T0904: whole, but against the rules.
    pub(super) fn invalid(zh: impl Into<String>, en: impl Into<String>) -> FileError {
        FileError { detail: Said::new(zh, en), ..FileError::of(bytecode::TILLC_INVALID) }
    }

    /// T0905: the debug section of another program.
    pub(super) fn debug_mismatch() -> FileError {
        FileError::of(bytecode::DEBUG_MISMATCH)
    }

    /// The facts that fill the sentences of its code.
    pub fn facts(&self) -> Vec<(&'static str, Fact)> {
        if self.code == bytecode::TILLC_VERSION {
            vec![("found", Fact::Count(i64::from(self.found))), ("supported", Fact::Count(i64::from(FORMAT)))]
        } else if self.detail.is_empty() {
            Vec::new()
        } else {
            vec![("detail", Fact::Said(self.detail.clone()))]
        }
    }

    fn of(code: Code) -> FileError {
        FileError { code, detail: Said::default(), found: 0 }
    }
}
