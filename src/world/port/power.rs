//! Where the power may go, so that a test can cut it there.

use super::failure::Failure;
use crate::script_error::catalogue::hardware;

/// A point of a transaction at which a simulated power cut can happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PowerPoint {
    /// Before the reversal is recorded.
    BeforeJournal,
    /// The reversal is recorded, nothing has been sent.
    AfterJournal,
    /// The request has been sent.
    AfterSend,
    /// The reply is there, nothing has been decided.
    AfterReply,
    /// The transaction is booked.
    AfterCommit,
    /// The slip is about to be printed.
    BeforePrint,
    /// Half of the slip is printed. The printer asks for this one itself.
    InPrint,
}

impl PowerPoint {
    /// All, in the order of a transaction.
    pub const ALL: [PowerPoint; 7] = [
        PowerPoint::BeforeJournal,
        PowerPoint::AfterJournal,
        PowerPoint::AfterSend,
        PowerPoint::AfterReply,
        PowerPoint::AfterCommit,
        PowerPoint::BeforePrint,
        PowerPoint::InPrint,
    ];

    /// The word of `--fault power-cut:WORD`.
    pub fn word(self) -> &'static str {
        match self {
            PowerPoint::BeforeJournal => "before-journal",
            PowerPoint::AfterJournal => "after-journal",
            PowerPoint::AfterSend => "after-send",
            PowerPoint::AfterReply => "after-reply",
            PowerPoint::AfterCommit => "after-commit",
            PowerPoint::BeforePrint => "before-print",
            PowerPoint::InPrint => "in-print",
        }
    }

    /// The point a word names.
    pub fn parse(word: &str) -> Option<PowerPoint> {
        PowerPoint::ALL.into_iter().find(|point| point.word() == word)
    }

    /// What the run ends with.
    pub fn failure(self) -> Failure {
        Failure::new(hardware::POWER_CUT).text("point", self.word())
    }
}

/// The terminal's power. After a cut the driver stops at once: nothing is reversed, shown or written any more.
pub trait Power {
    /// True if the power goes at this point. It goes once.
    fn cut_at(&mut self, point: PowerPoint) -> bool;

    /// A request is about to be carried out, or has been (`done`). True if the power goes at it, or has gone.
    fn passes(&mut self, _request: u32, _done: bool) -> bool {
        false
    }

    /// The run is over.
    fn run_ends(&mut self) {}

    /// True once the power has gone.
    fn is_off(&self) -> bool {
        false
    }
}
