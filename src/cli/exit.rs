//! What a command ends with. `docs/exit-codes.md` says what to do about each.

use std::process::ExitCode;

/// How a command ended. Where two could be said, the later one in this list wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// It worked; a decline counts too, as the host did answer.
    Fine,
    /// The run ended in a script error, or a test failed.
    Failed,
    /// The command line was wrong.
    Usage,
    /// The program has findings of severity error, or its bytecode is refused.
    Refused,
    /// A file, a port or the journal failed.
    Surroundings,
    /// It ended, and reversals are still waiting.
    ReversalsWait,
    /// A defect of this program.
    Defect,
}

impl Exit {
    /// The number a shell sees.
    pub fn number(self) -> u8 {
        match self {
            Exit::Fine => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::Surroundings => 5,
            Exit::ReversalsWait => 6,
            Exit::Defect => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.number())
    }
}
